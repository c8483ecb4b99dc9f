/**
 * Channels: axis 1 of [N, C, ...], and parameters [C] with one number for each.
 * Rests on normalize, which says what a parameter is refused for.
 */
import { floatDTypes, requireDType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { type NdArray, nd } from "../nd-array.ts";
import { nearOrFar } from "../op-examples.ts";
import type { ErrorExample, Sampler } from "../sampling.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { TensorType } from "../tensor.ts";
import { requireParameter } from "./normalize.ts";

/** Number of channels. Throws ShapeError where x has no channel axis, DTypeError unless it holds floats. */
export function channelsOf(where: string, x: TensorType): number {
  requireDType(where, "x", x.dtype, floatDTypes);
  const [, channels] = x.shape;
  if (channels === undefined) {
    throw new ShapeError({
      where,
      argument: "x",
      expected: "to have at least 2 axes [N, C, ...]",
      got: formatShape(x.shape),
      fix: "The channels are on axis 1",
    });
  }
  return channels;
}

/** Throws ShapeError or DTypeError unless every parameter that is there is [C] and of the dtype of x. */
export function requireChannelParameters(
  where: string,
  parameters: Readonly<Record<string, TensorType | null>>,
  x: TensorType,
  channels: number,
): void {
  for (const [argument, parameter] of Object.entries(parameters)) {
    requireParameter(where, argument, parameter, x, [channels], "one number for each channel");
  }
}

/** [C] as it broadcasts against x: [1, C, 1, ...]. */
export function channelShape(shape: Shape): Shape {
  return shape.map((length, axis) => (axis === 1 ? length : 1));
}

/** The index of a channel's parameter for the index of an element. */
export function channelIndex([, c = 0]: readonly number[]): readonly number[] {
  return [c];
}

/** x: [N, C] or [N, C, H, W] with N from `minBatch` on, and two parameters [C]. */
export function drawChannels(
  draw: Sampler,
  channels: number,
  minBatch: number,
): readonly [NdArray, NdArray, NdArray] {
  const pixels = draw.boolean() ? [draw.integer(1, 2), draw.integer(1, 3)] : [];
  const batch = draw.integer(minBatch, minBatch + 2);
  const parameter = { min: -3, max: 3 };
  return [
    draw.values([batch, channels, ...pixels], nearOrFar(draw)),
    draw.values([channels], parameter),
    draw.values([channels], parameter),
  ];
}

/** What a normalization of channels says about x, γ and β that do not fit, and about ε. */
export function channelErrors<A extends object>(
  name: string,
  attributes: A,
): readonly ErrorExample<A>[] {
  const [x, parameter] = [nd([[1, 2]]), nd([1, 2])];
  return [
    {
      inputs: [nd([1, 2]), nd([1]), nd([1])],
      attributes,
      message: `${name}: expected x to have at least 2 axes [N, C, ...], got [2]. The channels are on axis 1.`,
    },
    {
      inputs: [x, nd([1]), parameter],
      attributes,
      message: `${name}: expected gamma to be [2], one number for each channel, got [1]. Reshape it, or make one of that shape.`,
    },
    {
      inputs: [x, parameter, x],
      attributes,
      message: `${name}: expected beta to be [2], one number for each channel, got [1, 2]. Reshape it, or make one of that shape.`,
    },
    {
      inputs: [x, parameter, parameter],
      attributes: { ...attributes, epsilon: -1 },
      message: `${name}: expected epsilon to be a finite number > 0, got -1. Use a small number such as 1e-5.`,
    },
    {
      inputs: [nd([[1, 2]], "int32"), parameter, parameter],
      attributes,
      message: `${name}: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").`,
    },
    {
      inputs: [x, nd([1, 2], "int32"), parameter],
      attributes,
      message: `${name}: expected gamma to have the dtype of x, float64, got int32. Cast one of them, for example gamma.cast("float64").`,
    },
  ];
}
