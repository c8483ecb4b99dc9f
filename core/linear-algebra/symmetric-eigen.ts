/**
 * Eigenvalues and eigenvectors of symmetric matrices by Jacobi's rotations, in a fixed order: same matrix, same bits.
 * Rests on matrix, errors and scalar-math.
 * Golub & Van Loan 2013, Matrix Computations, section 8.5.5 (cyclic by row); Forsythe & Henrici 1960 for convergence.
 */
import { ValueError } from "../errors.ts";
import { scaleByPowerOfTwo } from "../scalar-math/index.ts";
import { exponentOf, requireMatrix } from "./matrix.ts";

/** A = Σ_i values[i]·v_i·v_iᵀ. */
export interface SymmetricEigen {
  /** Eigenvalues, descending. [n] */
  readonly values: Float64Array;
  /** Row i is the eigenvector of values[i], of length 1; its entry of largest magnitude is positive. [n, n] */
  readonly vectors: Float64Array;
}

/** Far more than are needed: convergence is quadratic. */
const maximumSweeps = 100;

/**
 * Eigenvalues and orthonormal eigenvectors of a symmetric matrix. matrix: [n, n], row by row, which is not changed.
 *
 * Rotates pairs of axes until no off-diagonal element exceeds 2⁻⁵³·‖A‖/n (Frobenius), which moves no eigenvalue by
 * more than 2⁻⁵³·‖A‖. A sweep over all pairs takes about 6n³ operations, 6 to 12 sweeps are usual: seconds at n = 400, minutes at 1000.
 * A matrix times a power of two has the same vectors and values times that power, bit for bit.
 *
 * Throws ValueError for a wrong size, a number that is not finite, and a matrix that is not exactly symmetric.
 *
 * @example
 * symmetricEigen(new Float64Array([2, 1, 1, 2]), 2); // values 3, 1; vectors (1, 1)/√2, (1, -1)/√2
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  requireMatrix("symmetricEigen", matrix, [n, n], ["n", "n"]);
  requireSymmetric(matrix, n);
  const exponent = exponentOf(matrix);
  const a = matrix.map((element) => scaleByPowerOfTwo(element, -exponent));
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  const negligible = (frobenius(a) * 2 ** -53) / Math.max(n, 1);
  for (let sweeps = 0; sweepOnce(a, vectors, n, negligible); sweeps++) {
    if (sweeps < maximumSweeps) continue;
    throw new ValueError({
      where: "symmetricEigen",
      argument: "matrix",
      expected: `to become diagonal in ${maximumSweeps} sweeps`,
      got: `a matrix [${n}, ${n}] that did not`,
      fix: "Report this matrix: no such one is known",
    });
  }
  return descending(a, vectors, n, exponent);
}

/** One rotation for each pair whose element is not negligible; whether there was one. */
function sweepOnce(a: Float64Array, vectors: Float64Array, n: number, negligible: number): boolean {
  let rotated = false;
  for (let p = 0; p < n - 1; p++) {
    for (let q = p + 1; q < n; q++) {
      const element = a[p * n + q] ?? 0;
      if (Math.abs(element) <= negligible) continue;
      rotated = true;
      rotate(a, vectors, n, p, q, element);
    }
  }
  return rotated;
}

/**
 * A ← J·A·Jᵀ with the rotation J of axes p and q that makes A_pq = 0, and V ← J·V. Of the two such angles this is the
 * one within ±π/4: t = tan θ is the smaller root of t² + 2τt - 1 = 0 with τ = (A_qq - A_pp)/(2·A_pq).
 */
function rotate(
  a: Float64Array,
  vectors: Float64Array,
  n: number,
  p: number,
  q: number,
  element: number,
): void {
  const [pp, qq] = [p * n + p, q * n + q];
  const tau = ((a[qq] ?? 0) - (a[pp] ?? 0)) / (2 * element);
  const t = (tau < 0 ? -1 : 1) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
  const c = 1 / Math.sqrt(1 + t * t);
  const s = t * c;
  const [atP, atQ] = [(a[pp] ?? 0) - t * element, (a[qq] ?? 0) + t * element];
  rotateRows(a, p * n, q * n, n, c, s);
  a[pp] = atP;
  a[qq] = atQ;
  a[p * n + q] = 0;
  a[q * n + p] = 0;
  // Columns p and q are rows p and q once more: A stays exactly symmetric.
  for (let k = 0; k < n; k++) {
    a[k * n + p] = a[p * n + k] ?? 0;
    a[k * n + q] = a[q * n + k] ?? 0;
  }
  rotateRows(vectors, p * n, q * n, n, c, s);
}

function rotateRows(
  rows: Float64Array,
  p: number,
  q: number,
  n: number,
  c: number,
  s: number,
): void {
  for (let k = 0; k < n; k++) {
    const [x, y] = [rows[p + k] ?? 0, rows[q + k] ?? 0];
    rows[p + k] = c * x - s * y;
    rows[q + k] = s * x + c * y;
  }
}

/** The diagonal of `a` in descending order, ties in the order of their rows, with signs of vectors fixed. */
function descending(
  a: Float64Array,
  vectors: Float64Array,
  n: number,
  exponent: number,
): SymmetricEigen {
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (a[j * n + j] ?? 0) - (a[i * n + i] ?? 0),
  );
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    const row = vectors.subarray(from * n, from * n + n);
    let peak = 0;
    for (const entry of row) if (Math.abs(entry) > Math.abs(peak)) peak = entry;
    sorted.set(peak < 0 ? row.map((entry) => -entry) : row, to * n);
  });
  const values = Float64Array.from(order, (i) => scaleByPowerOfTwo(a[i * n + i] ?? 0, exponent));
  return { values, vectors: sorted };
}

function frobenius(a: Float64Array): number {
  let sum = 0;
  for (const element of a) sum += element * element;
  return Math.sqrt(sum);
}

function requireSymmetric(matrix: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const [below, above] = [matrix[i * n + j], matrix[j * n + i]];
      if (below === above) continue;
      throw new ValueError({
        where: "symmetricEigen",
        argument: "matrix",
        expected: "to be symmetric",
        got: `${below} at row ${i}, column ${j} and ${above} at row ${j}, column ${i}`,
        fix: "Take the mean of the matrix and its transpose if the two differ by rounding only",
      });
    }
  }
}
