/**
 * Cross-entropy from logits, with integer labels or probabilities and label smoothing.
 * Rests on softmax-cross-entropy, loss-reduction and indexing.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { type BoundInputs, summation } from "../error-bound.ts";
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { at, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { add, multiply } from "./arithmetic.ts";
import { oneHot } from "./indexing.ts";
import {
  badReduction,
  drawReductionOf,
  inferLoss,
  type LossOptions,
  reduceLoss,
  reduceLossArray,
} from "./loss-reduction.ts";
import type { BinaryRecord } from "./shorthand.ts";
import { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";

/** Options of crossEntropy. */
export interface CrossEntropyOptions extends LossOptions {
  /** Share of the target spread evenly over all classes, in [0, 1); default 0. Szegedy et al. 2016, section 7. */
  readonly labelSmoothing?: number;
}

function inferCrossEntropy(
  logits: TensorType,
  target: TensorType,
  options: CrossEntropyOptions,
): TensorType {
  const { labelSmoothing = 0 } = options;
  requireDType("crossEntropy", "logits", logits.dtype, floatDTypes);
  const [examples = 0] = logits.shape;
  if (logits.shape.length !== 2) {
    throw new ShapeError({
      where: "crossEntropy",
      argument: "logits",
      expected: "to have shape [examples, classes]",
      got: `logits ${formatShape(logits.shape)}`,
      fix: "Reshape to one row an example",
    });
  }
  const labels = target.dtype === "int32";
  if (!labels && target.dtype !== logits.dtype) {
    throw new DTypeError({
      where: "crossEntropy",
      argument: "target",
      expected: `to be int32 labels or ${logits.dtype} probabilities`,
      got: target.dtype,
      fix: `Cast it, for example target.cast("int32")`,
    });
  }
  const wanted = labels ? [examples] : logits.shape;
  if (!sameShape(target.shape, wanted)) {
    throw new ShapeError({
      where: "crossEntropy",
      argument: "target",
      expected: `to have shape ${formatShape(wanted)} beside logits ${formatShape(logits.shape)}`,
      got: `target ${formatShape(target.shape)}`,
      fix: "Give one int32 label an example, or one probability a class",
    });
  }
  if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
    throw new ValueError({
      where: "crossEntropy",
      argument: "labelSmoothing",
      expected: "in [0, 1)",
      got: String(labelSmoothing),
      fix: "Use 0 for none; 0.1 is common",
    });
  }
  return inferLoss("crossEntropy", [examples], logits.dtype, options);
}

/** Labels as rows with one 1. Throws ValueError for a label outside [0, classes). */
function probabilitiesOf(target: Tensor, logits: Tensor): Tensor {
  if (target.dtype !== "int32") return target;
  const classes = logits.shape[1] ?? 0;
  const isOutside = (label: number): boolean => label < 0 || label >= classes;
  target.check("crossEntropy", (labels) => {
    const wrong = labels.findIndex(isOutside);
    if (wrong < 0) return;
    throw new ValueError({
      where: "crossEntropy",
      argument: "target",
      expected: `to hold labels in [0, ${classes}), one of the ${classes} classes`,
      got: `${labels[wrong]} for example ${wrong}`,
      fix: "Check the labels, or give logits a column for each class",
    });
  });
  return oneHot(target, { classes, dtype: logits.dtype });
}

function composeCrossEntropy(logits: Tensor, target: Tensor, options: CrossEntropyOptions): Tensor {
  const { labelSmoothing = 0 } = options;
  const probabilities = probabilitiesOf(target, logits);
  const smooth =
    labelSmoothing === 0
      ? probabilities
      : add(multiply(probabilities, 1 - labelSmoothing), labelSmoothing / (logits.shape[1] ?? 1));
  return reduceLoss(softmaxCrossEntropy(logits, smooth), options);
}

/** For each example Σ_k weight(target_k)·g(−log p_k), with the smoothed target. */
function crossEntropyArray(
  logits: NdArray,
  target: NdArray,
  { labelSmoothing = 0, ...options }: CrossEntropyOptions,
  g: (t: number, surprise: number) => number,
): NdArray {
  const [examples = 0, classes = 0] = logits.shape;
  const losses = tabulate([examples], ([i = 0]) => {
    const row = Array.from({ length: classes }, (_, k) => at(logits, [i, k]));
    const logTotal = Math.log(row.reduce((total, x) => total + Math.exp(x), 0));
    return row.reduce((total, x, k) => {
      const hard = target.kind === "int32" ? Number(at(target, [i]) === k) : at(target, [i, k]);
      const t = hard * (1 - labelSmoothing) + labelSmoothing / classes;
      return total + g(t, logTotal - x);
    }, 0);
  });
  return reduceLossArray(losses, options);
}

