/**
 * Normalization of each example by itself: over trailing axes (layer), or over groups of channels (group).
 * Rests on normalize, which brings the derivatives. No example sees another.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { type NdArray, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { nearOrFar } from "../op-examples.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
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

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  /** Number of trailing axes to normalize over, integer in [1, rank]; default 1. */
  readonly axes?: number;
  /** Added to the variance, > 0 and finite; default 1e-5. */
  readonly epsilon?: number;
}

/** Options of `groupNorm`. */
export interface GroupNormOptions {
  /** Number of groups, an integer ≥ 1 that divides the channels; as many as channels: instance norm. */
  readonly groups: number;
  /** Added to the variance, > 0 and finite; default 1e-5. */
  readonly epsilon?: number;
}

/** A record of x, gamma and beta with one output. */
type NormRecord<A extends object> = OpRecord<
  A,
  readonly [Tensor, Tensor, Tensor],
  readonly [Tensor]
>;

const values = { min: -3, max: 3 };

function trailing(rank: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => rank - count + i);
}

function inferLayerNorm(
  x: TensorType,
  gamma: TensorType | null,
  beta: TensorType | null,
  { axes = 1, epsilon = 1e-5 }: LayerNormOptions,
): TensorType {
  const where = "layerNorm";
  requireDType(where, "x", x.dtype, floatDTypes);
  const rank = x.shape.length;
  if (!Number.isInteger(axes) || axes < 1 || axes > rank) {
    throw new ValueError({
      where,
      argument: "axes",
      expected: `to be an integer in [1, ${rank}], the axes of x ${formatShape(x.shape)}`,
      got: String(axes),
      fix: "It counts trailing axes: 1 is the last one alone",
    });
  }
  const shape = x.shape.slice(rank - axes);
  requireParameter(where, "gamma", gamma, x, shape, "the trailing axes of x");
  requireParameter(where, "beta", beta, x, shape, "the trailing axes of x");
  requireElements(where, x.shape, trailing(rank, axes));
  requireEpsilon(where, epsilon);
  return { shape: x.shape, dtype: x.dtype };
}

function composeLayerNorm(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  { axes = 1, epsilon = 1e-5 }: LayerNormOptions,
): Tensor {
  const [standard] = normalize(x, { axes: trailing(x.rank, axes), epsilon });
  return affine(standard, gamma, beta, x.shape.slice(x.rank - axes));
}

/** The record of `layerNorm`. */
export const layerNormOp: NormRecord<LayerNormOptions> = {
  name: "layerNorm",
  family: "normalization",
  inputNames: ["x", "gamma", "beta"],
  formula: "y = γ·(x − mean)/√(variance + ε) + β, moments over the trailing axes",
  source: "Ba, Kiros & Hinton 2016, section 3",
  infer: ([x, gamma, beta], options) => [inferLayerNorm(x, gamma, beta, options)],
  forward: { compose: ([x, gamma, beta], options) => [composeLayerNorm(x, gamma, beta, options)] },
  sample: (draw) => {
    const drawn = draw.shape({ minRank: 1 });
    const axes = draw.integer(1, drawn.length);
    const inner = drawn.slice(drawn.length - axes).map((length) => Math.max(length, 1));
    const shape = [...drawn.slice(0, drawn.length - axes), ...inner];
    return {
      inputs: [
        draw.values(shape, nearOrFar(draw)),
        draw.values(inner, values),
        draw.values(inner, values),
      ],
      attributes: { axes, epsilon: draw.pick([0.5, 0.1, 0.01]) },
    };
  },
  special: [
    {
      title: "equal elements give β, with a finite gradient",
      inputs: [nd([2, 2]), nd([3, 1]), nd([1, 0])],
      attributes: { epsilon: 0.25 },
      output: nd([1, 0]),
      gradients: [nd([2, -2]), nd([0, 0]), nd([1, 1])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1, 2])],
      attributes: { axes: 2 },
      message:
        "layerNorm: expected axes to be an integer in [1, 1], the axes of x [2], got 2. It counts trailing axes: 1 is the last one alone.",
    },
    {
      inputs: [nd([1, 2]), nd([1]), nd([1, 2])],
      attributes: {},
      message:
        "layerNorm: expected gamma to be [2], the trailing axes of x, got [1]. Reshape it, or make one of that shape.",
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1, 2], "int32")],
      attributes: {},
      message:
        'layerNorm: expected beta to have the dtype of x, float64, got int32. Cast one of them, for example beta.cast("float64").',
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1, 2])],
      attributes: { epsilon: 0 },
      message:
        "layerNorm: expected epsilon to be a finite number > 0, got 0. Use a small number such as 1e-5.",
    },
    {
      inputs: [nd([[]]), nd([]), nd([])],
      attributes: {},
      message:
        "layerNorm: expected x to have an element to normalize over, got x [1, 0]. The mean of no elements does not exist: leave an empty batch out.",
    },
  ],
  reference: ([x = nothing, gamma = nothing, beta = nothing], { axes = 1, epsilon = 1e-5 }) => {
    const [standard] = normalizeArray(x, trailing(x.shape.length, axes), epsilon);
    return [affineArray(standard, gamma, beta, (index) => index.slice(index.length - axes))];
  },
  bound: {
    reason: "two-pass moments of n elements, then γ·x̂ + β with two roundings",
    of: ({ inputs, attributes: { axes = 1, epsilon = 1e-5 }, unit }) => {
      const [x = nothing, gamma = nothing, beta = nothing] = inputs;
      const over = trailing(x.shape.length, axes);
      const [standard] = normalizeArray(x, over, epsilon);
      const [error] = momentsError(x, over, epsilon, unit);
      const last = (index: readonly number[]): readonly number[] =>
        index.slice(index.length - axes);
      return affineError(error, standard, gamma, beta, last, unit);
    },
  },
};

