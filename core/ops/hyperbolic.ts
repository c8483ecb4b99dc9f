/**
 * Hyperbolic functions: tanh, sinh, cosh.
 * Rests on shorthand, arithmetic and activation.
 */
import { bindOne } from "../bind.ts";
import { ulps } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { sigmoid } from "./activation.ts";
import { multiply } from "./arithmetic.ts";
import { elementwise, points, type UnaryRecord } from "./shorthand.ts";

const infinity = Number.POSITIVE_INFINITY;
const threeUlps = ulps(3, "2 ulp for the kernel, 1 for the engine's function in the reference");

/** The record of `tanh`. */
export const tanhOp: UnaryRecord = elementwise({
  name: "tanh",
  family: "hyperbolic",
  formula: "y = (e^x − e^−x)/(e^x + e^−x)",
  source: "dy/dx = 1/cosh² x = 4·σ(2x)·σ(−2x), which neither cancels (1 − y² does) nor overflows",
  derivative: (x) => {
    const twice = multiply(2, x);
    return multiply(multiply(4, sigmoid(twice)), sigmoid(multiply(-2, x)));
  },
  domain: { min: -4, max: 4 },
  reference: (x) => Math.tanh(x),
  bound: threeUlps,
  special: [
    points("where y rounds to ±1 the derivative is still 4·e^(−2|x|)", {
      x: [-30, 0, 30],
      y: [-1, 0, 1],
      slope: [3.502604305078608e-26, 1, 3.502604305078608e-26],
    }),
    points("±∞ goes to ±1, and flatly", { x: [-infinity, infinity], y: [-1, 1], slope: [0, 0] }),
  ],
});

/** The record of `sinh`. */
export const sinhOp: UnaryRecord = elementwise({
  name: "sinh",
  family: "hyperbolic",
  formula: "y = (e^x − e^−x)/2",
  source: "dy/dx = cosh x",
  derivative: (x) => cosh(x),
  domain: { min: -4, max: 4 },
  reference: (x) => Math.sinh(x),
  bound: threeUlps,
  special: [points("0 goes to 0 with derivative 1", { x: [0], y: [0], slope: [1] })],
});

/** The record of `cosh`. */
export const coshOp: UnaryRecord = elementwise({
  name: "cosh",
  family: "hyperbolic",
  formula: "y = (e^x + e^−x)/2",
  source: "dy/dx = sinh x",
  derivative: (x) => sinh(x),
  domain: { min: -4, max: 4 },
  reference: (x) => Math.cosh(x),
  bound: threeUlps,
  special: [points("0 goes to 1, and flatly", { x: [0], y: [1], slope: [0] })],
});

/** Hyperbolic tangent. x: any shape, float → the same shape, in [−1, 1]. Throws DTypeError for int32 and bool. */
export function tanh(x: Tensor): Tensor {
  return bindOne(tanhOp, [x], {});
}

/** Hyperbolic sine. x: any shape, float → the same shape. Throws DTypeError for int32 and bool. */
export function sinh(x: Tensor): Tensor {
  return bindOne(sinhOp, [x], {});
}

/** Hyperbolic cosine. x: any shape, float → the same shape, ≥ 1. Throws DTypeError for int32 and bool. */
export function cosh(x: Tensor): Tensor {
  return bindOne(coshOp, [x], {});
}

/** The records of this file. */
export const hyperbolicOps: readonly OpRecord[] = [tanhOp, sinhOp, coshOp];
