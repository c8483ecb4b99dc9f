/**
 * Watching cotangents: who wants to look at the cotangent of a value once a backward pass has summed it up.
 * Rests on interpreter, scope and tape. The tape is left as it is, so that watching changes no bit.
 */
import { listening, withInterpreters } from "./interpreter.ts";
import { scope } from "./scope.ts";
import { Tape, type TapeNode } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

/** Looks at a cotangent; it may be read during the call, and outlives it only where `keep` says so. */
export type CotangentWatcher = (cotangent: Tensor) => void;

const watched = new WeakMap<TapeNode, Map<number, CotangentWatcher[]>>();

/**
 * Calls `look` with the whole cotangent of `tensor`, the sum over all its uses, in every backward pass of every tape
 * that follows it now. A tensor that no tape follows has none.
 */
export function watchCotangent(tensor: Tensor, look: CotangentWatcher): void {
  for (const tape of listening()) {
    const value = tape instanceof Tape ? tape.sourceOf(tensor) : null;
    if (value === null) continue;
    const outputs = watched.get(value.node) ?? new Map<number, CotangentWatcher[]>();
    watched.set(
      value.node,
      outputs.set(value.output, [...(outputs.get(value.output) ?? []), look]),
    );
  }
}

/** Shows the cotangents of a node's outputs to those who watch them. What they make is released, and not recorded. */
export function showCotangents(node: TapeNode, cotangents: readonly (Tensor | null)[]): void {
  for (const [output, looks] of watched.get(node) ?? []) {
    const cotangent = cotangents[output];
    if (!cotangent) continue;
    for (const look of looks) withInterpreters([], () => scope(() => look(cotangent)));
  }
}
