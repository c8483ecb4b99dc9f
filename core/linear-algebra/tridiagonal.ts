/**
 * Symmetric matrices made tridiagonal: A = Wᵀ·T·W with orthogonal W, by Householder's reflections from both sides.
 * Rests on householder. Golub & Van Loan 2013, Matrix Computations, section 8.3.1.
 */
import { dot, type Reflection, reflect, reflectionFor } from "./householder.ts";

/** T and W. */
export interface Tridiagonal {
  /** T's diagonal. [n] */
  readonly diagonal: Float64Array;
  /** What stands beside it: T[k, k + 1] = T[k + 1, k]. [n], of which the last is 0. */
  readonly beside: Float64Array;
  /** W, row by row. [n, n] */
  readonly basis: Float64Array;
}

/** A symmetric `matrix` [n, n] of size 1, which is overwritten. Takes about 10/3·n³ operations. */
export function tridiagonalize(matrix: Float64Array, n: number): Tridiagonal {
  const rows = Array.from({ length: n }, (_, i) => matrix.subarray(i * n, i * n + n));
  const reflections: Reflection[] = [];
  const beside = new Float64Array(n);
  rows.forEach((row, k) => {
    if (k + 1 >= n) return;
    const reflection = reflectionFor(row, k + 1);
    reflections.push(reflection);
    reflect(reflection, row);
    beside[k] = row[k + 1] ?? 0;
    reflectBothSides(reflection, rows.slice(k + 1));
  });
  const basis = new Float64Array(n * n);
  for (let i = 0; i < n; i++) basis[i * n + i] = 1;
  for (const reflection of reflections.reverse()) {
    for (let i = reflection.from; i < n; i++) reflect(reflection, basis.subarray(i * n, i * n + n));
  }
  const diagonal = Float64Array.from(rows, (row, i) => row[i] ?? 0);
  return { diagonal, beside, basis };
}

/**
 * B ← H·B·H for the block B of `rows` from column `from` on: with p = β·B·v and w = p - (β·pᵀv/2)·v it is
 * B - v·wᵀ - w·vᵀ, of which (i, j) and (j, i) are rounded alike.
 */
function reflectBothSides({ from, v, beta }: Reflection, rows: readonly Float64Array[]): void {
  if (beta === 0) return;
  const w = Float64Array.from(rows, (row) => beta * dot(v, row, from));
  const half = (beta * dot(w, v, 0)) / 2;
  for (let i = 0; i < w.length; i++) w[i] = (w[i] ?? 0) - half * (v[i] ?? 0);
  rows.forEach((row, i) => {
    const [vi, wi] = [v[i] ?? 0, w[i] ?? 0];
    for (let j = 0; j < w.length; j++) {
      row[from + j] = (row[from + j] ?? 0) - (vi * (w[j] ?? 0) + wi * (v[j] ?? 0));
    }
  });
}
