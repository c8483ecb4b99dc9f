/**
 * The check that a decay factor is in [0, 1).
 * Rests on core's errors.
 */
import { ValueError } from "../core/index.ts";

/** Throws ValueError unless `value` is in [0, 1). */
export function requireShare(where: string, argument: string, value: number): void {
  if (!(value >= 0 && value < 1)) {
    throw new ValueError({
      where,
      argument,
      expected: "to be in [0, 1)",
      got: String(value),
      fix: "Give the share that is kept from one step to the next, such as 0.9",
    });
  }
}
