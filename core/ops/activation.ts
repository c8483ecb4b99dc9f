/**
 * Smooth activations: sigmoid, softplus, silu. gelu has its own file, the piecewise ones are in rectifier and elu.
 * Rests on shorthand, arithmetic and clamp.
 *
 * With σ the sigmoid, 1 − σ(x) is always taken as σ(−x), which does not cancel. Where a derivative multiplies x by a
 * factor that dies out, x is first clamped to where the factor is 0 in float64: ∞·0 would be NaN.
 */
import { bindOne } from "../bind.ts";
import { ulps } from "../error-bound.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, multiply } from "./arithmetic.ts";
import { clamp } from "./clamp.ts";
import { elementwise, points, type UnaryRecord } from "./shorthand.ts";
import { negate } from "./sign.ts";

export { type EluOptions, elu, selu } from "./elu.ts";
export { type GeluOptions, gelu } from "./gelu.ts";
export { type LeakyReluOptions, leakyRelu, relu } from "./rectifier.ts";

const infinity = Number.POSITIVE_INFINITY;

/** The sigmoid on plain numbers by its definition. */
export function sigmoidReference(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The record of `sigmoid`. */
export const sigmoidOp: UnaryRecord = elementwise({
  name: "sigmoid",
  family: "activation",
  formula: "y = 1/(1 + e^−x)",
  source: "dy/dx = σ(x)·σ(−x)",
  derivative: (x, y) => multiply(y, sigmoid(negate(x))),
  domain: { min: -6, max: 6 },
  reference: sigmoidReference,
  bound: ulps(5, "2 ulp for the kernel, 3 for exp, sum and quotient in the reference"),
  special: [
    points("the derivative keeps its digits in both tails", {
      x: [-40, 0, 40],
      y: [4.248354255291589e-18, 0.5, 1],
      slope: [4.248354255291589e-18, 0.25, 4.248354255291589e-18],
    }),
    points("±∞ goes to 0 and 1, flatly", { x: [-infinity, infinity], y: [0, 1], slope: [0, 0] }),
  ],
});

/** The record of `softplus`. */
export const softplusOp: UnaryRecord = elementwise({
  name: "softplus",
  family: "activation",
  formula: "y = log(1 + e^x)",
  source: "Dugas et al. 2001; dy/dx = σ(x)",
  derivative: (x) => sigmoid(x),
  domain: { min: -6, max: 6 },
  reference: (x) => Math.log1p(Math.exp(x)),
  bound: ulps(5, "2 ulp for the kernel, 3 for exp and log1p in the reference"),
  special: [
    points("far below 0 it is e^x, far above 0 it is x", {
      x: [-40, 40, 1000],
      y: [4.248354255291589e-18, 40, 1000],
      slope: [4.248354255291589e-18, 1, 1],
    }),
  ],
});

/** The record of `silu`. */
export const siluOp: UnaryRecord = elementwise({
  name: "silu",
  family: "activation",
  formula: "y = x·σ(x)",
  source: "Elfwing, Uchibe & Doya 2018; dy/dx = σ(x)·(1 + x·σ(−x))",
  derivative: (x) => {
    // σ(−800) is 0.
    const inner = clamp(x, { min: -800, max: 800 });
    return multiply(sigmoid(inner), add(1, multiply(inner, sigmoid(negate(inner)))));
  },
  domain: { min: -6, max: 6 },
  reference: (x) => x * sigmoidReference(x),
  bound: ulps(7, "3 ulp for the kernel, 4 for exp, sum, quotient and product in the reference"),
  special: [
    points("±∞ takes the limits 0 and ∞, with derivatives 0 and 1", {
      x: [-infinity, infinity],
      y: [-0, infinity],
      slope: [-0, 1],
    }),
    points("0 goes to 0 with derivative 1/2", { x: [0], y: [0], slope: [0.5] }),
  ],
});

/** Logistic function 1/(1 + e^−x). x: any shape, float → the same shape, in [0, 1]. Throws DTypeError for int32 and bool. */
export function sigmoid(x: Tensor): Tensor {
  return bindOne(sigmoidOp, [x], {});
}

/** log(1 + e^x), a smooth relu. x: any shape, float → the same shape, ≥ 0. Throws DTypeError for int32 and bool. */
export function softplus(x: Tensor): Tensor {
  return bindOne(softplusOp, [x], {});
}

/**
 * x·σ(x), also called swish. x: any shape, float → the same shape. At −∞ the limit, −0, where PyTorch gives NaN.
 * Throws DTypeError for int32 and bool. Elfwing, Uchibe & Doya 2018.
 */
export function silu(x: Tensor): Tensor {
  return bindOne(siluOp, [x], {});
}

/** The records of this file. */
export const activationOps: readonly OpRecord[] = [sigmoidOp, softplusOp, siluOp];
