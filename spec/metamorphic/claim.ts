/**
 * A metamorphic claim: how a result changes when the input is changed in a known way. No oracle is needed; and where all
 * numbers are small integers nothing is rounded, so that most of these claims are about bits.
 * Rests on fast-check and the random streams of core.
 */
import fc from "fast-check";
import { type DType, RandomSource, type Shape, type Tensor, tensor } from "../../core/index.ts";
import { integers } from "../../core/random/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { isAlike } from "../laws/observed.ts";

/** A claim, and how it is tried. */
export interface Metamorphic {
  /** A short name. */
  readonly name: string;
  /** A proposition that could be false. */
  readonly claim: string;
  /** Tries it on `runs` cases drawn from `seed`, and gives how many it held for; throws the shrunk counterexample. */
  readonly holds: (seed: number, runs: number) => number;
}

/** A claim, called `name`, about every value of `cases`; `check` throws where it is false. */
export function claimOf<T>(
  name: string,
  claim: string,
  cases: fc.Arbitrary<T>,
  check: (example: T) => void,
): Metamorphic {
  return {
    name,
    claim,
    holds: (seed, runs) => {
      let held = 0;
      const counted = (example: T): void => {
        check(example);
        held++;
      };
      fc.assert(fc.property(cases, counted), { seed, numRuns: runs });
      return held;
    },
  };
}

/** Whole numbers from -4 to 4, a function of (shape, seed) alone: sums of products of them are exact. */
export function smallIntegers(shape: Shape, seed: number, dtype: DType = "float32"): Tensor {
  const stream = new RandomSource(seed).stream("metamorphic");
  return tensor(Array.from(integers(stream, sizeOf(shape), -4, 5)), { dtype }).reshape(shape);
}

/** Throws unless both have one shape and equal elements, bit for bit but for the sign of zero. */
export function mustEqual(what: string, got: Tensor, expected: Tensor): void {
  const [a, b] = [got.elements(), expected.elements()];
  const same = String(got.shape) === String(expected.shape) && a.every((x, i) => x === b[i]);
  if (!isAlike(same)) {
    throw new Error(`${what}\n  expected ${String(expected)}\n  got ${String(got)}`);
  }
}

/** Σ a·b of small integers: exact in float64, in any order. */
export function inner(a: Tensor, b: Tensor): number {
  const right = b.elements();
  return Array.from(a.elements()).reduce((sum, x, i) => sum + x * (right[i] ?? Number.NaN), 0);
}

/** Seeds of inputs; the values stay within what a stream takes. */
export const seeds: fc.Arbitrary<number> = fc.nat(1e6);
