/**
 * The error function and its complement.
 * Rests on shorthand, arithmetic, exponential, power and error-function-definitions, by which they are checked.
 */
import { bindOne } from "../bind.ts";
import { ulps } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { erfcReference, erfReference, twoOverSqrtPi } from "./error-function-definitions.ts";
import { exp } from "./exponential.ts";
import { square } from "./power.ts";
import { elementwise, points, type UnaryRecord } from "./shorthand.ts";
import { negate } from "./sign.ts";

const infinity = Number.POSITIVE_INFINITY;
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
