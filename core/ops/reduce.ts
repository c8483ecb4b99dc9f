/**
 * Reductions besides sum: mean, any, all; max, min and prod have their own files.
 * Rests on sum, reduction, extreme and product. A reduced axis disappears unless `keepDims`.
 *
 * Over no elements: the sum is 0, the mean NaN, the product 1, `any` false, `all` true; max and min refuse.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes } from "../dtype.ts";
import { type BoundInputs, exact, summation } from "../error-bound.ts";
import { average, mapElements, type NdArray, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { floatsOnly } from "../op-examples.ts";
import type { UnaryRecord } from "../op-kinds.ts";
import type { Tensor } from "../tensor.ts";
import { divide } from "./arithmetic.ts";
import { reduction } from "./reduction.ts";
import {
  axisErrors,
  countOf,
  drawReduction,
  inferReduction,
  type ReduceOptions,
  reduceArray,
  reducedCount,
  sum,
} from "./sum.ts";

function meanArray(x: NdArray, options: ReduceOptions): NdArray {
  return reduceArray("mean", x, options, average);
}

/** The record of `mean`. */
export const meanOp: UnaryRecord<ReduceOptions> = {
  name: "mean",
  family: "reduce",
  formula: "y = Σx / n over the axes",
  source: "definition",
  inputNames: ["x"],
  infer: ([x], options) => [inferReduction("mean", x, options, floatDTypes)],
  forward: {
    compose: ([x], options) => [divide(sum(x, options), reducedCount(x.shape, options.axis))],
  },
  sample: (draw) => {
    const { shape, options } = drawReduction(draw);
    return { inputs: [draw.values(shape, { min: -3, max: 3 })], attributes: options };
  },
  special: [
    {
      title: "the mean of no elements is NaN, as in NumPy",
      inputs: [nd([])],
      attributes: {},
      output: nd(Number.NaN),
      gradients: [nd([])],
    },
  ],
  errors: [...axisErrors("mean"), floatsOnly("mean", {})],
  reference: (inputs, options) => inputs.map((x) => meanArray(x, options)),
  bound: summation(
    (at: BoundInputs<ReduceOptions>) => countOf(at) + 1,
    ({ inputs: [x], attributes, output }) =>
      x ? meanArray(mapElements(x, Math.abs), attributes) : output,
    "a sum of n terms and a division: γ_{n+1}·Σ|x|/n",
  ),
};

function decision(
  name: "any" | "all",
  decide: (elements: readonly number[]) => boolean,
): UnaryRecord<ReduceOptions> {
  return reduction({
    name,
    family: "reduce",
    formula: `y = ${name === "any" ? "∃" : "∀"} x over the axes`,
    source: "definition",
    fn: name,
    dtypes: ["bool"],
    sample: (draw) => {
      const { shape, options } = drawReduction(draw, { empty: true });
      return { inputs: [draw.booleans(shape)], attributes: options };
    },
    special: [
      {
        title: `${name} of no elements is ${decide([])}`,
        inputs: [nd([], "bool")],
        attributes: {},
        output: nd(decide([]) ? 1 : 0, "bool"),
      },
    ],
    errors: [
      ...axisErrors(name, "bool"),
      {
        inputs: [nd([1, 0])],
        attributes: {},
        message: `${name}: expected x to be bool, got float64. Cast it, for example x.cast("bool").`,
      },
    ],
    reference: (xs) => (decide(xs) ? 1 : 0),
    bound: exact("decided, not computed"),
  });
}

/** The record of `any`. */
export const anyOp: UnaryRecord<ReduceOptions> = decision("any", (xs) => xs.some((x) => x !== 0));
/** The record of `all`. */
export const allOp: UnaryRecord<ReduceOptions> = decision("all", (xs) => xs.every((x) => x !== 0));

/**
 * Mean over axes. x: [...] of a float dtype → x without the axes. NaN over no elements, as in NumPy.
 * Throws AxisError for an axis outside [-rank, rank) or named twice, DTypeError for int32 and bool.
 */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(meanOp, [x], options);
}

/** Whether any element is true. x: [...] of bool → x without the axes, bool; false over no elements. */
export function any(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(anyOp, [x], options);
}

/** Whether all elements are true. x: [...] of bool → x without the axes, bool; true over no elements. */
export function all(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(allOp, [x], options);
}

export { max, min } from "./extreme.ts";
export { prod } from "./product.ts";

/** The records of this file. */
export const reduceOps: readonly OpRecord[] = [meanOp, anyOp, allOp];
