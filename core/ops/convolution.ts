/**
 * Convolution in two dimensions. What machine learning calls convolution is cross-correlation: the kernel
 * is not flipped. Padding contributes nothing, as zeros do, but also where a weight is infinite or NaN.
 * Rests on bind, convolution-shapes and convolution-gradients. conv2d and its two adjoints are bilinear, and
 * each other's adjoints, so every derivative of any order is one of the three.
 */
import { bindOne } from "../bind.ts";
import { sameDType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { nd, nothing } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { image } from "../op-examples.ts";
import { formatShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { add } from "./arithmetic.ts";
import { convolutionBound } from "./convolution-bounds.ts";
import { convolve } from "./convolution-definitions.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "./convolution-gradients.ts";
import {
  convolutionErrors,
  image4,
  kernel4,
  sampleConvolution,
  values,
} from "./convolution-samples.ts";
import {
  type BiasOption,
  type ConvolutionOptions,
  type ResolvedConvolution,
  requireFloats,
  resolveConvolution,
} from "./convolution-shapes.ts";
import { addMaybe, type BinaryRecord } from "./shorthand.ts";
import { reshape } from "./view.ts";

export {
  conv2dInputGradient,
  conv2dWeightGradient,
  type InputGradientOptions,
  type WeightGradientOptions,
} from "./convolution-gradients.ts";
export { type ConvTranspose2dOptions, convTranspose2d } from "./convolution-transpose.ts";
export type { Padding, PairLike, SlidingOptions } from "./geometry.ts";

function resolveForward(
  x: TensorType,
  w: TensorType,
  options: ConvolutionOptions,
): ResolvedConvolution {
  requireFloats("conv2d", { x: "x", weight: "weight" }, x, w);
  return resolveConvolution("conv2d", x.shape, w.shape, options);
}

/** The record of `conv2d`. */
export const conv2dOp: BinaryRecord<ConvolutionOptions> = {
  name: "conv2d",
  family: "convolution",
  inputNames: ["x", "weight"],
  formula:
    "y[n,k,p,q] = Σ_crs weight[k,c,r,s]·x[n,c,p·stride+r·dilation−top,q·stride+s·dilation−left]",
  source: "LeCun et al. 1989; adjoints: Dumoulin & Visin 2016, section 4",
  infer: ([x, w], options) => [{ shape: resolveForward(x, w, options).y, dtype: x.dtype }],
  forward: {
    kernel: "conv2d",
    with: (options, [x, w]) =>
      resolveConvolution("conv2d", shapeOf(x), shapeOf(w), options).geometry,
  },
  jvp: ([tx, tw], { inputs: [x, w], attributes }) => [
    addMaybe(tx && conv2d(tx, w, attributes), tw && conv2d(x, tw, attributes)),
  ],
  vjp: ([c], { inputs: [x, w], attributes }, [wantX, wantW]) => {
    const options = resolveForward(x, w, attributes).geometry;
    return [
      wantX ? conv2dInputGradient(c, w, { ...options, inputShape: x.shape }) : null,
      wantW ? conv2dWeightGradient(x, c, { ...options, kernelShape: w.shape }) : null,
    ];
  },
  sample: (draw) => {
    const { x, weight, options } = sampleConvolution(draw);
    return { inputs: [draw.values(x, values), draw.values(weight, values)], attributes: options };
  },
  special: [
    {
      title: "the kernel is not flipped",
      inputs: [
        image4,
        image([
          [1, 10],
          [100, 1000],
        ]),
      ],
      attributes: {},
      output: image([
        [5421, 6532],
        [8754, 9865],
      ]),
    },
    {
      title:
        'with an even kernel the extra pixel of "same" comes after: the last output sees one x',
      inputs: [nd([[[[1, 2, 3]]]]), nd([[[[1, 10]]]])],
      attributes: { padding: "same" },
      output: nd([[[[21, 32, 3]]]]),
      gradients: [nd([[[[1, 11, 11]]]]), nd([[[[6, 5]]]])],
    },
    {
      title: "a pixel that the stride leaves out has gradient 0",
      inputs: [nd([[[[1, 2, 3, 4]]]]), nd([[[[2]]]])],
      attributes: { stride: 3 },
      output: nd([[[[2, 8]]]]),
      gradients: [nd([[[[2, 0, 0, 2]]]]), nd([[[[5]]]])],
    },
    {
      title: "an infinite weight that sees only padding adds nothing",
      inputs: [
        nd([[[[1, 2]]]]),
        image([
          [1, 1, 1],
          [3, 5, Number.POSITIVE_INFINITY],
          [1, 1, 1],
        ]),
      ],
      attributes: { padding: 1 },
      output: nd([[[[Number.POSITIVE_INFINITY, 13]]]]),
    },
  ],
  errors: [
    ...convolutionErrors("conv2d", "[K, C/groups, R, S]"),
    {
      inputs: [image4, nd([[[[1]], [[2]]]])],
      attributes: {},
      message:
        "conv2d: expected weight to have length 1 on axis 1, the channels of one group of x, got weight [1, 2, 1, 1]. A weight is [kernels, channels/groups, height, width].",
    },
    {
      inputs: [nd([[[[1]], [[2]]]]), nd([[[[1]]]])],
      attributes: { groups: 2 },
      message:
        "conv2d: expected groups to divide the number of kernels of weight, 1, got 2. All groups have equally many.",
    },
    {
      inputs: [image4, kernel4],
      attributes: { dilation: 3 },
      message:
        "conv2d: expected weight to fit into the padded image of 3 by 3 pixels, got a window that reaches over 4 by 4. Pad more, or make the window or its dilation smaller.",
    },
  ],
  reference: ([x = nothing, w = nothing], options) => {
    const { geometry, y } = resolveConvolution("conv2d", x.shape, w.shape, options);
    return [convolve(x, w, geometry, y)];
  },
  bound: convolutionBound(
    "conv2d",
    ({ inputs: [x = nothing, w = nothing], attributes }) => {
      const { geometry, weight, y } = resolveConvolution("conv2d", x.shape, w.shape, attributes);
      return { geometry, weight, output: y };
    },
    "a sum of C/groups·R·S products in any order, and the rounding of the products",
  ),
};

/** Options of `conv2d`. */
export interface Conv2dOptions extends ConvolutionOptions, BiasOption {}

/** y plus one number a channel. y: [N, K, H, W], bias: [K]. Throws ShapeError for another length. */
export function addChannelBias(where: string, y: Tensor, bias: Tensor | null | undefined): Tensor {
  if (bias === null || bias === undefined) return y;
  const [, channels = 0] = y.shape;
  if (bias.rank !== 1 || bias.shape[0] !== channels) {
    throw new ShapeError({
      where,
      argument: "bias",
      expected: `to be [${channels}], one number for each output channel`,
      got: formatShape(bias.shape),
      fix: "Reshape it, or make one of that length",
    });
  }
  sameDType(where, ["x", "bias"], y.dtype, bias.dtype);
  return add(y, reshape(bias, [1, channels, 1, 1]));
}

/**
 * Cross-correlation of images with kernels. x: [N, C, H, W], weight: [K, C/groups, R, S], bias: [K] →
 * [N, K, H′, W′] with H′ = ⌊(H + top + bottom − dilation·(R − 1) − 1)/stride⌋ + 1, likewise W′.
 * `stride` (1) and `dilation` (1): integers ≥ 1; `padding` (0): zeros around the image, integers ≥ 0, see
 * `Padding`, or "same": H′ = ⌈H/stride⌉, an odd pixel after (TensorFlow's rule; PyTorch has it for stride 1 only);
 * `groups` (1) divides C and K.
 * Throws ShapeError for ranks, channels or a bias that do not fit, or a kernel larger than the padded image;
 * ValueError for options out of range; DTypeError unless all have one float dtype.
 * LeCun et al. 1989, "Backpropagation applied to handwritten zip code recognition".
 *
 * @example
 * conv2d(images, weight, { bias, padding: 1 }); // 3×3 kernels: height and width stay
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  { bias, ...options }: Conv2dOptions = {},
): Tensor {
  return addChannelBias("conv2d", bindOne(conv2dOp, [x, weight], options), bias);
}

/** The records of this file. */
export const convolutionOps: readonly OpRecord[] = [conv2dOp];
