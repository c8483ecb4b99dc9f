/**
 * Average pooling and its adjoint, both linear.
 * Rests on bind and pooling-shapes.
 */
import { bindOne } from "../bind.ts";
import type { WindowGeometry } from "../devices/kernels.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { type BoundInputs, summation } from "../error-bound.ts";
import { at, indicesOf, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireShape } from "./geometry.ts";
import {
  type PoolOptions,
  pixelsSeen,
  type ResolvedPool,
  resolvePool,
  samplePool,
} from "./pooling-shapes.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";

/** Options of `avgPool2d`. */
export interface AvgPool2dOptions extends Omit<PoolOptions, "dilation"> {
  /** Whether padding counts as zeros in the mean (default), or is left out of it. */
  readonly countPadding?: boolean;
}

/** Options of `avgPool2dGradient`. */
export interface AvgPool2dGradientOptions extends AvgPool2dOptions {
  /** The shape [N, C, H, W] of avgPool2d's x: strides leave it open. */
  readonly inputShape: Shape;
}

/** Options that no longer depend on the image. */
function pixelOptions(
  { geometry }: ResolvedPool,
  { countPadding = true }: AvgPool2dOptions,
): WindowGeometry & { readonly countPadding: boolean } {
  return { ...geometry, countPadding };
}

/** One over the number of pixels that a window is averaged over. */
function weightOf(
  { geometry }: ResolvedPool,
  seen: number,
  { countPadding = true }: AvgPool2dOptions,
): number {
  return 1 / (countPadding ? geometry.window[0] * geometry.window[1] : seen);
}

function averageArray(x: NdArray, options: AvgPool2dOptions): NdArray {
  const resolved = resolvePool("avgPool2d", "x", x.shape, options);
  return tabulate(resolved.pooled, ([n = 0, c = 0, p = 0, q = 0]) => {
    const seen = pixelsSeen(resolved, p, q);
    const sum = seen.reduce((total, pixel) => total + at(x, [n, c, ...pixel]), 0);
    return sum * weightOf(resolved, seen.length, options);
  });
}

function spreadArray(dy: NdArray, { inputShape, ...options }: AvgPool2dGradientOptions): NdArray {
  const resolved = resolvePool("avgPool2dGradient", "inputShape", inputShape, options);
  const windows = indicesOf(resolved.pooled.slice(2));
  return tabulate(inputShape, ([n = 0, c = 0, h = 0, w = 0]) => {
    let sum = 0;
    for (const [p = 0, q = 0] of windows) {
      const seen = pixelsSeen(resolved, p, q);
      const share = weightOf(resolved, seen.length, options);
      if (seen.some(([y, x]) => y === h && x === w)) sum += at(dy, [n, c, p, q]) * share;
    }
    return sum;
  });
}

/** Pixels of a window, and a rounding for the division. */
function windowTerms<A extends AvgPool2dOptions>({
  attributes: { window },
}: BoundInputs<A>): number {
  return (typeof window === "number" ? window * window : window[0] * window[1]) + 2;
}

/** The record of `avgPool2d`. */
export const avgPool2dOp: UnaryRecord<AvgPool2dOptions> = linear<AvgPool2dOptions>({
  name: "avgPool2d",
  family: "pooling",
  formula: "y[n,c,p,q] = mean over r,s of x[n,c,p·stride+r−top,q·stride+s−left]",
  source: "LeCun et al. 1998, section II.B; divisor as in PyTorch",
  infer: ([x], options) => {
    requireDType("avgPool2d", "x", x.dtype, floatDTypes);
    return [{ shape: resolvePool("avgPool2d", "x", x.shape, options).pooled, dtype: x.dtype }];
  },
  forward: {
    kernel: "avgPool2d",
    with: (options, [x]) =>
      pixelOptions(resolvePool("avgPool2d", "x", shapeOf(x), options), options),
  },
  apply: (x, options) => avgPool2d(x, options),
  transpose: (c, x, options) => {
    const pixels = pixelOptions(resolvePool("avgPool2d", "x", x.shape, options), options);
    return avgPool2dGradient(c, { ...pixels, inputShape: x.shape });
  },
  sample: (draw) => {
    const { shape, options } = samplePool(draw);
    const { dilation: _none, ...rest } = options;
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: { ...rest, countPadding: draw.boolean() },
    };
  },
  special: [
    {
      title: "padding counts as zeros",
      inputs: [nd([[[[4]]]])],
      attributes: { window: [1, 2], stride: 1, padding: [0, 1] },
      output: nd([[[[2, 2]]]]),
      gradients: [nd([[[[1]]]])],
    },
    {
      title: "padding that does not count leaves the mean of the pixels seen",
      inputs: [nd([[[[4]]]])],
      attributes: { window: [1, 2], stride: 1, padding: [0, 1], countPadding: false },
      output: nd([[[[4, 4]]]]),
      gradients: [nd([[[[2]]]])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2])],
      attributes: { window: 1 },
      message:
        "avgPool2d: expected x to have 4 axes [N, C, H, W], got [2]. Reshape it; a missing axis has length 1.",
    },
    {
      inputs: [nd([[[[1, 2]]]], "int32")],
      attributes: { window: 1 },
      message:
        'avgPool2d: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").',
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 2 },
      message:
        "avgPool2d: expected window to fit into the padded image of 1 by 2 pixels, got a window that reaches over 2 by 2. Pad more, or make the window or its dilation smaller.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 1, padding: 1 },
      message:
        "avgPool2d: expected padding to be at most half of a window that reaches over 1 by 1, got 1. Pad less: the windows at the border would see padding alone.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 1, stride: [1, -1] },
      message:
        "avgPool2d: expected stride to be an integer ≥ 1, or two of them (height, width), got [1, -1]. Give whole pixels.",
    },
  ],
  reference: (inputs, options) => inputs.map((x) => averageArray(x, options)),
  bound: summation(
    windowTerms,
    ({ inputs: [x], attributes, output }) =>
      x ? averageArray(mapElements(x, Math.abs), attributes) : output,
    "a sum of R·S pixels and a division",
  ),
});

