/**
 * Group normalization: each example by itself, over groups of its channels.
 * Rests on example-normalization and channels, and on normalize, which brings the derivatives.
 */
import { ValueError } from "../errors.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import {
  channelErrors,
  channelIndex,
  channelShape,
  channelsOf,
  drawChannels,
  requireChannelParameters,
} from "./channels.ts";
import { exampleNorm, type NormRecord } from "./example-normalization.ts";
import { affine, normalize, requireElements, requireEpsilon } from "./normalize.ts";
import { momentsError, normalizeArray } from "./normalize-definitions.ts";
import { reshape } from "./view.ts";

/** Options of `groupNorm`. */
export interface GroupNormOptions {
  /** Number of groups, an integer ≥ 1 that divides the channels; as many as channels: instance norm. */
  readonly groups: number;
  /** Added to the variance, > 0 and finite; default 1e-5. */
  readonly epsilon?: number;
}

function checkGroupNorm(
  x: TensorType,
  gamma: TensorType | null,
  beta: TensorType | null,
  { groups, epsilon = 1e-5 }: GroupNormOptions,
): void {
  const where = "groupNorm";
  const channels = channelsOf(where, x);
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0) {
    throw new ValueError({
      where,
      argument: "groups",
      expected: `to be an integer ≥ 1 that divides the number of channels, ${channels}`,
      got: String(groups),
      fix: "All groups have equally many channels",
    });
  }
  requireChannelParameters(where, { gamma, beta }, x, channels);
  const image = x.shape.flatMap((_, axis) => (axis === 0 ? [] : [axis]));
  requireElements(where, x.shape, image);
  requireEpsilon(where, epsilon);
}

/** [N, groups, elements of a group]. */
function grouped([n = 0, channels = 0, ...image]: Shape, groups: number): Shape {
  return [n, groups, (channels / groups) * sizeOf(image)];
}

const group = exampleNorm<GroupNormOptions>({
  name: "groupNorm",
  formula: "y = γ·(x − mean)/√(variance + ε) + β, moments over an example's group of channels",
  source: "Wu & He 2018, section 3",
  check: checkGroupNorm,
  compute: (x, gamma, beta, { groups, epsilon = 1e-5 }) => {
    const [standard] = normalize(reshape(x, grouped(x.shape, groups)), { axes: 2, epsilon });
    return affine(reshape(standard, x.shape), gamma, beta, channelShape(x.shape));
  },
  standard: (x, { groups, epsilon = 1e-5 }, unit) => {
    const { shape } = x;
    const wide = { ...x, shape: grouped(shape, groups) };
    const [standard] = normalizeArray(wide, [2], epsilon);
    const [error] = momentsError(wide, [2], epsilon, unit);
    return { standard: { ...standard, shape }, error: { ...error, shape } };
  },
  parameterIndex: channelIndex,
  sample: (draw) => {
    const groups = draw.integer(1, 2);
    return {
      inputs: drawChannels(draw, groups * draw.integer(1, 2), 0),
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
    ...channelErrors("groupNorm", { groups: 1 }),
    {
      inputs: [nd([[1, 2]]), nd([1, 2]), nd([1, 2])],
      attributes: { groups: 1, epsilon: Number.POSITIVE_INFINITY },
      message:
        "groupNorm: expected epsilon to be a finite number > 0, got Infinity. Use a small number such as 1e-5.",
    },
    ...[2, 0, -1, 0.5].map((groups) => ({
      inputs: [nd([[1, 2, 3]]), nd([1, 2, 3]), nd([1, 2, 3])],
      attributes: { groups },
      message: `groupNorm: expected groups to be an integer ≥ 1 that divides the number of channels, 3, got ${groups}. All groups have equally many channels.`,
    })),
    {
      inputs: [nd([[[], []]]), nd([1, 2]), nd([1, 2])],
      attributes: { groups: 1 },
      message:
        "groupNorm: expected x to have an element to normalize over, got x [1, 2, 0]. The mean of no elements does not exist: leave an empty batch out.",
    },
  ],
});

/** The record of `groupNorm`. */
export const groupNormOp: NormRecord<GroupNormOptions> = group.op;

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
  return group.apply(x, gamma, beta, options);
}

/** The records of this file. */
export const groupNormalizationOps: readonly OpRecord[] = [groupNormOp];
