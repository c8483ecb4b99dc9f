/**
 * Pulling back: plays a tape's cotangent rules in reverse order of recording.
 * Rests on tape, interpreter and cotangent-watch; how cotangents are added is handed in, since it is mathematics.
 */
import { CotangentLedger } from "./cotangent-ledger.ts";
import { showCotangents } from "./cotangent-watch.ts";
import { OverwrittenError, ScopeError } from "./errors.ts";
import { listening, withInterpreters } from "./interpreter.ts";
import type { Tape, TapeNode } from "./tape.ts";
import type { Tensor } from "./tensor.ts";

/** A result and the cotangent to pull back from it. */
export type Seed = readonly [result: Tensor, cotangent: Tensor];

/**
 * Cotangents of the leaves of `tape` that the seeds depend on.
 * The rules run through `bind`, heard by the interpreters around the tape, so they can be differentiated
 * again. Cotangents of a value used several times are added in reverse order of use.
 *
 * `alone`: nobody else needs what is made on the way, and it is released as soon as it has been used.
 */
export function pullBack(
  tape: Tape,
  seeds: readonly Seed[],
  add: (a: Tensor, b: Tensor) => Tensor,
  { alone = false }: { readonly alone?: boolean } = {},
): Map<Tensor, Tensor> {
  const pending = new Map<TapeNode, (Tensor | null)[]>();
  const ledger = alone ? new CotangentLedger() : null;
  const deposit = (node: TapeNode, output: number, cotangent: Tensor): void => {
    const slots = pending.get(node) ?? node.outputs.map(() => null);
    const before = slots[output] ?? null;
    const after = before === null ? cotangent : add(before, cotangent);
    slots[output] = after;
    ledger?.hold(after);
    if (before !== null) ledger?.drop(before);
    pending.set(node, slots);
  };
  const leaves = new Map<Tensor, Tensor>();
  withInterpreters(below(tape), () => {
    const roots: TapeNode[] = [];
    for (const [result, cotangent] of seeds) {
      const value = tape.sourceOf(result);
      if (value === null) continue;
      deposit(value.node, value.output, cotangent);
      roots.push(value.node);
    }
    for (const node of newestFirst(roots)) {
      const cotangents = pending.get(node);
      pending.delete(node);
      if (cotangents === undefined) continue;
      showCotangents(node, cotangents);
      if (node.op === null) {
        const [leaf] = node.outputs;
        const [cotangent] = cotangents;
        if (leaf !== undefined && cotangent) leaves.set(leaf, cotangent);
      } else {
        play(node, cotangents, deposit, ledger);
      }
    }
  });
  return leaves;
}

/** The interpreters around `tape`; all of them where it listens no longer. */
function below(tape: Tape): ReturnType<typeof listening> {
  const now = listening();
  const level = now.indexOf(tape);
  return level < 0 ? now : now.slice(0, level);
}

/** Every node that the roots depend on, newest first. */
function newestFirst(roots: readonly TapeNode[]): readonly TapeNode[] {
  const seen = new Set<TapeNode>(roots);
  for (const node of seen) {
    for (const source of node.sources) if (source !== null) seen.add(source.node);
  }
  return [...seen].sort((a, b) => b.order - a.order);
}

function play(
  node: TapeNode,
  cotangents: readonly (Tensor | null)[],
  deposit: (node: TapeNode, output: number, cotangent: Tensor) => void,
  ledger: CotangentLedger | null,
): void {
  const { op, inputs, outputs, attributes, sources } = node;
  const wanted = sources.map((source) => source !== null);
  const rule = (): readonly (Tensor | null)[] =>
    op?.vjp?.(cotangents, { inputs, outputs, attributes }, wanted) ?? [];
  let pulled: readonly (Tensor | null)[];
  try {
    pulled = ledger === null ? rule() : ledger.within(rule);
  } catch (error) {
    throw inTermsOf(node, error);
  }
  for (const cotangent of pulled) if (cotangent) ledger?.hold(cotangent);
  sources.forEach((source, index) => {
    const cotangent = pulled[index];
    if (source !== null && cotangent) deposit(source.node, source.output, cotangent);
  });
  for (const used of [...pulled, ...cotangents]) if (used) ledger?.drop(used);
}

/** An input that can no longer be read is the matter of the op that recorded it, not of those in its rule. */
function inTermsOf({ op, inputs }: TapeNode, error: unknown): unknown {
  const stale = error instanceof OverwrittenError || error instanceof ScopeError;
  if (!stale || op === null || error.where.startsWith(derivative)) return error;
  const { expected, got, fix } = error;
  const index = inputs.findIndex((input) => got.startsWith(input.describe()) && isStale(input));
  const argument = op.inputNames[Math.min(index, op.inputNames.length - 1)];
  if (argument === undefined) return error;
  const complaint = { where: `${derivative} ${op.name}`, argument, expected, got, fix };
  return error instanceof ScopeError
    ? new ScopeError(complaint, { cause: error })
    : new OverwrittenError(complaint, { cause: error });
}

const derivative = "derivative of";

function isStale({ storage, version }: Tensor): boolean {
  return storage.released !== null || storage.version !== version;
}