/** The record of `crossEntropy`. */
export const crossEntropyOp: BinaryRecord<CrossEntropyOptions> = {
  name: "crossEntropy",
  family: "loss",
  formula: "loss = −Σ_k t_k·log softmax(logits)_k for each example",
  source: "definition; label smoothing: Szegedy et al. 2016, section 7",
  inputNames: ["logits", "target"],
  infer: ([logits, target], options) => [inferCrossEntropy(logits, target, options)],
  forward: {
    compose: ([logits, target], options) => [composeCrossEntropy(logits, target, options)],
  },
  sample: (draw) => {
    const shape = [draw.integer(0, 4), draw.integer(1, 4)];
    const [examples = 0, classes = 1] = shape;
    const target = draw.boolean()
      ? draw.integers([examples], 0, classes)
      : draw.values(shape, { min: 0, max: 1 });
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 }), target],
      attributes: {
        labelSmoothing: draw.pick([0, 0.1, 0.5]),
        reduction: drawReductionOf(draw, examples),
      },
    };
  },
  special: [
    {
      title: "a sure and right prediction costs 0, at logits whose exp overflows",
      inputs: [nd([[1000, 0]]), nd([0], "int32")],
      attributes: {},
      output: nd(0),
      gradients: [nd([[0, 0]]), null],
    },
    {
      title: "a sure and wrong prediction costs its distance, not infinity",
      inputs: [nd([[1000, 0]]), nd([1], "int32")],
      attributes: {},
      output: nd(1000),
      gradients: [nd([[1, -1]]), null],
    },
    {
      title: "smoothed, equal logits have the gradient 1/C − t",
      inputs: [nd([[0, 0]]), nd([0], "int32")],
      attributes: { labelSmoothing: 0.5 },
      output: nd(Math.LN2),
      gradients: [nd([[-0.25, 0.25]]), null],
    },
    {
      title: "the sum over no examples is 0",
      inputs: [{ shape: [0, 3], data: [], kind: "float" }, nd([], "int32")],
      attributes: { reduction: "sum" },
      output: nd(0),
    },
  ],
  errors: [
    {
      inputs: [nd([[1, 2]], "int32"), nd([0], "int32")],
      attributes: {},
      message: `crossEntropy: expected logits to be float32 or float64, got int32. Cast it, for example logits.cast("float32").`,
    },
    {
      inputs: [nd([1, 2]), nd([0], "int32")],
      attributes: {},
      message:
        "crossEntropy: expected logits to have shape [examples, classes], got logits [2]. Reshape to one row an example.",
    },
    {
      inputs: [nd([[1, 2]]), nd([[1, 0]], "bool")],
      attributes: {},
      message: `crossEntropy: expected target to be int32 labels or float64 probabilities, got bool. Cast it, for example target.cast("int32").`,
    },
    {
      inputs: [nd([[1, 2]]), nd([0, 1], "int32")],
      attributes: {},
      message:
        "crossEntropy: expected target to have shape [1] beside logits [1, 2], got target [2]. Give one int32 label an example, or one probability a class.",
    },
    {
      inputs: [nd([[1, 2]]), nd([1, 0])],
      attributes: {},
      message:
        "crossEntropy: expected target to have shape [1, 2] beside logits [1, 2], got target [2]. Give one int32 label an example, or one probability a class.",
    },
    {
      inputs: [nd([[1, 2]]), nd([0], "int32")],
      attributes: { labelSmoothing: 1 },
      message:
        "crossEntropy: expected labelSmoothing in [0, 1), got 1. Use 0 for none; 0.1 is common.",
    },
    {
      inputs: [nd([[1, 2]]), nd([0], "int32")],
      attributes: { labelSmoothing: -0.1 },
      message:
        "crossEntropy: expected labelSmoothing in [0, 1), got -0.1. Use 0 for none; 0.1 is common.",
    },
    {
      inputs: [nd([[1, 2]]), nd([-1], "int32")],
      attributes: {},
      message:
        "crossEntropy: expected target to hold labels in [0, 2), one of the 2 classes, got -1 for example 0. Check the labels, or give logits a column for each class.",
    },
    {
      inputs: [nd([[1, 2]]), nd([0], "int32")],
      attributes: badReduction,
      message: `crossEntropy: expected reduction to be "mean", "sum" or "none", got "average". Choose one of the three.`,
    },
    {
      inputs: [
        nd([
          [1, 2],
          [3, 4],
        ]),
        nd([0, 2], "int32"),
      ],
      attributes: {},
      message:
        "crossEntropy: expected target to hold labels in [0, 2), one of the 2 classes, got 2 for example 1. Check the labels, or give logits a column for each class.",
    },
  ],
  reference: ([logits, target], options) =>
    logits && target ? [crossEntropyArray(logits, target, options, (t, s) => t * s)] : [],
  bound: summation(
    ({ inputs: [logits] }: BoundInputs<CrossEntropyOptions>) =>
      (logits?.shape[0] ?? 0) + 2 * (logits?.shape[1] ?? 0) + 16,
    ({ inputs: [logits, target], attributes, output }) =>
      logits && target
        ? crossEntropyArray(logits, target, attributes, (t, s) => t * (1 + s))
        : output,
    "N examples of C terms t·(1 + |log p|), smoothed, and log p over C terms: γ_{N+2C+16}",
  ),
};

/**
 * Cross-entropy of `target` against softmax(logits), for each example.
 * logits: [N, C] of a float dtype; target: int32 labels [N] in [0, C), or probabilities [N, C] of the logits'
 * dtype → one number, or [N] where `reduction` is "none". `labelSmoothing` ε in [0, 1) makes the target
 * (1 − ε)·t + ε/C. Gradients flow to logits and to probabilities. Reading labels waits for the device.
 * Throws ShapeError, DTypeError, ValueError for a label outside [0, C) and for options out of range.
 *
 * @example
 * crossEntropy(tensor([[2, 0]]), tensor([0], { dtype: "int32" })); // log(1 + e^−2) = 0.1269
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  return bindOne(crossEntropyOp, [logits, target], options);
}

/** The records of this file. */
export const crossEntropyOps: readonly OpRecord[] = [crossEntropyOp];
