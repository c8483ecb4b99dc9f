/**
 * Geometry of sliding windows: stride, padding and dilation as users give them, resolved to pixels.
 * Rests on errors, shape and the kernel table's types. Units: pixels; pairs are (height, width).
 */
import type { Pair, WindowGeometry } from "../devices/kernels.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { formatShape, type Shape, sameShape } from "../shape.ts";

/** One number for both axes, or (height, width). */
export type PairLike = number | Pair;

/**
 * Pixels added around an image: for all four sides; (height, width), each before and after; or
 * `[[top, bottom], [left, right]]`. `"same"`: as many as make the output ⌈length/stride⌉ long; where their
 * number is odd the extra pixel comes after, at the bottom and the right. TensorFlow's rule.
 */
export type Padding = PairLike | readonly [Pair, Pair] | "same";

/** How a window moves; `stride` and `dilation` are integers ≥ 1, padding integers ≥ 0. */
export interface SlidingOptions {
  /** Pixels between neighbouring windows. */
  readonly stride?: PairLike;
  readonly padding?: Padding;
  /** Pixels between neighbouring taps of a window; default 1: no holes. */
  readonly dilation?: PairLike;
}

/** A window's geometry on an image of known size. */
interface ResolvedWindow extends WindowGeometry {
  /** Output height and width. */
  readonly output: Pair;
}

/** Both numbers of `value`. Throws ValueError unless they are integers ≥ `least`. */
export function resolvePair(where: string, argument: string, value: PairLike, least: 0 | 1): Pair {
  const pair: Pair = typeof value === "number" ? [value, value] : value;
  if (pair.length !== 2 || !pair.every((n) => Number.isInteger(n) && n >= least)) {
    throw new ValueError({
      where,
      argument,
      expected: `to be an integer ≥ ${least}, or two of them (height, width)`,
      got: typeof value === "number" ? String(value) : formatShape(value),
      fix: "Give whole pixels",
    });
  }
  return pair;
}

function isNested(padding: Pair | readonly [Pair, Pair]): padding is readonly [Pair, Pair] {
  return typeof padding[0] !== "number";
}

/** Padding before and after an axis so that ⌈length/stride⌉ windows fit: TensorFlow's "SAME". */
function samePadding(length: number, reach: number, stride: number): Pair {
  const count = Math.ceil(length / stride);
  const total = Math.max((count - 1) * stride + reach - length, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** `[[top, bottom], [left, right]]` for a window of `reach` pixels. Throws ValueError for other forms. */
export function resolvePadding(
  where: string,
  padding: Padding,
  image: Pair,
  reach: Pair,
  stride: Pair,
): readonly [Pair, Pair] {
  if (padding === "same") {
    return [samePadding(image[0], reach[0], stride[0]), samePadding(image[1], reach[1], stride[1])];
  }
  if (typeof padding === "object" && isNested(padding)) {
    return [
      resolvePair(where, "padding", padding[0], 0),
      resolvePair(where, "padding", padding[1], 0),
    ];
  }
  if (typeof padding === "string") {
    throw new ValueError({
      where,
      argument: "padding",
      expected: 'to be "same" or numbers of pixels',
      got: JSON.stringify(padding),
      fix: 'Give 0 for what is elsewhere called "valid"',
    });
  }
  const [height, width] = resolvePair(where, "padding", padding, 0);
  return [
    [height, height],
    [width, width],
  ];
}

/** Pixels from a window's first tap to its last, both included. */
export function reachOf(window: Pair, dilation: Pair): Pair {
  return [dilation[0] * (window[0] - 1) + 1, dilation[1] * (window[1] - 1) + 1];
}

/** `3 by 4`, a pair in messages. */
export function formatPair([height, width]: Pair): string {
  return `${height} by ${width}`;
}

/**
 * The geometry of `window` on an image of height and width `image`. Output: ⌊(length + padding − reach)/stride⌋
 * + 1 along each axis, with reach = dilation·(window − 1) + 1. `argument` is what the window comes from.
 * Throws ValueError for options out of range and ShapeError where the window exceeds the padded image.
 */
export function resolveWindow(
  where: string,
  argument: string,
  image: Pair,
  window: Pair,
  {
    stride: strideOption = 1,
    padding: paddingOption = 0,
    dilation: dilationOption = 1,
  }: SlidingOptions,
): ResolvedWindow {
  const stride = resolvePair(where, "stride", strideOption, 1);
  const dilation = resolvePair(where, "dilation", dilationOption, 1);
  const reach = reachOf(window, dilation);
  const padding = resolvePadding(where, paddingOption, image, reach, stride);
  const padded: Pair = [
    image[0] + padding[0][0] + padding[0][1],
    image[1] + padding[1][0] + padding[1][1],
  ];
  if (reach[0] > padded[0] || reach[1] > padded[1]) {
    throw new ShapeError({
      where,
      argument,
      expected: `to fit into the padded image of ${formatPair(padded)} pixels`,
      got: `a window that reaches over ${formatPair(reach)}`,
      fix: "Pad more, or make the window or its dilation smaller",
    });
  }
  const output: Pair = [
    Math.floor((padded[0] - reach[0]) / stride[0]) + 1,
    Math.floor((padded[1] - reach[1]) / stride[1]) + 1,
  ];
  return { window, stride, padding, dilation, output };
}

/** A shape of four axes. */
export type Shape4 = readonly [number, number, number, number];

const isShape4 = (shape: Shape): shape is Shape4 => shape.length === 4;

/** `shape` with its four axes known. Throws ShapeError for another rank. `axes`: as in `"[N, C, H, W]"`. */
export function requireFourAxes(
  where: string,
  argument: string,
  shape: Shape,
  axes: string,
): Shape4 {
  if (!isShape4(shape)) {
    throw new ShapeError({
      where,
      argument,
      expected: `to have 4 axes ${axes}`,
      got: formatShape(shape),
      fix: "Reshape it; a missing axis has length 1",
    });
  }
  return shape;
}

/** Throws ShapeError unless `got` is the shape that `because` demands. */
export function requireShape(
  where: string,
  argument: string,
  got: Shape,
  expected: Shape,
  because: string,
): void {
  if (!sameShape(got, expected)) {
    throw new ShapeError({
      where,
      argument,
      expected: `to be ${formatShape(expected)}, ${because}`,
      got: formatShape(got),
      fix: "Check the shapes and options against each other",
    });
  }
}
