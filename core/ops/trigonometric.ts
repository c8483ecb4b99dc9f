/**
 * Trigonometric functions of radians: sin, cos, tan, atan.
 * Rests on shorthand, arithmetic and power.
 */
import { bindOne } from "../bind.ts";
import { ulps } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, divide } from "./arithmetic.ts";
import { square } from "./power.ts";
import { elementwise, points, type UnaryRecord } from "./shorthand.ts";
import { negate } from "./sign.ts";

const infinity = Number.POSITIVE_INFINITY;
const twoUlps = ulps(2, "1 ulp for the kernel, 1 for the engine's function in the reference");

/** The record of `sin`. */
export const sinOp: UnaryRecord = elementwise({
  name: "sin",
  family: "trigonometric",
  formula: "y = sin x",
  source: "dy/dx = cos x",
  derivative: (x) => cos(x),
  domain: { min: -7, max: 7 },
  reference: (x) => Math.sin(x),
  bound: twoUlps,
  special: [
    points("0 goes to 0 with derivative 1", { x: [0], y: [0], slope: [1] }),
    points("±∞ has no sine", { x: [infinity, -infinity], y: [Number.NaN, Number.NaN] }),
  ],
});

/** The record of `cos`. */
export const cosOp: UnaryRecord = elementwise({
  name: "cos",
  family: "trigonometric",
  formula: "y = cos x",
  source: "dy/dx = −sin x",
  derivative: (x) => negate(sin(x)),
  domain: { min: -7, max: 7 },
  reference: (x) => Math.cos(x),
  bound: twoUlps,
  special: [points("0 goes to 1, and flatly", { x: [0], y: [1], slope: [-0] })],
});

/** The record of `tan`. */
export const tanOp: UnaryRecord = elementwise({
  name: "tan",
  family: "trigonometric",
  formula: "y = tan x",
  source: "dy/dx = 1 + y²",
  derivative: (_x, y) => add(1, square(y)),
  domain: { min: -4.2, max: 4.2, avoid: [-1.5707963267948966, 1.5707963267948966], margin: 0.3 },
  reference: (x) => Math.tan(x),
  bound: ulps(3, "2 ulp for the kernel, 1 for the engine's function in the reference"),
  special: [points("0 goes to 0 with derivative 1", { x: [0], y: [0], slope: [1] })],
});

/** The record of `atan`. */
export const atanOp: UnaryRecord = elementwise({
  name: "atan",
  family: "trigonometric",
  formula: "y = atan x, between −π/2 and π/2",
  source: "dy/dx = 1/(1 + x²)",
  through: (t, x) => divide(t, add(1, square(x))),
  domain: { min: -4, max: 4 },
  reference: (x) => Math.atan(x),
  bound: twoUlps,
  special: [
    points("±∞ goes to ±π/2, and flatly", {
      x: [-infinity, 0, infinity],
      y: [-1.5707963267948966, 0, 1.5707963267948966],
      slope: [0, 1, 0],
    }),
    points("where x² overflows the derivative is 0", { x: [2 ** 600], slope: [0] }),
  ],
});

/** Sine. x: radians, any shape, float → the same shape. Throws DTypeError for int32 and bool. */
export function sin(x: Tensor): Tensor {
  return bindOne(sinOp, [x], {});
}

/** Cosine. x: radians, any shape, float → the same shape. Throws DTypeError for int32 and bool. */
export function cos(x: Tensor): Tensor {
  return bindOne(cosOp, [x], {});
}

/** Tangent. x: radians, any shape, float → the same shape. Throws DTypeError for int32 and bool. */
export function tan(x: Tensor): Tensor {
  return bindOne(tanOp, [x], {});
}

/** Arc tangent in radians. x: any shape, float → the same shape, in [−π/2, π/2]. Throws DTypeError for int32 and bool. */
export function atan(x: Tensor): Tensor {
  return bindOne(atanOp, [x], {});
}

/** The records of this file. */
export const trigonometricOps: readonly OpRecord[] = [sinOp, cosOp, tanOp, atanOp];
