/**
 * Shapes of pooling: [N, C, H, W] → [N, C, H′, W′], with windows that each see at least one pixel.
 * Rests on geometry; holds what every pooling refuses.
 */
import type { Pair, WindowGeometry } from "../devices/kernels.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { indicesOf } from "../nd-array.ts";
import type { Sampler } from "../sampling.ts";
import type { Shape } from "../shape.ts";
import {
  formatPair,
  type PairLike,
  reachOf,
  requireFourAxes,
  resolvePair,
  resolveWindow,
  type Shape4,
  type SlidingOptions,
} from "./geometry.ts";

/** Options of pooling. Units: pixels. `stride` is the window where absent. */
export interface PoolOptions extends SlidingOptions {
  /** Height and width of the window, integers ≥ 1. */
  readonly window: PairLike;
}

/** A pooling's geometry, with the shapes it connects. */
export interface ResolvedPool {
  readonly geometry: WindowGeometry;
  readonly image: Shape4;
  readonly pooled: Shape4;
}

/**
 * The geometry of pooling an image [N, C, H, W]. Padding is at most half of what a window reaches over, and
 * dilation at most the image: so no window sees padding alone. PyTorch's limit is half of the window, which is
 * the same without dilation and less with it.
 */
export function resolvePool(
  where: string,
  argument: string,
  shape: Shape,
  { window: windowOption, stride = windowOption, padding = 0, dilation = 1 }: PoolOptions,
): ResolvedPool {
  const image = requireFourAxes(where, argument, shape, "[N, C, H, W]");
  const [n, channels, height, width] = image;
  const window = resolvePair(where, "window", windowOption, 1);
  const size: Pair = [height, width];
  const resolved = resolveWindow(where, "window", size, window, { stride, padding, dilation });
  const { output, ...geometry } = resolved;
  const reach = reachOf(window, geometry.dilation);
  for (const axis of [0, 1] as const) {
    const widest = Math.max(...geometry.padding[axis]);
    if (2 * widest > reach[axis]) {
      throw new ValueError({
        where,
        argument: "padding",
        expected: `to be at most half of a window that reaches over ${formatPair(reach)}`,
        got: String(widest),
        fix: "Pad less: the windows at the border would see padding alone",
      });
    }
    if (window[axis] > 1 && geometry.dilation[axis] > size[axis]) {
      throw new ShapeError({
        where,
        argument: "dilation",
        expected: `to be at most the image, ${formatPair(size)}`,
        got: formatPair(geometry.dilation),
        fix: "Dilate less: a window could see padding alone",
      });
    }
  }
  return { geometry, image, pooled: [n, channels, ...output] };
}

/** The pixels (row, column) that window (p, q) sees, in row-major order. */
export function pixelsSeen(
  { geometry: { window, stride, padding, dilation }, image: [, , height, width] }: ResolvedPool,
  p: number,
  q: number,
): readonly (readonly [number, number])[] {
  return indicesOf(window).flatMap(([r = 0, s = 0]): (readonly [number, number])[] => {
    const row = p * stride[0] + r * dilation[0] - padding[0][0];
    const column = q * stride[1] + s * dilation[1] - padding[1][0];
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? [[row, column]] : [];
  });
}

/** An image's shape with options of a window that may pool it. */
export function samplePool(draw: Sampler): {
  readonly shape: Shape;
  readonly options: PoolOptions;
} {
  const window: Pair = [draw.integer(1, 3), draw.integer(1, 3)];
  const dilation = draw.integer(1, 2);
  const half = (axis: 0 | 1): number => draw.integer(0, Math.floor(window[axis] / 2));
  const lengthFor = (taps: number): number => dilation * (taps - 1) + draw.integer(1, 3);
  const paddings = [
    "same",
    0,
    [half(0), half(1)],
    [
      [half(0), half(0)],
      [half(1), half(1)],
    ],
  ] as const;
  const options: PoolOptions = {
    window: window[0] === window[1] && draw.boolean() ? window[0] : window,
    padding: draw.pick(paddings),
    dilation,
  };
  return {
    shape: [draw.integer(0, 2), draw.integer(1, 2), lengthFor(window[0]), lengthFor(window[1])],
    options: draw.boolean() ? options : { ...options, stride: draw.integer(1, 3) },
  };
}
