/**
 * The cosine schedule: a smooth way down.
 * Rests on schedule and core's scalar-math. Loshchilov & Hutter 2017, equation 5, one cycle.
 */
import { cos } from "../core/scalar-math/index.ts";
import { interpolate, requireSteps, requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `cosine`. */
export interface CosineOptions {
  /** Value at iteration 0, finite. */
  readonly base: number;
  /** Iterations to reach `end`, integer ≥ 1; constant from then on. */
  readonly totalSteps: number;
  /** Value from iteration `totalSteps` on, finite; default 0. */
  readonly end?: number;
}

/**
 * end + (base - end)·(1 + cos(π·t/T))/2 for t < T, then `end`. PyTorch's CosineAnnealingLR is the same up to T_max, but
 * goes up again after it. Throws ValueError unless totalSteps is an integer ≥ 1.
 *
 * @example
 * cosine({ base: 0.1, totalSteps: 100 })(50); // 0.05
 */
export function cosine({ base, totalSteps, end = 0 }: CosineOptions): Schedule {
  requireValue("cosine", "base", base);
  requireValue("cosine", "end", end);
  requireSteps("cosine", "totalSteps", totalSteps);
  return scheduleOf("cosine", (t) => interpolate(end, base, halfCosine(t, totalSteps)));
}

/** (1 + cos(π·t/length))/2: from 1 at t = 0 down to 0 at t = length, where it stays. */
export function halfCosine(t: number, length: number): number {
  return t >= length ? 0 : (1 + cos((Math.PI * t) / length)) / 2;
}
