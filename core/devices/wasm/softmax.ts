/**
 * Softmax kernels of the wasm device: the host half.
 * Rests on operands and axes. Rows whose elements are not neighbours are gathered first and put back.
 */
import { bytesPerElement } from "../../dtype.ts";
import { isDense, permuteLayout } from "../../layout.ts";
import { sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import { axesOf, filling, otherAxes, strideOf } from "./axes.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, dense, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

const suffix = { float32: "F32", float64: "F64", int32: "I32", bool: "I32" } as const;
/** Elements worth a thread of its own: exp is dear. */
const elementsPerThread = 2048;

/** A view whose last axis is `axis`. */
function withLast(operand: WasmOperand, axis: number): WasmOperand {
  const rank = operand.shape.length;
  return { ...operand, ...permuteLayout(operand, [...otherAxes(rank, [axis]), axis]) };
}

/** Bytes between rows along the last axis, or null where rows are not in line or their elements not neighbours. */
function rowStride(operand: WasmOperand): number | null {
  const rank = operand.shape.length;
  const size = bytesPerElement[operand.dtype];
  const last = rank - 1;
  if (operand.shape[last] !== 1 && strideOf(operand, last) !== size) return null;
  const rows = axesOf([operand], otherAxes(rank, [last]));
  if (rows.lengths.length > 1) return null;
  return rows.strides[0]?.[0] ?? 0;
}

/** The operand with rows that a kernel can go through: itself, or a dense copy. */
function inRows(operand: WasmOperand): readonly [rows: WasmOperand, stride: number] {
  const stride = rowStride(operand);
  if (stride !== null) return [operand, stride];
  const copy = dense(operand);
  return [copy, rowStride(copy) ?? 0];
}

function alongRows(
  name: "softmax" | "logSoftmax",
  x: WasmOperand | undefined,
  y: WasmOperand | undefined,
  axis: number,
): void {
  if (!x || !y || sizeOf(x.shape) === 0) return;
  const count = x.shape[axis] ?? 1;
  filling(withLast(y, axis), (target) => {
    const [rows, stride] = inRows(withLast(x, axis));
    const words = [count, addressOf(rows), addressOf(target), stride, rowStride(target) ?? 0];
    const grain = Math.ceil(elementsPerThread / count);
    current().run(`${name}${suffix[x.dtype]}`, words, [], sizeOf(x.shape) / count, grain);
  });
}

/** Kernels around softmax. */
export const softmaxKernels: Pick<
  KernelTable<WasmHandle>,
  "softmax" | "logSoftmax" | "softmaxCrossEntropy"
> = {
  softmax: ([x], [y], { axis }) => alongRows("softmax", x, y, axis),
  logSoftmax: ([x], [y], { axis }) => alongRows("logSoftmax", x, y, axis),
  softmaxCrossEntropy: ([logits, target], [loss]) => {
    if (!logits || !target || !loss) return;
    const [rows = 0, count = 0] = logits.shape;
    if (!isDense(loss)) throw new RangeError("wasm: the loss is not dense");
    const [x, xStride] = inRows(logits);
    const [t, tStride] = inRows(target);
    const words = [count, addressOf(x), addressOf(loss), xStride, 0, addressOf(t), tStride];
    const grain = Math.ceil(elementsPerThread / Math.max(1, count));
    current().run(`crossEntropy${suffix[logits.dtype]}`, words, [], rows, grain);
  },
};
