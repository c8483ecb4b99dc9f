/**
 * Windows as columns: im2col and its adjoint col2im, which adds overlaps.
 * Rests on bind and geometry. A convolution is a matrix product with im2col's columns.
 */
import { bindOne } from "../bind.ts";
import type { Pair, WindowGeometry } from "../devices/kernels.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { exact, summation } from "../error-bound.ts";
import { at, atOr, indicesOf, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import type { Sampler } from "../sampling.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  type PairLike,
  requireFourAxes,
  requireShape,
  resolvePair,
  resolveWindow,
  type Shape4,
  type SlidingOptions,
} from "./geometry.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";

/** Options of `im2col`. Units: pixels. */
export interface WindowOptions extends SlidingOptions {
  /** Height and width of the window, integers ≥ 1. */
  readonly window: PairLike;
}

/** Options of `col2im`. */
export interface Col2imOptions extends WindowOptions {
  /** The shape [N, C, H, W] of the image: strides leave it open. */
  readonly inputShape: Shape;
}

interface Columns {
  readonly geometry: WindowGeometry;
  readonly image: Shape4;
  /** [N, C·R·S, H′·W′]. */
  readonly columns: Shape;
  /** W′: columns are numbered row by row. */
  readonly width: number;
}

function resolveColumns(
  where: string,
  argument: string,
  shape: Shape,
  { window: windowOption, ...sliding }: WindowOptions,
): Columns {
  const image = requireFourAxes(where, argument, shape, "[N, C, H, W]");
  const [n, channels, height, width] = image;
  const window = resolvePair(where, "window", windowOption, 1);
  const { output, ...geometry } = resolveWindow(where, "window", [height, width], window, sliding);
  return {
    geometry,
    image,
    columns: [n, channels * window[0] * window[1], output[0] * output[1]],
    width: output[1],
  };
}

/** The pixel (channel, row, column) that tap `row` of column `slot` looks at. */
function pixelOf(
  { geometry: { window, stride, padding, dilation }, width }: Columns,
  row: number,
  slot: number,
): readonly [number, number, number] {
  const [height, across]: Pair = window;
  const s = row % across;
  const r = Math.floor(row / across) % height;
  const y = Math.floor(slot / width) * stride[0] + r * dilation[0] - padding[0][0];
  const x = (slot % width) * stride[1] + s * dilation[1] - padding[1][0];
  return [Math.floor(row / (across * height)), y, x];
}

/** Σ over every entry of the columns that looks at a pixel. */
function addBack(columns: NdArray, resolved: Columns): NdArray {
  const [, rows = 0, slots = 0] = columns.shape;
  const entries = indicesOf([rows, slots]);
  return tabulate(resolved.image, ([n = 0, ...pixel]) => {
    let sum = 0;
    for (const [row = 0, slot = 0] of entries) {
      const seen = pixelOf(resolved, row, slot);
      if (seen.every((position, axis) => position === pixel[axis]))
        sum += at(columns, [n, row, slot]);
    }
    return sum;
  });
}

/** An image's shape with options of a window that fits it. */
function sampleWindow(draw: Sampler): {
  readonly shape: Shape;
  readonly options: WindowOptions;
} {
  const window: Pair = [draw.integer(1, 3), draw.integer(1, 3)];
  const dilation = draw.integer(1, 2);
  const lengthFor = (taps: number): number => dilation * (taps - 1) + draw.integer(1, 3);
  return {
    shape: [draw.integer(0, 2), draw.integer(1, 2), lengthFor(window[0]), lengthFor(window[1])],
    options: {
      window: window[0] === window[1] && draw.boolean() ? window[0] : window,
      dilation,
      stride: draw.boolean() ? draw.integer(1, 3) : [draw.integer(1, 3), draw.integer(1, 3)],
      padding: draw.pick([
        "same",
        0,
        1,
        [1, 0],
        [
          [0, 2],
          [1, 0],
        ],
      ] as const),
    },
  };
}

/** The record of `im2col`. */
export const im2colOp: UnaryRecord<WindowOptions> = linear<WindowOptions>({
  name: "im2col",
  family: "window",
  formula: "y[n,(c,r,s),(p,q)] = x[n,c,p·stride+r·dilation−top,q·stride+s·dilation−left]",
  source: "Chellapilla, Puri & Simard 2006",
  infer: ([x], options) => {
    requireDType("im2col", "x", x.dtype, floatDTypes);
    return [{ shape: resolveColumns("im2col", "x", x.shape, options).columns, dtype: x.dtype }];
  },
  forward: {
    kernel: "im2col",
    with: (options, [x]) => resolveColumns("im2col", "x", shapeOf(x), options).geometry,
  },
  apply: (x, options) => im2col(x, options),
  transpose: (c, x, options) => {
    const { geometry } = resolveColumns("im2col", "x", x.shape, options);
    return col2im(c, { ...geometry, inputShape: x.shape });
  },
  sample: (draw) => {
    const { shape, options } = sampleWindow(draw);
    return { inputs: [draw.values(shape, { min: -3, max: 3 })], attributes: options };
  },
  special: [
    {
      title: "a pixel has as much gradient as windows see it",
      inputs: [nd([[[[1, 2, 3]]]])],
      attributes: { window: [1, 2] },
      output: nd([
        [
          [1, 2],
          [2, 3],
        ],
      ]),
      gradients: [nd([[[[1, 2, 1]]]])],
    },
  ],
  errors: [
    {
      inputs: [nd([[1, 2]])],
      attributes: { window: 1 },
      message:
        "im2col: expected x to have 4 axes [N, C, H, W], got [1, 2]. Reshape it; a missing axis has length 1.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 0 },
      message:
        "im2col: expected window to be an integer ≥ 1, or two of them (height, width), got 0. Give whole pixels.",
    },
    {
      inputs: [nd([[[[1, 2]]]])],
      attributes: { window: 2 },
      message:
        "im2col: expected window to fit into the padded image of 1 by 2 pixels, got a window that reaches over 2 by 2. Pad more, or make the window or its dilation smaller.",
    },
    {
      inputs: [nd([[[[1, 2]]]], "int32")],
      attributes: { window: 1 },
      message:
        'im2col: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").',
    },
  ],
  reference: (inputs, options) =>
    inputs.map((x) => {
      const resolved = resolveColumns("im2col", "x", x.shape, options);
      return tabulate(resolved.columns, ([n = 0, row = 0, slot = 0]) =>
        atOr(x, [n, ...pixelOf(resolved, row, slot)], 0),
      );
    }),
  bound: exact("elements are copied, never changed"),
});

