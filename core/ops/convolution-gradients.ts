/**
 * The adjoints of conv2d in the image and in the weight: bilinear like conv2d, and closed under derivatives.
 * Rests on bind, convolution and convolution-shapes.
 */
import { bindOne } from "../bind.ts";
import { nd, nothing } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { conv2d } from "./convolution.ts";
import { convolutionBound } from "./convolution-bounds.ts";
import { convolveBack, correlate } from "./convolution-definitions.ts";
import { image4, kernel4, sampleConvolution, values } from "./convolution-samples.ts";
import {
  type ConvolutionOptions,
  type ResolvedConvolution,
  requireFloats,
  resolveConvolution,
} from "./convolution-shapes.ts";
import { requireShape } from "./geometry.ts";
import { addMaybe, type BinaryRecord } from "./shorthand.ts";

/** Options of `conv2dInputGradient`. */
export interface InputGradientOptions extends ConvolutionOptions {
  /** The shape [N, C, H, W] of the convolution's x: strides leave it open. */
  readonly inputShape: Shape;
}

/** Options of `conv2dWeightGradient`. */
export interface WeightGradientOptions extends ConvolutionOptions {
  /** The shape [K, C/groups, R, S] of the convolution's weight: strides leave it open. */
  readonly kernelShape: Shape;
}

function resolveInputGradient(
  dy: TensorType,
  w: TensorType,
  { inputShape, ...options }: InputGradientOptions,
): ResolvedConvolution {
  const where = "conv2dInputGradient";
  requireFloats(where, { x: "dy", weight: "weight" }, dy, w);
  const names = { x: "inputShape", weight: "weight" };
  const resolved = resolveConvolution(where, inputShape, w.shape, options, names);
  requireShape(where, "dy", dy.shape, resolved.y, "the output for this inputShape");
  return resolved;
}

function resolveWeightGradient(
  x: TensorType,
  dy: TensorType,
  { kernelShape, ...options }: WeightGradientOptions,
): ResolvedConvolution {
  const where = "conv2dWeightGradient";
  requireFloats(where, { x: "x", weight: "dy" }, x, dy);
  const names = { x: "x", weight: "kernelShape" };
  const resolved = resolveConvolution(where, x.shape, kernelShape, options, names);
  requireShape(where, "dy", dy.shape, resolved.y, "the output for this kernelShape");
  return resolved;
}

/** The record of `conv2dInputGradient`. */
export const conv2dInputGradientOp: BinaryRecord<InputGradientOptions> = {
  name: "conv2dInputGradient",
  family: "convolution",
  inputNames: ["dy", "weight"],
  formula: "⟨dx, x⟩ = ⟨dy, conv2d(x, weight)⟩ for every x",
  source: "Dumoulin & Visin 2016, section 4",
  infer: ([dy, w], options) => [{ shape: resolveInputGradient(dy, w, options).x, dtype: dy.dtype }],
  forward: {
    kernel: "conv2dInputGradient",
    with: ({ inputShape, ...options }, [, w]) =>
      resolveConvolution("conv2dInputGradient", inputShape, shapeOf(w), options).geometry,
  },
  jvp: ([tc, tw], { inputs: [dy, w], attributes }) => [
    addMaybe(
      tc && conv2dInputGradient(tc, w, attributes),
      tw && conv2dInputGradient(dy, tw, attributes),
    ),
  ],
  vjp: ([c], { inputs: [dy, w], attributes }, [wantDy, wantW]) => {
    const options = resolveInputGradient(dy, w, attributes).geometry;
    return [
      wantDy ? conv2d(c, w, options) : null,
      wantW ? conv2dWeightGradient(c, dy, { ...options, kernelShape: w.shape }) : null,
    ];
  },
  sample: (draw) => {
    const { x, weight, options } = sampleConvolution(draw);
    const { y } = resolveConvolution("conv2dInputGradient", x, weight, options);
    return {
      inputs: [draw.values(y, values), draw.values(weight, values)],
      attributes: { ...options, inputShape: x },
    };
  },
  special: [
    {
      title: "stride spreads dy out: what no window sees is 0",
      inputs: [nd([[[[1, 2]]]]), nd([[[[3]]]])],
      attributes: { stride: 2, inputShape: [1, 1, 1, 4] },
      output: nd([[[[3, 0, 6, 0]]]]),
      gradients: [nd([[[[3, 3]]]]), nd([[[[3]]]])],
    },
    {
      title: "an infinite weight reaches only pixels that an output saw through it",
      inputs: [nd([[[[1, 2]]]]), nd([[[[5, Number.POSITIVE_INFINITY]]]])],
      attributes: { inputShape: [1, 1, 1, 3] },
      output: nd([[[[5, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]]]]),
    },
  ],
  errors: [
    {
      inputs: [image4, kernel4],
      attributes: { inputShape: [1, 1, 5, 5] },
      message:
        "conv2dInputGradient: expected dy to be [1, 1, 4, 4], the output for this inputShape, got [1, 1, 3, 3]. Check the shapes and options against each other.",
    },
    {
      inputs: [image4, kernel4],
      attributes: { inputShape: [5, 5] },
      message:
        "conv2dInputGradient: expected inputShape to have 4 axes [N, C, H, W], got [5, 5]. Reshape it; a missing axis has length 1.",
    },
  ],
  reference: ([dy = nothing, w = nothing], { inputShape, ...options }) => {
    const { geometry } = resolveConvolution("conv2dInputGradient", inputShape, w.shape, options);
    return [convolveBack(dy, w, geometry, inputShape)];
  },
  bound: convolutionBound(
    "conv2dInputGradient",
    ({ inputs: [, w = nothing], attributes: { inputShape, ...options } }) => {
      const where = "conv2dInputGradient";
      const { geometry, weight, y } = resolveConvolution(where, inputShape, w.shape, options);
      return { geometry, weight, output: y };
    },
    "a sum of at most K·R·S products in any order, and the rounding of the products",
  ),
};

