/**
 * Substitution: while it lasts, ops read other tensors in place of some cells. functionalCall rests on it.
 * Rests on tensor.
 */
import type { Tensor } from "./tensor.ts";

/** What stands in for what. */
type Substitution = ReadonlyMap<Tensor, Tensor>;

let current: Substitution | null = null;

/** The substitution in force, or null. */
export function currentSubstitution(): Substitution | null {
  return current;
}

/** Runs `body` with exactly this substitution. */
export function withSubstitution<T>(substitution: Substitution | null, body: () => T): T {
  const before = current;
  current = substitution;
  try {
    return body();
  } finally {
    current = before;
  }
}

/** What ops read when they are given `tensor`. */
export function substituted(tensor: Tensor): Tensor {
  return current?.get(tensor) ?? tensor;
}
