/**
 * Exponential linear units: elu, selu.
 * Rests on shorthand, arithmetic, exponential, clamp, compare and where.
 */
import { bindOne } from "../bind.ts";
import { ulps } from "../error-bound.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { clamp } from "./clamp.ts";
import { greater } from "./compare.ts";
import { exp } from "./exponential.ts";
import { finite } from "./rectifier.ts";
import { elementwise, floatsOnly, parametric, points, type UnaryRecord } from "./shorthand.ts";
import { where } from "./where.ts";

/** Klambauer et al. 2017, section 2: mean 0 and variance 1 are a fixed point of the map between layers. */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** t·scale for x > 0, else t·scale·α·e^x; the exponent is held at 0 where it is not chosen, for it may overflow. */
function throughElu(t: Tensor, x: Tensor, alpha: number, scale: number): Tensor {
  const decay = multiply(scale * alpha, exp(clamp(x, { max: 0 })));
  return where(greater(x, 0), scale === 1 ? t : multiply(scale, t), multiply(t, decay));
}

/** Options of `elu`. */
export interface EluOptions {
  /** Minus the limit at −∞: any finite number, usually > 0; only 1 makes the function smooth at 0. Default 1. */
  readonly alpha?: number;
}

/** The record of `elu`. */
export const eluOp: UnaryRecord<EluOptions> = parametric<EluOptions>({
  name: "elu",
  family: "rectifier",
  formula: "y = x for x > 0, else α·(e^x − 1)",
  source: "Clevert, Unterthiner & Hochreiter 2016; the derivative at 0 is α, as in PyTorch",
  through: (t, x, _y, { alpha = 1 }) => throughElu(t, x, alpha, 1),
  parameter: ({ alpha = 1 }) => alpha,
  check: ({ alpha = 1 }) => finite("elu", "alpha", alpha),
  domain: { min: -4, max: 3, avoid: [0] },
  attributes: (draw) => (draw.boolean() ? {} : { alpha: draw.number({ min: 0.25, max: 2 }) }),
  reference: (x, { alpha = 1 }) => (x > 0 ? x : alpha * Math.expm1(x)),
  bound: ulps(4, "expm1 in kernel and reference, the rounded α and a product"),
  special: [
    {
      title: "at 0 the derivative is α",
      inputs: [nd([0])],
      attributes: { alpha: 0.5 },
      output: nd([0]),
      gradients: [nd([0.5])],
    },
    {
      title: "just below 0 it is x: e^x − 1 would cancel",
      inputs: [nd([-1e-10])],
      attributes: {},
      output: nd([-9.9999999995e-11]),
    },
    {
      title: "far out on either side the gradient is e^x or 1, never NaN",
      inputs: [nd([-40, 1000])],
      attributes: {},
      output: nd([-1, 1000]),
      gradients: [nd([4.248354255291589e-18, 1])],
    },
    {
      title: "−∞ goes to −α, and flatly",
      inputs: [nd([Number.NEGATIVE_INFINITY])],
      attributes: { alpha: 2 },
      output: nd([-2]),
      gradients: [nd([0])],
    },
  ],
  errors: [
    floatsOnly("elu", {}),
    {
      inputs: [nd([1])],
      attributes: { alpha: Number.POSITIVE_INFINITY },
      message:
        "elu: expected alpha to be a finite number, got Infinity. Choose a number, or leave it out for the default.",
    },
  ],
});

/** The record of `selu`. */
export const seluOp: UnaryRecord = elementwise({
  name: "selu",
  family: "rectifier",
  formula: "y = λ·x for x > 0, else λ·α·(e^x − 1); λ = 1.0507…, α = 1.6732…",
  source: "Klambauer et al. 2017, section 2; the derivative at 0 is λ·α, as in PyTorch",
  through: (t, x) => throughElu(t, x, seluAlpha, seluScale),
  domain: { min: -4, max: 3, avoid: [0] },
  reference: (x) => seluScale * (x > 0 ? x : seluAlpha * Math.expm1(x)),
  bound: ulps(6, "expm1 in kernel and reference, two rounded constants and two products"),
  special: [
    points("0 goes to 0 with derivative λ·α", { x: [0], y: [0], slope: [1.7580993408473768] }),
    points("just below 0 it is λ·α·x: e^x − 1 would cancel", {
      x: [-(2 ** -60)],
      y: [-1.7580993408473768 * 2 ** -60],
    }),
  ],
});

/**
 * x above 0, α·(e^x − 1) below. x: any shape, float → the same shape.
 * Throws DTypeError for int32 and bool, ValueError for an α that is not finite. Clevert, Unterthiner & Hochreiter 2016.
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  return bindOne(eluOp, [x], options);
}

/** Self-normalizing elu. x: any shape, float → the same shape. Throws DTypeError for int32 and bool. Klambauer et al. 2017. */
export function selu(x: Tensor): Tensor {
  return bindOne(seluOp, [x], {});
}

/** The records of this file. */
export const eluOps: readonly OpRecord[] = [eluOp, seluOp];
