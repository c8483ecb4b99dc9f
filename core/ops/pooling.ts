/**
 * Maximum pooling: the largest pixel of each window over [N, C, H, W]; averages of windows are in average-pooling,
 * pooling over whole images in global-pooling.
 * Rests on bind, pooling-shapes and indexing.
 */
import { bind } from "../bind.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { at as elementAt, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { image } from "../op-examples.ts";
import type { SpecialPoint } from "../sampling.ts";
import type { Tensor } from "../tensor.ts";
import { zerosBeside } from "./constant.ts";
import { requireFourAxes } from "./geometry.ts";
import { gather, scatterAdd } from "./indexing.ts";
import { type PoolOptions, pixelsSeen, resolvePool, samplePool } from "./pooling-shapes.ts";
import { broadcastTo, reshape } from "./view.ts";

export {
  type AvgPool2dGradientOptions,
  type AvgPool2dOptions,
  avgPool2d,
  avgPool2dGradient,
} from "./average-pooling.ts";
export { type GlobalPoolOptions, globalAvgPool2d, globalMaxPool2d } from "./global-pooling.ts";
export type { PoolOptions as MaxPool2dOptions } from "./pooling-shapes.ts";

const where = "maxPool2d";

/** [N, C, H, W] as [N, C, H·W], the axis that positions count along. */
function planes(x: Tensor): Tensor {
  const [n, channels, height, width] = requireFourAxes(where, "x", x.shape, "[N, C, H, W]");
  return reshape(x, [n, channels, height * width]);
}

/** The maximum of each window and its flat position in the H·W plane. */
function poolArray(x: NdArray, options: PoolOptions): readonly [NdArray, NdArray] {
  const resolved = resolvePool(where, "x", x.shape, options);
  const [, , , width] = resolved.image;
  const seen = (index: readonly number[]): readonly (readonly [number, number])[] =>
    pixelsSeen(resolved, index[2] ?? 0, index[3] ?? 0);
  const values = tabulate(resolved.pooled, (index) =>
    Math.max(...seen(index).map((pixel) => elementAt(x, [...index.slice(0, 2), ...pixel]))),
  );
  const positions = tabulate(
    resolved.pooled,
    (index) => {
      const first = seen(index).find(
        (pixel) => elementAt(x, [...index.slice(0, 2), ...pixel]) === elementAt(values, index),
      );
      return first ? first[0] * width + first[1] : -1;
    },
    "int32",
  );
  return [values, positions];
}

/** The record of `maxPool2d`: the maxima, and where in its plane each was found. */
export const maxPool2dOp: OpRecord<PoolOptions, readonly [Tensor], readonly [Tensor, Tensor]> = {
  name: where,
  family: "pooling",
  inputNames: ["x"],
  formula: "y[n,c,p,q] = max over r,s of x[n,c,p·stride+r·dilation−top,q·stride+s·dilation−left]",
  source: "definition; the gradient goes to the first maximum in row-major order, as in PyTorch",
  infer: ([x], options) => {
    requireDType(where, "x", x.dtype, floatDTypes);
    const { pooled } = resolvePool(where, "x", x.shape, options);
    return [
      { shape: pooled, dtype: x.dtype },
      { shape: pooled, dtype: "int32" },
    ];
  },
  forward: {
    kernel: "maxPool2d",
    with: (options, [x]) => resolvePool(where, "x", shapeOf(x), options).geometry,
  },
  jvp: ([t], { outputs: [y, positions] }) => {
    if (t === null) return [null, null];
    return [reshape(gather(planes(t), planes(positions), { axis: 2 }), y.shape), null];
  },
  vjp: ([c], { inputs: [x], outputs: [, positions] }) => {
    if (c === null) return [null];
    const zeros = broadcastTo(zerosBeside(x, []), x.shape);
    return [reshape(scatterAdd(planes(zeros), planes(positions), planes(c), { axis: 2 }), x.shape)];
  },
  sample: (draw) => {
    const { shape, options } = samplePool(draw);
    return { inputs: [draw.distinct(shape, { min: -3, max: 3 })], attributes: options };
  },
  special: [
    {
      title: "of equal maxima the first in row-major order has the whole gradient",
      inputs: [
        image([
          [1, 2],
          [2, 2],
        ]),
      ],
      attributes: { window: 2 },
      output: nd([[[[2]]]]),
      gradients: [
        image([
          [0, 1],
          [0, 0],
        ]),
      ],
    },
    {
      title: "padding never wins, also where all pixels are negative",
      inputs: [nd([[[[-5]]]])],
      attributes: { window: [1, 2], stride: 1, padding: [0, 1] },
      output: nd([[[[-5, -5]]]]),
      gradients: [nd([[[[2]]]])],
    },
    {
      title: "a pixel that wins in two windows has both gradients",
      inputs: [nd([[[[1, 3, 2]]]])],
      attributes: { window: [1, 2], stride: 1 },
      output: nd([[[[3, 3]]]]),
      gradients: [nd([[[[0, 2, 0]]]])],
    },
  ] satisfies readonly SpecialPoint<PoolOptions>[],
  errors: [
    {
      inputs: [nd([[1, 2]])],
      attributes: { window: 1 },
      message:
        "maxPool2d: expected x to have 4 axes [N, C, H, W], got [1, 2]. Reshape it; a missing axis has length 1.",
    },
    {
      inputs: [nd([[[[1, 2]]]], "int32")],
      attributes: { window: 1 },
      message:
        'maxPool2d: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").',
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 1.5 },
      message:
        "maxPool2d: expected window to be an integer ≥ 1, or two of them (height, width), got 1.5. Give whole pixels.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 1, stride: 0 },
      message:
        "maxPool2d: expected stride to be an integer ≥ 1, or two of them (height, width), got 0. Give whole pixels.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 2 },
      message:
        "maxPool2d: expected window to fit into the padded image of 1 by 2 pixels, got a window that reaches over 2 by 2. Pad more, or make the window or its dilation smaller.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: [1, 2], padding: [0, 2] },
      message:
        "maxPool2d: expected padding to be at most half of a window that reaches over 1 by 2, got 2. Pad less: the windows at the border would see padding alone.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: [1, 2], dilation: [1, 3], padding: [0, 1] },
      message:
        "maxPool2d: expected dilation to be at most the image, 1 by 2, got 1 by 3. Dilate less: a window could see padding alone.",
    },
  ],
  reference: (inputs, options) => inputs.flatMap((x) => poolArray(x, options)),
  bound: exact("elements are compared and copied, never changed"),
};

/**
 * The maximum of each window. x: [N, C, H, W] → [N, C, H′, W′] with H′ = ⌊(H + top + bottom −
 * dilation·(R − 1) − 1)/stride⌋ + 1, likewise W′. `window`: (R, S); `stride`: the window where absent; `padding`
 * (0): pixels of −∞, at most half a window, or "same"; `dilation` (1). A window with a NaN gives NaN. Of equal
 * maxima the first in row-major order has the gradient. Throws ShapeError for another rank or a window larger
 * than the padded image, ValueError for options out of range.
 *
 * @example
 * maxPool2d(x, { window: 2 }); // half the height, half the width
 */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  return bind(maxPool2dOp, [x], options)[0];
}

/** The records of this file. */
export const poolingOps: readonly OpRecord[] = [maxPool2dOp];
