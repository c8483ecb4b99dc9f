/**
 * Batch normalization with the statistics of the batch.
 * Rests on channels, and on normalize and normalizeAffine, which bring the derivatives.
 */
import { bind } from "../bind.ts";
import type { BoundInputs, ErrorBound } from "../error-bound.ts";
import { type NdArray, nd, nothing, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import {
  channelErrors,
  channelIndex,
  channelShape,
  channelsOf,
  drawChannels,
  requireChannelParameters,
} from "./channels.ts";
import { affine, normalize, requireElements, requireEpsilon } from "./normalize.ts";
import { normalizeAffine } from "./normalize-affine.ts";
import { affineArray, affineError, momentsError, normalizeArray } from "./normalize-definitions.ts";
import { reshape } from "./view.ts";

/** Options of `batchNorm` and `batchNormInference`. */
export interface BatchNormOptions {
  /** Added to the variance, > 0 and finite; default 1e-5. */
  readonly epsilon?: number;
}

/** What `batchNorm` gives: the output, and the statistics that layers average over time. */
export interface BatchNormResult {
  /** As x. */
  readonly output: Tensor;
  /** [C]. */
  readonly mean: Tensor;
  /** [C], biased: Σ(x − mean)²/n, not /(n − 1). */
  readonly variance: Tensor;
}

/** All axes but the channel's. */
function batchAxes(shape: Shape): readonly number[] {
  return shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

function inferBatchNorm(
  x: TensorType,
  gamma: TensorType | null,
  beta: TensorType | null,
  { epsilon = 1e-5 }: BatchNormOptions,
): readonly [TensorType, TensorType, TensorType] {
  const channels = channelsOf("batchNorm", x);
  requireChannelParameters("batchNorm", { gamma, beta }, x, channels);
  requireElements("batchNorm", x.shape, batchAxes(x.shape));
  requireEpsilon("batchNorm", epsilon);
  const statistic = { shape: [channels], dtype: x.dtype };
  return [{ shape: x.shape, dtype: x.dtype }, statistic, statistic];
}

function composeBatchNorm(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  { epsilon = 1e-5 }: BatchNormOptions,
): readonly [Tensor, Tensor, Tensor] {
  const over = { axes: batchAxes(x.shape), epsilon };
  const shape = channelShape(x.shape);
  const flat = (statistic: Tensor): Tensor => reshape(statistic, [statistic.size]);
  if (gamma !== null && beta !== null) {
    const parameters = [reshape(gamma, shape), reshape(beta, shape)] as const;
    const [output, , mean, variance] = normalizeAffine([x, ...parameters], over);
    return [output, flat(mean), flat(variance)];
  }
  const [standard, mean, variance] = normalize(x, over);
  return [affine(standard, gamma, beta, shape), flat(mean), flat(variance)];
}

const flat = (array: NdArray): NdArray => ({ ...array, shape: [array.data.length] });

const bound: ErrorBound<BatchNormOptions> = {
  reason: "two-pass moments of n elements, then γ·x̂ + β with two roundings",
  of: ({ inputs, attributes, output, unit }: BoundInputs<BatchNormOptions>) => {
    const [x = nothing, gamma = nothing, beta = nothing] = inputs;
    const axes = batchAxes(x.shape);
    const { epsilon = 1e-5 } = attributes;
    const [error, centre, spread] = momentsError(x, axes, epsilon, unit);
    if (output.shape.length > 1) {
      const [standard] = normalizeArray(x, axes, epsilon);
      return affineError(error, standard, gamma, beta, channelIndex, unit);
    }
    return tabulate(output.shape, ([c = 0]) =>
      Math.max(flat(centre).data[c] ?? 0, flat(spread).data[c] ?? 0),
    );
  },
};

/** The record of `batchNorm`. */
export const batchNormOp: OpRecord<
  BatchNormOptions,
  readonly [Tensor, Tensor, Tensor],
  readonly [Tensor, Tensor, Tensor]
> = {
  name: "batchNorm",
  family: "normalization",
  inputNames: ["x", "gamma", "beta"],
  formula: "y = γ·(x − mean)/√(variance + ε) + β for each channel; also mean and variance",
  source: "Ioffe & Szegedy 2015, algorithm 1",
  infer: ([x, gamma, beta], options) => inferBatchNorm(x, gamma, beta, options),
  forward: { compose: ([x, gamma, beta], options) => composeBatchNorm(x, gamma, beta, options) },
  sample: (draw) => ({
    inputs: drawChannels(draw, draw.integer(0, 3), 1),
    attributes: { epsilon: draw.pick([0.5, 0.1, 0.01]) },
  }),
  special: [
    {
      title: "a batch of one gives β, and no gradient reaches x",
      inputs: [nd([[7, -7]]), nd([2, 3]), nd([0.5, 1])],
      attributes: {},
      output: nd([[0.5, 1]]),
      cotangent: nd([[1, 1]]),
      gradients: [nd([[0, 0]]), nd([0, 0]), nd([1, 1])],
    },
    {
      title: "a channel without variance gives β, with a finite gradient",
      inputs: [nd([[2], [2]]), nd([3]), nd([1])],
      attributes: { epsilon: 0.25 },
      output: nd([[1], [1]]),
      cotangent: nd([[1], [3]]),
      gradients: [nd([[-6], [6]]), nd([0]), nd([4])],
    },
  ],
  errors: [
    ...channelErrors<BatchNormOptions>("batchNorm", {}),
    {
      inputs: [{ ...nd([]), shape: [0, 2] }, nd([1, 2]), nd([1, 2])],
      attributes: {},
      message:
        "batchNorm: expected x to have an element to normalize over, got x [0, 2]. The mean of no elements does not exist: leave an empty batch out.",
    },
  ],
  reference: ([x = nothing, gamma = nothing, beta = nothing], { epsilon = 1e-5 }) => {
    const [standard, mean, variance] = normalizeArray(x, batchAxes(x.shape), epsilon);
    return [affineArray(standard, gamma, beta, channelIndex), flat(mean), flat(variance)];
  },
  bound,
};

/**
 * Batch normalization with the statistics of this batch. x: [N, C], [N, C, H, W] or any [N, C, ...];
 * gamma, beta: [C], or null for 1 and 0 → output as x, mean and biased variance [C], taken for each channel over
 * all other axes. Derivatives flow through mean and variance. A channel without variance, and a batch of one
 * element a channel, give β. `epsilon` (1e-5): added to the variance, > 0.
 * Throws ShapeError for shapes that do not fit or no element to normalize over, ValueError for epsilon,
 * DTypeError unless all have one float dtype. Ioffe & Szegedy 2015, algorithm 1.
 *
 * @example
 * const { output, mean, variance } = batchNorm(x, gamma, beta);
 */
export function batchNorm(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  options: BatchNormOptions = {},
): BatchNormResult {
  if (gamma !== null && beta !== null) {
    const [output, mean, variance] = bind(batchNormOp, [x, gamma, beta], options);
    return { output, mean, variance };
  }
  inferBatchNorm(x, gamma, beta, options);
  const [output, mean, variance] = composeBatchNorm(x, gamma, beta, options);
  return { output, mean, variance };
}

/** The records of this file. */
export const batchNormalizationOps: readonly OpRecord[] = [batchNormOp];
