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

/** Largest seed that is drawn. */
const seeds = 2 ** 31;

/** Runs one command line. Gives the exit status: 0 all laws hold, 1 one is broken, 2 not understood. */
export async function main(
  args: readonly string[],
  terminal: Terminal = { output: process.stdout, errors: process.stderr },
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
      status = depth === "deep" ? deep(flags, terminal) : once(flags, terminal);
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

/** One pass over everything. */
function once(flags: Flags, terminal: Terminal): number {
  const seed = flags.seed ?? budget.seed;
  const found: Found[] = [];
  let examples = 0;
  for (const proof of chosen(flags)) {
    const result = proof.run({ seed, runs: flags.runs, device: flags.device });
    examples += result.examples;
    found.push(...result.failures);
    terminal.output.write(
      `${proof.kind} ${proof.name}: ${result.laws} laws, ${result.examples} examples\n`,
    );
    for (const failure of result.failures) report(failure, flags, terminal);
  }
  terminal.output.write(`${examples} examples, ${found.length} broken, seed ${seed}\n`);
  return found.length === 0 ? 0 : 1;
}

/** Pass after pass, each with a seed of its own and twice the runs of the last, until the time is over or a law broken. */
function deep(flags: Flags, terminal: Terminal): number {
  const end = Date.now() + 60_000 * (flags.minutes ?? 30);
  let seed = flags.seed ?? Math.floor(Math.random() * seeds);
  let [examples, passes, runs] = [0, 0, flags.runs];
  while (Date.now() < end) {
    terminal.output.write(`pass ${passes + 1}: seed ${seed}, ${runs} runs a law\n`);
    for (const proof of chosen(flags)) {
      if (Date.now() >= end) break;
      const result = proof.run({ seed, runs, device: flags.device });
      examples += result.examples;
      for (const failure of result.failures) report(failure, flags, terminal);
      if (result.failures.length > 0) {
        terminal.output.write(`broken after ${examples} examples\n`);
        return 1;
      }
    }
    passes++;
    seed = (seed + 1) % seeds;
    runs *= 2;
  }
  terminal.output.write(`${examples} examples, none broken\n`);
  return 0;
}

function report({ failure, subject, seed }: Found, { keep }: Flags, { output }: Terminal): void {
  output.write(`${failure.message}\n`);
  if (keep && keepExample({ subject, law: failure.law, seed })) {
    output.write(
      `kept in spec/laws/kept.ts: { subject: "${subject}", law: "${failure.law}", seed: ${seed} }\n`,
    );
  }
}

/** What `--only` leaves. Throws UsageError where that is nothing. */
function chosen({ only }: Flags): readonly Proof[] {
  if (only === undefined) return proofs;
  const found = proofs.filter(({ name }) => name === only);
  if (found.length > 0) return found;
  throw new UsageError({
    where: "spec",
    argument: "--only",
    expected:
      "to name an op, a layer, an optimiser, a schedule, an initializer or a part of the suite",
    got: JSON.stringify(only),
    fix: `Write for example --only conv2d, or one of ${proofs
      .slice(0, 12)
      .map(({ name }) => name)
      .join(", ")}, …`,
  });
}

const [, script] = process.argv;
if (script !== undefined && pathToFileURL(script).href === import.meta.url) {
  process.exitCode = await main(process.argv.slice(2));
}
