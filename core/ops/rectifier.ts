/**
 * Piecewise linear activations: relu, leakyRelu, and the gradient of relu in one pass over memory. NaN comes out where
 * NaN goes in. Rests on shorthand, arithmetic, compare and where.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes } from "../dtype.ts";
import { exact, ulps } from "../error-bound.ts";
import { ValueError } from "../errors.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { greater } from "./compare.ts";
import { zerosLike } from "./make.ts";
import {
  type BinaryRecord,
  binaryElementwise,
  broadcastPair,
  elementwise,
  floatsOnly,
  mismatches,
  pairDType,
  parametric,
  points,
  type UnaryRecord,
} from "./shorthand.ts";
import { where } from "./where.ts";

/** Throws ValueError unless the option `argument` of the function `name` is finite. */
export function finite(name: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new ValueError({
      where: name,
      argument,
      expected: "to be a finite number",
      got: String(value),
      fix: "Choose a number, or leave it out for the default",
    });
  }
}

/** The record of `relu`. */
export const reluOp: UnaryRecord = elementwise({
  name: "relu",
  family: "rectifier",
  formula: "y = max(x, 0)",
  source: "Nair & Hinton 2010; the derivative at 0 is 0",
  // y > 0 where x > 0, and NaN where x is: so nobody needs x any more.
  through: (t, _, y) => reluGradient(y, t),
  domain: { min: -3, max: 3, avoid: [0] },
  reference: (x) => Math.max(0, x),
  bound: exact("x or 0"),
  special: [
    points("the kink at 0 has derivative 0", { x: [0], y: [0], slope: [0] }),
    {
      title: "an infinite cotangent does not pass where relu is flat",
      inputs: [nd([-1, 1])],
      attributes: {},
      cotangent: nd([Number.POSITIVE_INFINITY, 1]),
      gradients: [nd([0, 1])],
    },
    points("NaN stays NaN", { x: [Number.NaN], y: [Number.NaN] }),
  ],
});

/** The record of `reluGradient`: flat in a but at the kink, and linear in b. Its result lies as the first argument does. */
export const reluGradientOp: BinaryRecord = binaryElementwise({
  name: "reluGradient",
  family: "rectifier",
  formula: "y = b where a > 0 or NaN, else 0",
  source: "the derivative of max(a, 0), applied to b",
  throughA: (t) => zerosLike(t),
  throughB: (t, a) => reluGradient(a, t),
  dtypes: floatDTypes,
  inputs: broadcastPair({ min: -3, max: 3, avoid: [0] }, { min: -3, max: 3 }),
  reference: (a, b) => (a <= 0 ? 0 : b),
  bound: exact("b or 0"),
  special: [
    {
      title: "at the kink nothing passes, and infinities do not turn into NaN",
      inputs: [nd([0, -1, Number.NaN]), nd([2, Number.POSITIVE_INFINITY, 3])],
      attributes: {},
      output: nd([0, 0, 3]),
      gradients: [nd([0, 0, 0]), nd([0, 0, 1])],
    },
  ],
  errors: [...mismatches("reluGradient"), pairDType("reluGradient", "int32", "float32 or float64")],
});

/** Options of `leakyRelu`. */
export interface LeakyReluOptions {
  /** Slope below 0: any finite number, usually in [0, 1). Default 0.01. */
  readonly slope?: number;
}

/** The record of `leakyRelu`. */
export const leakyReluOp: UnaryRecord<LeakyReluOptions> = parametric<LeakyReluOptions>({
  name: "leakyRelu",
  family: "rectifier",
  formula: "y = x for x > 0, else slope·x",
  source: "Maas, Hannun & Ng 2013; the derivative at 0 is the slope, as in PyTorch",
  through: (t, x, _y, { slope = 0.01 }) => where(greater(x, 0), t, multiply(slope, t)),
  parameter: ({ slope = 0.01 }) => slope,
  check: ({ slope = 0.01 }) => finite("leakyRelu", "slope", slope),
  domain: { min: -3, max: 3, avoid: [0] },
  attributes: (draw) => (draw.boolean() ? {} : { slope: draw.number({ min: -0.5, max: 1 }) }),
  reference: (x, { slope = 0.01 }) => (x > 0 ? x : slope * x),
  bound: ulps(2, "the slope rounded to the dtype, then one product"),
  special: [
    {
      title: "the kink at 0 has the slope below",
      inputs: [nd([0])],
      attributes: { slope: 0.25 },
      output: nd([0]),
      gradients: [nd([0.25])],
    },
    {
      title: "NaN stays NaN",
      inputs: [nd([Number.NaN])],
      attributes: {},
      output: nd([Number.NaN]),
    },
  ],
  errors: [
    floatsOnly("leakyRelu", {}),
    {
      inputs: [nd([1])],
      attributes: { slope: Number.NaN },
      message:
        "leakyRelu: expected slope to be a finite number, got NaN. Choose a number, or leave it out for the default.",
    },
  ],
});

/** Rectified linear unit max(x, 0). x: any shape, float → the same shape; the derivative at 0 is 0. Throws DTypeError for int32 and bool. */
export function relu(x: Tensor): Tensor {
  return bindOne(reluOp, [x], {});
}

/**
 * x above 0, slope·x below. x: any shape, float → the same shape.
 * Throws DTypeError for int32 and bool, ValueError for a slope that is not finite. Maas, Hannun & Ng 2013.
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  return bindOne(leakyReluOp, [x], options);
}

/** b where a > 0 or NaN, else 0: the derivative of relu at a, applied to b. Throws ShapeError, DTypeError. */
function reluGradient(a: Tensor, b: Tensor): Tensor {
  return bindOne(reluGradientOp, [a, b], {});
}

/** The records of this file. */
export const rectifierOps: readonly OpRecord[] = [reluOp, reluGradientOp, leakyReluOp];
