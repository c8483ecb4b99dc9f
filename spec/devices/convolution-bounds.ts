/**
 * How far convolutions of a device may lie from the reference: as direct sums of products do, or as Winograd's algorithm
 * may (core/winograd-shapes.ts). Rests on launch-bounds.
 */
import { referenceDevice } from "../../core/devices/reference/index.ts";
import { larger } from "../../core/ops/convolution-bounds.ts";
import type { Shape } from "../../core/shape.ts";
import { type ConvolutionName, winogradRoom } from "../../core/winograd-bound.ts";
import { winogradForm } from "../../core/winograd-shapes.ts";
import { type KernelBound, type Launch, summed } from "./launch-bounds.ts";

/** Shapes of the weight and the output of the convolution that a kernel belongs to. */
function convolutionShapes(
  name: ConvolutionName,
  { inputs: [a, b], outputs: [c] }: Launch<ConvolutionName>,
): { readonly weight: Shape; readonly output: Shape } {
  const [weight, output] = {
    conv2d: [b, c],
    conv2dInputGradient: [b, a],
    conv2dWeightGradient: [c, b],
  }[name];
  return { weight: weight?.shape ?? [], output: output?.shape ?? [] };
}

/** Convolutions: their sums of products, or Winograd's algorithm (core/winograd-bound.ts), whichever is farther off. */
export function convolved<Name extends ConvolutionName>(name: Name): KernelBound<Name>["allowed"] {
  const directly = summed<ConvolutionName>(name, (launch) => {
    const { weight, output } = convolutionShapes(name, launch);
    const [kernels = 0, channels = 0, height = 0, width = 0] = weight;
    const [n = 0, , down = 0, across = 0] = output;
    if (name === "conv2dWeightGradient") return n * down * across;
    const deep = name === "conv2d" ? channels : kernels / launch.attributes.groups;
    return deep * height * width;
  });
  return (launch) => {
    const allowed = directly(launch);
    const { dtype, attributes, unit, tiny, outputs, inputs } = launch;
    const { weight, output } = convolutionShapes(name, launch);
    const form = winogradForm(dtype, weight, output, attributes);
    const [a, b] = inputs.map((operand) => ({
      shape: operand.shape,
      data: referenceDevice.read(operand),
    }));
    const [room] = allowed;
    if (form === null || !a || !b || !room) return allowed;
    const { padding } = attributes;
    const shape = outputs[0]?.shape ?? [];
    return [larger(room, winogradRoom({ name, form, inputs: [a, b], padding, shape, unit, tiny }))];
  };
}
