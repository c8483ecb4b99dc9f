/**
 * A study as text and as JSON.
 * Rests on the engine and the report's arms.
 */
import { relative } from "node:path";
import type { PerformedStudy } from "../engine/perform-studies.ts";
import type { StoredRun } from "../engine/run-store.ts";
import { jsonOf } from "../engine/values.ts";
import { byArm, numbersOf } from "../report/arms.ts";

/** A study for a program. NaN and infinities are strings. */
export function studyJson({ study, note, done, path }: PerformedStudy): object {
  const { plan, runs, failures, verdicts } = study;
  const { experiment } = plan.located;
  return {
    experiment: experiment.id,
    profile: plan.profile,
    name: plan.name,
    file: path,
    runs: runs.map(({ run, timing, folder }) => ({
      key: run.key,
      folder,
      how: done.get(run.key)?.how ?? "found",
      config: run.config,
      seed: run.seed,
      outcome: run.outcome,
      divergence: run.divergence,
      result: run.result,
      fingerprint: run.fingerprint,
      seconds: timing.seconds,
    })),
    failures: failures.map(({ identity, message }) => ({
      config: identity.config,
      seed: identity.seed,
      message,
    })),
    verdicts,
    note,
  };
}

/** The text of plain data as one line of JSON. */
export function jsonLine(value: unknown): string {
  return `${JSON.stringify(jsonOf("bitgrad", "the answer", value))}\n`;
}

/** What there is to read of a study: a table of its arms, and the verdicts. */
export function studyLines({ study, note, path }: PerformedStudy): readonly string[] {
  const { plan, runs, failures, verdicts } = study;
  const { experiment } = plan.located;
  const diverged = runs.filter(({ run }) => run.outcome === "diverged");
  const causes = diverged.flatMap(({ run }) => (run.divergence === null ? [] : [run.divergence]));
  const [cause] = causes;
  const custom = plan.profile === "custom" ? "" : ` (${plan.profile})`;
  return [
    "",
    `${experiment.title}${custom}`,
    ...armTable(runs),
    ...(cause === undefined
      ? []
      : [
          `${diverged.length} of ${runs.length} runs diverged, the first at step ${cause.step}: ${cause.cause ?? "no op found"}`,
        ]),
    ...(failures.length === 0 ? [] : [`${failures.length} runs failed`]),
    ...Object.entries(verdicts).map(
      ([claim, { verdict, measured, paper }]) =>
        `${claim}: ${verdict}. ${measured}${paper === undefined ? "" : ` (paper: ${paper})`}`,
    ),
    ...(note === null ? [] : [`no verdict: ${note}`]),
    `study ${relative(process.cwd(), path)}`,
  ];
}

/** One row for each arm: its values, how many runs, and mean ± standard deviation of each number in the results. */
export function armTable(runs: readonly StoredRun[]): readonly string[] {
  const { keys, measures, arms } = byArm(runs);
  const head = [...keys, "runs", "diverged", ...measures];
  const rows = arms.map((arm) => [
    ...arm.values,
    String(arm.runs.length),
    String(arm.runs.filter(({ run }) => run.outcome === "diverged").length),
    ...measures.map((name) => spreadOf(numbersOf(arm, name))),
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** `0.862 ± 0.031`; where a value is not finite, so is the mean. */
function spreadOf(numbers: readonly number[]): string {
  if (numbers.length === 0) return "–";
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  if (numbers.length === 1 || !Number.isFinite(mean)) return shown(mean);
  const squares = numbers.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  return `${shown(mean)} ± ${shown(Math.sqrt(squares / (numbers.length - 1)))}`;
}

/** Four digits. */
export function shown(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value);
}
