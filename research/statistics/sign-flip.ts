/**
 * The paired sign-flip test: if two arms do not differ, each difference might as well have had the other sign.
 * Rests on sample and core's random streams. Fisher 1935, "The Design of Experiments", section 21; with sampled flips
 * Phipson & Smyth 2010, equation 2.
 */
import { RandomSource } from "../../core/index.ts";
import { integers } from "../../core/random/index.ts";
import { requireInteger } from "../../core/require-number.ts";
import { requireOneOf } from "../../core/require-one-of.ts";
import { powerOfTwo } from "../../core/scalar-math/index.ts";
import { exactSum, requireOrdered } from "./sample.ts";

/** What is claimed of the differences: that they are not 0, above 0, or below it. */
export type Alternative = "two-sided" | "greater" | "less";

/** Options of `signFlipTest`. */
export interface SignFlipOptions {
  /** Default "two-sided". */
  readonly alternative?: Alternative;
  /** Flips drawn where there are more than 16 differences, integer ≥ 1; default 9999. */
  readonly draws?: number;
  /** Seed of these, integer in [0, 2⁵³); default 0. */
  readonly seed?: number;
}

/** What the test found. */
export interface SignFlipResult {
  /** The chance of differences as large as these, or larger, under random signs; in (0, 1]. */
  readonly p: number;
  /** The least p that so many differences can give. */
  readonly least: number;
  /** What was added up: the differences, or, where one is infinite, the ranks of their sizes. */
  readonly by: "sum" | "ranks";
  /** All 2^n flips, or a sample of them. */
  readonly method: "exact" | "sampled";
  readonly n: number;
}

/** Up to here all 2^n flips are counted. */
const exactUpTo = 16;

/**
 * Tests whether paired differences, one a seed, lie about 0. Exact for every distribution that is symmetric about 0
 * under the null hypothesis: P(p ≤ level) ≤ level. Up to 16 differences all 2^n signs are counted; beyond, p is
 * (1 + as large or larger)/(1 + draws). Sums that differ by rounding alone count as equal.
 *
 * A difference may be infinite, where one of the two runs diverged. Then signed ranks of the sizes are added up
 * (Wilcoxon 1945, tied sizes sharing their ranks) in place of the differences. Which of the two depends on sizes
 * alone, so the test stays exact.
 *
 * Throws ValueError for fewer than two differences, NaN among them, or options out of range.
 *
 * @example
 * signFlipTest([0.4, 0.1, 0.3, 0.2, 0.5]).p; // 2/32: all of one sign
 */
export function signFlipTest(
  differences: readonly number[],
  options: SignFlipOptions = {},
): SignFlipResult {
  const { alternative = "two-sided", draws = 9999, seed = 0 } = options;
  const where = "signFlipTest";
  requireOrdered(where, "differences", differences);
  requireAlternative(where, alternative);
  requireInteger(where, "draws", draws, 1, "Draw 9999 flips or so");
  const n = differences.length;
  const allFinite = differences.every(Number.isFinite);
  const sizes = allFinite ? differences : signedRanks(differences);
  const isExact = n <= exactUpTo;
  const sides = alternative === "two-sided" ? 2 : 1;
  // Turned so that large sums speak against the null hypothesis.
  const isTurned = alternative === "two-sided" ? exactSum(sizes) < 0 : alternative === "less";
  const turned = isTurned ? sizes.map((d) => -d) : sizes;
  return {
    p: isExact
      ? Math.min(1, sides * exactShare(turned))
      : sampledShare(turned, { isTwoSided: sides === 2, draws, seed }),
    least: isExact ? sides / powerOfTwo(n) : 1 / (1 + draws),
    by: allFinite ? "sum" : "ranks",
    method: isExact ? "exact" : "sampled",
    n,
  };
}

/** Throws ValueError unless it is one. */
export function requireAlternative(where: string, alternative: Alternative): void {
  const fix = "Say what is claimed of the differences";
  requireOneOf(where, "alternative", alternative, ["two-sided", "greater", "less"], fix);
}

/**
 * The share of all flips whose sum is no less than that of no flip: flipping some takes twice their sum away, so that
 * sum must be ≤ 0.
 */
function exactShare(differences: readonly number[]): number {
  const sums = new Float64Array(powerOfTwo(differences.length)); // by the set of those flipped, as bits
  const slack = slackOf(differences);
  let count = 0;
  for (let set = 0; set < sums.length; set++) {
    const last = 31 - Math.clz32(set);
    const sum = set === 0 ? 0 : (sums[set - powerOfTwo(last)] ?? 0) + (differences[last] ?? 0);
    sums[set] = sum;
    if (sum <= slack) count += 1;
  }
  return count / sums.length;
}

function sampledShare(
  differences: readonly number[],
  how: { readonly isTwoSided: boolean; readonly draws: number; readonly seed: number },
): number {
  const stream = new RandomSource(how.seed).stream("signFlipTest");
  const slack = slackOf(differences);
  let count = 0;
  for (let draw = 0; draw < how.draws; draw++) {
    const flips = integers(stream, differences.length, 0, 2);
    let [flipped, left] = [0, 0];
    differences.forEach((difference, i) => {
      if (flips[i] === 1) flipped += difference;
      else left += difference;
    });
    // The other end: where the sum of those left is ≤ 0, the flipped sum is ≤ minus the unflipped.
    if (flipped <= slack || (how.isTwoSided && left <= slack)) count += 1;
  }
  return (1 + count) / (1 + how.draws);
}

/**
 * Sums no further apart than this count as equal: differences of decimals are rounded, and so are their sums. It can only
 * raise p.
 */
function slackOf(differences: readonly number[]): number {
  return 1e-10 * differences.reduce((total, difference) => total + Math.abs(difference), 0);
}

/** Each difference's rank by size from 1, with its sign; tied sizes share the mean of their ranks, 0 stays 0. */
function signedRanks(differences: readonly number[]): readonly number[] {
  const sizes = differences.map(Math.abs);
  return differences.map((difference, i) => {
    const size = sizes[i] ?? 0;
    const below = sizes.filter((other) => other < size).length;
    const tied = sizes.filter((other) => other === size).length;
    return Math.sign(difference) * (below + (tied + 1) / 2);
  });
}
