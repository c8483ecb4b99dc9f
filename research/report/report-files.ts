/**
 * The files of a report: the page, and the same as CSV and JSON for programs.
 *
 *   index.html     the page
 *   report.json    verdicts, studies with figures, what is missing
 *   verdicts.csv   a line for each verdict
 *   runs.csv       a line for each run
 *   timing.json    when and how long: all that differs when the same runs are made again, besides `<time>` in the page
 *
 * Rests on the page and core's files.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../core/io/files.ts";
import { writeObject } from "../engine/run-store.ts";
import { canonicalOf } from "../engine/values.ts";
import { collectReport, type ReportOptions, type StoreReport } from "./store-report.ts";
import { renderStoreReport } from "./study-page.ts";
import type { VerdictRow } from "./verdict-rows.ts";

/** What was written, and of what. */
export interface WrittenReport {
  /** The page. */
  readonly path: string;
  readonly report: StoreReport;
}

/** Writes the report of a store into its folder `report`. Throws UsageError for names that no study has. */
export function writeStoreReport(store: string, options: ReportOptions = {}): WrittenReport {
  const report = collectReport(store, options);
  const folder = join(store, "report");
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => {
    replaceFile("bitgrad report", join(folder, name), [Buffer.from(text, "utf8")]);
  };
  write(
    "verdicts.csv",
    csvOf(
      verdictHead,
      report.rows.map((row) => verdictLine(row, report)),
    ),
  );
  write("runs.csv", csvOf(runHead, runLines(report)));
  writeObject(join(folder, "report.json"), jsonOf(report));
  writeObject(join(folder, "timing.json"), timingOf(report));
  write("index.html", renderStoreReport(report));
  return { path: join(folder, "index.html"), report };
}

type Field = string | number | null;

/** RFC 4180 with line feeds: a field with a comma, a quote or a break stands in quotes. */
export function csvOf(head: readonly string[], rows: readonly (readonly Field[])[]): string {
  const fieldOf = (field: Field): string => {
    const text = field === null ? "" : String(field);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(fieldOf).join(",")}\n`).join("");
}

const verdictHead = [
  "claim",
  "experiment",
  "study",
  "profile",
  "conclusion",
  "experiment_verdict",
  "measured",
  "effect",
  "mean",
  "low",
  "high",
  "confidence",
  "standardised",
  "paper",
  "p",
  "p_holm",
  "full_verdict",
  "full_p_holm",
  "fingerprint",
  "note",
];

function verdictLine(row: VerdictRow, report: StoreReport): readonly Field[] {
  const { claim, experiment, study, conclusion, verdict, adjusted, full, note } = row;
  const effect = verdict?.effect;
  return [
    claim,
    experiment,
    study?.name ?? null,
    study?.profile ?? null,
    conclusion,
    verdict?.verdict ?? null,
    verdict?.measured ?? null,
    effect?.name ?? null,
    effect?.mean ?? null,
    effect?.low ?? null,
    effect?.high ?? null,
    effect?.confidence ?? null,
    effect?.standardised ?? null,
    verdict?.paper ?? null,
    verdict?.p ?? null,
    adjusted,
    full?.conclusion ?? null,
    full?.adjusted ?? null,
    fingerprintOf(row, report),
    note,
  ];
}

function fingerprintOf({ experiment, study }: VerdictRow, { studies }: StoreReport): string | null {
  const found = studies.find(
    ({ record }) => record.experiment === experiment && record.name === study?.name,
  );
  return found?.fingerprint ?? null;
}

const runHead = [
  "experiment",
  "study",
  "key",
  "seed",
  "config",
  "outcome",
  "step",
  "cause",
  "result",
  "fingerprint",
];

function runLines({ studies }: StoreReport): readonly (readonly Field[])[] {
  return studies.flatMap(({ record, runs }) =>
    runs.map(({ run }) => [
      record.experiment,
      record.name,
      run.key,
      run.seed,
      canonicalOf("bitgrad report", "the config", run.config),
      run.outcome,
      run.divergence?.step ?? null,
      run.divergence?.cause ?? null,
      canonicalOf("bitgrad report", "the result", run.result),
      run.fingerprint,
    ]),
  );
}

/** The report for a program: everything but times. */
function jsonOf({ rows, studies, ...rest }: StoreReport): object {
  return {
    verdicts: rows,
    studies: studies.map(({ record, lost, fingerprint, isOutdated }) => ({
      ...record,
      fingerprint,
      lost,
      isOutdated,
    })),
    ...rest,
  };
}

function timingOf({ studies }: StoreReport): object {
  const runs = studies.flatMap((study) => study.runs.map(({ run, timing }) => [run.key, timing]));
  return {
    seconds: Object.fromEntries(
      studies.map(({ record, seconds }) => [`${record.experiment}/${record.name}`, seconds]),
    ),
    runs: Object.fromEntries(runs),
  };
}
