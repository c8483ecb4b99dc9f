/**
 * bind: the single point through which every op runs. Checks shapes, runs on the device, tells interpreters.
 * Rests on op, tensor, storage, scope and interpreter; knows no mathematics.
 */
import { currentDevice } from "./devices/current.ts";
import type { Device, Operand } from "./devices/device.ts";
import { DeviceError } from "./errors.ts";
import { announce, withInterpreters } from "./interpreter.ts";
import { broadcastLayout, denseLayout, type Layout } from "./layout.ts";
import { type KernelForward, type Op, type Tensors, typesOf } from "./op.ts";
import { own } from "./scope.ts";
import { type Shape, sameShape, sizeOf } from "./shape.ts";
import { Storage } from "./storage.ts";
import { currentSubstitution, substituted } from "./substitution.ts";
import { operandOf, requireTensor, Tensor, type TensorType } from "./tensor.ts";

/**
 * Applies `op` to `inputs`. Throws what the op's shape rule declares, ScopeError and OverwrittenError for
 * inputs that cannot be read, DeviceError for inputs on two devices.
 */
export function bind<A extends object, I extends Tensors, O extends Tensors>(
  op: Op<A, I, O>,
  given: I,
  attributes: A,
): O {
  const inputs = currentSubstitution() === null ? given : (given.map(substituted) as Tensors as I);
  for (let i = 0; i < inputs.length; i++) requireTensor(op.name, inputName(op, i), inputs[i]);
  const types = op.infer(typesOf(inputs), attributes);
  const { forward } = op;
  if ("compose" in forward) return forward.compose(inputs, attributes);
  const operands: Operand[] = [];
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (input !== undefined) operands.push(operandOf(op.name, inputName(op, i), input));
  }
  let outputs: Tensors;
  if ("opaque" in forward) {
    outputs = withInterpreters([], () => forward.opaque(inputs, attributes)).map(alias);
  } else if ("view" in forward) {
    outputs = inputs.map((input) => viewOf(input, (layout) => forward.view(layout, attributes)));
  } else {
    const device = commonDevice(op.name, inputs);
    outputs = runKernel(device, forward, operands, inputs, types, attributes);
  }
  announce({ op, inputs, outputs, attributes });
  return outputs as O;
}

/** The name of input number `i`: the last one stands for all that follow. */
function inputName({ inputNames }: { readonly inputNames: readonly string[] }, i: number): string {
  return inputNames[Math.min(i, inputNames.length - 1)] ?? "x";
}

/** `bind` for the many ops with one output. */
export function bindOne<A extends object, I extends Tensors>(
  op: Op<A, I, readonly [Tensor]>,
  inputs: I,
  attributes: A,
): Tensor {
  return bind(op, inputs, attributes)[0];
}

/** A fresh tensor of `type` on `device`, filled by `fill`; it belongs to the scope that is open now. */
export function allocateTensor(
  device: Device,
  { shape, dtype }: TensorType,
  fill: (operand: Operand) => void,
): Tensor {
  const storage = new Storage(device, dtype, sizeOf(shape));
  own(storage);
  const layout = denseLayout(shape);
  fill({ handle: storage.handle, dtype, ...layout });
  return new Tensor({ storage, layout });
}

/** Another handle on the same elements, without a history: interpreters note new things on it. */
export function alias(tensor: Tensor): Tensor {
  const handle = new Tensor({ storage: tensor.storage, layout: tensor, name: tensor.name });
  handle.version = tensor.version;
  return handle;
}

function runKernel<A>(
  device: Device,
  forward: KernelForward<A>,
  operands: readonly Operand[],
  inputs: Tensors,
  types: readonly TensorType[],
  attributes: A,
): Tensors {
  const [first] = types;
  const sources =
    forward.broadcast && first !== undefined
      ? operands.map((operand) => stretched(operand, first.shape))
      : operands;
  const outputs: Tensor[] = [];
  const targets: Operand[] = [];
  for (const type of types) {
    const storage = new Storage(device, type.dtype, sizeOf(type.shape));
    own(storage);
    const layout = device.layoutOf(forward.kernel, sources, type);
    const output = new Tensor({ storage, layout });
    outputs.push(output);
    targets.push(operandOf("bind", "y", output));
  }
  device.launch(forward.kernel, sources, targets, forward.with(attributes, inputs));
  return outputs;
}

function stretched(operand: Operand, shape: Shape): Operand {
  if (sameShape(operand.shape, shape)) return operand;
  const { handle, dtype } = operand;
  const { strides, offset } = broadcastLayout(operand, shape);
  return { handle, dtype, shape, strides, offset };
}

function viewOf(input: Tensor, view: (layout: Layout) => Layout | null): Tensor {
  const direct = view(input);
  if (direct !== null) return lookAt(input, direct);
  const dense = allocateTensor(input.storage.device, input, (target) => {
    input.storage.device.launch("copy", [operandOf("reshape", "x", input)], [target], {});
  });
  return lookAt(dense, view(dense) ?? dense);
}

function lookAt(input: Tensor, layout: Layout): Tensor {
  const view = new Tensor({ storage: input.storage, layout });
  view.version = input.version;
  return view;
}

/** The device of all inputs; the current one where there are none. Throws DeviceError where they differ. */
export function commonDevice(where: string, inputs: Tensors): Device {
  const [first] = inputs;
  if (first === undefined) return currentDevice();
  const { device } = first.storage;
  for (const input of inputs) {
    if (input.storage.device !== device) {
      throw new DeviceError({
        where,
        argument: "all inputs",
        expected: "on one device",
        got: `${device.name} and ${input.storage.device.name}`,
        fix: "Make them on the same device, or copy one with tensor(x.elements(), …)",
      });
    }
  }
  return device;
}