function inferGroupNorm(
  x: TensorType,
  gamma: TensorType | null,
  beta: TensorType | null,
  { groups, epsilon = 1e-5 }: GroupNormOptions,
): TensorType {
  const where = "groupNorm";
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
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ValueError({
      where,
      argument: "groups",
      expected: `to be an integer ≥ 1 that divides the number of channels, ${channels}`,
      got: String(groups),
      fix: "All groups have equally many channels",
    });
  }
  requireParameter(where, "gamma", gamma, x, [channels], "one number for each channel");
  requireParameter(where, "beta", beta, x, [channels], "one number for each channel");
  requireElements(where, x.shape, trailing(x.shape.length, x.shape.length - 1));
  requireEpsilon(where, epsilon);
  return { shape: x.shape, dtype: x.dtype };
}

/** [N, groups, elements of a group]. */
function grouped([n = 0, channels = 0, ...image]: Shape, groups: number): Shape {
  return [n, groups, (channels / groups) * sizeOf(image)];
}

/** [C] as it broadcasts against x: [C, 1, ...]. */
function channelColumn([, channels = 0, ...image]: Shape): Shape {
  return [channels, ...image.map(() => 1)];
}

function composeGroupNorm(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  { groups, epsilon = 1e-5 }: GroupNormOptions,
): Tensor {
  const [standard] = normalize(reshape(x, grouped(x.shape, groups)), { axes: 2, epsilon });
  return affine(reshape(standard, x.shape), gamma, beta, channelColumn(x.shape));
}

const channelOf = ([, c = 0]: readonly number[]): readonly number[] => [c];

/** x̂ of groups and its error, in the shape of x. */
function groupArrays(
  x: NdArray,
  { groups, epsilon = 1e-5 }: GroupNormOptions,
  unit: number,
): { readonly standard: NdArray; readonly error: NdArray } {
  const wide = { ...x, shape: grouped(x.shape, groups) };
  const [standard] = normalizeArray(wide, [2], epsilon);
  const [error] = momentsError(wide, [2], epsilon, unit);
  return { standard: { ...standard, shape: x.shape }, error: { ...error, shape: x.shape } };
}

