/**
 * Linear algebra: what is decomposed comes back, factors are orthonormal, and scaling by 2^k moves no bit.
 *
 * Tolerances follow from how rounding errors add up. With u = 2⁻⁵³, reflecting a matrix once is off by at most 8(m + 4)u
 * of its Frobenius norm (a sum of m products, in and out), rotating pairs of rows or columns by 16u, and orthogonal steps
 * do not enlarge errors that are there. Making a matrix tridiagonal takes n reflections from both sides and n more for the
 * vectors; then there are at most 4 QR steps for each of n eigenvalues, each of less than n rotations from both sides of
 * which any row meets two.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { RandomSource, ValueError } from "../core/index.ts";
import { qr, symmetricEigen } from "../core/linear-algebra/index.ts";
import { normals } from "../core/random/index.ts";
import { messageOf } from "./plain.ts";

const u = 2 ** -53;
const eigenTolerance = (n: number): number => (3 * n * 8 * (n + 4) + 4 * n * 4 * 16) * u;
const qrTolerance = (rows: number, columns: number): number => 8 * (rows + 4) * (columns + 1) * u;
const many = { seed: 1, numRuns: 60 };

/** Standard normal numbers, [rows, columns]. */
function noiseMatrix(rows: number, columns: number, seed: number): Float64Array {
  return normals(new RandomSource(seed).stream("matrix"), rows * columns);
}

/** B + Bᵀ, [n, n]. */
function symmetricNoise(n: number, seed: number): Float64Array {
  const b = noiseMatrix(n, n, seed);
  return b.map((element, at) => element + (b[(at % n) * n + Math.floor(at / n)] ?? 0));
}

/** Element (i, j) of the product of two matrices given by their elements, over `length` terms. */
function product(
  rows: number,
  columns: number,
  length: number,
  a: (i: number, k: number) => number,
  b: (k: number, j: number) => number,
): Float64Array {
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += a(i, k) * b(k, j);
      out[i * columns + j] = sum;
    }
  }
  return out;
}

const at =
  (matrix: Float64Array, columns: number) =>
  (i: number, j: number): number =>
    matrix[i * columns + j] ?? Number.NaN;
const norm = (a: ArrayLike<number>): number => Math.hypot(...Array.from(a));
const distance = (a: Float64Array, b: Float64Array): number =>
  norm(a.map((element, i) => element - (b[i] ?? Number.NaN)));
const identity = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

