/**
 * How far convolutions of a device may lie from the reference: as direct sums of products do, or as Winograd's algorithm
 * may (core/winograd-shapes.ts). Rests on launch-bounds.
 */
import { referenceDevice } from "../../core/devices/reference/index.ts";
import { denseLayout } from "../../core/layout.ts";
import type { Shape } from "../../core/shape.ts";
import { isWinograd, widened, winogradRoundings } from "../../core/winograd-shapes.ts";
import {
  gamma,
  type KernelBound,
  type Launch,
  type PlainOperand,
  perform,
  sizes,
  summed,
} from "./launch-bounds.ts";

type Convolution = "conv2d" | "conv2dInputGradient" | "conv2dWeightGradient";

/** Shapes of the weight and the output of the convolution that a kernel belongs to. */
function convolutionShapes(
  name: Convolution,
  { inputs: [a, b], outputs: [c] }: Launch<Convolution>,
): { readonly weight: Shape; readonly output: Shape } {
  const [weight, output] = {
    conv2d: [b, c],
    conv2dInputGradient: [b, a],
    conv2dWeightGradient: [c, b],
  }[name];
  return { weight: weight?.shape ?? [], output: output?.shape ?? [] };
}

/**
 * Convolutions: their sums of products, or what Winograd's algorithm makes of these (core/winograd-shapes.ts),
 * whichever is farther off: an output that overflows on the way of the latter is summed directly.
 */
export function convolved(name: Convolution): KernelBound<Convolution>["allowed"] {
  const termsOf = (launch: Launch<Convolution>): readonly [terms: number, inTile: number] => {
    const { weight, output } = convolutionShapes(name, launch);
    const [kernels = 0, channels = 0, height = 0, width = 0] = weight;
    const [n = 0, , down = 0, across = 0] = output;
    if (name === "conv2dWeightGradient") return [n * down * across, n * down * across];
    const deep = name === "conv2d" ? channels : kernels / launch.attributes.groups;
    return [deep * height * width, deep];
  };
  const directly = summed(name, (launch) => termsOf(launch)[0]);
  return (launch) => {
    const allowed = directly(launch);
    const { dtype, attributes, unit, tiny, outputs } = launch;
    const { weight, output } = convolutionShapes(name, launch);
    if (!isWinograd(dtype, weight, output, attributes)) return allowed;
    const mix = (operand: PlainOperand): PlainOperand => {
      const handle = referenceDevice.read(operand).map((size) => size + tiny / unit);
      const dense = { ...operand, ...denseLayout(operand.shape) };
      return { ...dense, handle: Float64Array.from(widened(handle)) };
    };
    const given = launch.inputs.map(sizes);
    const last = given[1];
    if (name !== "conv2dWeightGradient" && last !== undefined) given[1] = mix(last);
    const sums = perform(name, given, outputs, attributes);
    const mixed = name === "conv2dWeightGradient" ? sums.map(mix) : sums;
    const terms = termsOf(launch)[1] + winogradRoundings;
    return allowed.map((room, k) =>
      room.map((direct, i) =>
        Math.max(direct, gamma(terms, unit) * (mixed[k]?.handle[i] ?? 0) + 16 * terms * tiny),
      ),
    );
  };
}
