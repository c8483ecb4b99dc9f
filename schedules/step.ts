/**
 * Step schedules: a factor every so many iterations, or at given ones.
 * Rests on schedule and core's scalar-math. He et al. 2016, section 3.4, divide the rate by 10 in steps.
 */
import { ValueError } from "../core/index.ts";
import { requirePositive } from "../core/require-number.ts";
import { pow } from "../core/scalar-math/index.ts";
import { requireSteps, requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `step`. */
export interface StepOptions {
  /** Value at iteration 0, finite. */
  readonly base: number;
  /** Iterations between two factors, integer ≥ 1. */
  readonly every: number;
  /** What the value is multiplied by, > 0; default 0.1. */
  readonly factor?: number;
}

/**
 * base·factor^⌊t/every⌋. Throws ValueError for options out of range. PyTorch's StepLR.
 *
 * @example
 * step({ base: 0.1, every: 30 })(65); // 0.001
 */
export function step({ base, every, factor = 0.1 }: StepOptions): Schedule {
  requireValue("step", "base", base);
  requireSteps("step", "every", every);
  requirePositive("step", "factor", factor);
  return scheduleOf("step", (t) => base * pow(factor, Math.floor(t / every)));
}

/** Options of `multiStep`. */
export interface MultiStepOptions {
  /** Value at iteration 0, finite. */
  readonly base: number;
  /** Iterations from which on one factor more applies: finite, > 0, ascending; fractions where t counts epochs. */
  readonly milestones: readonly number[];
  /** What the value is multiplied by at each, > 0; default 0.1. */
  readonly factor?: number;
}

/**
 * base·factor^(number of milestones ≤ t). Throws ValueError for options out of range. PyTorch's MultiStepLR.
 *
 * @example
 * // The notes' schedule: ×0.1 after 30, 60 and 90 epochs of 391 iterations.
 * inIterations(multiStep({ base: 0.1, milestones: [30, 60, 90] }), 391);
 */
export function multiStep({ base, milestones, factor = 0.1 }: MultiStepOptions): Schedule {
  requireValue("multiStep", "base", base);
  requireMilestones("multiStep", milestones);
  requirePositive("multiStep", "factor", factor);
  const ascending = [...milestones];
  return scheduleOf("multiStep", (t) => base * pow(factor, reached(ascending, t)));
}

/** How many of the ascending `milestones` are ≤ t. */
export function reached(milestones: readonly number[], t: number): number {
  const next = milestones.findIndex((milestone) => t < milestone);
  return next < 0 ? milestones.length : next;
}

/** Throws ValueError unless milestones are finite, > 0 and ascending. */
export function requireMilestones(where: string, milestones: readonly number[]): void {
  const ascends = milestones.every(
    (milestone, i) => milestone > (milestones[i - 1] ?? 0) && Number.isFinite(milestone),
  );
  if (ascends) return;
  throw new ValueError({
    where,
    argument: "milestones",
    expected: "to be finite, > 0 and ascending",
    got: `[${milestones.join(", ")}]`,
    fix: "Give each iteration once, in order, such as [30, 60, 90]",
  });
}
