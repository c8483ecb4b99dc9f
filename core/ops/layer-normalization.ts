/**
 * Layer normalization: each example by itself, over its trailing axes.
 * Rests on example-normalization, and on normalize, which brings the derivatives.
 */
import { floatDTypes, requireDType } from "../dtype.ts";
import { ValueError } from "../errors.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { nearOrFar } from "../op-examples.ts";
import { formatShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { exampleNorm, type NormRecord } from "./example-normalization.ts";
import {
  affine,
  normalize,
  requireElements,
  requireEpsilon,
  requireParameter,
} from "./normalize.ts";
import { momentsError, normalizeArray } from "./normalize-definitions.ts";

/** Options of `layerNorm`. */
export interface LayerNormOptions {
  /** Number of trailing axes to normalize over, integer in [1, rank]; default 1. */
  readonly axes?: number;
  /** Added to the variance, > 0 and finite; default 1e-5. */
  readonly epsilon?: number;
}

function trailing(rank: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => rank - count + i);
}

function checkLayerNorm(
  x: TensorType,
  gamma: TensorType | null,
  beta: TensorType | null,
  { axes = 1, epsilon = 1e-5 }: LayerNormOptions,
): void {
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
}

const layer = exampleNorm<LayerNormOptions>({
  name: "layerNorm",
  formula: "y = γ·(x − mean)/√(variance + ε) + β, moments over the trailing axes",
  source: "Ba, Kiros & Hinton 2016, section 3",
  check: checkLayerNorm,
  compute: (x, gamma, beta, { axes = 1, epsilon = 1e-5 }) => {
    const [standard] = normalize(x, { axes: trailing(x.rank, axes), epsilon });
    return affine(standard, gamma, beta, x.shape.slice(x.rank - axes));
  },
  standard: (x, { axes = 1, epsilon = 1e-5 }, unit) => {
    const over = trailing(x.shape.length, axes);
    const [standard] = normalizeArray(x, over, epsilon);
    const [error] = momentsError(x, over, epsilon, unit);
    return { standard, error };
  },
  parameterIndex: (index, { axes = 1 }) => index.slice(index.length - axes),
  sample: (draw) => {
    const drawn = draw.shape({ minRank: 1 });
    const axes = draw.integer(1, drawn.length);
    const inner = drawn.slice(drawn.length - axes).map((length) => Math.max(length, 1));
    const shape = [...drawn.slice(0, drawn.length - axes), ...inner];
    return {
      inputs: [
        draw.values(shape, nearOrFar(draw)),
        draw.values(inner, { min: -3, max: 3 }),
        draw.values(inner, { min: -3, max: 3 }),
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
    ...[3, 0, 1.5].map((axes) => ({
      inputs: [nd([[1, 2]]), nd([1, 2]), nd([1, 2])],
      attributes: { axes },
      message: `layerNorm: expected axes to be an integer in [1, 2], the axes of x [1, 2], got ${axes}. It counts trailing axes: 1 is the last one alone.`,
    })),
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
      inputs: [nd([1, 2]), nd([1, 2]), nd([1])],
      attributes: {},
      message:
        "layerNorm: expected beta to be [2], the trailing axes of x, got [1]. Reshape it, or make one of that shape.",
    },
    {
      inputs: [nd([1, 2], "int32"), nd([1, 2]), nd([1, 2])],
      attributes: {},
      message:
        'layerNorm: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").',
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
});

/** The record of `layerNorm`. */
export const layerNormOp: NormRecord<LayerNormOptions> = layer.op;

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
  return layer.apply(x, gamma, beta, options);
}

/** The records of this file. */
export const layerNormalizationOps: readonly OpRecord[] = [layerNormOp];
