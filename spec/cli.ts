/**
 * `npm run spec` and `npm run spec:deep`: the laws from the command line, at any seed.
 * Rests on commander, the subjects and the kept examples.
 */
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { BitgradError, deviceNames, UsageError } from "../core/index.ts";
import { choiceOption, integerOption } from "../research/commands/options.ts";
import type { Terminal } from "../research/terminal.ts";
import { keepExample } from "./deep/keep.ts";
import { type Found, type Proof, proofs } from "./deep/proofs.ts";
import type { KeptExample } from "./laws/kept.ts";
import { budget } from "./laws/run.ts";

/** Options as commander gives them. */
interface Flags {
  readonly only?: string;
  readonly seed?: number;
  readonly runs: number;
  readonly device: string;
  readonly minutes?: number;
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

/** Largest seed that is drawn. */
const seeds = 2 ** 31;

/** Runs one command line. Gives the exit status: 0 all laws hold, 1 one is broken, 2 not understood. */
export async function main(
  args: readonly string[],
  terminal: Terminal = { output: process.stdout, errors: process.stderr },
  { proofs: all, clock, keep }: World = world,
): Promise<number> {
  let status = 0;
  const command = new Command("spec")
    .description("hold every law against every op, layer, optimiser, schedule and initializer")
    .argument("[depth]", "deep: go on with random seeds and larger budgets until the time is over")
    .option("--only <name>", "what has this name alone, such as conv2d, Conv2d or adam")
    .option(
      "--seed <n>",
      "seed of all cases (default: 20260; deep: random)",
      integerOption("spec", "--seed", 0),
    )
    .option("--runs <n>", "random cases a law", integerOption("spec", "--runs", 8), budget.runs)
    .option(
      "--minutes <n>",
      "with deep: when to end (default: 30)",
      integerOption("spec", "--minutes", 1),
    )
    .option(
      "--device <name>",
      "where kernels run",
      choiceOption("spec", "--device", deviceNames()),
      "wasm",
    )
    .option("--no-keep", "do not write a failure into spec/laws/kept.ts")
    .configureOutput({ writeOut: (text) => terminal.output.write(text), writeErr: () => {} })
    .exitOverride()
    .action((depth: string | undefined, flags: Flags) => {
      if (depth !== undefined) requireDeep(depth);
      const mine = chosen(all, flags);
      const report = (found: Found): void => {
        terminal.output.write(`${found.failure.message}\n`);
        const { subject, seed } = found;
        const { law } = found.failure;
        if (!flags.keep || !keep({ subject, law, seed })) return;
        terminal.output.write(`kept in spec/laws/kept.ts: ${law} of ${subject} at seed ${seed}\n`);
      };
      const run = { mine, flags, terminal, report, clock };
      status = depth === undefined ? once(run) : deep(run);
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

/** What both depths need. */
interface Run {
  readonly mine: readonly Proof[];
  readonly flags: Flags;
  readonly terminal: Terminal;
  report(found: Found): void;
  clock(): number;
}

/** One pass over everything. */
function once({ mine, flags, terminal: { output }, report }: Run): number {
  const seed = flags.seed ?? budget.seed;
  let [examples, broken] = [0, 0];
  for (const proof of mine) {
    const result = proof.run({ seed, runs: flags.runs, device: flags.device });
    examples += result.examples;
    broken += result.failures.length;
    output.write(`${proof.kind} ${proof.name}: ${result.laws} laws, ${result.examples} examples\n`);
    for (const failure of result.failures) report(failure);
  }
  output.write(`${examples} examples, ${broken} broken, seed ${seed}\n`);
  return broken === 0 ? 0 : 1;
}

/** Pass after pass, each with a seed of its own and twice the runs of the last, until the time is over or a law broken. */
function deep({ mine, flags, terminal: { output }, report, clock }: Run): number {
  const end = clock() + 60_000 * (flags.minutes ?? 30);
  let seed = flags.seed ?? Math.floor(Math.random() * seeds);
  let [examples, passes, runs] = [0, 0, flags.runs];
  while (clock() < end) {
    output.write(`pass ${passes + 1}: seed ${seed}, ${runs} runs a law\n`);
    for (const proof of mine) {
      if (clock() >= end) break;
      const result = proof.run({ seed, runs, device: flags.device });
      examples += result.examples;
      for (const failure of result.failures) report(failure);
      if (result.failures.length > 0) {
        output.write(`broken after ${examples} examples\n`);
        return 1;
      }
    }
    passes++;
    seed = (seed + 1) % seeds;
    runs *= 2;
  }
  output.write(`${examples} examples, none broken\n`);
  return 0;
}

/** Throws UsageError unless the depth is the one there is. */
function requireDeep(depth: string): void {
  if (depth === "deep") return;
  throw new UsageError({
    where: "spec",
    argument: "depth",
    expected: "to be deep, or nothing",
    got: JSON.stringify(depth),
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
      "to name an op, a layer, an optimiser, a schedule, an initializer or a part of the suite",
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
