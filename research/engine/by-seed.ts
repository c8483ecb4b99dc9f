/**
 * One number a seed: what arms are compared by, and how such numbers are shown.
 * Rests on select and statistics. All lists of an experiment's runs are in ascending order of seeds: a pair stands at one place.
 */
import { type Score, tInterval } from "../statistics/index.ts";
import type { BarFigure } from "./figure.ts";
import type { Run } from "./run-context.ts";
import { runsWhere } from "./select.ts";

/** Makes one number of several, of which there is at least one. */
export type Combine = (values: readonly number[]) => number;

/** The mean; NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The least: each seed at its own best rate, where the runs of a seed differ in rates. */
export function leastOf(values: readonly number[]): number {
  return Math.min(...values);
}

/**
 * One number for each seed: the mean of `score` over its runs with these values, or what `combine` makes of them.
 * Throws ValueError where no run has the values.
 *
 * @example
 * const best = bySeed(runs, { norm: "batch" }, ({ result }) => result.error, leastOf); // over all rates
 */
export function bySeed<Config extends object, Result>(
  runs: readonly Run<Config, Result>[],
  values: Partial<Config>,
  score: (run: Run<Config, Result>) => number,
  combine: Combine = meanOf,
): readonly number[] {
  const scores = new Map<number, number[]>();
  for (const run of runsWhere(runs, values)) {
    scores.set(run.seed, [...(scores.get(run.seed) ?? []), score(run)]);
  }
  return [...scores].sort(([a], [b]) => a - b).map(([, own]) => combine(own));
}

/**
 * The same for `judgePaired`: a run that diverged, or whose score is not finite, counts as infinite, and a seed with what is
 * not finite has diverged: such as one that never came to its target.
 */
export function scoresOf<Config extends object, Result>(
  runs: readonly Run<Config, Result>[],
  values: Partial<Config>,
  score: (run: Run<Config, Result>) => number,
  combine: Combine = meanOf,
): readonly Score[] {
  const finite = (run: Run<Config, Result>): number => {
    const value = score(run);
    return run.outcome === "diverged" || !Number.isFinite(value) ? Infinity : value;
  };
  return bySeed(runs, values, finite, combine).map((value) =>
    Number.isFinite(value) ? value : "diverged",
  );
}

/** a - b, seed by seed. */
export function minus(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, i) => value - (b[i] ?? Number.NaN));
}

/** The mean of what is finite, as a figure shows it, with its 95 % t-interval over seeds where there are two or more. */
export function estimate(values: readonly number[]): {
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
} {
  const finite = values.filter(Number.isFinite);
  if (finite.length < 2) return { y: meanOf(finite) };
  const { mean, low, high } = tInterval(finite);
  return { y: mean, low, high };
}

/** A bar of such numbers, one a seed. */
export function seedsBar(
  group: string,
  series: string,
  values: readonly number[],
): BarFigure["bars"][number] {
  return { group, series, ...estimate(values) };
}
