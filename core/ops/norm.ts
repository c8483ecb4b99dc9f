/**
 * Two reductions whose kernels guard against overflow: the 2-norm and logSumExp.
 * Rests on reduction and the elementwise ops. A reduced axis disappears unless `keepDims`.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes } from "../dtype.ts";
import { type BoundInputs, summation } from "../error-bound.ts";
import { type NdArray, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { floatsOnly, nearOrFar } from "../op-examples.ts";
import type { UnaryRecord } from "../op-kinds.ts";
import type { Tensor } from "../tensor.ts";
import { divide, subtract } from "./arithmetic.ts";
import { equal, where } from "./compare.ts";
import { exp } from "./exponential.ts";
import { reduction } from "./reduction.ts";
import { axisErrors, countOf, drawReduction, type ReduceOptions, reduceArray } from "./sum.ts";
import { detach } from "./view.ts";

type At = BoundInputs<ReduceOptions>;

/** The record of `norm`. */
export const normOp: UnaryRecord<ReduceOptions> = reduction({
  name: "norm",
  family: "statistics",
  formula: "y = √Σx² over the axes",
  source: "dy/dx = x/y; at x = 0, where no derivative exists, the subgradient 0",
  fn: "norm2",
  dtypes: floatDTypes,
  slope: (x, y) => {
    const zero = equal(y, 0);
    return divide(where(zero, 0, x), where(zero, 1, y));
  },
  sample: (draw) => {
    const { shape, options } = drawReduction(draw, { empty: true });
    const domain = { min: -3, max: 3, avoid: [0], margin: 0.3 };
    return { inputs: [draw.values(shape, domain)], attributes: options };
  },
  special: [
    {
      title: "the norm of zeros has gradient 0, not NaN",
      inputs: [nd([0, 0])],
      attributes: {},
      output: nd(0),
      gradients: [nd([0, 0])],
    },
    {
      title: "the norm of one zero among numbers keeps its gradient x/y",
      inputs: [nd([3, 0, 4])],
      attributes: {},
      output: nd(5),
      gradients: [nd([3 / 5, 0, 4 / 5])],
    },
    {
      title: "the norm of no elements is 0",
      inputs: [nd([])],
      attributes: {},
      output: nd(0),
      gradients: [nd([])],
    },
  ],
  errors: [...axisErrors("norm"), floatsOnly("norm", {})],
  reference: (xs) => Math.sqrt(xs.reduce((total, x) => total + x * x, 0)),
  bound: summation(
    (at: At) => countOf(at) + 6,
    ({ output }) => output,
    "n scaled squares of 3 roundings each, a sum, a root and a product: below γ_{n+6}·y",
  ),
});

/** The record of `logSumExp`. */
export const logSumExpOp: UnaryRecord<ReduceOptions> = reduction({
  name: "logSumExp",
  family: "statistics",
  formula: "y = m + log Σ exp(x − m) over the axes, m = max x",
  source:
    "Blanchard, Higham & Higham 2021, equation 1.3; dy/dx = softmax(x), and 0 where every x is −∞",
  fn: "logSumExp",
  dtypes: floatDTypes,
  // y only shifts: divided by their sum, the weights do not inherit the rounding of a large y.
  slope: (x, y, total) => {
    const shift = detach(where(equal(y, Number.NEGATIVE_INFINITY), 0, y));
    const weights = exp(subtract(x, shift));
    const sumOfWeights = total(weights);
    return divide(weights, where(equal(sumOfWeights, 0), 1, sumOfWeights));
  },
  sample: (draw) => {
    const { shape, options } = drawReduction(draw);
    return { inputs: [draw.values(shape, nearOrFar(draw))], attributes: options };
  },
  special: [
    {
      title: "large arguments do not overflow",
      inputs: [nd([1000, 1000])],
      attributes: {},
      output: nd(1000 + Math.LN2),
      gradients: [nd([0.5, 0.5])],
    },
    {
      title: "where every argument is −∞ it is −∞, with gradient 0",
      inputs: [nd([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])],
      attributes: {},
      output: nd(Number.NEGATIVE_INFINITY),
      gradients: [nd([0, 0])],
    },
    {
      title: "an argument −∞ adds nothing",
      inputs: [nd([Number.NEGATIVE_INFINITY, 2])],
      attributes: {},
      output: nd(2),
      gradients: [nd([0, 1])],
    },
    {
      title: "over no elements it is −∞, the logarithm of the empty sum",
      inputs: [nd([])],
      attributes: {},
      output: nd(Number.NEGATIVE_INFINITY),
      gradients: [nd([])],
    },
  ],
  errors: [...axisErrors("logSumExp"), floatsOnly("logSumExp", {})],
  reference: (xs) => Math.log(xs.reduce((total, x) => total + Math.exp(x), 0)),
  bound: summation(
    (at: At) => countOf(at) + 10,
    ({ inputs: [x], attributes, output }): NdArray =>
      x
        ? reduceArray("logSumExp", x, attributes, (xs) =>
            xs.reduce((a, b) => Math.max(a, Math.abs(b)), 1),
          )
        : output,
    "n terms in [0, 1] whose arguments x − m are rounded, a logarithm and a sum: γ_{n+10}·max(1, |x|)",
  ),
});

/**
 * Euclidean norm √Σx² over axes. x: [...] of a float dtype → x without the axes; 0 over no elements.
 * No square overflows. The gradient at x = 0 is 0. Throws AxisError, DTypeError for int32 and bool.
 */
export function norm(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(normOp, [x], options);
}

/**
 * log Σ exp(x) over axes, without overflow. x: [...] of a float dtype → x without the axes.
 * −∞ where every element is −∞ (gradient 0, as in PyTorch) and over no elements.
 * Throws AxisError, DTypeError for int32 and bool. Blanchard, Higham & Higham 2021.
 */
export function logSumExp(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(logSumExpOp, [x], options);
}

/** The records of this file. */
export const normOps: readonly OpRecord[] = [normOp, logSumExpOp];
