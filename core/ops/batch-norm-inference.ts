/**
 * Batch normalization with statistics from elsewhere, such as moving averages.
 * Rests on channels, normalize and arithmetic.
 */
import { bindOne } from "../bind.ts";
import { at, mapElements, type NdArray, nd, nothing, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { add, multiply, subtract } from "./arithmetic.ts";
import type { BatchNormOptions } from "./batch-normalization.ts";
import {
  channelIndex,
  channelShape,
  channelsOf,
  drawChannels,
  requireChannelParameters,
} from "./channels.ts";
import { affine, requireEpsilon } from "./normalize.ts";
import { affineArray, affineError } from "./normalize-definitions.ts";
import { rsqrt } from "./power.ts";
import { reshape } from "./view.ts";

/** The five inputs of inference. */
type InferenceInputs = readonly [Tensor, Tensor, Tensor, Tensor, Tensor];

function inferInference(
  x: TensorType,
  parameters: Readonly<Record<"gamma" | "beta" | "mean" | "variance", TensorType | null>>,
  { epsilon = 1e-5 }: BatchNormOptions,
): TensorType {
  const where = "batchNormInference";
  const channels = channelsOf(where, x);
  requireChannelParameters(where, parameters, x, channels);
  requireEpsilon(where, epsilon);
  return { shape: x.shape, dtype: x.dtype };
}

function composeInference(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  mean: Tensor,
  variance: Tensor,
  { epsilon = 1e-5 }: BatchNormOptions,
): Tensor {
  const shape = channelShape(x.shape);
  const scale = rsqrt(add(variance, epsilon));
  const standard = multiply(subtract(x, reshape(mean, shape)), reshape(scale, shape));
  return affine(standard, gamma, beta, shape);
}

/** (x − mean)/√(variance + ε), plain. */
function standardized(
  x: NdArray,
  mean: NdArray,
  variance: NdArray,
  epsilon: number,
  difference: (a: number, b: number) => number = (a, b) => a - b,
): NdArray {
  return tabulate(
    x.shape,
    (index) =>
      difference(at(x, index), at(mean, channelIndex(index))) /
      Math.sqrt(at(variance, channelIndex(index)) + epsilon),
  );
}

/** The record of `batchNormInference`. */
export const batchNormInferenceOp: OpRecord<BatchNormOptions, InferenceInputs, readonly [Tensor]> =
  {
    name: "batchNormInference",
    family: "normalization",
    inputNames: ["x", "gamma", "beta", "mean", "variance"],
    formula: "y = γ·(x − mean)/√(variance + ε) + β for each channel, with statistics given",
    source: "Ioffe & Szegedy 2015, algorithm 2, with the biased variance",
    infer: ([x, gamma, beta, mean, variance], options) => [
      inferInference(x, { gamma, beta, mean, variance }, options),
    ],
    forward: {
      compose: ([x, gamma, beta, mean, variance], options) => [
        composeInference(x, gamma, beta, mean, variance, options),
      ],
    },
    sample: (draw) => {
      const [x, gamma, beta] = drawChannels(draw, draw.integer(0, 3), 1);
      return {
        inputs: [
          x,
          gamma,
          beta,
          draw.values(gamma.shape, { min: -3, max: 3 }),
          draw.values(gamma.shape, { min: 0.1, max: 3 }),
        ],
        attributes: { epsilon: draw.pick([0.5, 0.1, 0.01]) },
      };
    },
    special: [
      {
        title: "a variance of 0 leaves the division to ε",
        inputs: [nd([[3]]), nd([2]), nd([1]), nd([1]), nd([0])],
        attributes: { epsilon: 0.25 },
        output: nd([[9]]),
        gradients: [nd([[4]]), nd([4]), nd([1]), nd([-4]), nd([-16])],
      },
    ],
    errors: [
      {
        inputs: [nd([1]), nd([1]), nd([1]), nd([1]), nd([1])],
        attributes: {},
        message:
          "batchNormInference: expected x to have at least 2 axes [N, C, ...], got [1]. The channels are on axis 1.",
      },
      {
        inputs: [nd([[1]]), nd([1]), nd([1]), nd([1, 2]), nd([1])],
        attributes: {},
        message:
          "batchNormInference: expected mean to be [1], one number for each channel, got [2]. Reshape it, or make one of that shape.",
      },
      {
        inputs: [nd([[1]]), nd([1]), nd([1]), nd([1]), nd([1])],
        attributes: { epsilon: Number.NaN },
        message:
          "batchNormInference: expected epsilon to be a finite number > 0, got NaN. Use a small number such as 1e-5.",
      },
    ],
    reference: (inputs, { epsilon = 1e-5 }) => {
      const [x = nothing, gamma = nothing, beta = nothing, mean = nothing, variance = nothing] =
        inputs;
      return [affineArray(standardized(x, mean, variance, epsilon), gamma, beta, channelIndex)];
    },
    bound: {
      reason:
        "nine roundings, each of a term no larger than |γ|·(|x| + |mean|)/√(variance + ε) + |β|",
      of: ({ inputs, attributes: { epsilon = 1e-5 }, unit }) => {
        const [x = nothing, gamma = nothing, beta = nothing, mean = nothing, variance = nothing] =
          inputs;
        const size = standardized(x, mean, variance, epsilon, (a, b) => Math.abs(a) + Math.abs(b));
        const zero = mapElements(size, () => 0);
        return mapElements(affineError(zero, size, gamma, beta, channelIndex, unit), (e) => 3 * e);
      },
    },
  };

/**
 * Batch normalization with statistics from elsewhere, such as moving averages. x: [N, C, ...]; gamma, beta:
 * [C] or null; mean, variance: [C], the variance ≥ 0 → as x. `epsilon` (1e-5): added to the variance, > 0.
 * Throws ShapeError for shapes that do not fit, ValueError for epsilon, DTypeError unless all have one float
 * dtype. Ioffe & Szegedy 2015, algorithm 2, with the biased variance.
 */
export function batchNormInference(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  mean: Tensor,
  variance: Tensor,
  options: BatchNormOptions = {},
): Tensor {
  if (gamma !== null && beta !== null) {
    return bindOne(batchNormInferenceOp, [x, gamma, beta, mean, variance], options);
  }
  inferInference(x, { gamma, beta, mean, variance }, options);
  return composeInference(x, gamma, beta, mean, variance, options);
}

/** The records of this file. */
export const batchNormInferenceOps: readonly OpRecord[] = [batchNormInferenceOp];
