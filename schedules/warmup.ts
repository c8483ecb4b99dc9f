/**
 * Warm-up: a straight line up to where another schedule begins.
 * Rests on schedule. Goyal et al. 2017, section 2.2, gradual warm-up.
 */
import { interpolate, requireSteps, requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `warmup`. */
export interface WarmupOptions {
  /** W, the iterations of the warm-up, integer ≥ 0; 0 changes nothing. */
  readonly steps: number;
  /** Value at iteration 0, finite; default 0. */
  readonly start?: number;
}

/**
 * start + (schedule(0) - start)·t/W for t < W, then schedule(t - W). Throws ValueError for options out of range.
 *
 * @example
 * warmup(cosine({ base: 0.1, totalSteps: 900 }), { steps: 100 })(50); // 0.05
 */
export function warmup(schedule: Schedule, { steps, start = 0 }: WarmupOptions): Schedule {
  requireSteps("warmup", "steps", steps, 0);
  requireValue("warmup", "start", start);
  const base = requireValue("warmup", "schedule(0)", schedule(0));
  return scheduleOf("warmup", (t) =>
    t < steps ? interpolate(start, base, t / steps) : schedule(t - steps),
  );
}
