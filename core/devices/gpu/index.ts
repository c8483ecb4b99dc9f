/**
 * The gpu device: matmul and convolutions through gpu.js, everything else on the wasm device, in the same memory.
 * Rests on the wasm device, launches and state. Not bit-reproducible: an adapter rounds and adds as it likes. Of finite
 * sums of K terms it promises K roundings, subnormal numbers may be flushed to zero; of NaN and infinities it promises
 * nothing, as WGSL does not.
 */
import type { TypedArray } from "../../dtype.ts";
import type { Device, Operand } from "../device.ts";
import type { Conv2dGeometry, KernelAttributes, KernelName } from "../kernels.ts";
import { wasmDevice } from "../wasm/index.ts";
import type { WasmHandle } from "../wasm/memory.ts";
import {
  type Call,
  isKernelClass,
  launch,
  lengthOf,
  productsOf,
  type Ready,
  readyFor,
} from "./launches.ts";
import { titleOf } from "./modes.ts";
import { probe, wideLength } from "./probe.ts";
import {
  drop,
  gpuStarted,
  guarded,
  requirePresent,
  restartGpu,
  type Started,
  settle,
} from "./state.ts";

export type { KernelClass } from "./launches.ts";
export { type Mode, setGpuCutoff } from "./modes.ts";
export { prepareGpu } from "./prepared-worker.ts";
export {
  type ClassStatus,
  finishGpu,
  type GpuStatus,
  gpuLanes,
  gpuStatus,
  type RefusedMode,
  startGpu,
  stopGpu,
} from "./state.ts";

/** The engine; started now where a tensor came before `setDevice`. */
function atWork(): Started {
  const found = gpuStarted();
  if (found !== null) return found;
  restartGpu();
  return atWork();
}

/** gpu.js for matrix products and convolutions. */
export const gpuDevice: Device = {
  get name(): string {
    const at = gpuStarted();
    return at === null ? "gpu" : titleOf(at.engine.mode);
  },
  isCollected: false,
  isReproducible: false,
  allocate: (dtype, length) => wasmDevice.allocate(dtype, length),
  release: (handle) => {
    drop(handle as WasmHandle);
    wasmDevice.release(handle);
  },
  write: (handle, data) => {
    const isWhole = data.byteLength === (handle as WasmHandle).bytes;
    if (!isWhole) settle(handle as WasmHandle); // the rest stays as it is
    drop(handle as WasmHandle);
    wasmDevice.write(handle, data);
  },
  read: (operand) => {
    settle(operand.handle as WasmHandle);
    return wasmDevice.read(operand);
  },
  look: <R>(operand: Operand, use: (elements: TypedArray) => R): R => {
    settle(operand.handle as WasmHandle);
    return wasmDevice.look(operand, use);
  },
  layoutOf: (name, inputs, type) => wasmDevice.layoutOf(name, inputs, type),
  launch: (name, inputs, outputs, attributes) => {
    if (isKernelClass(name) && ranHere(callOf(name, inputs, outputs, attributes))) return;
    for (const { handle } of inputs) settle(handle as WasmHandle);
    if (name === "update") for (const { handle } of outputs) settle(handle as WasmHandle); // read in place as well
    for (const { handle } of outputs) drop(handle as WasmHandle);
    wasmDevice.launch(name, inputs, outputs, attributes);
  },
};

function callOf(
  name: Call["name"],
  inputs: readonly Operand[],
  outputs: readonly Operand[],
  attributes: KernelAttributes[KernelName],
): Call | null {
  const [a, b] = inputs as readonly Operand<WasmHandle>[];
  const [output] = outputs as readonly Operand<WasmHandle>[];
  if (a === undefined || b === undefined || output === undefined) return null;
  const geometry =
    "dilation" in attributes && "groups" in attributes ? (attributes as Conv2dGeometry) : null;
  return { name, inputs: [a, b], output, geometry };
}

/** Runs the call on the engine, or notes why not. */
function ranHere(call: Call | null): boolean {
  if (call === null) return false;
  const at = atWork();
  return guarded(at, () => {
    const entry = at.classes.get(call.name);
    if (entry === undefined) return false;
    const ready = admitted(at, entry, call);
    if (typeof ready === "string") {
      entry.passedOn.set(ready, (entry.passedOn.get(ready) ?? 0) + 1);
      return false;
    }
    for (const { handle } of call.inputs) requirePresent(handle);
    drop(call.output.handle);
    launch(at.engine, at.residency, ready, call.output);
    entry.ran += 1;
    return true;
  });
}

type Class = Started["classes"] extends ReadonlyMap<unknown, infer Entry> ? Entry : never;

/** The call made ready, or why it goes to the wasm device. */
function admitted(at: Started, entry: Class, call: Call): Ready | string {
  if (entry.refused !== null) return entry.refused;
  if (productsOf(call) < at.cutoff) return "below the cut-off";
  const lengths = [...call.inputs, call.output].map(lengthOf);
  if (lengths.some((length) => length * 4 > at.engine.mostBytes))
    return "more than the adapter can bind";
  if (lengths.some((length) => length > wideLength)) {
    if (entry.refusedWide === undefined) {
      entry.refusedWide = probe(at.engine, call.name, { widest: at.widest, wide: true });
    }
    if (entry.refusedWide !== null) return entry.refusedWide;
  }
  return readyFor(call, at.widest);
}