function resolveImage(shape: Shape, { inputShape, ...options }: Col2imOptions): Columns {
  const resolved = resolveColumns("col2im", "inputShape", inputShape, options);
  requireShape("col2im", "x", shape, resolved.columns, "the columns for this inputShape");
  return resolved;
}

/** The record of `col2im`. */
export const col2imOp: UnaryRecord<Col2imOptions> = linear<Col2imOptions>({
  name: "col2im",
  family: "window",
  formula: "⟨y, z⟩ = ⟨x, im2col(z)⟩ for every image z",
  source: "the adjoint of im2col",
  infer: ([x], options) => {
    requireDType("col2im", "x", x.dtype, floatDTypes);
    return [{ shape: resolveImage(x.shape, options).image, dtype: x.dtype }];
  },
  forward: {
    kernel: "col2im",
    with: (options, [x]) => resolveImage(shapeOf(x), options).geometry,
  },
  apply: (x, options) => col2im(x, options),
  transpose: (c, x, options) => im2col(c, resolveImage(x.shape, options).geometry),
  sample: (draw) => {
    const { shape, options } = sampleWindow(draw);
    const { columns } = resolveColumns("col2im", "inputShape", shape, options);
    return {
      inputs: [draw.values(columns, { min: -3, max: 3 })],
      attributes: { ...options, inputShape: shape },
    };
  },
  special: [
    {
      title: "overlaps add",
      inputs: [
        nd([
          [
            [1, 2],
            [30, 40],
          ],
        ]),
      ],
      attributes: { window: [1, 2], inputShape: [1, 1, 1, 3] },
      output: nd([[[[1, 32, 40]]]]),
      gradients: [
        nd([
          [
            [1, 1],
            [1, 1],
          ],
        ]),
      ],
    },
  ],
  errors: [
    {
      inputs: [nd([[[1, 2]]])],
      attributes: { window: 1, inputShape: [1, 1, 2, 2] },
      message:
        "col2im: expected x to be [1, 1, 4], the columns for this inputShape, got [1, 1, 2]. Check the shapes and options against each other.",
    },
    {
      inputs: [nd([[[1, 2]]])],
      attributes: { window: 1, inputShape: [2, 2] },
      message:
        "col2im: expected inputShape to have 4 axes [N, C, H, W], got [2, 2]. Reshape it; a missing axis has length 1.",
    },
  ],
  reference: (inputs, options) => inputs.map((x) => addBack(x, resolveImage(x.shape, options))),
  bound: summation(
    ({ attributes: { window } }) =>
      typeof window === "number" ? window * window : window[0] * window[1],
    ({ inputs: [x], attributes, output }) =>
      x ? addBack(mapElements(x, Math.abs), resolveImage(x.shape, attributes)) : output,
    "each pixel sums at most one entry a tap, R·S in all",
  ),
});

/**
 * Windows as columns. x: [N, C, H, W] → [N, C·R·S, H′·W′]: column p·W′ + q holds what window (p, q) sees,
 * channel by channel, row by row. `window`: (R, S); `stride` (1), `padding` (0; zeros) and `dilation` (1) as in
 * `conv2d`. Throws ShapeError for another rank or a window larger than the padded image, ValueError for
 * options out of range. PyTorch's unfold. Chellapilla, Puri & Simard 2006.
 *
 * @example
 * matmul(reshape(weight, [k, -1]), reshape(im2col(x, { window: 3 }), [c * 9, -1])); // N = 1: conv2d
 */
export function im2col(x: Tensor, options: WindowOptions): Tensor {
  return bindOne(im2colOp, [x], options);
}

/**
 * The adjoint of `im2col`: adds columns back into an image. x: [N, C·R·S, H′·W′] → inputShape [N, C, H, W].
 * Overlapping windows add; what fell into the padding is dropped. PyTorch's fold.
 * Throws ShapeError where im2col of inputShape would not give the shape of x.
 */
export function col2im(x: Tensor, options: Col2imOptions): Tensor {
  return bindOne(col2imOp, [x], options);
}

/** The records of this file. */
export const windowOps: readonly OpRecord[] = [im2colOp, col2imOp];
