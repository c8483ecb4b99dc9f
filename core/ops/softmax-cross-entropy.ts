/**
 * The primitive of crossEntropy: softmax, logarithm and weighted sum in one kernel.
 * Rests on softmax, sum and arithmetic.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import { type BoundInputs, summation } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { at, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { multiply, subtract } from "./arithmetic.ts";
import { addMaybe, type BinaryRecord, type NoOptions } from "./shorthand.ts";
import { negate } from "./sign.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { sum } from "./sum.ts";
import { expandDims } from "./view.ts";

const name = "softmaxCrossEntropy";

function inferType(logits: TensorType, target: TensorType): TensorType {
  requireDType(name, "logits", logits.dtype, floatDTypes);
  sameDType(name, ["logits", "target"], logits.dtype, target.dtype);
  const [examples = 0] = logits.shape;
  if (logits.shape.length !== 2) {
    throw new ShapeError({
      where: name,
      argument: "logits",
      expected: "to have shape [examples, classes]",
      got: `logits ${formatShape(logits.shape)}`,
      fix: "Reshape to one row an example",
    });
  }
  if (!sameShape(logits.shape, target.shape)) {
    throw new ShapeError({
      where: name,
      argument: "target",
      expected: `to have the shape of logits, ${formatShape(logits.shape)}`,
      got: `target ${formatShape(target.shape)}`,
      fix: "Give one probability for each example and class",
    });
  }
  return { shape: [examples], dtype: logits.dtype };
}

/** For each example Σ_k g(t_k, −log p_k). */
function lossArray(
  logits: NdArray,
  target: NdArray,
  g: (t: number, surprise: number) => number,
): NdArray {
  const [examples = 0, classes = 0] = logits.shape;
  return tabulate([examples], ([i = 0]) => {
    const row = Array.from({ length: classes }, (_, k) => at(logits, [i, k]));
    const logTotal = Math.log(row.reduce((total, x) => total + Math.exp(x), 0));
    return row.reduce((total, x, k) => total + g(at(target, [i, k]), logTotal - x), 0);
  });
}

/** ∂loss/∂logits = p·Σt − t; where t sums to 1 this is p − t. */
function slope(logits: Tensor, target: Tensor): Tensor {
  return subtract(multiply(softmax(logits), sum(target, { axis: 1, keepDims: true })), target);
}

/** The record of `softmaxCrossEntropy`. */
export const softmaxCrossEntropyOp: BinaryRecord = {
  name,
  family: "loss",
  formula: "y_i = −Σ_k t_ik·log softmax(x_i)_k, with 0·log 0 = 0",
  source: "definition; ∂y/∂x = p·Σt − t, ∂y/∂t = −log p",
  inputNames: ["logits", "target"],
  infer: ([logits, target]) => [inferType(logits, target)],
  forward: { kernel: "softmaxCrossEntropy", with: () => ({}) },
  jvp: ([tx, tt], { inputs: [x, t] }) => {
    const fromLogits = tx && sum(multiply(tx, slope(x, t)), { axis: 1 });
    const fromTarget = tt && negate(sum(multiply(tt, logSoftmax(x)), { axis: 1 }));
    return [addMaybe(fromLogits, fromTarget)];
  },
  vjp: ([c], { inputs: [x, t] }, [wantLogits, wantTarget]) => {
    const column = expandDims(c, 1);
    return [
      wantLogits ? multiply(column, slope(x, t)) : null,
      wantTarget ? negate(multiply(column, logSoftmax(x))) : null,
    ];
  },
  sample: (draw) => {
    const shape = [draw.integer(0, 4), draw.integer(1, 4)];
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 }), draw.values(shape, { min: -1, max: 1 })],
      attributes: {},
    };
  },
  special: [
    {
      title: "weights need not sum to 1: the gradient is p·Σt − t",
      inputs: [nd([[0, 0]]), nd([[2, 1]])],
      attributes: {},
      output: nd([3 * Math.LN2]),
      gradients: [nd([[-0.5, 0.5]]), nd([[Math.LN2, Math.LN2]])],
    },
    {
      title: "a class of weight 0 costs nothing, also where its logit is −∞",
      inputs: [nd([[0, Number.NEGATIVE_INFINITY]]), nd([[1, 0]])],
      attributes: {},
      output: nd([0]),
      gradients: [nd([[0, 0]]), null],
    },
  ],
  errors: [
    {
      inputs: [nd([[1, 2]], "int32"), nd([[1, 0]], "int32")],
      attributes: {},
      message: `softmaxCrossEntropy: expected logits to be float32 or float64, got int32. Cast it, for example logits.cast("float32").`,
    },
    {
      inputs: [nd([[1, 2]]), nd([0], "int32")],
      attributes: {},
      message: `softmaxCrossEntropy: expected target to have the dtype of logits, float64, got int32. Cast one of them, for example target.cast("float64").`,
    },
    {
      inputs: [nd([1, 2]), nd([1, 0])],
      attributes: {},
      message:
        "softmaxCrossEntropy: expected logits to have shape [examples, classes], got logits [2]. Reshape to one row an example.",
    },
    {
      inputs: [nd([[1, 2]]), nd([1, 0])],
      attributes: {},
      message:
        "softmaxCrossEntropy: expected target to have the shape of logits, [1, 2], got target [2]. Give one probability for each example and class.",
    },
  ],
  reference: ([logits, target]) =>
    logits && target ? [lossArray(logits, target, (t, surprise) => t * surprise)] : [],
  bound: summation(
    ({ inputs: [logits] }: BoundInputs<NoOptions>) => 2 * (logits?.shape[1] ?? 0) + 12,
    ({ inputs: [logits, target], output }) =>
      logits && target ? lossArray(logits, target, (t, s) => Math.abs(t) * (1 + s)) : output,
    "C terms t·log p, each log p from a sum of C terms: γ_{2C+12}·Σ|t|·(1 + |log p|)",
  ),
};

/**
 * Cross-entropy of weights against softmax(logits), the primitive of `crossEntropy`.
 * logits, target: [N, C] of one float dtype → [N]. Gradients flow to both; the weights need not sum to 1.
 * Throws ShapeError, DTypeError.
 */
export function softmaxCrossEntropy(logits: Tensor, target: Tensor): Tensor {
  return bindOne(softmaxCrossEntropyOp, [logits, target], {});
}

/** The records of this file. */
export const softmaxCrossEntropyOps: readonly OpRecord[] = [softmaxCrossEntropyOp];
