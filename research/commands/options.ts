/**
 * Options of the command line: parsers that refuse what they cannot use, with the five parts of an error.
 * Rests on core's errors.
 */
import { deviceNames, UsageError } from "../../core/index.ts";

/** Parses one option's text. */
export type OptionParser<T> = (text: string) => T;

/** An integer of at least `min`. */
export function integerOption(command: string, flag: string, min: number): OptionParser<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
      throw new UsageError({
        where: `bitgrad ${command}`,
        argument: flag,
        expected: `to be an integer ≥ ${min}`,
        got: `"${text}"`,
        fix: `Write for example ${flag} ${Math.max(min, 1)}`,
      });
    }
    return value;
  };
}

/** One of a few words. */
export function choiceOption<T extends string>(
  command: string,
  flag: string,
  choices: readonly T[],
): OptionParser<T> {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found === undefined) {
      throw new UsageError({
        where: `bitgrad ${command}`,
        argument: flag,
        expected: `to be one of ${choices.join(", ")}`,
        got: `"${text}"`,
        fix: `Write for example ${flag} ${choices[0]}`,
      });
    }
    return found;
  };
}

/** The name of a device of this build. */
export function deviceOption(command: string): OptionParser<string> {
  return choiceOption(command, "--device", deviceNames());
}
