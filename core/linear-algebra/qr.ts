/**
 * QR decomposition by Householder's reflections, in a fixed order: same matrix, same bits.
 * Rests on householder, matrix, errors and scalar-math. Golub & Van Loan 2013, Matrix Computations, section 5.2.2.
 */
import { ValueError } from "../errors.ts";
import { scaleByPowerOfTwo } from "../scalar-math/index.ts";
import { type Reflection, reflect, reflectionFor } from "./householder.ts";
import { exponentOf, requireMatrix } from "./matrix.ts";

/** A = Q·R, R with a diagonal ≥ 0, which makes both unique where the columns of A are independent. */
export interface QrDecomposition {
  /** Orthonormal columns, row by row. [rows, columns] */
  readonly q: Float64Array;
  /** Upper triangular, row by row; its diagonal is ≥ 0. [columns, columns] */
  readonly r: Float64Array;
}

/**
 * The thin QR decomposition. matrix: [rows, columns] with rows ≥ columns, row by row, which is not changed.
 * Takes about 4·rows·columns² operations. Columns of Q are orthonormal also where those of the matrix depend on each
 * other. A column times a power of two leaves Q as it is, bit for bit.
 *
 * Throws ValueError for a wrong size, rows < columns, and a number that is not finite.
 *
 * @example
 * qr(new Float64Array([3, 0, 4, 5]), 2, 2); // q [0.6, -0.8, 0.8, 0.6], r [5, 4, 0, 3]
 */
export function qr(matrix: Float64Array, rows: number, columns: number): QrDecomposition {
  requireMatrix("qr", matrix, [rows, columns], ["rows", "columns"]);
  if (rows < columns) {
    throw new ValueError({
      where: "qr",
      argument: "rows",
      expected: `to be at least columns, ${columns}`,
      got: String(rows),
      fix: "Decompose the transpose of a wide matrix",
    });
  }
  const { columnsOf, exponents } = scaledColumns(matrix, rows, columns);
  const reflections: Reflection[] = [];
  const r = new Float64Array(columns * columns);
  columnsOf.forEach((column, j) => {
    for (const reflection of reflections) reflect(reflection, column);
    const reflection = reflectionFor(column, j);
    reflections.push(reflection);
    reflect(reflection, column);
    const exponent = exponents[j] ?? 0;
    for (let i = 0; i <= j; i++) {
      r[i * columns + j] = scaleByPowerOfTwo(column[i] ?? 0, exponent);
    }
  });
  const q = new Float64Array(rows * columns);
  for (let j = 0; j < columns; j++) {
    const column = new Float64Array(rows);
    column[j] = 1;
    for (let k = j; k >= 0; k--) {
      const reflection = reflections[k];
      if (reflection !== undefined) reflect(reflection, column);
    }
    const flip = (r[j * columns + j] ?? 0) < 0;
    for (let i = 0; i < rows; i++) q[i * columns + j] = flip ? -(column[i] ?? 0) : (column[i] ?? 0);
  }
  for (let j = 0; j < columns; j++) {
    if (!((r[j * columns + j] ?? 0) < 0)) continue;
    for (let k = j; k < columns; k++) r[j * columns + k] = -(r[j * columns + k] ?? 0);
  }
  return { q, r };
}

/** Columns side by side in memory, each of size 1: of its own power of two, so that no square over- or underflows. */
function scaledColumns(
  matrix: Float64Array,
  rows: number,
  columns: number,
): { readonly columnsOf: readonly Float64Array[]; readonly exponents: readonly number[] } {
  const exponents: number[] = [];
  const columnsOf = Array.from({ length: columns }, (_, j) => {
    const column = new Float64Array(rows);
    for (let i = 0; i < rows; i++) column[i] = matrix[i * columns + j] ?? 0;
    const exponent = exponentOf(column);
    exponents.push(exponent);
    return column.map((element) => scaleByPowerOfTwo(element, -exponent));
  });
  return { columnsOf, exponents };
}
