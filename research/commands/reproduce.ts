/**
 * `bitgrad reproduce`: the experiments of the library, each claim with its verdict.
 * Rests on the engine and the report, which it writes at its end.
 */
import { Command } from "commander";
import { type LocatedExperiment, listedExperiments, locateExperiment } from "../engine/locate.ts";
import { type PerformedStudy, performStudies } from "../engine/perform-studies.ts";
import { type Missing, planStudy, type StudyPlan } from "../engine/study.ts";
import { writeStoreReport } from "../report/report-files.ts";
import { headlineOf } from "../report/verdict-text.ts";
import type { Terminal } from "../terminal.ts";
import { reportLine } from "./report.ts";
import { addStoreOptions, type StoreFlags, studiesOptions } from "./store-options.ts";
import { jsonLine, studyJson } from "./study-text.ts";
import { Unsuccessful } from "./unsuccessful.ts";

const where = "bitgrad reproduce";

/** The command. */
export function reproduceCommand(terminal: Terminal): Command {
  return addStoreOptions(new Command("reproduce"))
    .description("run the experiments and say of every claim whether it is reproduced")
    .argument("[ids...]", "which experiments; all where absent")
    .action((ids: readonly string[], flags: StoreFlags) => reproduce(ids, flags, terminal));
}

async function reproduce(
  ids: readonly string[],
  flags: StoreFlags,
  terminal: Terminal,
): Promise<void> {
  const located: readonly LocatedExperiment[] =
    ids.length === 0
      ? listedExperiments()
      : await Promise.all([...new Set(ids)].map((id) => locateExperiment(where, id)));
  const planned = located.map((one) =>
    planStudy(where, one, { profile: flags.profile }, flags.device),
  );
  const missing = planned.filter((plan): plan is Missing => "missing" in plan);
  const plans = planned.filter((plan): plan is StudyPlan => !("missing" in plan));
  const runs = plans.reduce((count, { identities }) => count + identities.length, 0);
  const options = studiesOptions(flags, terminal, runs);
  const { output, errors } = options.terminal;
  for (const line of missing.map(missingLine)) errors.write(`${line}\n`);
  output.write(
    `bitgrad reproduce: ${plans.length} experiments, ${runs} runs, profile ${flags.profile}, ${options.workers} × ${options.threads} threads\n`,
  );
  const performed = await performStudies(plans, options);
  const { path } = writeStoreReport(flags.out);
  if (flags.json)
    terminal.output.write(jsonLine({ ...answerOf(performed, missing), report: path }));
  else {
    const lines = [...tableOf(performed, missing), "", reportLine(path)];
    for (const line of lines) terminal.output.write(`${line}\n`);
  }
  if (performed.some(({ failed }) => failed)) throw new Unsuccessful();
}

function missingLine({ located, missing }: Missing): string {
  return `${located.experiment.id} is not run: ${missing.message}`;
}

function answerOf(performed: readonly PerformedStudy[], missing: readonly Missing[]): object {
  return {
    studies: performed.map(studyJson),
    notRun: missing.map(({ located, missing: { message } }) => ({
      experiment: located.experiment.id,
      message,
    })),
  };
}

/** A line for each claim. */
function tableOf(
  performed: readonly PerformedStudy[],
  missing: readonly Missing[],
): readonly string[] {
  const rows = [
    ...performed.flatMap(({ study, note }): readonly (readonly string[])[] => {
      const { experiment } = study.plan.located;
      return experiment.claims.map((claim) => {
        const verdict = study.verdicts[claim];
        if (verdict !== undefined) return [claim, verdict.verdict, headlineOf(verdict)];
        const reason = note ?? `${study.failures.length} runs of ${experiment.id} failed`;
        return [claim, "no verdict", reason.split("\n")[0] ?? ""];
      });
    }),
    ...missing.flatMap(({ located: { experiment } }) =>
      experiment.claims.map((claim) => [claim, "not run", `${experiment.id}: no data`]),
    ),
  ];
  const widths = [0, 1].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)));
  return ["", ...rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  "))];
}
