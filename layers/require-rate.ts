/**
 * The check that a rate of dropping is a probability below 1.
 * Rests on core's errors.
 */
import { ValueError } from "../core/index.ts";

/** `rate`, or ValueError unless it is in [0, 1). `parts` says what is dropped: "elements". */
export function requireRate(where: string, rate: number, parts: string): number {
  if (!(rate >= 0 && rate < 1)) {
    throw new ValueError({
      where,
      argument: "rate",
      expected: "to be a probability in [0, 1)",
      got: String(rate),
      fix: `Give the share of ${parts} to drop, such as 0.5`,
    });
  }
  return rate;
}
