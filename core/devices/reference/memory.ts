/**
 * Operands of the reference device: typed arrays, made dense before a kernel loops over them.
 * Rests on dtype and layout. Kernels are plain loops in float64; storing into float32 rounds.
 */
import { allocateArray, type TypedArray } from "../../dtype.ts";
import { isDense } from "../../layout.ts";
import { sizeOf } from "../../shape.ts";
import type { Operand } from "../device.ts";

/** An operand whose memory is a typed array. */
export type ArrayOperand = Operand<TypedArray>;

/** The elements of `operand` in row-major order: its own memory where dense, else a copy. */
export function dense(operand: ArrayOperand): TypedArray {
  const size = sizeOf(operand.shape);
  if (isDense(operand)) return operand.handle.subarray(operand.offset, operand.offset + size);
  const copy = allocateArray(operand.dtype, size);
  gatherInto(copy, operand);
  return copy;
}

/** Copies the elements of `operand`, at any layout, into `target` in row-major order. */
export function gatherInto(target: TypedArray, operand: ArrayOperand): void {
  const { handle, shape, strides, offset } = operand;
  const rank = shape.length;
  const inner = shape[rank - 1] ?? 1;
  const innerStride = strides[rank - 1] ?? 0;
  const index = new Array<number>(rank).fill(0);
  let row = offset;
  for (let out = 0; out < target.length; ) {
    for (let i = 0, from = row; i < inner; i++, from += innerStride) target[out++] = handle[from]!;
    for (let axis = rank - 2; axis >= 0; axis--) {
      row += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      row -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
}

/**
 * Row-major offsets of an operand split at `axes`: element (outer, inner) lies at outer[i] + inner[j].
 * `outer` walks the axes that stay, `inner` the axes named, both in row-major order.
 */
export function splitOffsets(
  shape: readonly number[],
  axes: readonly number[],
): { readonly outer: Int32Array; readonly inner: Int32Array } {
  const strides: number[] = [];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  const offsetsOver = (chosen: readonly number[]): Int32Array => {
    let offsets = new Int32Array(1);
    for (const axis of chosen) {
      const next = new Int32Array(offsets.length * shape[axis]!);
      let at = 0;
      for (const base of offsets) {
        for (let i = 0; i < shape[axis]!; i++) next[at++] = base + i * strides[axis]!;
      }
      offsets = next;
    }
    return offsets;
  };
  return {
    outer: offsetsOver(shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))),
    inner: offsetsOver(axes),
  };
}
