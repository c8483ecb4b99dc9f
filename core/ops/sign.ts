/**
 * Sign and size: negate, abs, sign. They keep whole numbers whole.
 * Rests on shorthand.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { elementwise, linear, points, type UnaryRecord } from "./shorthand.ts";

/** The record of `negate`. */
export const negateOp: UnaryRecord = linear({
  ...elementwise({
    name: "negate",
    family: "sign",
    formula: "y = −x",
    source: "definition",
    dtypes: numericDTypes,
    domain: { min: -3, max: 3 },
    reference: (x) => -x,
    bound: exact("only the sign bit changes"),
    special: [
      points("int32 has no counterpart of its smallest number, which stays as it is", {
        x: [5, 0, -2147483648],
        y: [-5, 0, -2147483648],
        kind: "int32",
      }),
    ],
  }),
  apply: (x) => negate(x),
  transpose: (c) => negate(c),
});

/** The record of `abs`. */
export const absOp: UnaryRecord = elementwise({
  name: "abs",
  family: "sign",
  formula: "y = |x|",
  source: "definition; the subgradient at 0 is 0",
  derivative: (x) => sign(x),
  dtypes: numericDTypes,
  domain: { min: -3, max: 3, avoid: [0] },
  reference: (x) => (x < 0 ? -x : x),
  bound: exact("only the sign bit changes"),
  special: [
    points("the kink at 0 has derivative 0", { x: [0], y: [0], slope: [0] }),
    points("whole numbers stay whole, and int32's smallest stays as it is", {
      x: [-5, 3, -2147483648],
      y: [5, 3, -2147483648],
      kind: "int32",
    }),
  ],
});

/** The record of `sign`. */
export const signOp: UnaryRecord = elementwise({
  name: "sign",
  family: "sign",
  formula: "y = x/|x|, 0 at 0",
  source: "definition; constant wherever it has a derivative",
  dtypes: numericDTypes,
  domain: { min: -3, max: 3, avoid: [0] },
  reference: (x) => (x === 0 || Number.isNaN(x) ? x : x < 0 ? -1 : 1),
  bound: exact("one of −1, 0, 1"),
  special: [
    points("the sign of 0 is 0, of NaN is NaN", { x: [0, Number.NaN], y: [0, Number.NaN] }),
    points("whole numbers have signs", { x: [-5, 0, 3], y: [-1, 0, 1], kind: "int32" }),
  ],
});

/** Negation −x. x: any shape, numeric → the same shape. Throws DTypeError for bool. */
export function negate(x: Tensor): Tensor {
  return bindOne(negateOp, [x], {});
}

/** Absolute value. x: any shape, numeric → the same shape; the derivative at 0 is 0. Throws DTypeError for bool. */
export function abs(x: Tensor): Tensor {
  return bindOne(absOp, [x], {});
}

/**
 * Sign: −1, 0 or 1. x: any shape, numeric → the same shape; NaN stays NaN. No gradient flows through it.
 * Throws DTypeError for bool.
 */
export function sign(x: Tensor): Tensor {
  return bindOne(signOp, [x], {});
}

/** The records of this file. */
export const signOps: readonly OpRecord[] = [negateOp, absOp, signOp];
