/**
 * Transposed convolution: the adjoint of conv2d in x, used forwards to make images larger.
 * Rests on convolution-gradients, whose op it is, with its own arithmetic of shapes.
 */
import { bindOne } from "../bind.ts";
import type { Conv2dGeometry, Pair } from "../devices/kernels.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { nd, nothing } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Sample, Sampler } from "../sampling.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { addChannelBias } from "./convolution.ts";
import { convolutionBound } from "./convolution-bounds.ts";
import { convolveBack } from "./convolution-definitions.ts";
import { conv2dInputGradient } from "./convolution-gradients.ts";
import { convolutionErrors, image4, kernel4, values } from "./convolution-samples.ts";
import {
  type BiasOption,
  type ConvolutionOptions,
  requireFloats,
  requireGroups,
  requireKernel,
} from "./convolution-shapes.ts";
import {
  formatPair,
  type PairLike,
  reachOf,
  requireFourAxes,
  resolvePadding,
  resolvePair,
} from "./geometry.ts";
import type { BinaryRecord } from "./shorthand.ts";

/** What the shapes of a transposed convolution depend on. Units: pixels of the output. */
export interface TransposedOptions extends ConvolutionOptions {
  /** Rows and columns added at the bottom and the right of the output; integers in [0, stride). */
  readonly outputPadding?: PairLike;
}

/** Options of `convTranspose2d`. */
export interface ConvTranspose2dOptions extends TransposedOptions, BiasOption {}

interface Transposed {
  /** Options of the convolution that goes the other way, all in pixels. */
  readonly geometry: Conv2dGeometry;
  /** [N, C, H, W] of the output, which is that convolution's input. */
  readonly shape: Shape;
}

function resolveTransposed(
  xShape: Shape,
  weightShape: Shape,
  { stride: strideOption = 1, padding: paddingOption = 0, ...rest }: TransposedOptions,
): Transposed {
  const where = "convTranspose2d";
  const { dilation: dilationOption = 1, groups = 1, outputPadding = 0 } = rest;
  const x = requireFourAxes(where, "x", xShape, "[N, C, H, W]");
  const weight = requireFourAxes(where, "weight", weightShape, "[C, K/groups, R, S]");
  const [n, channels, height, width] = x;
  const window = requireKernel(where, "weight", weight);
  requireGroups(where, groups, channels, "channels of x");
  if (weight[0] !== channels) {
    throw new ShapeError({
      where,
      argument: "weight",
      expected: `to have length ${channels} on axis 0, the channels of x`,
      got: `weight ${formatShape(weightShape)}`,
      fix: "A transposed weight is [channels, kernels/groups, height, width]",
    });
  }
  const stride = resolvePair(where, "stride", strideOption, 1);
  const dilation = resolvePair(where, "dilation", dilationOption, 1);
  const extra = resolvePair(where, "outputPadding", outputPadding, 0);
  if (extra[0] >= stride[0] || extra[1] >= stride[1]) {
    throw new ValueError({
      where,
      argument: "outputPadding",
      expected: `to be less than the stride, ${formatPair(stride)}`,
      got: formatPair(extra),
      fix: "From one stride on, there would be another row or column of x",
    });
  }
  const reach = reachOf(window, dilation);
  const same: Pair = [height * stride[0], width * stride[1]];
  const padding = resolvePadding(where, paddingOption, same, reach, stride);
  const lengthOf = (axis: 0 | 1, length: number): number =>
    paddingOption === "same"
      ? same[axis]
      : (length - 1) * stride[axis] +
        reach[axis] +
        extra[axis] -
        padding[axis][0] -
        padding[axis][1];
  const output: Pair = [lengthOf(0, height), lengthOf(1, width)];
  if (paddingOption === "same" && (extra[0] > 0 || extra[1] > 0)) {
    throw new ValueError({
      where,
      argument: "outputPadding",
      expected: 'to be 0 with padding "same", which fixes the output',
      got: formatPair(extra),
      fix: "Give the padding in pixels",
    });
  }
  if (height < 1 || width < 1 || output[0] < 1 || output[1] < 1) {
    throw new ShapeError({
      where,
      argument: "x",
      expected: "to leave an output of at least one pixel",
      got: `x ${formatShape(xShape)}, of which ${formatPair(output)} would remain`,
      fix: "Use less padding",
    });
  }
  return {
    geometry: { stride, dilation, padding, groups },
    shape: [n, weight[1] * groups, ...output],
  };
}

/** Shapes and options of a random transposed convolution. */
function sampleTransposed(draw: Sampler): Sample<TransposedOptions> {
  const groups = draw.integer(1, 2);
  const channels = groups * draw.integer(1, 2);
  const weight = [channels, draw.integer(1, 2), draw.integer(1, 3), draw.integer(1, 3)];
  const x = [draw.integer(0, 2), channels, draw.integer(2, 3), draw.integer(2, 3)];
  const stride = draw.integer(1, 3);
  const same = draw.boolean();
  return {
    inputs: [draw.values(x, values), draw.values(weight, values)],
    attributes: {
      groups,
      stride: draw.boolean() ? stride : [stride, stride],
      dilation: draw.integer(1, 2),
      padding: same
        ? "same"
        : draw.pick([
            0,
            [0, 0],
            [
              [0, 0],
              [0, 1],
            ],
          ] as const),
      outputPadding: same ? 0 : draw.integer(0, stride - 1),
    },
  };
}

