/**
 * Power: how likely a paired comparison is to see an effect, and so how many seeds it needs.
 * Rests on student-t and core's scalar-math. The noncentral t distribution, as an integral over the standard deviation.
 */
import { ValueError } from "../../core/index.ts";
import { requireFinite, requireInteger, requireWithin } from "../../core/require-number.ts";
import { erfc, exp, log } from "../../core/scalar-math/index.ts";
import { centralQuantile } from "./student-t.ts";

/** What a comparison is to find, and how surely. */
export interface PowerOptions {
  /** The mean difference in standard deviations of the differences, Cohen's d_z; not 0. Its sign does not matter. */
  readonly effect: number;
  /** The chance of a false alarm allowed, in (0, 1); default 0.05. */
  readonly level?: number;
  /** Whether the sign of the effect is claimed beforehand (1) or not (2); default 2. */
  readonly sides?: 1 | 2;
}

/** Beyond this many seeds nobody trains. */
const mostSeeds = 1_000_000;

/**
 * The chance that a paired t test of so many seeds, integer ≥ 2, finds the effect, if the differences are normal. The
 * sign-flip test has a little less, and none below log2(sides/level) seeds. Throws ValueError for options out of range.
 *
 * @example
 * pairedPower(8, { effect: 1 }); // 0.68
 */
export function pairedPower(seeds: number, options: PowerOptions): number {
  const { effect, level = 0.05, sides = 2 } = options;
  requireInteger(
    "pairedPower",
    "seeds",
    seeds,
    2,
    "One seed tells nothing of how far seeds lie apart",
  );
  requireOptions("pairedPower", options);
  const degrees = seeds - 1;
  // One-sided, a level above a half would ask for a t below 0.
  const share = 1 - (2 * level) / sides;
  const t = share === 0 ? 0 : Math.sign(share) * centralQuantile(Math.abs(share), degrees);
  const shift = Math.abs(effect) * Math.sqrt(seeds);
  return Math.min(
    1,
    averageOverStd(degrees, (s) => {
      const above = normalShare(shift - t * s);
      return sides === 1 ? above : above + normalShare(-shift - t * s);
    }),
  );
}

/**
 * The least number of seeds whose paired comparison finds the effect with probability `power`, in (0, 1), default 0.8.
 * Not below log2(sides/level), where the sign-flip test cannot fall to the level at all. Throws ValueError for options out
 * of range, and for an effect that a million seeds would not show.
 *
 * @example
 * seedsNeeded({ effect: 1 }); // 10
 */
export function seedsNeeded(options: PowerOptions & { readonly power?: number }): number {
  const { power: wanted = 0.8, level = 0.05, sides = 2, effect } = options;
  const where = "seedsNeeded";
  requireOptions(where, options);
  const open = [Number.MIN_VALUE, 1 - 2 ** -53] as const;
  requireWithin(where, "power", wanted, open, "Give a share such as 0.8");
  let least = 2;
  for (let p = sides / 4; p > level; p /= 2) least += 1;
  const isEnough = (seeds: number): boolean => pairedPower(seeds, options) >= wanted;
  if (isEnough(least)) return least;
  let [low, high] = [least, 2 * least];
  while (high < mostSeeds && !isEnough(high)) [low, high] = [high, 2 * high];
  if (high >= mostSeeds && !isEnough(mostSeeds)) {
    throw new ValueError({
      where,
      argument: "effect",
      expected: `to show with ${mostSeeds} seeds`,
      got: String(effect),
      fix: "Look for a larger effect, or ask for less power",
    });
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function requireOptions(where: string, { effect, level = 0.05, sides = 2 }: PowerOptions): void {
  const fix = "Give the mean difference over the standard deviation of the differences, such as 1";
  requireFinite(where, "effect", effect, fix);
  const open = [Number.MIN_VALUE, 1 - 2 ** -53] as const;
  requireWithin(where, "level", level, open, "Give a share such as 0.05");
  requireWithin(where, "sides", sides, [1, 2], "Claim a sign beforehand (1) or not (2)");
  requireInteger(where, "sides", sides, 1, "Claim a sign beforehand (1) or not (2)");
  if (effect !== 0) return;
  const got = "0";
  throw new ValueError({ where, argument: "effect", expected: "not to be 0", got, fix });
}

/** Φ(z). */
function normalShare(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

/** Even: Simpson's rule. At two seeds and a level of 0.01 f falls within a hundredth, and is then off by less than 1e-9. */
const intervals = 10_000;

/**
 * The mean of f(s) over s = √(χ²/ν), whose density is as s^(ν-1)·exp(-ν·s²/2): highest at √((ν - 1)/ν), and beyond 9/√ν
 * from there less than 1e-16 of that.
 */
function averageOverStd(degrees: number, f: (s: number) => number): number {
  const peak = Math.sqrt((degrees - 1) / degrees);
  const logDensity = (s: number): number =>
    (degrees === 1 ? 0 : (degrees - 1) * log(s)) - (degrees * s * s) / 2;
  const height = logDensity(degrees === 1 ? 0 : peak);
  const low = Math.max(0, peak - 9 / Math.sqrt(degrees));
  const step = (peak + 9 / Math.sqrt(degrees) - low) / intervals;
  let [mass, total] = [0, 0];
  for (let i = 0; i <= intervals; i++) {
    const s = low + i * step;
    const weight = i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2;
    const density = weight * exp(logDensity(s) - height); // exp(-∞) is 0 at s = 0
    mass += density;
    total += density * f(s);
  }
  return total / mass;
}
