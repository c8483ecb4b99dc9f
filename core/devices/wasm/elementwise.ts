/**
 * Elementwise kernels of the wasm device: the host half.
 * Rests on operands.
 */
import { sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import type { BinaryFunction, Comparison, LogicalFunction } from "../kernels.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, copyTo, dtypeNumber, runRows, segment, walkOver, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

const arithmetic: Readonly<Record<Exclude<BinaryFunction, "pow">, number>> = {
  add: 0,
  subtract: 1,
  multiply: 2,
  divide: 3,
  minimum: 4,
  maximum: 5,
};

const comparisons: Readonly<Record<Comparison, number>> = {
  equal: 0,
  notEqual: 1,
  less: 2,
  lessEqual: 3,
  greater: 4,
  greaterEqual: 5,
};

const logical: Readonly<Record<LogicalFunction, number>> = {
  logicalAnd: 0,
  logicalOr: 1,
  logicalXor: 2,
};

const binaryKernels = { float32: "binaryF32", float64: "binaryF64", int32: "binaryI32", bool: "" };
