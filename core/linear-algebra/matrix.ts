/**
 * What the decompositions have in common: the checks of a matrix, and the power of two that brings it to size 1.
 * Rests on errors and scalar-math.
 */
import { ValueError } from "../errors.ts";
import { highWord } from "../scalar-math/index.ts";

/**
 * Throws ValueError unless `matrix` holds rows · columns finite numbers and both are integers ≥ 0.
 * `names` are those of the arguments that gave rows and columns.
 */
export function requireMatrix(
  where: string,
  matrix: Float64Array,
  [rows, columns]: readonly [number, number],
  names: readonly [string, string],
): void {
  for (const [index, length] of [rows, columns].entries()) {
    if (Number.isSafeInteger(length) && length >= 0) continue;
    throw new ValueError({
      where,
      argument: names[index] ?? "rows",
      expected: "to be an integer ≥ 0",
      got: String(length),
      fix: "Give the number of rows or columns of the matrix",
    });
  }
  if (matrix.length !== rows * columns) {
    throw new ValueError({
      where,
      argument: "matrix",
      expected: `to hold ${rows}·${columns} = ${rows * columns} numbers, row by row`,
      got: String(matrix.length),
      fix: `Give a matrix of that size, or another ${[...new Set(names)].join(" or ")}`,
    });
  }
  const at = matrix.findIndex((element) => !Number.isFinite(element));
  if (at >= 0) {
    throw new ValueError({
      where,
      argument: "matrix",
      expected: "to hold finite numbers",
      got: `${matrix[at]} at row ${Math.floor(at / columns)}, column ${at % columns}`,
      fix: "Find out where it came from, for example with detectAnomalies",
    });
  }
}

/** The exponent n for which the largest magnitude of `values` lies in [2^n, 2^(n+1)); 0 where all are 0. */
export function exponentOf(values: Float64Array): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  return largest < minNormal ? exponentOfNormal(largest * 2 ** 60) - 60 : exponentOfNormal(largest);
}

const minNormal = 2.2250738585072014e-308;

function exponentOfNormal(value: number): number {
  return ((highWord(value) >>> 20) & 0x7ff) - 1023;
}
