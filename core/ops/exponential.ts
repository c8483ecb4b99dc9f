/**
 * Exponentials and logarithms: exp, expm1, log, log1p.
 * Rests on shorthand and arithmetic. No derivative subtracts nearly equal numbers.
 */
import { bindOne } from "../bind.ts";
import { ulps } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, divide } from "./arithmetic.ts";
import { elementwise, points, type UnaryRecord } from "./shorthand.ts";

const infinity = Number.POSITIVE_INFINITY;
const twoUlps = ulps(2, "1 ulp for the kernel, 1 for the engine's function in the reference");

/** The record of `exp`. */
export const expOp: UnaryRecord = elementwise({
  name: "exp",
  family: "exponential",
  formula: "y = e^x",
  source: "dy/dx = y",
  derivative: (_x, y) => y,
  domain: { min: -4, max: 4 },
  reference: (x) => Math.exp(x),
  bound: twoUlps,
  special: [
    points("−∞ goes to 0 flatly, and e⁰ is 1", { x: [-infinity, 0], y: [0, 1], slope: [0, 1] }),
    points("e^1000 is ∞", { x: [1000], y: [infinity] }),
  ],
});

/** The record of `expm1`. */
export const expm1Op: UnaryRecord = elementwise({
  name: "expm1",
  family: "exponential",
  formula: "y = e^x − 1, without cancellation near 0",
  source: "dy/dx = e^x (y + 1 would cancel for x far below 0)",
  derivative: (x) => exp(x),
  domain: { min: -4, max: 4 },
  reference: (x) => Math.expm1(x),
  bound: twoUlps,
  special: [
    points("far below 0 the derivative is e^x, not 0", {
      x: [-40, 0],
      y: [-1, 0],
      slope: [4.248354255291589e-18, 1],
    }),
  ],
});

/** The record of `log`. */
export const logOp: UnaryRecord = elementwise({
  name: "log",
  family: "exponential",
  formula: "y = log x, to the base e",
  source: "dy/dx = 1/x",
  through: (t, x) => divide(t, x),
  domain: { min: 0.1, max: 6 },
  reference: (x) => Math.log(x),
  bound: twoUlps,
  special: [
    points("0 goes to −∞ with derivative ∞", { x: [0], y: [-infinity], slope: [infinity] }),
    points("log 1 is 0; a negative number has no logarithm", { x: [1, -1], y: [0, Number.NaN] }),
  ],
});

/** The record of `log1p`. */
export const log1pOp: UnaryRecord = elementwise({
  name: "log1p",
  family: "exponential",
  formula: "y = log(1 + x), without cancellation near 0",
  source: "dy/dx = 1/(1 + x)",
  through: (t, x) => divide(t, add(1, x)),
  domain: { min: -0.9, max: 5 },
  reference: (x) => Math.log1p(x),
  bound: twoUlps,
  special: [
    points("near 0 it is x", { x: [0, 2 ** -100], y: [0, 2 ** -100], slope: [1, 1] }),
    points("−1 goes to −∞ with derivative ∞", { x: [-1], y: [-infinity], slope: [infinity] }),
  ],
});

/** Exponential e^x. x: any shape, float → the same shape. Throws DTypeError for int32 and bool. */
export function exp(x: Tensor): Tensor {
  return bindOne(expOp, [x], {});
}

/** e^x − 1, exact near 0. x: any shape, float → the same shape. Throws DTypeError for int32 and bool. */
export function expm1(x: Tensor): Tensor {
  return bindOne(expm1Op, [x], {});
}

/**
 * Natural logarithm. x: any shape, float → the same shape; −∞ at 0, NaN below.
 * Throws DTypeError for int32 and bool.
 */
export function log(x: Tensor): Tensor {
  return bindOne(logOp, [x], {});
}

/**
 * log(1 + x), exact near 0. x: any shape, float → the same shape; −∞ at −1, NaN below.
 * Throws DTypeError for int32 and bool.
 */
export function log1p(x: Tensor): Tensor {
  return bindOne(log1pOp, [x], {});
}

/** The records of this file. */
export const exponentialOps: readonly OpRecord[] = [expOp, expm1Op, logOp, log1pOp];
