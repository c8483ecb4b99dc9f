/**
 * The check that a size is a whole number ≥ 1.
 * Rests on core's errors.
 */
import { ValueError } from "../core/index.ts";

/** `value`, or ValueError unless it is an integer ≥ 1. */
export function requireCount(where: string, argument: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) {
    throw new ValueError({
      where,
      argument,
      expected: "to be an integer ≥ 1",
      got: String(value),
      fix: "Give a whole number",
    });
  }
  return value;
}
