/**
 * Cosine with warm restarts: down, and up again at once.
 * Rests on cosine and schedule. Loshchilov & Hutter 2017, "SGDR", section 3, equation 5.
 */
import { halfCosine } from "./cosine.ts";
import { interpolate, requireSteps, requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `cosineRestarts`. */
export interface CosineRestartsOptions {
  /** Value at iteration 0 and at every restart, finite. */
  readonly base: number;
  /** Iterations of the first cycle, integer ≥ 1. T₀ in the paper. */
  readonly period: number;
  /** What a cycle's length is multiplied by for the next, integer ≥ 1; default 1. T_mult in the paper. */
  readonly multiplier?: number;
  /** What each cycle goes down to, without reaching it, finite; default 0. */
  readonly end?: number;
}

/**
 * end + (base - end)·(1 + cos(π·u/U))/2, u iterations into a cycle of U. Throws ValueError for options out of range.
 * PyTorch's CosineAnnealingWarmRestarts.
 *
 * @example
 * const rate = cosineRestarts({ base: 0.1, period: 10, multiplier: 2 }); // restarts at 10, 30, 70, …
 */
export function cosineRestarts(options: CosineRestartsOptions): Schedule {
  const { base, period, multiplier = 1, end = 0 } = options;
  requireValue("cosineRestarts", "base", base);
  requireValue("cosineRestarts", "end", end);
  requireSteps("cosineRestarts", "period", period);
  requireSteps("cosineRestarts", "multiplier", multiplier);
  return scheduleOf("cosineRestarts", (t) => {
    let [into, length] = [multiplier === 1 ? t % period : t, period];
    while (into >= length) {
      into -= length;
      length *= multiplier;
    }
    return interpolate(end, base, halfCosine(into, length));
  });
}
