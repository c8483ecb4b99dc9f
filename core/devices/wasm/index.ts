/**
 * The wasm device: SIMD kernels in WebAssembly, with threads, and the same bits everywhere.
 * Rests on the runtime and the host half of each kernel family.
 */
import { bytesPerElement, type DType, type TypedArray } from "../../dtype.ts";
import { sizeOf } from "../../shape.ts";
import type { Device, KernelTable, Operand } from "../device.ts";
import { convolutionKernels } from "./convolution.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { indexingKernels } from "./indexing.ts";
import { layoutOf } from "./layouts.ts";
import { matmulKernels } from "./matmul.ts";
import type { WasmHandle } from "./memory.ts";
import { normalizationKernels } from "./normalization.ts";
import { normalizationGradientKernels } from "./normalization-gradient.ts";
import { addressOf, dense, type WasmOperand } from "./operands.ts";
import { poolingKernels } from "./pooling.ts";
import { randomKernels } from "./random.ts";
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
  allocate: (dtype, length) => current().allocator.allocate(length * bytesPerElement[dtype]),
  release: (handle) => started()?.allocator.release(handle as WasmHandle),
  write: (handle, data) => {
    const { pointer } = handle as WasmHandle;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(current().memory.buffer, pointer, bytes.length).set(bytes);
  },
  read: (operand) => withTemporaries(() => readDense(dense(operand as WasmOperand))),
  layoutOf: (name, inputs, type) => layoutOf(name, inputs as readonly WasmOperand[], type),
  launch: (name, inputs, outputs, attributes) => {
    try {
      kernels[name](
        inputs as readonly Operand<WasmHandle>[],
        outputs as readonly Operand<WasmHandle>[],
        attributes,
      );
    } finally {
      started()?.releaseTemporaries();
    }
  },
};

/** Gives the launch's temporaries back, also after an error. */
function withTemporaries<T>(body: () => T): T {
  try {
    return body();
  } finally {
    started()?.releaseTemporaries();
  }
}

function readDense(operand: WasmOperand): TypedArray {
  const { buffer } = current().memory;
  const size = sizeOf(operand.shape);
  return viewOf(operand.dtype, buffer, addressOf(operand), size).slice();
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
