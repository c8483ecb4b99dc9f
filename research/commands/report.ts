/**
 * `bitgrad report`: the page of all verdicts, from what the store holds.
 * Rests on the report.
 */
import { relative, resolve } from "node:path";
import { Command } from "commander";
import type { FullVerdicts } from "../report/full-verdicts.ts";
import { fullVerdictsFile, keepFullVerdicts } from "../report/full-verdicts.ts";
import { writeStoreReport } from "../report/report-files.ts";
import type { ReportedStudy } from "../report/store-report.ts";
import type { Terminal } from "../terminal.ts";
import { folderOption } from "./options.ts";
import { defaultStore } from "./store-options.ts";
import { jsonLine } from "./study-text.ts";

/** Options as commander gives them. */
interface ReportFlags {
  readonly out: string;
  readonly json: boolean;
  readonly keepFull?: string | true;
}

/** The command. */
export function reportCommand({ output, errors }: Terminal): Command {
  return new Command("report")
    .description("write the page of all verdicts from what the store holds, CSV and JSON beside it")
    .argument(
      "[runs...]",
      "ids of experiments, or experiment/study; each experiment's fullest study and its ablations where absent",
    )
    .option(
      "--out <folder>",
      "where runs are kept",
      folderOption("report", "--out"),
      resolve(defaultStore),
    )
    .option("--json", "print one JSON object: the page's path, and each verdict", false)
    .option(
      "--keep-full [file]",
      "also keep the verdicts of full studies, to stand beside quick ones (default: in bitgrad's sources)",
    )
    .action((names: readonly string[], { out, json, keepFull }: ReportFlags) => {
      const { path, report } = writeStoreReport(out, { names });
      const { rows, troubles, studies } = report;
      if (keepFull !== undefined) {
        const file = keepFull === true ? fullVerdictsFile : keepFull;
        keepFullVerdicts(fullOf(studies), file);
      }
      for (const { entry, reason } of troubles) errors.write(`${entry}: ${reason}\n`);
      if (json) output.write(jsonLine({ file: path, verdicts: rows }));
      else output.write(`${reportLine(path)}\n`);
    });
}

/** Where the page is, as a line to print. */
export function reportLine(path: string): string {
  return `report ${relative(process.cwd(), path)}`;
}

/** What the full studies came to, all of whose runs are there. */
function fullOf(studies: readonly ReportedStudy[]): Readonly<Record<string, FullVerdicts>> {
  const whole = studies.filter(
    ({ record, lost }) =>
      record.profile === "full" && lost.length === 0 && record.failures.length === 0,
  );
  return Object.fromEntries(
    whole.map(({ record, runs, seconds, fingerprint }) => {
      const commit = runs[0]?.environment["commit"];
      const entry: FullVerdicts = {
        commit: typeof commit === "string" ? commit : null,
        runs: runs.length,
        seeds: record.seeds.length,
        seconds,
        fingerprint,
        verdicts: record.verdicts,
      };
      return [record.experiment, entry];
    }),
  );
}
