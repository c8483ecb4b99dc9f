/**
 * Paired comparisons: two arms of an experiment, seed by seed. What a verdict is made of.
 * Rests on sample, interval, sign-flip and effect.
 */
import { ValueError } from "../../core/index.ts";
import { requireOneOf } from "../../core/require-one-of.ts";
import { type EffectSize, effectSize } from "./effect.ts";
import { type Interval, requireConfidence, tInterval } from "./interval.ts";
import { requireOrdered } from "./sample.ts";
import { type SignFlipOptions, type SignFlipResult, signFlipTest } from "./sign-flip.ts";

/** The result of one run: its metric, or that it diverged. */
export type Score = number | "diverged";

/** Options of `comparePaired`. */
export interface PairedOptions extends SignFlipOptions {
  /** Which way the metric is better: a run that diverged is worse than any that did not. */
  readonly better: "lower" | "higher";
  /** Of the interval, in (0, 1); default 0.95. */
  readonly confidence?: number;
}

/** Arm a against arm b. */
export interface PairedComparison {
  /** Seeds. */
  readonly n: number;
  readonly better: "lower" | "higher";
  /** a - b of each seed: ±Infinity where one of the two diverged, 0 where both did. */
  readonly differences: readonly number[];
  /** Seeds in which each arm diverged. */
  readonly diverged: { readonly a: number; readonly b: number };
  /** Seeds in which a is better, b is, or neither. */
  readonly wins: { readonly a: number; readonly b: number; readonly ties: number };
  /** Of the mean difference; null where a run diverged: then there is no mean. */
  readonly interval: Interval | null;
  /** Null where a run diverged. */
  readonly effect: EffectSize | null;
  /** Whether a and b differ, by default on either side: `p`, and what it rests on. */
  readonly test: SignFlipResult;
}

/**
 * Compares two arms: a[i] and b[i] are the scores of one seed, which with named random streams has the same weights, batches and
 * masks wherever both arms have them. Alternatives of the test concern a - b. Throws ValueError for arms of different
 * lengths, fewer than two seeds, a score that is NaN or infinite, or options out of range.
 *
 * @example
 * const { interval, test } = comparePaired(withWarmup, without, { better: "lower", alternative: "less" });
 */
export function comparePaired(
  a: readonly Score[],
  b: readonly Score[],
  { better, confidence = 0.95, ...options }: PairedOptions,
): PairedComparison {
  const where = "comparePaired";
  requireOneOf(where, "better", better, ["lower", "higher"], "Say which scores are good");
  requireConfidence(where, confidence);
  requireScores("a", a);
  requireScores("b", b);
  if (a.length !== b.length) {
    throw new ValueError({
      where,
      argument: "b",
      expected: `to hold ${a.length} scores, one for each of a`,
      got: String(b.length),
      fix: "Run both arms with the same seeds",
    });
  }
  const worst = better === "lower" ? Infinity : -Infinity;
  const value = (score: Score | undefined): number => (typeof score === "number" ? score : worst);
  const differences = a.map((score, i) => {
    const [ours, theirs] = [value(score), value(b[i])];
    return ours === theirs ? 0 : ours - theirs;
  });
  requireOrdered(where, "a", differences);
  const allFinite = differences.every(Number.isFinite);
  const hasMean = allFinite && !a.includes("diverged"); // both may have diverged: a tie, and no difference
  const below = differences.filter((difference) => difference < 0).length;
  const above = differences.filter((difference) => difference > 0).length;
  const [wins, losses] = better === "lower" ? [below, above] : [above, below];
  return {
    n: differences.length,
    better,
    differences,
    diverged: { a: count(a), b: count(b) },
    wins: { a: wins, b: losses, ties: differences.length - below - above },
    interval: hasMean ? tInterval(differences, { confidence }) : null,
    effect: hasMean ? effectSize(differences) : null,
    test: signFlipTest(differences, options),
  };
}

function count(scores: readonly Score[]): number {
  return scores.filter((score) => score === "diverged").length;
}

function requireScores(argument: string, scores: readonly Score[]): void {
  const bad = scores.findIndex((score) => score !== "diverged" && !Number.isFinite(score));
  if (bad < 0) return;
  throw new ValueError({
    where: "comparePaired",
    argument: `${argument}[${bad}]`,
    expected: 'to be a finite number or "diverged"',
    got: String(scores[bad]),
    fix: 'A run that diverged is a result: give it as "diverged"',
  });
}
