/**
 * The constant schedule.
 * Rests on schedule.
 */
import type { Schedule } from "./schedule.ts";

/** `value` at every iteration. */
export function constant(value: number): Schedule {
  return () => value;
}
