/**
 * The constant schedule.
 * Rests on schedule.
 */
import { requireValue, type Schedule, scheduleOf } from "./schedule.ts";

/**
 * `value` at every iteration. value: finite, else ValueError.
 *
 * @example
 * constant(1e-3)(100_000); // 1e-3
 */
export function constant(value: number): Schedule {
  requireValue("constant", "value", value);
  return scheduleOf("constant", () => value);
}
