/**
 * Sets of scored examples: what the tests of metrics draw.
 * Rests on fast-check and core.
 */
import { fc } from "@fast-check/vitest";
import { type Tensor, tensor } from "../core/index.ts";
import { f64 } from "./plain.ts";

/** A set of scored examples in plain numbers. */
export interface Plain {
  readonly scores: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** Scores on a coarse grid, so that classes often tie. */
export const sets: fc.Arbitrary<Plain> = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 25 }))
  .chain(([classes, examples]) => {
    const row = fc.array(
      fc.integer({ min: -6, max: 6 }).map((n) => n / 2),
      { minLength: classes, maxLength: classes },
    );
    const all = { minLength: examples, maxLength: examples };
    return fc.record({
      scores: fc.array(row, all),
      labels: fc.array(fc.nat(classes - 1), all),
    });
  });

/** Labels. */
export const ints = (values: readonly number[]): Tensor => tensor(Int32Array.from(values));
/** Scores [N, C] and labels [N] of a set. */
export const tensors = ({ scores, labels }: Plain): readonly [Tensor, Tensor] => [
  f64(scores),
  ints(labels),
];
/** The examples at these places. */
export const pick = ({ scores, labels }: Plain, at: readonly number[]): Plain => ({
  scores: at.map((n) => scores[n] ?? []),
  labels: at.map((n) => labels[n] ?? 0),
});