/** The record of `groupNorm`. */
export const groupNormOp: NormRecord<GroupNormOptions> = {
  name: "groupNorm",
  family: "normalization",
  inputNames: ["x", "gamma", "beta"],
  formula: "y = γ·(x − mean)/√(variance + ε) + β, moments over an example's group of channels",
  source: "Wu & He 2018, section 3",
  infer: ([x, gamma, beta], options) => [inferGroupNorm(x, gamma, beta, options)],
  forward: { compose: ([x, gamma, beta], options) => [composeGroupNorm(x, gamma, beta, options)] },
  sample: (draw) => {
    const groups = draw.integer(1, 2);
    const channels = groups * draw.integer(1, 2);
    const image = draw.boolean() ? [draw.integer(1, 2), draw.integer(1, 3)] : [];
    return {
      inputs: [
        draw.values([draw.integer(0, 2), channels, ...image], nearOrFar(draw)),
        draw.values([channels], values),
        draw.values([channels], values),
      ],
      attributes: { groups, epsilon: draw.pick([0.5, 0.1, 0.01]) },
    };
  },
  special: [
    {
      title: "as many groups as channels is instance norm: channels of one pixel give β",
      inputs: [nd([[[[5]], [[6]]]]), nd([2, 2]), nd([1, 0])],
      attributes: { groups: 2 },
      output: nd([[[[1]], [[0]]]]),
      gradients: [nd([[[[0]], [[0]]]]), nd([0, 0]), nd([1, 1])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2]), nd([1]), nd([1])],
      attributes: { groups: 1 },
      message:
        "groupNorm: expected x to have at least 2 axes [N, C, ...], got [2]. The channels are on axis 1.",
    },
    {
      inputs: [nd([[1, 2, 3]]), nd([1, 2, 3]), nd([1, 2, 3])],
      attributes: { groups: 2 },
      message:
        "groupNorm: expected groups to be an integer ≥ 1 that divides the number of channels, 3, got 2. All groups have equally many channels.",
    },
    {
      inputs: [nd([[1, 2]]), nd([1]), nd([1, 2])],
      attributes: { groups: 1 },
      message:
        "groupNorm: expected gamma to be [2], one number for each channel, got [1]. Reshape it, or make one of that shape.",
    },
    {
      inputs: [nd([[1, 2]]), nd([1, 2]), nd([1])],
      attributes: { groups: 1 },
      message:
        "groupNorm: expected beta to be [2], one number for each channel, got [1]. Reshape it, or make one of that shape.",
    },
    {
      inputs: [nd([[[], []]]), nd([1, 2]), nd([1, 2])],
      attributes: { groups: 1 },
      message:
        "groupNorm: expected x to have an element to normalize over, got x [1, 2, 0]. The mean of no elements does not exist: leave an empty batch out.",
    },
    {
      inputs: [nd([[1, 2]]), nd([1, 2]), nd([1, 2])],
      attributes: { groups: 1, epsilon: Number.POSITIVE_INFINITY },
      message:
        "groupNorm: expected epsilon to be a finite number > 0, got Infinity. Use a small number such as 1e-5.",
    },
  ],
  reference: ([x = nothing, gamma = nothing, beta = nothing], options) => {
    const { standard } = groupArrays(x, options, 0);
    return [affineArray(standard, gamma, beta, channelOf)];
  },
  bound: {
    reason: "two-pass moments of n elements, then γ·x̂ + β with two roundings",
    of: ({ inputs, attributes, unit }) => {
      const [x = nothing, gamma = nothing, beta = nothing] = inputs;
      const { standard, error } = groupArrays(x, attributes, unit);
      return affineError(error, standard, gamma, beta, channelOf, unit);
    },
  },
};

/**
 * Layer normalization. x: [..., d1, …, dk]; gamma, beta: [d1, …, dk], or null for 1 and 0 → as x, each example
 * normalized over its last `axes` (1) axes with the biased variance. `epsilon` (1e-5): added to it, > 0.
 * Throws ShapeError for shapes that do not fit or no element to normalize over, ValueError for options out
 * of range, DTypeError unless all have one float dtype. Ba, Kiros & Hinton 2016, section 3.
 *
 * @example
 * layerNorm(tokens, gamma, beta); // [batch, time, features]: over the features
 */
export function layerNorm(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  options: LayerNormOptions = {},
): Tensor {
  if (gamma !== null && beta !== null) return bindOne(layerNormOp, [x, gamma, beta], options);
  inferLayerNorm(x, gamma, beta, options);
  return composeLayerNorm(x, gamma, beta, options);
}

/**
 * Group normalization. x: [N, C, ...]; gamma, beta: [C], or null for 1 and 0 → as x, each example normalized
 * over each of its `groups` groups of channels with the biased variance; groups = C is instance normalization.
 * `epsilon` (1e-5): added to the variance, > 0. Throws ShapeError for shapes that do not fit or no element to
 * normalize over, ValueError for options out of range, DTypeError unless all have one float dtype.
 * Wu & He 2018, section 3.
 *
 * @example
 * groupNorm(x, gamma, beta, { groups: 8 });
 */
export function groupNorm(
  x: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  options: GroupNormOptions,
): Tensor {
  if (gamma !== null && beta !== null) return bindOne(groupNormOp, [x, gamma, beta], options);
  inferGroupNorm(x, gamma, beta, options);
  return composeGroupNorm(x, gamma, beta, options);
}

/** The records of this file. */
export const groupNormalizationOps: readonly OpRecord[] = [layerNormOp, groupNormOp];
