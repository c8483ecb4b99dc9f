/**
 * The check that an option is one of the words it may be.
 * Rests on core's errors.
 */
import { ValueError } from "../core/index.ts";

/** Throws ValueError unless `value` is one of `words`. */
export function requireOneOf(
  where: string,
  argument: string,
  value: string,
  words: readonly string[],
): void {
  if (words.includes(value)) return;
  throw new ValueError({
    where,
    argument,
    expected: `to be one of ${words.map((word) => JSON.stringify(word)).join(", ")}`,
    got: JSON.stringify(value),
    fix: "Leave it out for the default",
  });
}
