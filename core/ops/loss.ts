/**
 * Losses: mean squared error and binary cross-entropy from logits; crossEntropy has its own file.
 * Rests on loss-reduction, cross-entropy and the elementwise ops. `reduction` is "mean" unless said otherwise.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import { type BoundInputs, summation } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { type NdArray, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain, ErrorExample } from "../sampling.ts";
import { formatShape, sameShape, sizeOf } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { softplus } from "./activation.ts";
import { add, multiply, subtract } from "./arithmetic.ts";
import {
  badReduction,
  drawReductionOf,
  inferLoss,
  type LossOptions,
  reduceLoss,
  reduceLossArray,
} from "./loss-reduction.ts";
import { square } from "./power.ts";
import { type BinaryRecord, zip } from "./shorthand.ts";
import { negate } from "./sign.ts";

function inferPair(
  name: string,
  names: readonly [string, string],
  [prediction, target]: readonly [TensorType, TensorType],
  options: LossOptions,
): TensorType {
  requireDType(name, names[0], prediction.dtype, floatDTypes);
  sameDType(name, names, prediction.dtype, target.dtype);
  if (!sameShape(prediction.shape, target.shape)) {
    throw new ShapeError({
      where: name,
      argument: names[1],
      expected: `to have the shape of ${names[0]}, ${formatShape(prediction.shape)}`,
      got: `${names[1]} ${formatShape(target.shape)}`,
      fix: "Reshape one of them; losses do not broadcast",
    });
  }
  return inferLoss(name, prediction.shape, prediction.dtype, options);
}

function pairErrors(
  name: string,
  names: readonly [string, string],
): readonly ErrorExample<LossOptions>[] {
  return [
    {
      inputs: [nd([1, 2], "int32"), nd([1, 2], "int32")],
      attributes: {},
      message: `${name}: expected ${names[0]} to be float32 or float64, got int32. Cast it, for example ${names[0]}.cast("float32").`,
    },
    {
      inputs: [nd([1, 2]), nd([1, 2], "int32")],
      attributes: {},
      message: `${name}: expected target to have the dtype of ${names[0]}, float64, got int32. Cast one of them, for example target.cast("float64").`,
    },
    {
      inputs: [nd([1, 2]), nd([[1, 2]])],
      attributes: {},
      message: `${name}: expected target to have the shape of ${names[0]}, [2], got target [1, 2]. Reshape one of them; losses do not broadcast.`,
    },
    {
      inputs: [nd([1]), nd([1])],
      attributes: badReduction,
      message: `${name}: expected reduction to be "mean", "sum" or "none", got "average". Choose one of the three.`,
    },
  ];
}

/** What differs between losses of one prediction and one target. */
interface PairSpec
  extends Pick<BinaryRecord<LossOptions>, "name" | "formula" | "source" | "special"> {
  readonly inputNames: readonly [string, string];
  readonly loss: (prediction: Tensor, target: Tensor) => Tensor;
  readonly domains: readonly [Domain, Domain];
  readonly reference: (prediction: number, target: number) => number;
  /** Roundings of one loss, relative to it. */
  readonly roundings: number;
  readonly reason: string;
}

function pairwise(spec: PairSpec): BinaryRecord<LossOptions> {
  const { name, formula, source, special, inputNames, loss, domains, roundings } = spec;
  const reference = (p: NdArray, t: NdArray, options: LossOptions): NdArray =>
    reduceLossArray(zip(name, p, t, spec.reference), options);
  return {
    name,
    formula,
    source,
    special,
    inputNames,
    family: "loss",
    infer: (types, options) => [inferPair(name, inputNames, types, options)],
    forward: { compose: ([p, t], options) => [reduceLoss(loss(p, t), options)] },
    sample: (draw) => {
      const shape = draw.shape();
      return {
        inputs: [draw.values(shape, domains[0]), draw.values(shape, domains[1])],
        attributes: { reduction: drawReductionOf(draw, sizeOf(shape)) },
      };
    },
    errors: pairErrors(name, inputNames),
    reference: ([p, t], options) => (p && t ? [reference(p, t, options)] : []),
    bound: summation(
      ({ inputs: [p] }: BoundInputs<LossOptions>) => sizeOf(p?.shape ?? []) + roundings,
      ({ output }) => output,
      spec.reason,
    ),
  };
}

