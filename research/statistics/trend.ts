/**
 * Trends: whether a result rises or falls along ordered levels, such as depth or batch size, in one run of all of them a seed.
 * Rests on sample and sign-flip. Kendall 1938 and 1945 (ties); the test is Jonckheere's within blocks (Skillings & Wolfe 1977),
 * its distribution counted exactly.
 */
import { ValueError } from "../../core/index.ts";
import { type Alternative, requireAlternative } from "./sign-flip.ts";

/** What the levels do to the result. */
export interface Trend {
  /** Kendall's τ_b of each seed, in [-1, 1]: 1 where every step up raises the result; 0 where all are tied. */
  readonly taus: readonly number[];
  readonly meanTau: number;
  /** The chance of as many steps up less steps down, or more, if levels did not matter; in (0, 1]. */
  readonly p: number;
}

/** Options of `trendTest`. */
export interface TrendOptions {
  /** "greater": the result rises with the level; default "two-sided". */
  readonly alternative?: Alternative;
}

/**
 * rows: [seeds, levels], a row holding one seed's results in ascending order of levels. Results may be infinite, where a run
 * diverged; ties count as neither up nor down. Exact: counts, over all orders of the results within each row, how
 * often steps up less steps down are as many.
 *
 * Throws ValueError for no row, rows of fewer than two levels or of different lengths, and NaN.
 *
 * @example
 * trendTest([[8.1, 8.4, 9.9], [8.0, 8.3, 9.1], [8.2, 8.1, 9.5]], { alternative: "greater" }).p;
 */
export function trendTest(
  rows: readonly (readonly number[])[],
  { alternative = "two-sided" }: TrendOptions = {},
): Trend {
  requireRows(rows);
  requireAlternative("trendTest", alternative);
  const counted = rows.map(concordance);
  const taus = counted.map(({ score, tau }) => (score === 0 ? 0 : tau));
  // Of all rows together: how likely each number of steps down is, steps up being the rest.
  let chances: readonly number[] = [1];
  for (const { ties } of counted) {
    let size = 0;
    for (const tied of ties) {
      size += tied;
      chances = convolve(chances, inversions(size, tied));
    }
  }
  const pairs = chances.length - 1; // those untied
  const score = counted.reduce((total, row) => total + row.score, 0);
  const share = (isMet: (score: number) => boolean): number =>
    Math.min(
      1,
      chances.reduce((total, p, down) => total + (isMet(pairs - 2 * down) ? p : 0), 0),
    );
  const isAsFar: Readonly<Record<Alternative, (other: number) => boolean>> = {
    greater: (other) => other >= score,
    less: (other) => other <= score,
    "two-sided": (other) => Math.abs(other) >= Math.abs(score),
  };
  const meanTau = taus.reduce((total, tau) => total + tau, 0) / taus.length;
  return { taus, meanTau, p: share(isAsFar[alternative]) };
}

/** One row: steps up less steps down over all pairs of levels, its τ_b, and how many results are tied in each group. */
function concordance(row: readonly number[]): {
  readonly score: number;
  readonly tau: number;
  readonly ties: readonly number[];
} {
  let [score, untied] = [0, 0];
  for (let j = 1; j < row.length; j++) {
    for (let i = 0; i < j; i++) {
      const [low, high] = [row[i] ?? 0, row[j] ?? 0];
      score += high > low ? 1 : high < low ? -1 : 0;
      untied += high === low ? 0 : 1;
    }
  }
  const groups = new Map<number, number>();
  for (const value of row) groups.set(value, (groups.get(value) ?? 0) + 1);
  const pairs = (row.length * (row.length - 1)) / 2;
  return { score, tau: score / Math.sqrt(pairs * untied), ties: [...groups.values()] };
}

/**
 * How likely each number of inversions is where k equal things are placed at random among n, beside n - k others: the
 * coefficients of the Gaussian binomial [n, k] over their sum. [n, k] = [n-1, k-1] + q^k·[n-1, k], by the last thing.
 */
function inversions(n: number, k: number): readonly number[] {
  // row[j] is [i, j] for j ≤ k, over its sum.
  let row: readonly (readonly number[])[] = [[1]];
  for (let i = 1; i <= n; i++) {
    const next: number[][] = [];
    for (let j = 0; j <= Math.min(i, k); j++) {
      const out = new Array<number>(j * (i - j) + 1).fill(0);
      row[j - 1]?.forEach((p, down) => {
        out[down] = (out[down] ?? 0) + (p * j) / i;
      });
      row[j]?.forEach((p, down) => {
        out[down + j] = (out[down + j] ?? 0) + (p * (i - j)) / i;
      });
      next.push(out);
    }
    row = next;
  }
  return row[k] ?? [1];
}

function convolve(a: readonly number[], b: readonly number[]): readonly number[] {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  a.forEach((p, i) => {
    b.forEach((q, j) => {
      out[i + j] = (out[i + j] ?? 0) + p * q;
    });
  });
  return out;
}

function requireRows(rows: readonly (readonly number[])[]): void {
  const [{ length } = { length: 0 }] = rows;
  const complaint = { where: "trendTest", fix: "Give one row a seed: its results, one a level" };
  if (length < 2) {
    const got = rows.length === 0 ? "no row" : `${length} in the first row`;
    const expected = "to hold two levels or more in a row";
    throw new ValueError({ ...complaint, argument: "rows", expected, got });
  }
  rows.forEach((row, r) => {
    if (row.length !== length) {
      const expected = `to hold ${length} results, as the first row`;
      const got = String(row.length);
      throw new ValueError({ ...complaint, argument: `rows[${r}]`, expected, got });
    }
    const bad = row.findIndex((value) => typeof value !== "number" || Number.isNaN(value));
    if (bad < 0) return;
    throw new ValueError({
      ...complaint,
      argument: `rows[${r}][${bad}]`,
      expected: "to be a number",
      got: String(row[bad]),
      fix: "A run that diverged is a result: give it as Infinity where lower is better, else as -Infinity",
    });
  });
}
