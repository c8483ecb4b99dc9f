/**
 * Printing: tensors as nested brackets with aligned columns, abridged where long.
 * Rests on shape and dtype.
 */
import type { DType, TypedArray } from "./dtype.ts";
import { formatShape, rowMajorStrides, type Shape } from "./shape.ts";

const longest = 10;

/** `Tensor [2, 2] float32` above the elements; of a long axis the first and last three are shown. */
export function formatElements(
  shape: Shape,
  dtype: DType,
  name: string | undefined,
  elements: TypedArray,
): string {
  const head = `Tensor${name === undefined ? "" : ` "${name}"`} ${formatShape(shape)} ${dtype}`;
  if (elements.length === 0) return `${head} (empty)`;
  const strides = rowMajorStrides(shape);
  const shown = shape.map(positionsShown);
  const cells: string[] = [];
  collect(0, 0, (index) => cells.push(formatNumber(elements[index] ?? Number.NaN, dtype)));
  const width = Math.max(...cells.map((cell) => cell.length));
  let next = 0;
  return `${head}\n${render(0, 0)}`;

  function collect(axis: number, base: number, visit: (index: number) => void): void {
    if (axis === shape.length) visit(base);
    for (const position of shown[axis] ?? []) {
      if (position !== null) collect(axis + 1, base + position * (strides[axis] ?? 0), visit);
    }
  }

  function render(axis: number, depth: number): string {
    if (axis === shape.length) return (cells[next++] ?? "").padStart(width);
    const parts = (shown[axis] ?? []).map((position) =>
      position === null ? "…" : render(axis + 1, depth + 1),
    );
    const separator = axis === shape.length - 1 ? ", " : `,\n${" ".repeat(depth + 1)}`;
    return `[${parts.join(separator)}]`;
  }
}

/** The positions of an axis that are printed; null stands for those left out. */
function positionsShown(length: number): readonly (number | null)[] {
  if (length > longest) return [0, 1, 2, null, length - 3, length - 2, length - 1];
  return Array.from({ length }, (_, position) => position);
}

/** Six significant digits for floats, `true` and `false` for bool. */
function formatNumber(value: number, dtype: DType): string {
  if (dtype === "bool") return value === 0 ? "false" : "true";
  if (dtype === "int32" || Number.isInteger(value))
    return Object.is(value, -0) ? "-0" : String(value);
  return String(Number(value.toPrecision(6)));
}
