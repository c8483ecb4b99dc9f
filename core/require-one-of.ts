/**
 * The check of options that are one of a few words: a misspelt one is refused, never taken for another.
 * Rests on errors.
 */
import { ValueError } from "./errors.ts";

/**
 * `value`, or ValueError unless it is one of `choices`, of which there are two or more. `fix` says what each is for, or
 * what to do.
 *
 * @example
 * requireOneOf("oneCycle", "shape", shape, ["cosine", "linear"]); // expected shape to be "cosine" or "linear", got "cos"
 */
export function requireOneOf<T extends string>(
  where: string,
  argument: string,
  value: T,
  choices: readonly T[],
  fix = "Give one of these, or leave it out",
): T {
  if (choices.includes(value)) return value;
  const words = choices.map((choice) => JSON.stringify(choice)).join(" or ");
  const got = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new ValueError({ where, argument, expected: `to be ${words}`, got, fix });
}
