/**
 * Axes of operands for kernels that split them in two groups: reduced and kept, a line and what is beside it.
 * Rests on operands. Unlike a walk, axes stay in their logical order: it decides the order of sums.
 */
import { bytesPerElement } from "../../dtype.ts";
import { denseLayout, isDense, permuteLayout } from "../../layout.ts";
import { sizeOf } from "../../shape.ts";
import { copyTo, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

/** Some axes of operands that share them: lengths, and strides in bytes for each operand. */
export interface Axes {
  readonly lengths: readonly number[];
  readonly strides: readonly (readonly number[])[];
}

/** Axes that kernels know of in each group. */
const mostAxes = 6;

/** The named axes of operands of one shape, without those of length 1, neighbours joined where they lie in one line. */
export function axesOf(operands: readonly WasmOperand[], chosen: readonly number[]): Axes {
  const lengths: number[] = [];
  const strides = operands.map((): number[] => []);
  for (const axis of chosen) {
    const length = operands[0]?.shape[axis] ?? 1;
    if (length === 1) continue;
    const steps = operands.map((operand) => strideOf(operand, axis));
    const last = lengths.length - 1;
    const joins = last >= 0 && steps.every((step, k) => strides[k]?.[last] === step * length);
    if (joins) lengths[last] = (lengths[last] ?? 1) * length;
    else lengths.push(length);
    steps.forEach((step, k) => {
      const list = strides[k];
      if (joins && list) list[last] = step;
      else list?.push(step);
    });
  }
  return { lengths, strides };
}

/** Bytes from one element of `operand` to the next along `axis`. */
export function strideOf({ strides, dtype }: WasmOperand, axis: number): number {
  return (strides[axis] ?? 0) * bytesPerElement[dtype];
}

/** The axes of a shape that are not in `chosen`. */
export function otherAxes(rank: number, chosen: readonly number[]): readonly number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !chosen.includes(axis));
}

/** Six words, filled up. */
export function six(values: readonly number[], filler: number): readonly number[] {
  if (values.length > mostAxes) throw new RangeError("wasm: more than 6 axes in a group");
  return Array.from({ length: mostAxes }, (_, i) => values[i] ?? filler);
}

/** Whether kernels can describe the axes as they are. */
export function isDescribable({ lengths }: Axes): boolean {
  return lengths.length <= mostAxes;
}

/** A dense temporary of the shape and dtype of `operand`, until the launch ends. */
function temporaryLike(operand: WasmOperand): WasmOperand {
  const { shape, dtype } = operand;
  const bytes = sizeOf(shape) * bytesPerElement[dtype];
  const pointer = current().temporary(bytes);
  return { handle: { pointer, bytes }, dtype, ...denseLayout(shape) };
}

/** A copy whose axes lie in memory as `order` names them, the last innermost; same shape. */
export function laidOut(operand: WasmOperand, order: readonly number[]): WasmOperand {
  const permuted = { ...operand, ...permuteLayout(operand, order) };
  const copy = temporaryLike(permuted);
  copyTo(copy, permuted);
  const back = order.map((_, axis) => order.indexOf(axis));
  return { ...copy, ...permuteLayout(copy, back) };
}

/** Lets `fill` write a dense operand: `target` itself where it is dense, else a temporary that is copied to it. */
export function filling(target: WasmOperand, fill: (dense: WasmOperand) => void): void {
  if (isDense(target)) {
    fill(target);
    return;
  }
  const copy = temporaryLike(target);
  fill(copy);
  copyTo(target, copy);
}
