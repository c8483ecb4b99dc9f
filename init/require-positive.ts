/**
 * The check that a hyper-parameter is a positive, finite number.
 * Rests on core's errors.
 */
import { ValueError } from "../core/index.ts";

/** Throws ValueError unless `value` is finite and > 0. */
export function requirePositive(where: string, argument: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new ValueError({
      where,
      argument,
      expected: "to be a finite number > 0",
      got: String(value),
      fix: "Give a scale factor such as 1",
    });
  }
}
