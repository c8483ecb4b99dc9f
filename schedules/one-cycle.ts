/**
 * The one-cycle schedule: up to a peak and down to almost nothing.
 * Rests on cosine and schedule. Smith & Topin 2019, "Super-convergence".
 */
import { ValueError } from "../core/index.ts";
import { requireOneOf } from "../core/require-one-of.ts";
import { halfCosine } from "./cosine.ts";
import { interpolate, requireSteps, requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `oneCycle`. */
export interface OneCycleOptions {
  /** Value at iteration `peakStep`, finite. */
  readonly peak: number;
  /** Iterations to reach the peak, integer in [0, totalSteps); default ⌊0.3·totalSteps⌋. */
  readonly peakStep?: number;
  /** Iterations to reach `end`, integer ≥ 1; constant from then on. */
  readonly totalSteps: number;
  /** Value at iteration 0, finite; default peak/25. */
  readonly start?: number;
  /** Value from iteration `totalSteps` on, finite; default start/10⁴. */
  readonly end?: number;
  /** The way between these points; default "cosine". */
  readonly shape?: "cosine" | "linear";
}

/**
 * From `start` to `peak` in `peakStep` iterations, then to `end` at `totalSteps`, by half cosines or straight lines.
 * Throws ValueError for options out of range. The momentum that the paper moves the other way is another such schedule.
 * PyTorch's OneCycleLR({ total_steps, pct_start }) ends one iteration earlier, at total_steps - 1, and peaks at
 * pct_start·total_steps - 1.
 *
 * @example
 * oneCycle({ peak: 0.1, totalSteps: 100 })(30); // 0.1
 */
export function oneCycle(options: OneCycleOptions): Schedule {
  const { peak, totalSteps, shape = "cosine" } = options;
  requireSteps("oneCycle", "totalSteps", totalSteps);
  requireOneOf("oneCycle", "shape", shape, ["cosine", "linear"]);
  const { start = peak / 25, peakStep = Math.floor(0.3 * totalSteps) } = options;
  const { end = start / 1e4 } = options;
  for (const [name, value] of Object.entries({ peak, start, end })) {
    requireValue("oneCycle", name, value);
  }
  if (!(Number.isInteger(peakStep) && peakStep >= 0 && peakStep < totalSteps)) {
    throw new ValueError({
      where: "oneCycle",
      argument: "peakStep",
      expected: `to be an integer in [0, totalSteps), [0, ${totalSteps})`,
      got: String(peakStep),
      fix: "Give the iteration of the peak, such as 0.3·totalSteps",
    });
  }
  // The share of the way that is left: 1 at the start of a phase, 0 at its end.
  const left = (t: number, length: number): number =>
    shape === "cosine" ? halfCosine(t, length) : 1 - t / length;
  return scheduleOf("oneCycle", (t) => {
    if (t < peakStep) return interpolate(peak, start, left(t, peakStep));
    if (t >= totalSteps) return end;
    return interpolate(end, peak, left(t - peakStep, totalSteps - peakStep));
  });
}
