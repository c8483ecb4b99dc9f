/**
 * Polynomial schedules, and the linear one among them.
 * Rests on schedule and core's scalar-math. Chen et al. 2017, "DeepLab", section 4.1.1, with power 0.9.
 */
import { requirePositive } from "../core/require-number.ts";
import { pow } from "../core/scalar-math/index.ts";
import { interpolate, requireSteps, requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `linear`. */
export interface LinearOptions {
  /** Value at iteration 0, finite. */
  readonly base: number;
  /** Iterations to reach `end`, integer ≥ 1; constant from then on. */
  readonly totalSteps: number;
  /** Value from iteration `totalSteps` on, finite; default 0. */
  readonly end?: number;
}

/** Options of `polynomial`. */
export interface PolynomialOptions extends LinearOptions {
  /** > 0; default 1, the straight line. */
  readonly power?: number;
}

/**
 * base + (end - base)·t/T for t < T, then `end`. Throws ValueError for options out of range.
 * PyTorch's LinearLR gives both ends as factors of the rate.
 *
 * @example
 * linear({ base: 0.1, totalSteps: 100 })(75); // 0.025
 */
export function linear({ base, totalSteps, end = 0 }: LinearOptions): Schedule {
  requireValue("linear", "base", base);
  requireValue("linear", "end", end);
  requireSteps("linear", "totalSteps", totalSteps);
  return scheduleOf("linear", (t) => interpolate(base, end, t / totalSteps));
}

/**
 * end + (base - end)·(1 - t/T)^power for t < T, then `end`. Throws ValueError for options out of range.
 * PyTorch's PolynomialLR, whose end is 0.
 *
 * @example
 * polynomial({ base: 0.1, totalSteps: 100, power: 2 })(50); // 0.025
 */
export function polynomial({ base, totalSteps, end = 0, power = 1 }: PolynomialOptions): Schedule {
  requireValue("polynomial", "base", base);
  requireValue("polynomial", "end", end);
  requireSteps("polynomial", "totalSteps", totalSteps);
  requirePositive("polynomial", "power", power, "Give 1 for the straight line, 0.9 for DeepLab's");
  return scheduleOf("polynomial", (t) =>
    t >= totalSteps ? end : interpolate(end, base, pow((totalSteps - t) / totalSteps, power)),
  );
}