describe("symmetricEigen", () => {
  const sizes = fc.integer({ min: 1, max: 12 });
  test.prop([sizes, fc.nat(1e6)], many)(
    "gives orthonormal vectors that rebuild the matrix, values descending",
    (n, seed) => {
      const a = symmetricNoise(n, seed);
      const { values, vectors } = symmetricEigen(a, n);
      const v = at(vectors, n);
      const gram = product(n, n, n, v, (k, j) => v(j, k));
      expect(distance(gram, identity(n))).toBeLessThan(eigenTolerance(n) * Math.sqrt(n));
      const rebuilt = product(
        n,
        n,
        n,
        (i, k) => v(k, i) * (values[k] ?? Number.NaN),
        (k, j) => v(k, j),
      );
      expect(distance(rebuilt, a)).toBeLessThan(eigenTolerance(n) * norm(a));
      expect([...values]).toEqual([...values].sort((x, y) => y - x));
    },
  );

  test.prop([sizes, fc.nat(1e6)], many)(
    "keeps the trace and the Frobenius norm, and leaves its argument alone",
    (n, seed) => {
      const a = symmetricNoise(n, seed);
      const copy = a.slice();
      const { values } = symmetricEigen(a, n);
      expect(a).toEqual(copy);
      const trace = a.reduce((sum, element, i) => sum + (i % (n + 1) === 0 ? element : 0), 0);
      const sum = values.reduce((total, value) => total + value, 0);
      const tolerance = eigenTolerance(n) * Math.sqrt(n) * norm(a);
      expect(Math.abs(sum - trace)).toBeLessThan(tolerance);
      expect(Math.abs(norm(values) - norm(a))).toBeLessThan(tolerance);
    },
  );

  test.each([1, 2, 7, 40])(
    "finds 2 - 2cos(kπ/(n + 1)), the values of the second difference, n = %i",
    (n) => {
      const a = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        a[i * n + i] = 2;
        if (i > 0) a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
      }
      const { values } = symmetricEigen(a, n);
      const known = Float64Array.from(
        { length: n },
        (_, i) => 2 - 2 * Math.cos(((n - i) * Math.PI) / (n + 1)),
      );
      expect(distance(values, known)).toBeLessThan(eigenTolerance(n) * norm(a));
    },
  );

  test("comes to an end where eigenvalues come twice, and what stands beside them is too small to turn by", () => {
    const diagonal = [2, -0.55, -0.55, 0.55, 0.55, ...Array.from({ length: 7 }, () => 0.004)];
    const a = new Float64Array(144);
    diagonal.forEach((value, i) => {
      a[13 * i] = value;
    });
    a[14] = a[25] = 2.4e-17;
    const expected = diagonal.toSorted((x, y) => y - x);
    expect(symmetricEigen(a, 12).values).toEqual(Float64Array.from(expected));
  });

  test("finds the values of matrices of low rank, and of one whose values are all alike", () => {
    const n = 6;
    const x = [1, -2, 3, 0.5, 0, 4];
    const outer = Float64Array.from(
      { length: n * n },
      (_, i) => (x[Math.floor(i / n)] ?? 0) * (x[i % n] ?? 0),
    );
    const square = norm(x) ** 2;
    const { values, vectors } = symmetricEigen(outer, n);
    expect(distance(values, new Float64Array([square, 0, 0, 0, 0, 0]))).toBeLessThan(
      eigenTolerance(n) * square,
    );
    expect(distance(vectors.slice(0, n), new Float64Array(x.map((e) => e / norm(x))))).toBeLessThan(
      eigenTolerance(n) * Math.sqrt(n),
    );
    expect(symmetricEigen(identity(4), 4)).toEqual({
      values: new Float64Array([1, 1, 1, 1]),
      vectors: identity(4),
    });
    expect(symmetricEigen(new Float64Array(9), 3).values).toEqual(new Float64Array(3));
    expect(symmetricEigen(new Float64Array(0), 0).values).toHaveLength(0);
  });

  test.prop([sizes, fc.nat(1e6), fc.integer({ min: -900, max: 900 })], many)(
    "of 2^k times a matrix gives 2^k times its values and the same vectors, bit for bit",
    (n, seed, k) => {
      const a = symmetricNoise(n, seed);
      const [plain, scaled] = [
        symmetricEigen(a, n),
        symmetricEigen(
          a.map((e) => e * 2 ** k),
          n,
        ),
      ];
      expect(scaled.values).toEqual(plain.values.map((value) => value * 2 ** k));
      expect(scaled.vectors).toEqual(plain.vectors);
    },
  );

  test.prop([sizes, fc.nat(1e6)], many)(
    "makes the largest entry of every vector positive",
    (n, seed) => {
      const { vectors } = symmetricEigen(symmetricNoise(n, seed), n);
      for (let i = 0; i < n; i++) {
        const row = [...vectors.slice(i * n, i * n + n)];
        expect(Math.max(...row)).toBe(Math.max(...row.map(Math.abs)));
      }
    },
  );

  test("refuses what is not a finite symmetric matrix of the size given", () => {
    const message = (entries: readonly number[], n: number): string =>
      messageOf(() => symmetricEigen(new Float64Array(entries), n), ValueError);
    expect(message([1, 2, 3, 4], 2)).toBe(
      "symmetricEigen: expected matrix to be symmetric, got 3 at row 1, column 0 and 2 at row 0, column 1. Take the mean of the matrix and its transpose if the two differ by rounding only.",
    );
    expect(message([1, 2, 3], 2)).toBe(
      "symmetricEigen: expected matrix to hold 2·2 = 4 numbers, row by row, got 3. Give a matrix of that size, or another n.",
    );
    expect(message([1, Number.NaN, Number.NaN, 4], 2)).toBe(
      "symmetricEigen: expected matrix to hold finite numbers, got NaN at row 0, column 1. Find out where it came from, for example with detectAnomalies.",
    );
    expect(message([1], 0.5)).toContain("expected n to be an integer ≥ 0, got 0.5");
  });
});

