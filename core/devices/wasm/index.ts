/**
 * The wasm device: SIMD kernels in WebAssembly, with threads, and the same bits everywhere.
 * Rests on the runtime and the host half of each kernel family.
 */
import { bytesPerElement, type DType, type TypedArray } from "../../dtype.ts";
import { DeviceError } from "../../errors.ts";
import { formatShape, sizeOf } from "../../shape.ts";
import type { Device, KernelTable, Operand } from "../device.ts";
import type { KernelAttributes } from "../kernels.ts";
import type { LaunchNote } from "../recorder.ts";
import { convolutionKernels } from "./convolution.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { indexingKernels, judgedInputs, refuseIndices } from "./indexing.ts";
import { layoutOf } from "./layouts.ts";
import { matmulKernels } from "./matmul.ts";
import type { WasmHandle } from "./memory.ts";
import { normalizationKernels } from "./normalization.ts";
import { normalizationGradientKernels } from "./normalization-gradient.ts";
import { addressOf, dense, type WasmOperand } from "./operands.ts";
import { poolingKernels } from "./pooling.ts";
import { randomKernels } from "./random.ts";
import { noteAccess, noteLaunch, recorderWith } from "./recording.ts";
import { reductionKernels } from "./reduction.ts";
import { softmaxKernels } from "./softmax.ts";
import { current, started } from "./state.ts";
import { updateKernels } from "./update.ts";

const kernels: KernelTable<WasmHandle> = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...softmaxKernels,
  ...matmulKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...indexingKernels,
  ...normalizationKernels,
  ...normalizationGradientKernels,
  ...randomKernels,
  ...updateKernels,
};

/** WebAssembly with SIMD and threads. */
export const wasmDevice: Device = {
  name: "wasm",
  isCollected: false,
  isReproducible: true,
  allocate: (dtype, length) => current().allocator.allocate(length * bytesPerElement[dtype]),
  release: (handle) => started()?.allocator.release(handle as WasmHandle),
  write: (handle, data) => {
    noteAccess([], [wholeOf(handle as WasmHandle)]);
    const { pointer } = handle as WasmHandle;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(current().memory.buffer, pointer, bytes.length).set(bytes);
  },
  read: (operand) => lookAt(operand, (elements) => elements.slice()),
  look: lookAt,
  recorder: recorderWith({
    perform: (note) => again(note, perform),
    judged: judgedInputs,
    refuse: (note) => withTemporaries(() => refuseIndices(note)),
    relaunch: (note) => again(note, wasmDevice.launch),
  }),
  layoutOf: (name, inputs, type) => layoutOf(name, inputs as readonly WasmOperand[], type),
  launch: (name, inputs, outputs, attributes) => {
    requireCountable(name, inputs);
    requireCountable(name, outputs);
    if (!noteLaunch({ name, inputs, outputs, attributes })) {
      perform(name, inputs, outputs, attributes);
    }
  },
};

/** Runs a launch. */
const perform: Device["launch"] = (name, inputs, outputs, attributes) => {
  current().watch?.begins({ launches: [{ name, inputs, outputs, attributes }], inner: nothing });
  withTemporaries(() =>
    kernels[name](
      inputs as readonly Operand<WasmHandle>[],
      outputs as readonly Operand<WasmHandle>[],
      attributes,
    ),
  );
};

const nothing: ReadonlySet<unknown> = new Set();

/** A launch that was noted, by `launch`. */
function again({ name, inputs, outputs, attributes }: LaunchNote, launch: Device["launch"]): void {
  launch(name, inputs, outputs, attributes as KernelAttributes[typeof name]);
}

/** All of a block, as bytes. */
function wholeOf(handle: WasmHandle): WasmOperand {
  return { handle, dtype: "bool", shape: [handle.bytes], strides: [1], offset: 0 };
}

/** Elements that kernels can count in 32 bits, whole pieces of them included. */
const mostElements = 2 ** 31 - 2 ** 16;

/** Throws DeviceError for a tensor of more elements, such as a small one broadcast to a large shape. */
function requireCountable(name: string, operands: readonly Operand[]): void {
  for (const { shape } of operands) {
    if (sizeOf(shape) <= mostElements) continue;
    throw new DeviceError({
      where: "wasm",
      argument: "a tensor",
      expected: `to hold at most ${mostElements} elements`,
      got: `${formatShape(shape)} in ${name}`,
      fix: "Work on parts of it, and join their results",
    });
  }
}

/** Gives the launch's temporaries back, also after an error. */
function withTemporaries<T>(body: () => T): T {
  try {
    return body();
  } finally {
    started()?.releaseTemporaries();
  }
}

function lookAt<R>(operand: Operand, use: (elements: TypedArray) => R): R {
  requireCountable("a look from JavaScript", [operand]);
  noteAccess([operand], []);
  return withTemporaries(() => {
    current().watch?.begins({ launches: [], inner: nothing });
    const lying = dense(operand as WasmOperand);
    const { buffer } = current().memory; // after `dense`, which may make it grow
    return use(viewOf(lying.dtype, buffer, addressOf(lying), sizeOf(lying.shape)));
  });
}

function viewOf(dtype: DType, buffer: ArrayBufferLike, at: number, length: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer, at, length);
    case "float64":
      return new Float64Array(buffer, at, length);
    case "int32":
      return new Int32Array(buffer, at, length);
    case "bool":
      return new Uint8Array(buffer, at, length);
  }
}
