/**
 * Operands of the wasm device: addresses, dense copies, and the words that describe a walk over rows.
 * Rests on state and layout.
 */
import { bytesPerElement, type DType } from "../../dtype.ts";
import { denseLayout, isDense } from "../../layout.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { Operand } from "../device.ts";
import type { WasmHandle } from "./memory.ts";
import { current } from "./state.ts";

/** An operand in linear memory. */
export type WasmOperand = Operand<WasmHandle>;

/** The number by which kernels know a dtype. */
export const dtypeNumber: Readonly<Record<DType, number>> = {
  float32: 0,
  float64: 1,
  int32: 2,
  bool: 3,
};

/** Elements of a row's segment, as in kernels/walk.ts. */
export const segment = 4096;
/** Pieces worth a thread of its own: below 16,384 elements a kernel runs alone. */
const elementsPerThread = 8192;

/** The byte address of an operand's first element. */
export function addressOf({ handle, offset, dtype }: WasmOperand): number {
  return handle.pointer + offset * bytesPerElement[dtype];
}

/** The operand itself where it is row-major, else a row-major copy that lasts until the launch ends. */
export function dense(operand: WasmOperand): WasmOperand {
  if (isDense(operand)) return operand;
  const bytes = sizeOf(operand.shape) * bytesPerElement[operand.dtype];
  const pointer = current().temporary(bytes);
  const copy: WasmOperand = {
    handle: { pointer, bytes },
    dtype: operand.dtype,
    ...denseLayout(operand.shape),
  };
  copyTo(copy, operand);
  return copy;
}

/** Copies `source` into `target` (same shape, any layouts), converting the dtype. */
export function copyTo(target: WasmOperand, source: WasmOperand): void {
  const walk = walkOver([target, source]);
  runRows("copyRows", 0, walk, [dtypeNumber[source.dtype], dtypeNumber[target.dtype]]);
}

/** A walk over rows of operands of one shape: axes that lie alike in all of them are one. */
export interface Walk {
  readonly words: readonly number[];
  readonly rows: number;
  readonly rowLength: number;
}

const outerAxes = 6;

/** The walk over operands of equal shape, the output first. */
export function walkOver(operands: readonly WasmOperand[]): Walk {
  const [first] = operands;
  const axes = mergedAxes(
    first?.shape ?? [],
    operands.map(({ strides, dtype }) => strides.map((stride) => stride * bytesPerElement[dtype])),
  );
  const inner = axes.at(-1) ?? { length: 1, strides: operands.map(() => 0) };
  const outer = axes.slice(0, -1);
  if (outer.length > outerAxes)
    throw new RangeError("wasm: more than 7 axes that cannot be merged");
  const rows = outer.reduce((product, { length }) => product * length, 1);
  const perOperand = (k: number): readonly number[] =>
    Array.from({ length: outerAxes }, (_, axis) => outer[axis]?.strides[k] ?? 0);
  return {
    rows,
    rowLength: inner.length,
    words: [
      outer.length,
      inner.length,
      Math.max(1, Math.ceil(inner.length / segment)),
      ...Array.from({ length: 4 }, (_, k) => pointerOf(operands[k])),
      ...Array.from({ length: 4 }, (_, k) => inner.strides[k] ?? 0),
      ...Array.from({ length: outerAxes }, (_, axis) => outer[axis]?.length ?? 1),
      ...[0, 1, 2, 3].flatMap(perOperand),
    ],
  };
}

/** Runs a kernel over a walk; `fn` is its first word, `extra` follows from word 42 on. */
export function runRows(
  name: string,
  fn: number,
  { words, rows, rowLength }: Walk,
  extra: readonly number[] = [],
  reals: readonly number[] = [],
): void {
  if (rows * rowLength === 0) return;
  const segments = Math.ceil(rowLength / segment);
  const grain = Math.max(1, Math.ceil(elementsPerThread / Math.min(rowLength, segment)));
  current().run(name, [fn, ...words, ...extra], reals, rows * segments, grain);
}

function pointerOf(operand: WasmOperand | undefined): number {
  return operand === undefined ? 0 : addressOf(operand);
}

interface Axis {
  readonly length: number;
  /** Bytes, for each operand. */
  readonly strides: readonly number[];
}

/**
 * The axes without those of length 1, ordered by the output's strides, neighbours merged where every operand
 * steps from one into the other. The order of elements does not matter to an elementwise kernel.
 */
function mergedAxes(shape: Shape, strides: readonly (readonly number[])[]): readonly Axis[] {
  const axes = shape
    .map((length, axis): Axis => ({ length, strides: strides.map((s) => s[axis] ?? 0) }))
    .filter(({ length }) => length !== 1)
    .sort((a, b) => Math.abs(b.strides[0] ?? 0) - Math.abs(a.strides[0] ?? 0));
  const merged: Axis[] = [];
  for (const axis of axes) {
    const before = merged.at(-1);
    if (before?.strides.every((stride, k) => stride === (axis.strides[k] ?? 0) * axis.length)) {
      merged[merged.length - 1] = { length: before.length * axis.length, strides: axis.strides };
    } else {
      merged.push(axis);
    }
  }
  return merged;
}
