/**
 * `bitgrad list`: the experiments, what they ask, and what can be changed in them.
 * Rests on the engine.
 */
import { Command } from "commander";
import { planOf } from "../engine/arms.ts";
import type { Experiment } from "../engine/define-experiment.ts";
import { textOf } from "../engine/knobs.ts";
import { listedExperiments } from "../engine/locate.ts";
import type { Terminal } from "../terminal.ts";
import { jsonLine } from "./study-text.ts";

/** The command. */
export function listCommand({ output }: Terminal): Command {
  return new Command("list")
    .description("the experiments, their questions, claims and knobs")
    .option("--json", "one JSON array: id, claims, source, cost, knobs", false)
    .action(({ json }: { readonly json: boolean }) => {
      const experiments = listedExperiments().map(({ experiment }) => experiment);
      if (json) output.write(jsonLine(experiments.map(entryOf)));
      else output.write(`${experiments.map(textOfExperiment).join("\n\n")}\n`);
    });
}

/** An experiment for a program. */
function entryOf(experiment: Experiment): object {
  const { id, title, question, claims, source, kind, knobs } = experiment;
  return {
    id,
    title,
    question,
    claims,
    source,
    kind,
    data: experiment.datasets(experiment.resolve("bitgrad list", {})),
    cost: { quick: costOf(experiment, "quick"), full: costOf(experiment, "full") },
    knobs: knobs.map(({ key, description, allowed, default: value }) => ({
      key,
      description,
      allowed,
      default: value,
    })),
  };
}

/** How many runs, and their seconds on one core where the experiment says them. */
function costOf(
  experiment: Experiment,
  profile: "quick" | "full",
): { readonly runs: number; readonly seconds: number | null } {
  const runs = planOf("bitgrad list", experiment, { profile }).length;
  const { seconds } = experiment.profiles[profile];
  return { runs, seconds: seconds === undefined ? null : seconds * runs };
}

function textOfExperiment(experiment: Experiment): string {
  const { id, question, claims, source, knobs } = experiment;
  const runs = `${costOf(experiment, "quick").runs} runs quick, ${costOf(experiment, "full").runs} full`;
  return [
    `${id}  ${runs}`,
    `  ${question}`,
    `  claims ${claims.join(", ")}; ${source}`,
    ...knobs.map(
      ({ key, description, allowed, default: value }) =>
        `  ${key}=${textOf(value)}  ${description === "" ? "" : `${description}, `}${allowed}`,
    ),
  ].join("\n");
}