/** The record of `convTranspose2d`. */
export const convTranspose2dOp: BinaryRecord<TransposedOptions> = {
  name: "convTranspose2d",
  family: "convolution",
  inputNames: ["x", "weight"],
  formula: "y = conv2dInputGradient(x, weight): each pixel lays down a kernel, one stride apart",
  source: "Dumoulin & Visin 2016, section 4; shapes and weight layout as in PyTorch",
  infer: ([x, w], options) => {
    requireFloats("convTranspose2d", { x: "x", weight: "weight" }, x, w);
    return [{ shape: resolveTransposed(x.shape, w.shape, options).shape, dtype: x.dtype }];
  },
  forward: {
    compose: ([x, w], attributes) => {
      const { geometry, shape } = resolveTransposed(x.shape, w.shape, attributes);
      return [conv2dInputGradient(x, w, { ...geometry, inputShape: shape })];
    },
  },
  sample: sampleTransposed,
  special: [
    {
      title: "kernels laid two apart overlap in one column and are not flipped",
      inputs: [nd([[[[1, 10]]]]), nd([[[[1, 2, 3]]]])],
      attributes: { stride: 2 },
      output: nd([[[[1, 2, 13, 20, 30]]]]),
      gradients: [nd([[[[6, 6]]]]), nd([[[[11, 11, 11]]]])],
    },
    {
      title: "outputPadding adds zeros after, which no pixel of x reaches",
      inputs: [nd([[[[1, 2]]]]), nd([[[[3]]]])],
      attributes: { stride: 2, outputPadding: [0, 1] },
      output: nd([[[[3, 0, 6, 0]]]]),
    },
  ],
  errors: [
    ...convolutionErrors("convTranspose2d", "[C, K/groups, R, S]"),
    {
      inputs: [image4, nd([[[[1]]], [[[2]]]])],
      attributes: {},
      message:
        "convTranspose2d: expected weight to have length 1 on axis 0, the channels of x, got weight [2, 1, 1, 1]. A transposed weight is [channels, kernels/groups, height, width].",
    },
    {
      inputs: [image4, kernel4],
      attributes: { stride: 2, outputPadding: 2 },
      message:
        "convTranspose2d: expected outputPadding to be less than the stride, 2 by 2, got 2 by 2. From one stride on, there would be another row or column of x.",
    },
    {
      inputs: [image4, kernel4],
      attributes: { stride: 2, outputPadding: 1, padding: "same" },
      message:
        'convTranspose2d: expected outputPadding to be 0 with padding "same", which fixes the output, got 1 by 1. Give the padding in pixels.',
    },
    {
      inputs: [image4, kernel4],
      attributes: { padding: 2 },
      message:
        "convTranspose2d: expected x to leave an output of at least one pixel, got x [1, 1, 3, 3], of which 0 by 0 would remain. Use less padding.",
    },
  ],
  reference: ([x = nothing, w = nothing], attributes) => {
    const { geometry, shape } = resolveTransposed(x.shape, w.shape, attributes);
    return [convolveBack(x, w, geometry, shape)];
  },
  bound: convolutionBound(
    "conv2dInputGradient",
    ({ inputs: [x = nothing, w = nothing], attributes }) => {
      const { geometry } = resolveTransposed(x.shape, w.shape, attributes);
      return { geometry, weight: w.shape, output: x.shape };
    },
    "a sum of at most C·R·S products in any order, and the rounding of the products",
  ),
};

/**
 * Transposed convolution: the adjoint of `conv2d` in x, which makes images larger.
 * x: [N, C, H, W], weight: [C, K/groups, R, S], bias: [K] → [N, K, H′, W′] with
 * H′ = (H − 1)·stride + dilation·(R − 1) + 1 + outputPadding − top − bottom, likewise W′; the convolution that
 * takes H′ back to H has the same options. Padding is cut off the output; "same" makes H′ = H·stride.
 * `outputPadding` (0): integers in [0, stride), where PyTorch allows [0, max(stride, dilation)).
 * Throws ShapeError for ranks, channels or a bias that do not fit or an empty output; ValueError for options
 * out of range; DTypeError unless all have one float dtype. Dumoulin & Visin 2016, section 4.
 *
 * @example
 * convTranspose2d(x, weight, { stride: 2, padding: 1, outputPadding: 1 }); // 3×3 kernels: twice the size
 */
export function convTranspose2d(
  x: Tensor,
  weight: Tensor,
  { bias, ...options }: ConvTranspose2dOptions = {},
): Tensor {
  return addChannelBias("convTranspose2d", bindOne(convTranspose2dOp, [x, weight], options), bias);
}

/** The records of this file. */
export const convolutionTransposeOps: readonly OpRecord[] = [convTranspose2dOp];
