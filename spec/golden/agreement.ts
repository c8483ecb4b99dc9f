/**
 * When two float64 results agree, and the assertion that they do.
 * Rests on read.
 */
import { expect } from "vitest";
import type { Tensor } from "../../core/index.ts";
import { type GoldenArray, numbersOf } from "./read.ts";

/**
 * 1e-10, relative to the largest entry, absolute where that is below 1. Both sides round to float64 (1.1e-16) in
 * different orders, a few hundred times, and logits of 1000 amplify that by as much; the largest difference met
 * is 2e-14. A wrong formula or convention is off by far more than 1e-10: Adam's ε of 1e-7 for 1e-8 is told apart.
 */
const tolerance = 1e-10;

/** The first entry where the two differ by more than the tolerance, in words; null if there is none. */
export function disagreement(got: ArrayLike<number>, expected: readonly number[]): string | null {
  if (got.length !== expected.length) return `${got.length} entries for ${expected.length}`;
  const largest = Math.max(1, ...expected.filter(Number.isFinite).map(Math.abs));
  for (const [i, wanted] of expected.entries()) {
    const value = got[i] ?? Number.NaN;
    const near = Math.abs(value - wanted) <= tolerance * largest;
    if (!near && !Object.is(value, wanted)) return `entry ${i} is ${value}, PyTorch's ${wanted}`;
  }
  return null;
}

/** Asserts shape, dtype and entries. */
export function expectAgreement(got: Tensor, expected: GoldenArray, what: string): void {
  expect(got.shape, `${what}: shape`).toEqual(expected.shape);
  expect(got.dtype, `${what}: dtype`).toBe(expected.dtype ?? "float64");
  expect(disagreement(got.elements(), numbersOf(expected)), what).toBeNull();
}
