/**
 * Operands of the wasm device: addresses, dense copies, and the words that describe a walk over rows.
 * Rests on state and layout.
 */
import { bytesPerElement, type DType } from "../../dtype.ts";
import { denseLayout, isDense } from "../../layout.ts";
import { sizeOf } from "../../shape.ts";
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
  readonly words: number[];
  readonly rows: number;
  readonly rowLength: number;
  /** Axes outside of those that the words have room for. */
  readonly beyond: readonly Axis[];
}

const outerAxes = 6;
const mostOperands = 4;
/** Word numbers, less one for the function that comes first: see kernels/walk.ts. */
const pointersAt = 3;
const innerStridesAt = pointersAt + mostOperands;
const outerLengthsAt = innerStridesAt + mostOperands;
const outerStridesAt = outerLengthsAt + outerAxes;
const walkWords = outerStridesAt + mostOperands * outerAxes;

/** The walk over at most four operands of equal shape, the output first. Runs at every launch: plain loops only. */
export function walkOver(operands: readonly WasmOperand[]): Walk {
  const all = mergedAxes(operands);
  const excess = Math.max(0, all.length - 1 - outerAxes);
  const axes = excess === 0 ? all : all.slice(excess);
  const outer = Math.max(0, axes.length - 1);
  const inner = axes[outer];
  const rowLength = inner?.length ?? 1;
  const words: number[] = new Array<number>(walkWords).fill(0);
  words[0] = outer;
  words[1] = rowLength;
  words[2] = Math.max(1, Math.ceil(rowLength / segment));
  let rows = 1;
  for (let axis = 0; axis < outerAxes; axis++) {
    const length = axis < outer ? (axes[axis]?.length ?? 1) : 1;
    words[outerLengthsAt + axis] = length;
    rows *= length;
  }
  for (let k = 0; k < operands.length; k++) {
    const operand = operands[k];
    words[pointersAt + k] = operand === undefined ? 0 : addressOf(operand);
    words[innerStridesAt + k] = inner?.strides[k] ?? 0;
    for (let axis = 0; axis < outer; axis++) {
      words[outerStridesAt + outerAxes * k + axis] = axes[axis]?.strides[k] ?? 0;
    }
  }
  return { rows, rowLength, words, beyond: all.slice(0, excess) };
}

/** Runs a kernel over a walk; `fn` is its first word, `extra` follows from word 42 on. */
export function runRows(
  name: string,
  fn: number,
  walk: Walk,
  extra: readonly number[] = [],
  reals: readonly number[] = [],
): void {
  const { words, rows, rowLength, beyond } = walk;
  if (rows * rowLength === 0) return;
  const [axis, ...inside] = beyond;
  if (axis !== undefined) {
    for (let i = 0; i < axis.length; i++) {
      const moved = movedBy(words, axis.strides, i);
      runRows(name, fn, { ...walk, words: moved, beyond: inside }, extra, reals);
    }
    return;
  }
  const segments = Math.ceil(rowLength / segment);
  const grain = Math.max(1, Math.ceil(elementsPerThread / Math.min(rowLength, segment)));
  current().run(name, [fn, ...words, ...extra], reals, rows * segments, grain);
}

/** Words whose pointers are `i` strides further on. */
function movedBy(words: readonly number[], strides: readonly number[], i: number): number[] {
  const moved = [...words];
  strides.forEach((stride, k) => {
    moved[pointersAt + k] = (moved[pointersAt + k] ?? 0) + i * stride;
  });
  return moved;
}

interface Axis {
  length: number;
  /** Bytes, for each operand. */
  strides: readonly number[];
}

/**
 * The axes without those of length 1, ordered by the output's strides, neighbours merged where every operand
 * steps from one into the other. The order of elements does not matter to an elementwise kernel.
 */
function mergedAxes(operands: readonly WasmOperand[]): readonly Axis[] {
  const shape = operands[0]?.shape ?? [];
  const axes: Axis[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis] ?? 1;
    if (length === 1) continue;
    const strides: number[] = [];
    for (const operand of operands) {
      strides.push((operand.strides[axis] ?? 0) * bytesPerElement[operand.dtype]);
    }
    // Inserted behind the axes whose strides are at least as long.
    let place = axes.length;
    const step = Math.abs(strides[0] ?? 0);
    while (place > 0 && Math.abs(axes[place - 1]?.strides[0] ?? 0) < step) place--;
    if (place === axes.length) axes.push({ length, strides });
    else axes.splice(place, 0, { length, strides });
  }
  let last = 0;
  for (let next = 1; next < axes.length; next++) {
    const before = axes[last];
    const axis = axes[next];
    if (before === undefined || axis === undefined) continue;
    if (stepsInto(before, axis)) {
      before.length *= axis.length;
      before.strides = axis.strides;
    } else {
      last += 1;
      axes[last] = axis;
    }
  }
  if (axes.length > last + 1) axes.length = last + 1;
  return axes;
}

/** Whether the end of a run along `inner` is one step along `outer`, in every operand. */
function stepsInto(outer: Axis, inner: Axis): boolean {
  for (let k = 0; k < outer.strides.length; k++) {
    if (outer.strides[k] !== (inner.strides[k] ?? 0) * inner.length) return false;
  }
  return true;
}

/** Fills a dense output with start, start + step, …; step 0 fills with one number. */
export function runRange(y: WasmOperand, start: number, step: number): void {
  const size = sizeOf(y.shape);
  const words = [addressOf(y), dtypeNumber[y.dtype], size];
  current().run("rangeElements", words, [start, step], Math.ceil(size / segment), 4);
}
