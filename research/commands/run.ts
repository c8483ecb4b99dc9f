/**
 * `bitgrad run`: one experiment, as it is or with its config changed.
 * Rests on the engine.
 */
import { Command } from "commander";
import { countOf } from "../../core/data/extent.ts";
import { type ArmGrid, seedsOf } from "../engine/arms.ts";
import { parseAssignments } from "../engine/assignments.ts";
import { locateExperiment } from "../engine/locate.ts";
import { performStudies } from "../engine/perform-studies.ts";
import { planStudy } from "../engine/study.ts";
import type { Terminal } from "../terminal.ts";
import { addStoreOptions, type StoreFlags, seedsOption, studiesOptions } from "./store-options.ts";
import { jsonLine, studyJson, studyLines } from "./study-text.ts";
import { Unsuccessful } from "./unsuccessful.ts";

/** Options as commander gives them. */
interface RunFlags extends StoreFlags {
  readonly seeds?: readonly number[];
  readonly data?: string;
}

const where = "bitgrad run";

/** The command. */
export function runCommand(terminal: Terminal): Command {
  return addStoreOptions(new Command("run"))
    .description("run an experiment, or an ablation of it: every arm with every seed")
    .argument(
      "<experiment>",
      "an id (see bitgrad list), or the path of a file that bitgrad new wrote",
    )
    .argument("[assignments...]", "key=value, or key=a,b,c for a grid over any keys of its config")
    .option(
      "--seeds <n>",
      "how many seeds, or which: 3,5,7 (default: the profile's)",
      seedsOption("run"),
    )
    .option("--data <name>", "the same as data=<name>")
    .addHelpText(
      "after",
      "\nExample: bitgrad run init-relu-depth depth=8,20,30 init=xavier,kaiming --seeds 5",
    )
    .action((name: string, words: readonly string[], flags: RunFlags) =>
      run(name, words, flags, terminal),
    );
}

async function run(
  name: string,
  words: readonly string[],
  flags: RunFlags,
  terminal: Terminal,
): Promise<void> {
  const located = await locateExperiment(where, name);
  const { experiment } = located;
  const all = flags.data === undefined ? words : [...words, `data=${flags.data}`];
  const overrides: ArmGrid = parseAssignments(where, all, experiment.knobs);
  const { profile, seeds } = flags;
  const selection = { profile, overrides, ...(seeds === undefined ? {} : { seeds }) };
  const plan = planStudy(where, located, selection, flags.device);
  if ("missing" in plan) throw plan.missing;
  const options = studiesOptions(flags, terminal, plan.identities.length);
  const { output } = options.terminal;
  const seedCount = seedsOf(experiment, selection).length;
  output.write(
    `bitgrad run: ${experiment.id}, ${countOf(plan.identities.length, "run")} (${countOf(plan.identities.length / seedCount, "arm")} × ${countOf(seedCount, "seed")}), device ${flags.device}, ${options.workers} × ${countOf(options.threads, "thread")}\n`,
  );
  const [performed] = await performStudies([plan], options);
  if (performed === undefined) return;
  if (flags.json) terminal.output.write(jsonLine(studyJson(performed)));
  else terminal.output.write(`${studyLines(performed).join("\n")}\n`);
  if (performed.failed) throw new Unsuccessful();
}