/** The record of `mse`. */
export const mseOp: BinaryRecord<LossOptions> = pairwise({
  name: "mse",
  formula: "loss = (prediction − target)²",
  source: "definition",
  inputNames: ["prediction", "target"],
  loss: (prediction, target) => square(subtract(prediction, target)),
  domains: [
    { min: -3, max: 3 },
    { min: -3, max: 3 },
  ],
  reference: (prediction, target) => (prediction - target) ** 2,
  roundings: 6,
  reason: "a difference rounded once, squared; n positive terms: γ_{n+6}·loss",
  special: [
    {
      title: "halves nothing: the gradient is 2·(prediction − target)/n",
      inputs: [nd([1, 5]), nd([0, 2])],
      attributes: {},
      output: nd(5),
      gradients: [nd([1, 3]), nd([-1, -3])],
    },
    {
      title: "the mean over no elements is NaN, as in NumPy",
      inputs: [nd([]), nd([])],
      attributes: {},
      output: nd(Number.NaN),
    },
  ],
});

/** The record of `binaryCrossEntropyWithLogits`. */
export const binaryCrossEntropyWithLogitsOp: BinaryRecord<LossOptions> = pairwise({
  name: "binaryCrossEntropyWithLogits",
  formula: "loss = t·softplus(−x) + (1 − t)·softplus(x) = softplus(x) − x·t",
  source: "definition: −t·log σ(x) − (1 − t)·log(1 − σ(x)), since −log σ(x) = softplus(−x)",
  inputNames: ["logits", "target"],
  // Both terms are positive for t in [0, 1]; softplus(x) − x·t would cancel where the prediction is right.
  loss: (x, t) => add(multiply(t, softplus(negate(x))), multiply(subtract(1, t), softplus(x))),
  domains: [
    { min: -6, max: 6 },
    { min: 0, max: 1 },
  ],
  reference: (x, t) => t * Math.log1p(Math.exp(-x)) + (1 - t) * Math.log1p(Math.exp(x)),
  roundings: 14,
  reason: "two positive terms of a few roundings each, n of them: γ_{n+14}·loss",
  special: [
    {
      title: "at logit 0 the loss is log 2 and the gradient ½ − t",
      inputs: [nd([0]), nd([1])],
      attributes: {},
      output: nd(Math.LN2),
      gradients: [nd([-0.5]), nd([0])],
    },
    {
      title: "a sure and wrong prediction costs its distance, not infinity",
      inputs: [nd([1000, -1000]), nd([0, 1])],
      attributes: { reduction: "none" },
      output: nd([1000, 1000]),
      gradients: [nd([1, -1]), nd([-1000, 1000])],
    },
    {
      title: "a sure and right prediction costs e^−|x|, not 0",
      inputs: [nd([50, -50]), nd([1, 0])],
      attributes: { reduction: "none" },
      output: nd([Math.exp(-50), Math.exp(-50)]),
      gradients: [nd([-Math.exp(-50), Math.exp(-50)]), nd([-50, 50])],
    },
  ],
});

/**
 * Squared error. prediction, target: one shape and float dtype → one number, or that shape where `reduction` is
 * "none". There is no factor ½. Throws ShapeError (losses do not broadcast), DTypeError, ValueError.
 */
export function mse(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  return bindOne(mseOp, [prediction, target], options);
}

/**
 * Binary cross-entropy from logits, accurate at any logit. logits: any shape and float dtype; target: the same,
 * in [0, 1] (not checked) → one number, or that shape where `reduction` is "none".
 * Throws ShapeError (losses do not broadcast), DTypeError, ValueError.
 */
export function binaryCrossEntropyWithLogits(
  logits: Tensor,
  target: Tensor,
  options: LossOptions = {},
): Tensor {
  return bindOne(binaryCrossEntropyWithLogitsOp, [logits, target], options);
}

export { crossEntropy } from "./cross-entropy.ts";
export { softmaxCrossEntropy } from "./softmax-cross-entropy.ts";

/** The records of this file. */
export const lossOps: readonly OpRecord[] = [mseOp, binaryCrossEntropyWithLogitsOp];