function resolveSpread(
  shape: Shape,
  { inputShape, ...options }: AvgPool2dGradientOptions,
): ResolvedPool {
  const resolved = resolvePool("avgPool2dGradient", "inputShape", inputShape, options);
  requireShape("avgPool2dGradient", "dy", shape, resolved.pooled, "the output for this inputShape");
  return resolved;
}

/** The record of `avgPool2dGradient`. */
export const avgPool2dGradientOp: UnaryRecord<AvgPool2dGradientOptions> = {
  ...linear<AvgPool2dGradientOptions>({
    name: "avgPool2dGradient",
    family: "pooling",
    formula: "⟨dx, x⟩ = ⟨dy, avgPool2d(x)⟩ for every x",
    source: "the adjoint of avgPool2d",
    infer: ([dy], options) => {
      requireDType("avgPool2dGradient", "dy", dy.dtype, floatDTypes);
      return [{ shape: resolveSpread(dy.shape, options).image, dtype: dy.dtype }];
    },
    forward: {
      kernel: "avgPool2dGradient",
      with: (options, [dy]) => pixelOptions(resolveSpread(dy?.shape ?? [], options), options),
    },
    apply: (dy, options) => avgPool2dGradient(dy, options),
    transpose: (c, dy, options) =>
      avgPool2d(c, pixelOptions(resolveSpread(dy.shape, options), options)),
    sample: (draw) => {
      const { shape, options } = samplePool(draw);
      const { dilation: _none, ...rest } = options;
      const { pooled } = resolvePool("avgPool2dGradient", "inputShape", shape, rest);
      return {
        inputs: [draw.values(pooled, { min: -3, max: 3 })],
        attributes: { ...rest, countPadding: draw.boolean(), inputShape: shape },
      };
    },
    special: [
      {
        title: "a window's share is the same for each pixel it sees",
        inputs: [nd([[[[4, 6]]]])],
        attributes: { window: [1, 2], stride: 1, inputShape: [1, 1, 1, 3] },
        output: nd([[[[2, 5, 3]]]]),
        gradients: [nd([[[[1, 1]]]])],
      },
    ],
    errors: [
      {
        inputs: [nd([[[[1, 2]]]])],
        attributes: { window: 1, inputShape: [1, 1, 2, 2] },
        message:
          "avgPool2dGradient: expected dy to be [1, 1, 2, 2], the output for this inputShape, got [1, 1, 1, 2]. Check the shapes and options against each other.",
      },
    ],
    reference: (inputs, options) => inputs.map((dy) => spreadArray(dy, options)),
    bound: summation(
      windowTerms,
      ({ inputs: [dy], attributes, output }) =>
        dy ? spreadArray(mapElements(dy, Math.abs), attributes) : output,
      "a pixel sums at most one share a tap, R·S in all",
    ),
  }),
  inputNames: ["dy"],
};

/**
 * The mean of each window. x: [N, C, H, W] → [N, C, H′, W′] with H′ = ⌊(H + top + bottom − R)/stride⌋ + 1,
 * likewise W′. `window`: (R, S); `stride`: the window where absent; `padding` (0): at most half a window, or
 * "same"; `countPadding` (true): padding counts as zeros, as in PyTorch; false divides by the pixels that are
 * there, as TensorFlow does. Throws ShapeError for another rank or a window larger than the padded image,
 * ValueError for options out of range.
 *
 * @example
 * avgPool2d(x, { window: 2 }); // half the height, half the width
 */
export function avgPool2d(x: Tensor, options: AvgPool2dOptions): Tensor {
  return bindOne(avgPool2dOp, [x], options);
}

/**
 * The adjoint of `avgPool2d`. dy: [N, C, H′, W′] → inputShape [N, C, H, W]. Options as in `avgPool2d`.
 * Throws ShapeError where pooling inputShape would not give the shape of dy.
 */
export function avgPool2dGradient(dy: Tensor, options: AvgPool2dGradientOptions): Tensor {
  return bindOne(avgPool2dGradientOp, [dy], options);
}

/** The records of this file. */
export const averagePoolingOps: readonly OpRecord[] = [avgPool2dOp, avgPool2dGradientOp];
