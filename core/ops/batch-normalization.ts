/**
 * Batch normalization with the statistics of the batch.
 * Rests on normalize, which brings the derivatives, and arithmetic.
 */
import { bind } from "../bind.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import type { BoundInputs, ErrorBound } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { nearOrFar } from "../op-examples.ts";
import type { Sampler } from "../sampling.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import {
  affine,
  normalize,
  requireElements,
  requireEpsilon,
  requireParameter,
} from "./normalize.ts";
import {
  affineArray,
  affineError,
  momentsError,
  normalizeArray,
  nothing,
} from "./normalize-definitions.ts";
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

/** Why a parameter has its shape. */
export const oneOfEach = "one number for each channel";

/** Number of channels. Throws ShapeError where x has no channel axis, DTypeError unless it holds floats. */
export function channelsOf(where: string, x: TensorType): number {
  requireDType(where, "x", x.dtype, floatDTypes);
  const [, channels] = x.shape;
  if (channels === undefined) {
    throw new ShapeError({
      where,
      argument: "x",
      expected: "to have at least 2 axes [N, C, ...]",
      got: formatShape(x.shape),
      fix: "The channels are on axis 1",
    });
  }
  return channels;
}

/** All axes but the channel's. */
function batchAxes(shape: Shape): readonly number[] {
  return shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
}

/** [C] as it broadcasts against x: [1, C, 1, ...]. */
export function channelShape(shape: Shape): Shape {
  return shape.map((length, axis) => (axis === 1 ? length : 1));
}

function inferBatchNorm(
  x: TensorType,
  gamma: TensorType | null,
  beta: TensorType | null,
  { epsilon = 1e-5 }: BatchNormOptions,
): readonly [TensorType, TensorType, TensorType] {
  const channels = channelsOf("batchNorm", x);
  requireParameter("batchNorm", "gamma", gamma, x, [channels], oneOfEach);
  requireParameter("batchNorm", "beta", beta, x, [channels], oneOfEach);
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
  const [standard, mean, variance] = normalize(x, { axes: batchAxes(x.shape), epsilon });
  const output = affine(standard, gamma, beta, channelShape(x.shape));
  return [output, reshape(mean, [mean.size]), reshape(variance, [variance.size])];
}

/** The index of a channel's parameter for the index of an element. */
export function channel([, c = 0]: readonly number[]): readonly number[] {
  return [c];
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
      return affineError(error, standard, gamma, beta, channel, unit);
    }
    return tabulate(output.shape, ([c = 0]) =>
      Math.max(flat(centre).data[c] ?? 0, flat(spread).data[c] ?? 0),
    );
  },
};

/** [N, C] or [N, C, H, W] with at least one element a channel, and [C] twice. */
export function sampleBatch(draw: Sampler): readonly [NdArray, NdArray, NdArray] {
  const channels = draw.integer(0, 3);
  const image = draw.boolean() ? [draw.integer(1, 2), draw.integer(1, 3)] : [];
  const values = { min: -3, max: 3 };
  return [
    draw.values([draw.integer(1, 3), channels, ...image], nearOrFar(draw)),
    draw.values([channels], values),
    draw.values([channels], values),
  ];
}

const commonErrors = [
  {
    inputs: [nd([1, 2]), nd([1]), nd([1])],
    attributes: {},
    message:
      "batchNorm: expected x to have at least 2 axes [N, C, ...], got [2]. The channels are on axis 1.",
  },
  {
    inputs: [nd([[1, 2]]), nd([1]), nd([1, 2])],
    attributes: {},
    message:
      "batchNorm: expected gamma to be [2], one number for each channel, got [1]. Reshape it, or make one of that shape.",
  },
  {
    inputs: [nd([[1, 2]]), nd([1, 2]), nd([[1, 2]])],
    attributes: {},
    message:
      "batchNorm: expected beta to be [2], one number for each channel, got [1, 2]. Reshape it, or make one of that shape.",
  },
  {
    inputs: [nd([[1, 2]]), nd([1, 2]), nd([1, 2])],
    attributes: { epsilon: -1 },
    message:
      "batchNorm: expected epsilon to be a finite number > 0, got -1. Use a small number such as 1e-5.",
  },
  {
    inputs: [nd([[1, 2]], "int32"), nd([1, 2]), nd([1, 2])],
    attributes: {},
    message:
      'batchNorm: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").',
  },
  {
    inputs: [nd([[1, 2]]), nd([1, 2], "int32"), nd([1, 2])],
    attributes: {},
    message:
      'batchNorm: expected gamma to have the dtype of x, float64, got int32. Cast one of them, for example gamma.cast("float64").',
  },
] as const;

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
    inputs: sampleBatch(draw),
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
    ...commonErrors,
    {
      inputs: [{ ...nd([]), shape: [0, 2] }, nd([1, 2]), nd([1, 2])],
      attributes: {},
      message:
        "batchNorm: expected x to have an element to normalize over, got x [0, 2]. The mean of no elements does not exist: leave an empty batch out.",
    },
  ],
  reference: ([x = nothing, gamma = nothing, beta = nothing], { epsilon = 1e-5 }) => {
    const [standard, mean, variance] = normalizeArray(x, batchAxes(x.shape), epsilon);
    return [affineArray(standard, gamma, beta, channel), flat(mean), flat(variance)];
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
