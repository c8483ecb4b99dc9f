/**
 * The exponential schedule: the same factor at every iteration.
 * Rests on schedule and core's scalar-math.
 */
import { requirePositive } from "../core/require-number.ts";
import { pow } from "../core/scalar-math/index.ts";
import { requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `exponential`. */
export interface ExponentialOptions {
  /** Value at iteration 0, finite. */
  readonly base: number;
  /** What one iteration multiplies the value by, > 0; below 1 it falls. */
  readonly factor: number;
}

/**
 * base·factor^t. Throws ValueError for options out of range. PyTorch's ExponentialLR.
 *
 * @example
 * exponential({ base: 0.1, factor: 0.5 })(3); // 0.0125
 */
export function exponential({ base, factor }: ExponentialOptions): Schedule {
  requireValue("exponential", "base", base);
  requirePositive("exponential", "factor", factor);
  return scheduleOf("exponential", (t) => base * pow(factor, t));
}
