/**
 * The arms of a study side by side: what tells them apart, and what came out in each.
 * Rests on the run store, statistics and html.
 */
import { textOf } from "../engine/knobs.ts";
import { varyingKeys } from "../engine/perform-studies.ts";
import type { StoredRun } from "../engine/run-store.ts";
import { canonicalOf, type Values } from "../engine/values.ts";
import { tInterval } from "../statistics/index.ts";
import { formatValue } from "./axes.ts";
import { html, type Markup } from "./html.ts";
import { cellsTable } from "./tables.ts";

/** Runs of one config. */
export interface Arm {
  /** Its values of the keys that vary, as they are written in a command. */
  readonly values: readonly string[];
  readonly runs: readonly StoredRun[];
}

/** Runs by their configs, in the order in which they are first met. */
export interface ArmsOfRuns {
  /** Keys of the config whose values are not all the same. */
  readonly keys: readonly string[];
  /** Names of the numbers in the results. */
  readonly measures: readonly string[];
  readonly arms: readonly Arm[];
}

/** Puts runs of the same config together. */
export function byArm(runs: readonly StoredRun[]): ArmsOfRuns {
  const keys = varyingKeys(runs.map(({ run }) => run.config));
  const groups = new Map<string, StoredRun[]>();
  for (const stored of runs) {
    const name = canonicalOf("bitgrad", "the config", stored.run.config);
    groups.set(name, [...(groups.get(name) ?? []), stored]);
  }
  const arms = [...groups.values()].map((own) => ({
    values: keys.map((key) => textOf(own[0]?.run.config[key] ?? null)),
    runs: own,
  }));
  return { keys, measures: [...new Set(runs.flatMap(({ run }) => numbersIn(run.result)))], arms };
}

/** A measure's numbers in an arm, those of runs that have it. */
export function numbersOf({ runs }: Arm, measure: string): readonly number[] {
  return runs.map(({ run }) => run.result[measure]).filter((value) => typeof value === "number");
}

function numbersIn(result: Values): readonly string[] {
  return Object.entries(result).flatMap(([name, value]) =>
    typeof value === "number" ? [name] : [],
  );
}

/** A table of the arms: mean and 95 % t-interval of every number in their results; nothing where results hold none. */
export function armsTable(runs: readonly StoredRun[]): Markup {
  const { keys, measures, arms } = byArm(runs);
  if (measures.length === 0) return html``;
  const head = [...keys, "runs", "diverged", ...measures];
  const rows = arms.map((arm) => [
    ...arm.values,
    arm.runs.length,
    arm.runs.filter(({ run }) => run.outcome === "diverged").length,
    ...measures.map((name) => meanText(numbersOf(arm, name))),
  ]);
  return html`<h4>Arms</h4>${cellsTable("Arms", head, rows)}<p class="note">Mean over seeds, with its 95\u00a0% t-interval.</p>`;
}

/** `0.862 [0.831, 0.893]`; the mean alone of one number, or where one is not finite. */
function meanText(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1 || !values.every(Number.isFinite)) return formatValue(mean);
  const { low, high } = tInterval(values);
  return `${formatValue(mean)} [${formatValue(low)}, ${formatValue(high)}]`;
}
