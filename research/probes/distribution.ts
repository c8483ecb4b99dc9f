/**
 * Distributions: what some numbers look like, by moments, percentiles and a histogram.
 * Rests on core's checks. All in float64 and in the order of the elements, so the bits are the same everywhere.
 */
import { ValueError } from "../../core/index.ts";
import { requireInteger, requireWithin } from "../../core/require-number.ts";

/** Counts of numbers in intervals of one width. */
export interface Histogram {
  readonly low: number;
  readonly high: number;
  /** Of [low + k·w, low + (k + 1)·w); the last interval holds `high` too. */
  readonly counts: readonly number[];
  /** Numbers below `low`, and above `high`. */
  readonly below: number;
  readonly above: number;
}

/** Numbers in short. All but `count` and `nonFinite` are of the finite ones; NaN where there are none. */
export interface Distribution {
  /** How many numbers there are. */
  readonly count: number;
  /** How many of them are NaN or infinite. */
  readonly nonFinite: number;
  /** The share that is 0. */
  readonly zeros: number;
  readonly mean: number;
  /** With divisor n: these are all the numbers there are. */
  readonly std: number;
  readonly min: number;
  readonly max: number;
  /** By their percent, "50": the median. Between two numbers a straight line. */
  readonly percentiles: Readonly<Record<string, number>>;
  readonly histogram: Histogram;
}

/** Options of `distributionOf`. */
export interface DistributionOptions {
  /** Intervals of the histogram, integer ≥ 1; default 32. */
  readonly bins?: number;
  /** Its ends, low < high; default the least and the greatest number. Fix them to lay histograms over each other. */
  readonly range?: readonly [low: number, high: number];
  /** Each in [0, 100]; default 5, 15, 50, 85, 95. */
  readonly percentiles?: readonly number[];
}

/**
 * What `values` look like. Throws ValueError for options out of range.
 *
 * @example
 * distributionOf(net.forward(x).elements()).percentiles["50"];
 */
export function distributionOf(
  values: ArrayLike<number>,
  options: DistributionOptions = {},
): Distribution {
  const { bins = 32, range, percentiles = [5, 15, 50, 85, 95] } = options;
  requireOptions(options);
  const finite = Float64Array.from(values).filter(Number.isFinite);
  const n = finite.length;
  const mean = sumOf(finite, (x) => x) / n;
  const square = sumOf(finite, (x) => (x - mean) * (x - mean)) / n;
  const zeros = finite.reduce((count, x) => (x === 0 ? count + 1 : count), 0) / n;
  finite.sort();
  const [min, max] = [finite[0] ?? Number.NaN, finite[n - 1] ?? Number.NaN];
  return {
    count: values.length,
    nonFinite: values.length - n,
    zeros,
    mean,
    std: Math.sqrt(square),
    min,
    max,
    percentiles: Object.fromEntries(
      percentiles.map((percent) => [String(percent), percentile(finite, percent)]),
    ),
    histogram: histogramOf(finite, bins, range ?? [min, max]),
  };
}

/** Throws ValueError for options out of range. */
export function requireOptions({ bins = 32, range, percentiles = [] }: DistributionOptions): void {
  const where = "distributionOf";
  requireInteger(where, "bins", bins, 1, "Give a number of intervals such as 32");
  percentiles.forEach((percent, i) => {
    requireWithin(where, `percentiles[${i}]`, percent, [0, 100], "Give percents such as 50");
  });
  if (range === undefined) return;
  const [low, high] = range;
  if (low < high && Number.isFinite(high - low)) return;
  throw new ValueError({
    where,
    argument: "range",
    expected: "to be two finite numbers, the lower first",
    got: `[${range.join(", ")}]`,
    fix: "Give the ends of the histogram, such as [-1, 1]",
  });
}

function sumOf(values: Float64Array, f: (x: number) => number): number {
  let total = 0;
  for (const x of values) total += f(x);
  return total;
}

/** At (n - 1)·percent/100 in the sorted numbers. */
function percentile(sorted: Float64Array, percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100;
  const below = Math.floor(place);
  const [low = Number.NaN, high = low] = sorted.subarray(Math.max(below, 0), below + 2);
  return low + (place - below) * (high - low);
}

function histogramOf(
  sorted: Float64Array,
  bins: number,
  [low, high]: readonly [number, number],
): Histogram {
  const counts = new Array<number>(bins).fill(0);
  let [below, above] = [0, 0];
  for (const x of sorted) {
    if (x < low) below += 1;
    else if (x > high) above += 1;
    else {
      const place = high > low ? Math.floor(((x - low) / (high - low)) * bins) : 0;
      const bin = Math.min(place, bins - 1);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  }
  return { low, high, counts, below, above };
}
