/**
 * `npm run spec`, `npm run spec:deep` and `npm run spec:alarms`: the laws from the command line, at any seed.
 * Rests on commander, the proofs, the depths and the page.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { BitgradError, deviceNames, threadCount, UsageError } from "../core/index.ts";
import { choiceOption, integerOption } from "../research/commands/options.ts";
import { environment } from "../research/environment.ts";
import type { Terminal } from "../research/terminal.ts";
import { alarms } from "./deep/alarms.ts";
import { deep, once, type Run } from "./deep/depths.ts";
import { keepExample } from "./deep/keep.ts";
import type { Found, Proof } from "./deep/proof.ts";
import { proofs } from "./deep/proofs.ts";
import type { SpecTally } from "./deep/tally.ts";
import { type KeptExample, keptExamples } from "./laws/kept.ts";
import { budget } from "./laws/run.ts";
import { exceptionLists } from "./page/exceptions.ts";
import { renderProven } from "./page/render.ts";

/** Options as commander gives them. */
interface Flags {
  readonly only?: string;
  readonly seed?: number;
  readonly runs?: number;
  readonly device: string;
  readonly minutes?: number;
  readonly seeds: number;
  readonly state: string;
  readonly page?: string;
  readonly keep: boolean;
}

/** What a test replaces. */
export interface World {
  readonly proofs: readonly Proof[];
  /** Milliseconds. */
  clock(): number;
  keep(example: KeptExample): boolean;
}

const world: World = { proofs, clock: () => Date.now(), keep: (example) => keepExample(example) };

/** A tenth of the default budget, rounded up to the least that every law takes. */
const alarmRuns = 4;

const depths = ["deep", "alarms"] as const;
type Depth = (typeof depths)[number];

/** Runs one command line. Gives the exit status: 0 all laws hold, 1 one is broken, 2 not understood. */
export async function main(
  args: readonly string[],
  terminal: Terminal = { output: process.stdout, errors: process.stderr },
  replaced: World = world,
): Promise<number> {
  let status = 0;
  const command = new Command("spec")
    .description("hold every law against every op, layer, optimiser, schedule and initializer")
    .argument(
      "[depth]",
      "deep: go on with random seeds and larger budgets until the time is over; alarms: seed after seed at a tenth of the budget, from where the last such run ended",
    )
    .option("--only <name>", "what has this name alone, such as conv2d, Conv2d, adam or mathjs")
    .option(
      "--seed <n>",
      "seed of all cases (default: 20260; deep: random)",
      integerOption("spec", "--seed", 0),
    )
    .option(
      "--runs <n>",
      `random cases a law (default: ${budget.runs}; alarms: ${alarmRuns})`,
      integerOption("spec", "--runs", alarmRuns),
    )
    .option(
      "--minutes <n>",
      "with deep: when to end (default: 30); with alarms: when to stop for now",
      integerOption("spec", "--minutes", 1),
    )
    .option(
      "--device <name>",
      "where kernels run",
      choiceOption("spec", "--device", deviceNames()),
      "wasm",
    )
    .option("--page <file>", "write what was proven into this HTML file")
    .option("--seeds <n>", "with alarms: how many", integerOption("spec", "--seeds", 1), 1000)
    .option("--state <file>", "with alarms: what was done so far", "runs/spec/alarms.json")
    .option("--no-keep", "do not write a failure into spec/laws/kept.ts")
    .configureOutput({ writeOut: (text) => terminal.output.write(text), writeErr: () => {} })
    .exitOverride()
    .action(async (depth: string | undefined, flags: Flags) => {
      status = await perform(depth === undefined ? null : depthOf(depth), flags, args, {
        terminal,
        replaced,
      });
    });
  try {
    await command.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof BitgradError) {
      terminal.errors.write(`${error.message}\n`);
      return error instanceof UsageError ? 2 : 1;
    }
    if (error instanceof Error && "exitCode" in error) {
      if (error.exitCode !== 0) terminal.errors.write(`${error.message}\n`);
      return error.exitCode === 0 ? 0 : 2;
    }
    throw error;
  }
}

/** Runs one depth. */
function perform(
  depth: Depth | null,
  flags: Flags,
  args: readonly string[],
  { terminal, replaced }: { readonly terminal: Terminal; readonly replaced: World },
): Promise<number> {
  const { output } = terminal;
  const { seed = budget.seed, runs = depth === "alarms" ? alarmRuns : budget.runs } = flags;
  const run: Run = {
    proofs: chosen(replaced.proofs, flags),
    device: flags.device,
    output,
    clock: replaced.clock,
    report: ({ failure, ...example }: Found) => {
      output.write(`${failure.message}\n`);
      if (!flags.keep || !replaced.keep(example)) return;
      const { subject, law, seed: at } = example;
      output.write(`kept in spec/laws/kept.ts: ${law} of ${subject} at seed ${at}\n`);
    },
    tallied: (tally) => {
      if (flags.page === undefined) return;
      writePage(flags.page, tally, commandOf(args));
      output.write(`written: ${flags.page}\n`);
    },
  };
  if (depth === null) return once(run, { seed, runs });
  if (depth === "deep") {
    const { minutes = 30 } = flags;
    return deep(run, { minutes, runs, ...(flags.seed === undefined ? {} : { seed }) });
  }
  const { minutes = Number.POSITIVE_INFINITY, seeds, state } = flags;
  const commit = String(environment(threadCount())["commit"]);
  return alarms(run, { runs, seeds, minutes, state, commit });
}

/** `npm run spec -- --seed 7`. */
function commandOf(args: readonly string[]): string {
  return ["npm run spec", ...(args.length === 0 ? [] : ["--", ...args])].join(" ");
}

function writePage(path: string, tally: SpecTally, command: string): void {
  const page = renderProven(tally, {
    environment: environment(threadCount()),
    command,
    exceptions: exceptionLists(),
    kept: keptExamples,
  });
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, page);
}

/** The depth of this name. Throws UsageError for a name that is none. */
function depthOf(name: string): Depth {
  const found = depths.find((depth) => depth === name);
  if (found !== undefined) return found;
  throw new UsageError({
    where: "spec",
    argument: "depth",
    expected: "to be deep, alarms, or nothing",
    got: JSON.stringify(name),
    fix: "Write for example --only conv2d, or deep --minutes 30",
  });
}

/** What `--only` leaves. Throws UsageError where that is nothing. */
function chosen(all: readonly Proof[], { only }: Flags): readonly Proof[] {
  if (only === undefined) return all;
  const found = all.filter(({ name }) => name === only);
  if (found.length > 0) return found;
  throw new UsageError({
    where: "spec",
    argument: "--only",
    expected:
      "to name an op, a layer, an optimiser, a schedule, an initializer, a device or a part of the suite",
    got: JSON.stringify(only),
    fix: `Write for example --only conv2d, or one of ${all
      .slice(0, 12)
      .map(({ name }) => name)
      .join(", ")}, …`,
  });
}

const [, script] = process.argv;
if (script !== undefined && pathToFileURL(script).href === import.meta.url) {
  process.exitCode = await main(process.argv.slice(2));
}
