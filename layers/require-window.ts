/**
 * The ops' own checks of convolutions and poolings, for the moment when a layer is made.
 * Rests on the shapes of core's ops, asked about the smallest image that the window fits into.
 */
import { type ConvolutionOptions, resolveConvolution } from "../core/ops/convolution-shapes.ts";
import { type PairLike, reachOf, resolvePair } from "../core/ops/geometry.ts";
import { type PoolOptions, resolvePool } from "../core/ops/pooling-shapes.ts";
import type { Shape } from "../core/shape.ts";

/** Throws ValueError unless stride, padding and dilation are such that conv2d takes them with this weight. */
export function requireConvolution(
  where: string,
  weight: Shape,
  options: ConvolutionOptions,
): void {
  const [, channels = 1, height = 1, width = 1] = weight;
  const { groups = 1, dilation } = options;
  const image = smallestImage(where, [height, width], dilation);
  resolveConvolution(where, [1, channels * groups, ...image], weight, options);
}

/** Throws ValueError unless window, stride, padding and dilation are such that a pooling takes them. */
export function requirePool(where: string, options: PoolOptions): void {
  const image = smallestImage(where, options.window, options.dilation);
  resolvePool(where, "x", [1, 1, ...image], options);
}

/** Height and width that a window reaches over, and its dilation at least. */
function smallestImage(where: string, windowOption: PairLike, dilationOption: PairLike = 1): Shape {
  const window = resolvePair(where, "window", windowOption, 1);
  const dilation = resolvePair(where, "dilation", dilationOption, 1);
  const reach = reachOf(window, dilation);
  return [Math.max(reach[0], dilation[0]), Math.max(reach[1], dilation[1])];
}
