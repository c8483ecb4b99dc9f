/**
 * Shapes of convolutions: x [N, C, H, W] with weight [K, C/groups, R, S] gives y [N, K, H′, W′].
 * Rests on geometry; holds what every convolution refuses.
 */
import type { Conv2dGeometry, Pair } from "../devices/kernels.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { requireFourAxes, resolveWindow, type Shape4, type SlidingOptions } from "./geometry.ts";

/** What the shapes of a convolution depend on. Units: pixels. */
export interface ConvolutionOptions extends SlidingOptions {
  /** Number of groups that channels and kernels are split into, none seeing another's; default 1. */
  readonly groups?: number;
}

/** What is added to each output channel. */
export interface BiasOption {
  /** One number for each output channel, [K]; null or absent: nothing. */
  readonly bias?: Tensor | null;
}

/** A convolution's geometry, with the shapes it connects. */
export interface ResolvedConvolution {
  readonly geometry: Conv2dGeometry;
  readonly x: Shape4;
  readonly weight: Shape4;
  readonly y: Shape4;
}

/** Names of the two shapes that a convolution starts from, as the user knows them. */
interface ShapeNames {
  readonly x: string;
  readonly weight: string;
}

/** Throws ValueError unless `groups` is an integer ≥ 1 that divides `count`, the number of `what`. */
export function requireGroups(where: string, groups: number, count: number, what: string): void {
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ValueError({
      where,
      argument: "groups",
      expected: "to be an integer ≥ 1",
      got: String(groups),
      fix: "1 is one group of all channels",
    });
  }
  if (count % groups !== 0) {
    throw new ValueError({
      where,
      argument: "groups",
      expected: `to divide the number of ${what}, ${count}`,
      got: String(groups),
      fix: "All groups have equally many",
    });
  }
}

/** Throws ShapeError unless a kernel has at least one pixel. */
export function requireKernel(where: string, argument: string, weight: Shape4): Pair {
  const [, , height, width] = weight;
  if (height < 1 || width < 1) {
    throw new ShapeError({
      where,
      argument,
      expected: "to hold kernels of at least one pixel",
      got: formatShape(weight),
      fix: "The last two axes are the kernel's height and width",
    });
  }
  return [height, width];
}

/** The geometry of a convolution of x [N, C, H, W] with weight [K, C/groups, R, S]. */
export function resolveConvolution(
  where: string,
  xShape: Shape,
  weightShape: Shape,
  { groups = 1, ...sliding }: ConvolutionOptions,
  names: ShapeNames = { x: "x", weight: "weight" },
): ResolvedConvolution {
  const x = requireFourAxes(where, names.x, xShape, "[N, C, H, W]");
  const weight = requireFourAxes(where, names.weight, weightShape, "[K, C/groups, R, S]");
  const [n, channels, height, width] = x;
  const [kernels, perGroup] = weight;
  const window = requireKernel(where, names.weight, weight);
  requireGroups(where, groups, channels, `channels of ${names.x}`);
  requireGroups(where, groups, kernels, `kernels of ${names.weight}`);
  if (perGroup * groups !== channels) {
    throw new ShapeError({
      where,
      argument: names.weight,
      expected: `to have length ${channels / groups} on axis 1, the channels of one group of ${names.x}`,
      got: `${names.weight} ${formatShape(weight)}`,
      fix: "A weight is [kernels, channels/groups, height, width]",
    });
  }
  const resolved = resolveWindow(where, names.weight, [height, width], window, sliding);
  const { stride, padding, dilation, output } = resolved;
  return {
    geometry: { stride, padding, dilation, groups },
    x,
    weight,
    y: [n, kernels, ...output],
  };
}

/** Throws DTypeError unless both are of one float dtype. */
export function requireFloats(
  where: string,
  names: ShapeNames,
  a: TensorType,
  b: TensorType,
): void {
  requireDType(where, names.x, a.dtype, floatDTypes);
  sameDType(where, [names.x, names.weight], a.dtype, b.dtype);
}