/** The record of `conv2dWeightGradient`. */
export const conv2dWeightGradientOp: BinaryRecord<WeightGradientOptions> = {
  name: "conv2dWeightGradient",
  family: "convolution",
  inputNames: ["x", "dy"],
  formula: "⟨dw, weight⟩ = ⟨dy, conv2d(x, weight)⟩ for every weight",
  source: "LeCun et al. 1989",
  infer: ([x, dy], options) => [
    { shape: resolveWeightGradient(x, dy, options).weight, dtype: x.dtype },
  ],
  forward: {
    kernel: "conv2dWeightGradient",
    with: ({ kernelShape, ...options }, [x]) =>
      resolveConvolution("conv2dWeightGradient", shapeOf(x), kernelShape, options).geometry,
  },
  jvp: ([tx, tc], { inputs: [x, dy], attributes }) => [
    addMaybe(
      tx && conv2dWeightGradient(tx, dy, attributes),
      tc && conv2dWeightGradient(x, tc, attributes),
    ),
  ],
  vjp: ([c], { inputs: [x, dy], attributes }, [wantX, wantDy]) => {
    const options = resolveWeightGradient(x, dy, attributes).geometry;
    return [
      wantX ? conv2dInputGradient(dy, c, { ...options, inputShape: x.shape }) : null,
      wantDy ? conv2d(x, c, options) : null,
    ];
  },
  sample: (draw) => {
    const { x, weight, options } = sampleConvolution(draw);
    const { y } = resolveConvolution("conv2dWeightGradient", x, weight, options);
    return {
      inputs: [draw.values(x, values), draw.values(y, values)],
      attributes: { ...options, kernelShape: weight },
    };
  },
  special: [
    {
      title: "an empty batch has a zero gradient",
      inputs: [
        { ...nd([]), shape: [0, 1, 2, 2] },
        { ...nd([]), shape: [0, 1, 1, 1] },
      ],
      attributes: { kernelShape: [1, 1, 2, 2] },
      output: nd([
        [
          [
            [0, 0],
            [0, 0],
          ],
        ],
      ]),
    },
    {
      title: "an infinite dy adds nothing to a weight that saw only padding there",
      inputs: [nd([[[[1, 2]]]]), nd([[[[Number.POSITIVE_INFINITY, 3]]]])],
      attributes: {
        kernelShape: [1, 1, 1, 3],
        padding: [
          [0, 0],
          [1, 1],
        ],
      },
      output: nd([[[[3, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]]]]),
    },
  ],
  errors: [
    {
      inputs: [image4, image4],
      attributes: { kernelShape: [1, 1, 2, 2] },
      message:
        "conv2dWeightGradient: expected dy to be [1, 1, 2, 2], the output for this kernelShape, got [1, 1, 3, 3]. Check the shapes and options against each other.",
    },
  ],
  reference: ([x = nothing, dy = nothing], { kernelShape, ...options }) => {
    const { geometry } = resolveConvolution("conv2dWeightGradient", x.shape, kernelShape, options);
    return [correlate(x, dy, geometry, kernelShape)];
  },
  bound: convolutionBound(
    "conv2dWeightGradient",
    ({ inputs: [x = nothing], attributes: { kernelShape, ...options } }) => {
      const where = "conv2dWeightGradient";
      const { geometry, weight, y } = resolveConvolution(where, x.shape, kernelShape, options);
      return { geometry, weight, output: y };
    },
    "a sum of N·H′·W′ products in any order, and the rounding of the products",
  ),
};

/**
 * The adjoint of `conv2d` in x: what a cotangent of the output pulls back to the image.
 * dy: [N, K, H′, W′], weight: [K, C/groups, R, S] → inputShape [N, C, H, W]. Options as in `conv2d`.
 * Throws ShapeError where a convolution of inputShape would not give the shape of dy.
 * Dumoulin & Visin 2016, section 4.
 *
 * @example
 * conv2dInputGradient(dy, weight, { inputShape: x.shape, padding: 1 });
 */
export function conv2dInputGradient(
  dy: Tensor,
  weight: Tensor,
  options: InputGradientOptions,
): Tensor {
  return bindOne(conv2dInputGradientOp, [dy, weight], options);
}

/**
 * The adjoint of `conv2d` in the weight. x: [N, C, H, W], dy: [N, K, H′, W′] → kernelShape
 * [K, C/groups, R, S]. Options as in `conv2d`. Throws ShapeError where a convolution with a weight of
 * kernelShape would not give the shape of dy.
 *
 * @example
 * conv2dWeightGradient(x, dy, { kernelShape: weight.shape, padding: 1 });
 */
export function conv2dWeightGradient(
  x: Tensor,
  dy: Tensor,
  options: WeightGradientOptions,
): Tensor {
  return bindOne(conv2dWeightGradientOp, [x, dy], options);
}

/** The records of this file. */
export const convolutionGradientOps: readonly OpRecord[] = [
  conv2dInputGradientOp,
  conv2dWeightGradientOp,
];
