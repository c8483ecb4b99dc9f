/**
 * Eigenvalues and eigenvectors of symmetric matrices: tridiagonal first, then QR steps with Wilkinson's shift, all in a
 * fixed order: same matrix, same bits.
 * Rests on tridiagonal, matrix, errors and scalar-math. Golub & Van Loan 2013, Matrix Computations, algorithms 8.3.2
 * and 8.3.3. (At n = 400 Jacobi's rotations take six times as long, and being many they round more.)
 */
import { ValueError } from "../errors.ts";
import { scaleByPowerOfTwo } from "../scalar-math/index.ts";
import { exponentOf, requireMatrix } from "./matrix.ts";
import { type Tridiagonal, tridiagonalize } from "./tridiagonal.ts";

/** A = Σ_i values[i]·v_i·v_iᵀ. */
export interface SymmetricEigen {
  /** Eigenvalues, descending. [n] */
  readonly values: Float64Array;
  /** Row i is the eigenvector of values[i], of length 1; its entry of largest magnitude is positive. [n, n] */
  readonly vectors: Float64Array;
}

/** For each eigenvalue; about two are needed. */
const maximumSteps = 60;

/**
 * Eigenvalues and orthonormal eigenvectors of a symmetric matrix. matrix: [n, n], row by row, which is not changed.
 *
 * Takes off-diagonal elements of at most 2⁻⁵³·‖A‖/n (Frobenius) for 0, and those that both their neighbours on the diagonal
 * round away, which moves no eigenvalue by more than 2⁻⁵²·‖A‖. Takes about 10·n³ operations: a few seconds at n = 784, minutes at n = 3072.
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
  const scaled = matrix.map((element) => scaleByPowerOfTwo(element, -exponent));
  const negligible = (frobenius(scaled) * 2 ** -53) / Math.max(n, 1);
  const found = tridiagonalize(scaled, n);
  diagonalize(found, n, negligible);
  return descending(found, n, exponent);
}

/** T ← G·T·Gᵀ and W ← G·W by rotations G, until nothing stands beside T's diagonal. */
function diagonalize(found: Tridiagonal, n: number, negligible: number): void {
  const { beside, diagonal } = found;
  // Beside two equal eigenvalues no step shrinks what both of them round away: it would only turn its sign, for ever.
  const isApart = (k: number): boolean => {
    const neighbours = Math.min(Math.abs(diagonal[k] ?? 0), Math.abs(diagonal[k + 1] ?? 0));
    return Math.abs(beside[k] ?? 0) <= Math.max(negligible, neighbours * 2 ** -53);
  };
  let last = n - 1;
  for (let steps = 0; last > 0; ) {
    if (isApart(last - 1)) {
      last--;
      continue;
    }
    if (steps >= maximumSteps * n) throw notFound(n);
    steps++;
    let first = last - 1;
    while (first > 0 && !isApart(first - 1)) first--;
    qrStep(found, n, first, last);
  }
}

/**
 * One implicit QR step on the block first … last, shifted by the eigenvalue of its last 2×2 block that is nearer to its
 * last element.
 */
function qrStep(found: Tridiagonal, n: number, first: number, last: number): void {
  const { diagonal, beside, basis } = found;
  const corner = beside[last - 1] ?? 0;
  const half = ((diagonal[last - 1] ?? 0) - (diagonal[last] ?? 0)) / 2;
  const root = Math.sqrt(half * half + corner * corner);
  const shift = (diagonal[last] ?? 0) - (corner * corner) / (half < 0 ? half - root : half + root);
  let [x, z] = [(diagonal[first] ?? 0) - shift, beside[first] ?? 0];
  for (let k = first; k < last; k++) {
    // The rotation that takes (x, z) to (length, 0).
    const length = Math.sqrt(x * x + z * z);
    const [c, s] = length === 0 ? [1, 0] : [x / length, z / length];
    if (k > first) beside[k - 1] = length;
    const [a, b, d] = [diagonal[k] ?? 0, beside[k] ?? 0, diagonal[k + 1] ?? 0];
    diagonal[k] = c * c * a + 2 * c * s * b + s * s * d;
    diagonal[k + 1] = s * s * a - 2 * c * s * b + c * c * d;
    beside[k] = c * s * (d - a) + (c * c - s * s) * b;
    if (k + 1 < last) {
      x = beside[k] ?? 0;
      z = s * (beside[k + 1] ?? 0);
      beside[k + 1] = c * (beside[k + 1] ?? 0);
    }
    rotateRows(basis, k * n, n, c, s);
  }
}

/** The rows at `at` and the next, rotated. */
function rotateRows(rows: Float64Array, at: number, n: number, c: number, s: number): void {
  for (let j = at; j < at + n; j++) {
    const [x, y] = [rows[j] ?? 0, rows[j + n] ?? 0];
    rows[j] = c * x + s * y;
    rows[j + n] = c * y - s * x;
  }
}

/** Values in descending order, ties in the order of their rows, with signs of vectors fixed. */
function descending({ diagonal, basis }: Tridiagonal, n: number, exponent: number): SymmetricEigen {
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (diagonal[j] ?? 0) - (diagonal[i] ?? 0),
  );
  const vectors = new Float64Array(n * n);
  order.forEach((from, to) => {
    const row = basis.subarray(from * n, from * n + n);
    let peak = 0;
    for (const entry of row) if (Math.abs(entry) > Math.abs(peak)) peak = entry;
    vectors.set(peak < 0 ? row.map((entry) => -entry) : row, to * n);
  });
  const values = Float64Array.from(order, (i) => scaleByPowerOfTwo(diagonal[i] ?? 0, exponent));
  return { values, vectors };
}

function frobenius(a: Float64Array): number {
  let sum = 0;
  for (const element of a) sum += element * element;
  return Math.sqrt(sum);
}

function notFound(n: number): ValueError {
  return new ValueError({
    where: "symmetricEigen",
    argument: "matrix",
    expected: `to become diagonal in ${maximumSteps} steps for each of its ${n} eigenvalues`,
    got: "one that did not",
    fix: "Report this matrix: no such one is known",
  });
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
