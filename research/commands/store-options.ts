/**
 * Options shared by the commands that make runs: where they are kept, how many processes, how many seeds.
 * Rests on commander and options.
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { threadCount, UsageError } from "../../core/index.ts";
import { requireSeeds } from "../engine/arms.ts";
import type { StudiesOptions } from "../engine/perform-studies.ts";
import type { Terminal } from "../terminal.ts";
import { addDeviceOptions, choiceOption, folderOption, integerOption } from "./options.ts";

/** Options as commander gives them. */
export interface StoreFlags {
  readonly profile: "quick" | "full";
  readonly workers?: number;
  readonly device: string;
  readonly threads?: number;
  readonly out: string;
  readonly force: boolean;
  readonly json: boolean;
  readonly checkpointSeconds: number;
}

/** Where runs are kept if nothing else is said. */
export const defaultStore = "runs";

/** Adds them to a command. */
export function addStoreOptions(command: Command): Command {
  const name = command.name();
  return addDeviceOptions(command)
    .option(
      "--profile <name>",
      "quick or full: how many seeds, and how long",
      choiceOption(name, "--profile", ["quick", "full"]),
      "quick",
    )
    .option(
      "--workers <n>",
      "processes that make runs (default: one a core)",
      integerOption(name, "--workers", 1),
    )
    .option(
      "--out <folder>",
      "where runs are kept",
      folderOption(name, "--out"),
      resolve(defaultStore),
    )
    .option("--force", "make finished runs again and compare their fingerprints", false)
    .option("--json", "print one JSON value, and progress to the stream of errors", false)
    .addOption(
      new Option("--checkpoint-seconds <n>", "seconds between two checkpoints, at least")
        .argParser(integerOption(name, "--checkpoint-seconds", 0))
        .default(5),
    );
}

/** What `performStudies` needs, for so many runs. */
export function studiesOptions(
  flags: StoreFlags,
  terminal: Terminal,
  runs: number,
): StudiesOptions {
  const cores = availableParallelism();
  const isNamed = Boolean(process.env["BITGRAD_THREADS"]);
  const workers = Math.max(1, Math.min(flags.workers ?? cores, runs));
  return {
    store: flags.out,
    workers,
    threads: flags.threads ?? (isNamed ? threadCount() : Math.max(1, Math.floor(cores / workers))),
    force: flags.force,
    checkpointSeconds: flags.checkpointSeconds,
    terminal: flags.json ? { output: terminal.errors, errors: terminal.errors } : terminal,
  };
}

/** `8` is the seeds 0 … 7, `3,5` those two, `5,` the seed 5 alone. */
export function seedsOption(command: string): (text: string) => readonly number[] {
  return (text) => {
    const where = `bitgrad ${command}`;
    if (!/^\d+(,\d+)*,?$/.test(text) || Number(text) === 0) {
      throw new UsageError({
        where,
        argument: "--seeds",
        expected: "to be how many, ≥ 1, or seeds separated by commas",
        got: `"${text}"`,
        fix: "Write for example --seeds 8, or --seeds 3,5,7",
      });
    }
    const numbers = text
      .split(",")
      .filter((part) => part !== "")
      .map(Number);
    if (text.includes(",")) return requireSeeds(where, numbers);
    const [count = 1] = numbers;
    if (count > 10_000) return requireSeeds(where, []);
    return Array.from({ length: count }, (_, seed) => seed);
  };
}
