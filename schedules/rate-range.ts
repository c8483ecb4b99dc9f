/**
 * The rate range test: a sweep of rates over some decades, and what its losses say.
 * Rests on schedule and core's scalar-math. Smith 2017, "Cyclical learning rates", section 3.3, with a geometric sweep
 * in place of a straight one: useful rates are spread over decades.
 */
import { ValueError } from "../core/index.ts";
import { requirePositive, requireWithin } from "../core/require-number.ts";
import { log, pow } from "../core/scalar-math/index.ts";
import { requireSteps, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `rateSweep`. */
export interface RateSweepOptions {
  /** First rate, > 0; default 1e-8. */
  readonly low?: number;
  /** Last rate, > low; default 10. */
  readonly high?: number;
  /** Iterations to reach `high`, integer ≥ 1; constant from then on. */
  readonly totalSteps: number;
}

/**
 * low·(high/low)^(t/T): each iteration multiplies the rate by the same factor. Throws ValueError for options out of range.
 *
 * @example
 * const rate = rateSweep({ low: 1e-6, high: 1, totalSteps: 60 }); // a decade every 10 iterations
 */
export function rateSweep({ low = 1e-8, high = 10, totalSteps }: RateSweepOptions): Schedule {
  requirePositive("rateSweep", "low", low, "Give a rate such as 1e-8");
  requirePositive("rateSweep", "high", high, "Give a rate such as 10");
  if (!(low < high))
    throw refusal("rateSweep", "high", `to be greater than low, ${low}`, high, "Give low < high");
  requireSteps("rateSweep", "totalSteps", totalSteps);
  return scheduleOf("rateSweep", (t) => {
    if (t >= totalSteps) return high;
    return Math.min(high, low * pow(high / low, t / totalSteps));
  });
}

/** Options of `findRateRange`. */
export interface RateRangeOptions {
  /** Share of the old in the moving average of losses, in [0, 1); default 0.9. 0 takes the losses as they are. */
  readonly smoothing?: number;
  /** The test ends where the averaged loss exceeds this many times the lowest before it, > 1; default 4. */
  readonly divergence?: number;
}

/** What the losses of a sweep say. Rates are among those given. */
export interface RateRange {
  /** The averaged losses, up to and without the one that diverged. */
  readonly smoothed: readonly number[];
  /** Where the averaged loss was lowest. */
  readonly lowest: number;
  /** Where the averaged loss fell fastest per decade, not after `lowest`; null where it never fell. */
  readonly steepest: number | null;
  /** Where the loss diverged; null where it did not. */
  readonly diverged: number | null;
}

/**
 * Reads a sweep: `rates` > 0 and ascending, and the loss at each, at least 3, the first of them finite. Averages losses
 * as Adam does its moments (corrected for their start at 0), then looks for the steepest descent, the lowest loss and
 * divergence. Common choices of a rate are `steepest`, or a tenth of `lowest`.
 *
 * Throws ValueError for other rates and losses. Losses must be positive for `divergence` to mean anything: throws for
 * negative ones. A loss that is NaN or infinite has diverged.
 *
 * @example
 * const { steepest, diverged } = findRateRange(rates, losses);
 */
export function findRateRange(
  rates: readonly number[],
  losses: readonly number[],
  { smoothing = 0.9, divergence = 4 }: RateRangeOptions = {},
): RateRange {
  requireSweep(rates, losses);
  requireWithin(
    "findRateRange",
    "smoothing",
    smoothing,
    [0, 1 - 2 ** -53],
    "Give a share such as 0.9",
  );
  if (!(divergence > 1)) {
    throw refusal(
      "findRateRange",
      "divergence",
      "to be greater than 1",
      divergence,
      "Give a factor such as 4",
    );
  }
  const smoothed: number[] = [];
  let [average, weight, lowestLoss, lowest] = [0, 0, Infinity, 0];
  for (const loss of losses) {
    average = smoothing * average + (1 - smoothing) * loss;
    weight = smoothing * weight + (1 - smoothing);
    const corrected = average / weight;
    // Not finite, or too far above the lowest.
    if (!(corrected < Infinity && corrected <= divergence * lowestLoss)) break;
    if (corrected < lowestLoss) [lowestLoss, lowest] = [corrected, smoothed.length];
    smoothed.push(corrected);
  }
  const steepest = steepestOf(rates, smoothed, lowest);
  return {
    smoothed,
    lowest: rates[lowest] ?? Number.NaN,
    steepest: steepest === null ? null : (rates[steepest] ?? null),
    diverged: rates[smoothed.length] ?? null,
  };
}

/** The place up to `last` with the most negative slope over log rate, between its two neighbours; null if none is. */
function steepestOf(
  rates: readonly number[],
  smoothed: readonly number[],
  last: number,
): number | null {
  let [steepest, least]: [number | null, number] = [null, 0];
  for (let i = 0; i <= last; i++) {
    const [before, after] = [Math.max(i - 1, 0), Math.min(i + 1, smoothed.length - 1)];
    const rise = (smoothed[after] ?? Number.NaN) - (smoothed[before] ?? Number.NaN);
    const slope = rise / log((rates[after] ?? Number.NaN) / (rates[before] ?? Number.NaN));
    if (slope < least) [steepest, least] = [i, slope];
  }
  return steepest;
}

function requireSweep(rates: readonly number[], losses: readonly number[]): void {
  const where = "findRateRange";
  const ascends = rates.every((rate, i) => rate > (rates[i - 1] ?? 0) && rate < Infinity);
  if (!ascends || rates.length < 3) {
    throw refusal(where, "rates", "to be 3 or more, > 0 and ascending", `[${shown(rates)}]`);
  }
  if (losses.length !== rates.length) {
    throw refusal(where, "losses", `to be one for each of ${rates.length} rates`, losses.length);
  }
  const bad = losses.findIndex((loss, i) => loss < 0 || (i === 0 && !Number.isFinite(loss)));
  if (bad >= 0) {
    throw refusal(
      where,
      `losses[${bad}]`,
      bad === 0 ? "to be finite and ≥ 0" : "to be ≥ 0",
      losses[bad] ?? Number.NaN,
    );
  }
}

function shown(rates: readonly number[]): string {
  return rates.length <= 6 ? rates.join(", ") : `${rates.slice(0, 6).join(", ")}, …`;
}

function refusal(
  where: string,
  argument: string,
  expected: string,
  got: number | string,
  fix = "Give the rates of a rateSweep and the loss at each",
): ValueError {
  return new ValueError({ where, argument, expected, got: String(got), fix });
}
