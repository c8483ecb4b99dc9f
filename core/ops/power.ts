/**
 * Fixed powers: square, sqrt, rsqrt. For any exponent see pow in arithmetic.
 * Rests on shorthand and arithmetic. Square and root are correctly rounded on every device.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes } from "../dtype.ts";
import { ulps } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { divide, multiply } from "./arithmetic.ts";
import { elementwise, points, type UnaryRecord } from "./shorthand.ts";

/** The record of `square`. */
export const squareOp: UnaryRecord = elementwise({
  name: "square",
  family: "power",
  formula: "y = x²",
  source: "definition",
  derivative: (x) => multiply(2, x),
  dtypes: numericDTypes,
  domain: { min: -3, max: 3 },
  reference: (x) => x * x,
  bound: ulps(1, "one correctly rounded multiplication"),
  special: [
    points("0 is flat", { x: [0], y: [0], slope: [0] }),
    points("int32 keeps the low 32 bits of the square", {
      x: [-3, 65537, 1234567891],
      y: [9, 131073, -1521747479],
      kind: "int32",
    }),
  ],
});

/** The record of `sqrt`. */
export const sqrtOp: UnaryRecord = elementwise({
  name: "sqrt",
  family: "power",
  formula: "y = √x",
  source: "dy/dx = 1/(2y)",
  derivative: (_x, y) => divide(0.5, y),
  domain: { min: 0.1, max: 6 },
  reference: (x) => Math.sqrt(x),
  bound: ulps(1, "IEEE 754 asks for a correctly rounded root"),
  special: [
    points("the derivative at 0 is ∞", { x: [0], y: [0], slope: [Number.POSITIVE_INFINITY] }),
    points("a negative number has no root", { x: [-1], y: [Number.NaN] }),
  ],
});

/** The record of `rsqrt`. */
export const rsqrtOp: UnaryRecord = elementwise({
  name: "rsqrt",
  family: "power",
  formula: "y = 1/√x",
  source: "dy/dx = −y³/2",
  derivative: (_x, y) => multiply(multiply(-0.5, y), square(y)),
  domain: { min: 0.1, max: 6 },
  reference: (x) => 1 / Math.sqrt(x),
  bound: ulps(2, "a rounded root, then a rounded division"),
  special: [
    points("0 is a pole", {
      x: [0],
      y: [Number.POSITIVE_INFINITY],
      slope: [Number.NEGATIVE_INFINITY],
    }),
    points("∞ goes to 0, and flatly", { x: [Number.POSITIVE_INFINITY], y: [0], slope: [-0] }),
  ],
});

/** Square x². x: any shape, numeric → the same shape; int32 keeps the low 32 bits. Throws DTypeError for bool. */
export function square(x: Tensor): Tensor {
  return bindOne(squareOp, [x], {});
}

/**
 * Square root. x: any shape, float → the same shape; NaN below 0; the derivative at 0 is ∞.
 * Throws DTypeError for int32 and bool.
 */
export function sqrt(x: Tensor): Tensor {
  return bindOne(sqrtOp, [x], {});
}

/** Reciprocal square root 1/√x. x: any shape, float → the same shape; ∞ at 0. Throws DTypeError for int32 and bool. */
export function rsqrt(x: Tensor): Tensor {
  return bindOne(rsqrtOp, [x], {});
}

/** The records of this file. */
export const powerOps: readonly OpRecord[] = [squareOp, sqrtOp, rsqrtOp];
