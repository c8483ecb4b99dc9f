/**
 * What softmax and cross-entropy must do when logits are shifted, and what a gradient with respect to logits sums to.
 * Rests on claim and core.
 */
import fc from "fast-check";
import {
  crossEntropy,
  type DType,
  grad,
  logSoftmax,
  logSumExp,
  scope,
  softmax,
  sum,
  type Tensor,
  tensor,
} from "../../core/index.ts";
import { softmaxCrossEntropy } from "../../core/ops/softmax-cross-entropy.ts";
import { integers, RandomSource } from "../../core/random/index.ts";
import { noise } from "../laws/noise.ts";
import { isNear } from "../laws/observed.ts";
import { claimOf, type Metamorphic, mustEqual, seeds } from "./claim.ts";

const dtypes = fc.constantFrom<DType>("float32", "float64");
const sizes = { batch: fc.integer({ min: 1, max: 5 }), classes: fc.integer({ min: 1, max: 40 }) };

/** Multiples of 1/8 in ±16: sums with whole numbers of a few thousand are exact in float32. */
function eighths(shape: readonly number[], seed: number, dtype: DType): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const drawn = integers(new RandomSource(seed).stream("metamorphic"), size, -128, 129);
  return tensor(
    Array.from(drawn, (k) => k / 8),
    { dtype },
  ).reshape(shape);
}

const labelsOf = (batch: number, classes: number, seed: number): Tensor =>
  tensor(integers(new RandomSource(seed).stream("labels"), batch, 0, classes), { dtype: "int32" });

const shifts = claimOf(
  "shifted logits",
  "softmax, its logarithm and cross-entropy ignore a shift of all logits of an example, bit for bit",
  fc.record({ seed: seeds, dtype: dtypes, shift: fc.integer({ min: -2000, max: 2000 }), ...sizes }),
  ({ seed, dtype, shift, batch, classes }) =>
    scope(() => {
      const x = eighths([batch, classes], seed, dtype);
      const moved = x.add(shift); // exact, and so is what is left after the maximum is taken off
      const labels = labelsOf(batch, classes, seed);
      mustEqual("softmax", softmax(moved), softmax(x));
      mustEqual("logSoftmax", logSoftmax(moved), logSoftmax(x));
      mustEqual("crossEntropy", crossEntropy(moved, labels), crossEntropy(x, labels));
      const slope = (at: Tensor): Tensor => grad((z: Tensor) => crossEntropy(z, labels))(at);
      mustEqual("its gradient", slope(moved), slope(x));
    }),
);

/** One addition of the shift is rounded where log Σ exp x alone was not: a half ulp each, of numbers below 4096. */
const sumsShift = claimOf(
  "shifted logSumExp",
  "logSumExp moves by the shift, to the rounding of one addition in each of the two",
  fc.record({ seed: seeds, dtype: dtypes, shift: fc.integer({ min: -2000, max: 2000 }), ...sizes }),
  ({ seed, dtype, shift, batch, classes }) =>
    scope(() => {
      const x = eighths([batch, classes], seed, dtype);
      const [a, b] = [x.add(shift), x].map((t) => logSumExp(t, { axis: 1 }).elements());
      const unit = dtype === "float32" ? 2 ** -24 : 2 ** -53;
      a?.forEach((value, i) => {
        const expected = (b?.[i] ?? Number.NaN) + shift;
        // m + log Σ is rounded once in each; the second stands within 2·16 + log 40 of 0 before the shift.
        // What is expected is rounded here, in float64, once more.
        const both = unit * (Math.abs(value) + Math.abs(b?.[i] ?? 0));
        const allowed = (both + 2 ** -53 * Math.abs(expected)) * 1.01 + Number.MIN_VALUE;
        if (!isNear(value - expected, allowed)) {
          throw new Error(`example ${i}: expected ${expected} ± ${allowed}, got ${value}`);
        }
      });
    }),
);

/** p sums to 1 within γ_{C+8}, from C quotients by one rounded sum; t sums to 1 within γ_C; so the difference, times 1/N. */
const gradientSums = claimOf(
  "gradient sums",
  "the gradient of cross-entropy with respect to one example's logits sums to zero, to the rounding of p",
  fc.record({ seed: seeds, dtype: dtypes, smoothing: fc.constantFrom(0, 0.1, 0.5), ...sizes }),
  ({ seed, dtype, smoothing, batch, classes }) =>
    scope(() => {
      const x = noise([batch, classes], seed).multiply(5).cast(dtype);
      const labels = labelsOf(batch, classes, seed + 1);
      const options = { labelSmoothing: smoothing };
      const unit = dtype === "float32" ? 2 ** -24 : 2 ** -53;
      const slopes = [
        grad((z: Tensor) => crossEntropy(z, labels, options))(x),
        grad((z: Tensor) => sum(softmaxCrossEntropy(z, softmax(x.multiply(0)))))(x).divide(batch),
      ];
      for (const slope of slopes) {
        const rows = slope.elements();
        for (let n = 0; n < batch; n++) {
          const row = Array.from(rows.subarray(n * classes, (n + 1) * classes));
          const total = row.reduce((s, g) => s + g, 0);
          const allowed = (2 * (2 * classes + 16) * unit) / batch;
          if (!isNear(total, allowed)) {
            throw new Error(`example ${n}: expected 0 ± ${allowed}, got ${total}`);
          }
        }
      }
    }),
);

/** The claims of this file. */
export const lossClaims: readonly Metamorphic[] = [shifts, sumsShift, gradientSums];
