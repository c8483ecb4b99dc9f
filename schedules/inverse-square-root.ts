/**
 * The inverse square root schedule: down for ever, ever more slowly.
 * Rests on schedule. Robbins & Monro 1951 for such rates; Vaswani et al. 2017, section 5.3, after a warm-up.
 */
import { requirePositive } from "../core/require-number.ts";
import { requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `inverseSquareRoot`. */
export interface InverseSquareRootOptions {
  /** Value at iteration 0, finite. */
  readonly base: number;
  /** Iterations after which base/√2 is left, > 0; default 1, which is base/√n at the n-th step. */
  readonly timescale?: number;
}

/**
 * base/√(1 + t/timescale). Throws ValueError for options out of range. With `warmup` of W steps around it and
 * timescale W it is Vaswani's schedule base·min(t/W, √(W/t)).
 *
 * @example
 * inverseSquareRoot({ base: 0.1 })(3); // 0.05
 */
export function inverseSquareRoot({ base, timescale = 1 }: InverseSquareRootOptions): Schedule {
  requireValue("inverseSquareRoot", "base", base);
  requirePositive("inverseSquareRoot", "timescale", timescale, "Give a number of iterations");
  return scheduleOf("inverseSquareRoot", (t) => base / Math.sqrt(1 + t / timescale));
}
