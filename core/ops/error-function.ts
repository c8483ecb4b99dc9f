/**
 * The error function and its complement, with the series and the continued fraction that they are checked by.
 * Rests on shorthand, arithmetic, exponential and power.
 */
import { bindOne } from "../bind.ts";
import { ulps } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { exp } from "./exponential.ts";
import { square } from "./power.ts";
import { elementwise, points, type UnaryRecord } from "./shorthand.ts";
import { negate } from "./sign.ts";

const infinity = Number.POSITIVE_INFINITY;
const twoOverSqrtPi = 1.1283791670955126;
const bound = ulps(
  7,
  "2 ulp for the kernel, 5 for the rounded terms of the reference (4.1 measured on [−4, 6])",
);

/** The record of `erf`. */
export const erfOp: UnaryRecord = elementwise({
  name: "erf",
  family: "error-function",
  formula: "y = 2/√π ∫₀ˣ e^(−t²) dt",
  source: "DLMF 7.2.1; dy/dx = 2/√π e^(−x²)",
  derivative: (x) => multiply(twoOverSqrtPi, exp(negate(square(x)))),
  domain: { min: -4, max: 4 },
  reference: erfReference,
  bound,
  special: [
    points("0 goes to 0 with derivative 2/√π", { x: [0], y: [0], slope: [twoOverSqrtPi] }),
    points("±∞ goes to ±1, and flatly", { x: [-infinity, infinity], y: [-1, 1], slope: [0, 0] }),
  ],
});

/** The record of `erfc`. */
export const erfcOp: UnaryRecord = elementwise({
  name: "erfc",
  family: "error-function",
  formula: "y = 1 − erf x, without cancellation for x far above 0",
  source: "DLMF 7.2.2; dy/dx = −2/√π e^(−x²)",
  derivative: (x) => multiply(-twoOverSqrtPi, exp(negate(square(x)))),
  domain: { min: -4, max: 6 },
  reference: erfcReference,
  bound,
  special: [
    points("far above 0 it is small and not 0", {
      x: [9],
      y: [4.13703174651381e-37],
      slope: [-7.492073428245975e-36],
    }),
    points("−∞ goes to 2 and ∞ to 0, flatly", {
      x: [-infinity, infinity],
      y: [2, 0],
      slope: [-0, -0],
    }),
  ],
});

/** e^(−x²) with x² in two parts, the first of them exact: a rounded square would cost x² ulp. */
function gaussian(x: number): number {
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

/** erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1)/(1·3·…·(2n+1)), DLMF 7.6.2: all terms have one sign. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return twoOverSqrtPi * gaussian(x) * sum;
}

/**
 * erfc x = e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) for x ≥ 0.5, DLMF 7.9.1. The fraction converges
 * most slowly at 0.5, where a thousand terms leave less than a rounding.
 */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = 1000; n >= 1; n--) tail = x + n / 2 / tail;
  return (twoOverSqrtPi / 2) * (gaussian(x) / tail);
}

/** erf on plain numbers by its definition. */
function erfReference(x: number): number {
  if (Math.abs(x) <= 2) return erfSeries(x);
  return x > 0 ? 1 - erfcFraction(x) : erfcFraction(-x) - 1;
}

/** erfc on plain numbers by its definition. */
export function erfcReference(x: number): number {
  if (x < -2) return 2 - erfcFraction(-x);
  return x < 0.5 ? 1 - erfSeries(x) : erfcFraction(x);
}

/** Error function. x: any shape, float → the same shape, in [−1, 1]. Throws DTypeError for int32 and bool. */
export function erf(x: Tensor): Tensor {
  return bindOne(erfOp, [x], {});
}

/**
 * Complementary error function 1 − erf x. x: any shape, float → the same shape, in [0, 2].
 * Throws DTypeError for int32 and bool.
 */
export function erfc(x: Tensor): Tensor {
  return bindOne(erfcOp, [x], {});
}

/** The records of this file. */
export const errorFunctionOps: readonly OpRecord[] = [erfOp, erfcOp];
