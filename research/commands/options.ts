/**
 * Options of the command line: parsers that refuse what they cannot use, with the five parts of an error.
 * Rests on core's errors.
 */
import { resolve } from "node:path";
import type { Command } from "commander";
import { modes, titleOf } from "../../core/devices/gpu/modes.ts";
import { device, deviceNames, UsageError } from "../../core/index.ts";

/** Parses one option's text. */
export type OptionParser<T> = (text: string) => T;

/** An integer of at least `min` that a double holds exactly. */
export function integerOption(command: string, flag: string, min: number): OptionParser<number> {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
      throw new UsageError({
        where: `bitgrad ${command}`,
        argument: flag,
        expected: `to be an integer from ${min} to ${Number.MAX_SAFE_INTEGER}, in digits`,
        got: `"${text}"`,
        fix: `Write for example ${flag} ${Math.max(min, 1)}`,
      });
    }
    return value;
  };
}

/** The path of a folder, as an absolute one. */
export function folderOption(command: string, flag: string): OptionParser<string> {
  return (text) => {
    if (text.trim() === "") {
      throw new UsageError({
        where: `bitgrad ${command}`,
        argument: flag,
        expected: "to be the path of a folder",
        got: `"${text}"`,
        fix: `Write for example ${flag} runs/first, or leave it out`,
      });
    }
    return resolve(text);
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

/** Devices, and the modes of gpu. */
const choices: readonly string[] = [...deviceNames(), ...modes.map(titleOf)];

/** Adds `--device` and `--threads`: where kernels run. */
export function addDeviceOptions(command: Command): Command {
  const name = command.name();
  return command
    .option(
      "--device <name>",
      `where kernels run: ${choices.join(", ")}`,
      choiceOption(name, "--device", choices),
      device(),
    )
    .option(
      "--threads <n>",
      "threads that kernels use (default: BITGRAD_THREADS, else the cores)",
      integerOption(name, "--threads", 1),
    );
}
