/**
 * Shapes: sizes, strides, axes and NumPy's broadcasting rule, 0-d and empty tensors included.
 * Rests on errors.
 */
import { AxisError, ShapeError } from "./errors.ts";

/** The lengths of the axes, outermost first; `[]` is a single number (0-d). */
export type Shape = readonly number[];

/** Number of elements: the product of the axes, 1 for 0-d. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

/** `[2, 3]`, as shapes are written in errors and when printed. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Elements to step over for each axis when the last axis is innermost. */
export function rowMajorStrides(shape: Shape): readonly number[] {
  const strides: number[] = new Array(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis] ?? 1;
  }
  return strides;
}

/** Whether two shapes are the same, axis by axis. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** Throws ShapeError unless every length is an integer ≥ 0. */
export function checkShape(where: string, argument: string, shape: Shape): Shape {
  if (!shape.every((length) => Number.isInteger(length) && length >= 0)) {
    throw new ShapeError({
      where,
      argument,
      expected: "to hold integers ≥ 0",
      got: formatShape(shape),
      fix: "Give each axis a whole length",
    });
  }
  return shape;
}

/**
 * The common shape of `a` and `b`: aligned at the last axis, a missing or length-1 axis stretches.
 * Throws ShapeError where two lengths differ and neither is 1. NumPy's broadcasting rule.
 */
export function broadcastShapes(
  where: string,
  names: readonly [string, string],
  a: Shape,
  b: Shape,
): Shape {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = new Array(rank);
  for (let back = 1; back <= rank; back++) {
    const la = a[a.length - back] ?? 1;
    const lb = b[b.length - back] ?? 1;
    if (la !== lb && la !== 1 && lb !== 1) {
      throw new ShapeError({
        where,
        argument: names[1],
        expected: `to broadcast against ${names[0]} ${formatShape(a)}`,
        got: `${names[1]} ${formatShape(b)}`,
        fix: `Axis -${back} is ${la} against ${lb}: make them equal, or one of them 1`,
      });
    }
    shape[rank - back] = la === 1 ? lb : la;
  }
  return shape;
}

/** `axis` in [0, rank), counting from the end where negative. Throws AxisError outside [-rank, rank). */
export function normalizeAxis(
  where: string,
  axis: number,
  rank: number,
  argument: string = "axis",
): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    throw new AxisError({
      where,
      argument,
      expected: rank === 0 ? "to be absent for a 0-d tensor" : `in [${-rank}, ${rank})`,
      got: String(axis),
      fix: `The tensor has ${rank} ${rank === 1 ? "axis" : "axes"}; negative axes count from the end`,
    });
  }
  return axis < 0 ? axis + rank : axis;
}

/** Which axes an op works on: one, several, or all where absent. */
export type Axes = number | readonly number[];

/** Sorted axes in [0, rank); all axes where absent. Throws AxisError out of range or named twice. */
export function normalizeAxes(
  where: string,
  axes: Axes | undefined,
  rank: number,
): readonly number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list = typeof axes === "number" ? [axes] : axes;
  const sorted = list.map((axis) => normalizeAxis(where, axis, rank)).sort((a, b) => a - b);
  if (new Set(sorted).size !== sorted.length) {
    throw new AxisError({
      where,
      argument: "axis",
      expected: "to name each axis once",
      got: formatShape(list),
      fix: "Remove the repeated axis",
    });
  }
  return sorted;
}

/** The shape left when `axes` (normalized) are reduced: length 1 where `keepDims`, else gone. */
export function reducedShape(shape: Shape, axes: readonly number[], keepDims: boolean): Shape {
  return keepDims
    ? shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : shape.filter((_, axis) => !axes.includes(axis));
}