describe("qr", () => {
  const sizes = fc
    .tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 6 }))
    .map(([columns, more]) => [columns + more, columns] as const);

  test.prop([sizes, fc.nat(1e6)], many)(
    "gives orthonormal columns and a triangle with a diagonal ≥ 0 whose product is the matrix",
    ([rows, columns], seed) => {
      const a = noiseMatrix(rows, columns, seed);
      const copy = a.slice();
      const { q, r } = qr(a, rows, columns);
      expect(a).toEqual(copy);
      const tolerance = qrTolerance(rows, columns) * Math.sqrt(columns);
      const [qAt, rAt] = [at(q, columns), at(r, columns)];
      const gram = product(
        columns,
        columns,
        rows,
        (i, k) => qAt(k, i),
        (k, j) => qAt(k, j),
      );
      expect(distance(gram, identity(columns))).toBeLessThanOrEqual(tolerance);
      const rebuilt = product(rows, columns, columns, qAt, rAt);
      expect(distance(rebuilt, a)).toBeLessThanOrEqual(tolerance * norm(a));
      for (let i = 0; i < columns; i++) {
        expect(rAt(i, i)).toBeGreaterThanOrEqual(0);
        for (let j = 0; j < i; j++) expect(rAt(i, j)).toBe(0);
      }
    },
  );

  test.prop([sizes, fc.nat(1e6)], many)(
    "has the triangle of Cholesky: RᵀR = AᵀA",
    ([rows, columns], seed) => {
      const a = noiseMatrix(rows, columns, seed);
      const { r } = qr(a, rows, columns);
      const [aAt, rAt] = [at(a, columns), at(r, columns)];
      const left = product(columns, columns, columns, (i, k) => rAt(k, i), rAt);
      const right = product(columns, columns, rows, (i, k) => aAt(k, i), aAt);
      expect(distance(left, right)).toBeLessThanOrEqual(
        4 * qrTolerance(rows, columns) * norm(a) ** 2,
      );
    },
  );

  test("gives orthonormal columns where those of the matrix depend on each other, or are 0", () => {
    const columns = 4;
    for (const rowsOf of [
      [
        [1, 2, 3, 4],
        [2, 4, 6, 8],
        [0, 0, 0, 0],
        [3, 6, 9, 12],
        [1, 2, 3, 4],
      ],
      [
        [1, 1, 0, 1],
        [0, 1e-161, 0, 0],
        [0, 3e-161, 0, 0],
        [0, 2e-161, 0, 2],
      ],
      [
        [0, 1e-300, 0, 1],
        [0, 1e-300, 0, 1e-200],
        [0, 1e300, 0, 1],
        [0, 0, 0, 0],
      ],
    ]) {
      const [rows, a] = [rowsOf.length, new Float64Array(rowsOf.flat())];
      const { q, r } = qr(a, rows, columns);
      const qAt = at(q, columns);
      const gram = product(
        columns,
        columns,
        rows,
        (i, k) => qAt(k, i),
        (k, j) => qAt(k, j),
      );
      expect(distance(gram, identity(columns))).toBeLessThan(2 * qrTolerance(rows, columns));
      const rebuilt = product(rows, columns, columns, qAt, at(r, columns));
      expect(distance(rebuilt, a) / norm(a)).toBeLessThan(2 * qrTolerance(rows, columns));
    }
  });

  test.prop(
    [
      sizes,
      fc.nat(1e6),
      fc.array(fc.integer({ min: -900, max: 900 }), { minLength: 10, maxLength: 10 }),
    ],
    many,
  )("of columns times powers of two gives the same Q, bit for bit", ([rows, columns], seed, ks) => {
    const a = noiseMatrix(rows, columns, seed);
    const scale = (i: number): number => 2 ** (ks[i % columns] ?? 0);
    const [plain, scaled] = [
      qr(a, rows, columns),
      qr(
        a.map((element, i) => element * scale(i)),
        rows,
        columns,
      ),
    ];
    expect(scaled.q).toEqual(plain.q);
    expect(scaled.r).toEqual(plain.r.map((element, i) => element * scale(i)));
  });

  test("of an orthonormal basis of the plane, scaled and sheared, gives the basis", () => {
    const { q, r } = qr(new Float64Array([3, 0, 4, 5]), 2, 2);
    expect(distance(q, new Float64Array([0.6, -0.8, 0.8, 0.6]))).toBeLessThan(qrTolerance(2, 2));
    expect(distance(r, new Float64Array([5, 4, 0, 3]))).toBeLessThan(7 * qrTolerance(2, 2));
  });

  test("refuses wide matrices", () => {
    expect(messageOf(() => qr(new Float64Array(6), 2, 3), ValueError)).toBe(
      "qr: expected rows to be at least columns, 3, got 2. Decompose the transpose of a wide matrix.",
    );
  });
});
