/**
 * Schedules made of schedules: one after the other, and multiplied.
 * Rests on schedule and step.
 */
import { ValueError } from "../core/index.ts";
import { type Schedule, scheduleOf } from "./schedule.ts";
import { reached, requireMilestones } from "./step.ts";

/**
 * schedules[i] from milestones[i - 1] on, each counting from its own beginning. milestones: finite, > 0, ascending, one
 * fewer than schedules. Throws ValueError for others. PyTorch's SequentialLR.
 *
 * @example
 * sequence([constant(0.01), cosine({ base: 0.1, totalSteps: 900 })], [100]);
 */
export function sequence(schedules: readonly Schedule[], milestones: readonly number[]): Schedule {
  requireMilestones("sequence", milestones);
  if (schedules.length !== milestones.length + 1) {
    throw new ValueError({
      where: "sequence",
      argument: "schedules",
      expected: `to be one more than the ${milestones.length} milestones`,
      got: String(schedules.length),
      fix: "Give the iteration at which each schedule but the first begins",
    });
  }
  const [parts, starts] = [[...schedules], [...milestones]];
  return scheduleOf("sequence", (t) => {
    const index = reached(starts, t);
    return parts[index]?.(t - (starts[index - 1] ?? 0)) ?? Number.NaN;
  });
}

/**
 * The product of the values of `schedules`, from left to right; 1 where there is none.
 *
 * @example
 * // 0.1, falling by cosine and by a factor of 10 at iteration 500
 * product(cosine({ base: 0.1, totalSteps: 900 }), multiStep({ base: 1, milestones: [500] }));
 */
export function product(...schedules: readonly Schedule[]): Schedule {
  return scheduleOf("product", (t) => schedules.reduce((value, part) => value * part(t), 1));
}
