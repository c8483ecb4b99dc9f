/**
 * Plain arrays: shape and float64 elements with no device behind them. Samples and references use them.
 * Rests on shape.
 */
import { rowMajorStrides, type Shape, sizeOf } from "./shape.ts";

/** What the elements mean when they become a tensor: `float` takes the dtype under test. */
export type ElementKind = "float" | "int32" | "bool";

/** An n-dimensional array in row-major order. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: readonly number[];
  readonly kind: ElementKind;
}

/** The array whose element at `index` is `element(index)`. */
export function tabulate(
  shape: Shape,
  element: (index: readonly number[]) => number,
  kind: ElementKind = "float",
): NdArray {
  return { shape, data: indicesOf(shape).map(element), kind };
}

/** Every index of `shape` in row-major order; one empty index for 0-d. */
export function indicesOf(shape: Shape): readonly (readonly number[])[] {
  const strides = rowMajorStrides(shape);
  return Array.from({ length: sizeOf(shape) }, (_, flat) =>
    shape.map((length, axis) => Math.floor(flat / (strides[axis] ?? 1)) % length),
  );
}

/** The element at `index`, broadcast: missing leading axes are ignored, length-1 axes stretch. */
export function at(array: NdArray, index: readonly number[]): number {
  const lead = index.length - array.shape.length;
  const strides = rowMajorStrides(array.shape);
  let flat = 0;
  for (let axis = 0; axis < array.shape.length; axis++) {
    const position = array.shape[axis] === 1 ? 0 : (index[axis + lead] ?? 0);
    flat += position * (strides[axis] ?? 0);
  }
  return array.data[flat] ?? Number.NaN;
}

/** The element at `index`, or `outside` where the index leaves the array. Needs an index of full rank. */
export function atOr(array: NdArray, index: readonly number[], outside: number): number {
  const inside = index.every(
    (position, axis) => position >= 0 && position < (array.shape[axis] ?? 0),
  );
  return inside ? at(array, index) : outside;
}

/** Elements of `array` at each index of the `axes`, the other coordinates as in `index` (of full rank). */
export function fibre(
  array: NdArray,
  index: readonly number[],
  axes: readonly number[],
): readonly number[] {
  const lengths = axes.map((axis) => array.shape[axis] ?? 1);
  return indicesOf(lengths).map((inner) => {
    const full = [...index];
    axes.forEach((axis, i) => {
      full[axis] = inner[i] ?? 0;
    });
    return at(array, full);
  });
}

/** A nested JavaScript array as an NdArray: `nd([[1, 2], [3, 4]])`. */
export function nd(nested: Nested, kind: ElementKind = "float"): NdArray {
  const shape: number[] = [];
  for (let level = nested; typeof level !== "number"; level = level[0] ?? 0) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return { shape, data: flatten(nested), kind };
}

function flatten(nested: Nested): readonly number[] {
  return typeof nested === "number" ? [nested] : nested.flatMap(flatten);
}

/** A number, or arrays of them, of any depth. */
type Nested = number | readonly Nested[];

/** Stands where a record's function is handed fewer arrays than it has inputs. */
export const nothing: NdArray = { shape: [0], data: [], kind: "float" };

/** The mean of plain numbers by its definition; NaN of none. */
export function average(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}

/** The same shape with each element replaced by `f(element)`. */
export function mapElements(array: NdArray, f: (element: number) => number): NdArray {
  return { ...array, data: array.data.map(f) };
}
