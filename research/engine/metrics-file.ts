/**
 * The metrics of a run: rows in memory, lines in `metrics.jsonl`.
 * Rests on values and errors.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { FormatError, ValueError } from "../../core/index.ts";
import type { MetricRow, Metrics, MetricValues } from "./run-context.ts";
import { canonicalOf, isValues, readValue, type Value } from "./values.ts";

/** Rows that wait in memory, at most. */
const waitingAtMost = 256;

/** One row as its line. */
export function lineOf({ step, values }: MetricRow): string {
  return `${canonicalOf("metrics.write", "the metrics", { ...values, step })}\n`;
}

/** The rows of a file's text. Throws FormatError for lines that `lineOf` does not write. */
export function parseMetrics(where: string, name: string, text: string): readonly MetricRow[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => rowOf(where, name, readValue(where, name, line)));
}

function rowOf(where: string, name: string, value: Value): MetricRow {
  if (isValues(value)) {
    const { step, ...values } = value;
    const read = Object.entries(values).flatMap(([metric, measured]) =>
      isMeasured(measured) ? [[metric, measured] as const] : [],
    );
    if (typeof step === "number" && read.length === Object.keys(values).length) {
      return { step, values: Object.fromEntries(read) };
    }
  }
  throw new FormatError({
    where,
    argument: name,
    expected: "to hold a step and measured numbers in each line",
    got: canonicalOf(where, "the line", value).slice(0, 80),
    fix: "The file is damaged: remove the run's folder",
  });
}

function isMeasured(value: unknown): value is number | readonly number[] {
  const isNumber = (item: unknown): boolean => typeof item === "number";
  return isNumber(value) || (Array.isArray(value) && value.every(isNumber));
}

/** Metrics that are written to a file as they come, a few hundred at a time. */
export class MetricsFile implements Metrics {
  readonly #path: string;
  readonly #rows: MetricRow[] = [];
  /** Rows that stand in the file. */
  #written = 0;
  #begun = false;

  /** `path` may exist: what it holds counts only once `takeUp` says so. */
  constructor(path: string) {
    this.#path = path;
  }

  write(step: number, values: MetricValues): void {
    const last = this.#rows.at(-1)?.step ?? 0;
    const complaint = {
      where: "metrics.write",
      fix: "Write the updates made so far, and what was measured",
    };
    if (!(Number.isSafeInteger(step) && step >= last)) {
      const expected = `to be an integer ≥ ${last}, the last step written`;
      throw new ValueError({ ...complaint, argument: "step", expected, got: String(step) });
    }
    for (const [name, value] of Object.entries(values)) {
      if (name !== "step" && isMeasured(value)) continue;
      const expected = "to be a number or a list of numbers, and its name not step";
      throw new ValueError({ ...complaint, argument: name, expected, got: String(value) });
    }
    const own = Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "number" ? value : [...value],
    ]);
    this.#rows.push({ step, values: Object.fromEntries(own) });
    if (this.#rows.length - this.#written >= waitingAtMost) this.flush();
  }

  rows(): readonly MetricRow[] {
    return this.#rows;
  }

  /** How many rows there are. */
  get count(): number {
    return this.#rows.length;
  }

  /** All rows as the text of the file. */
  text(): string {
    return this.#rows.map(lineOf).join("");
  }

  /** Brings all rows to the file. */
  flush(): void {
    const lines = this.#rows.slice(this.#written).map(lineOf).join("");
    writeFileSync(this.#path, lines, { flag: this.#begun ? "a" : "w" });
    this.#begun = true;
    this.#written = this.#rows.length;
  }

  /** Goes on after the first `count` rows of the file. Throws FormatError if it does not hold as many. */
  takeUp(count: number): void {
    const where = "checkpoint.restore";
    if (this.#rows.length > 0) {
      throw new ValueError({
        where,
        argument: "the call",
        expected: "to come before the first metric",
        got: `${this.#rows.length} rows`,
        fix: "Restore first, then go on from the step that it gives",
      });
    }
    const text = existsSync(this.#path) ? readFileSync(this.#path, "utf8") : "";
    const lines = text.split("\n").slice(0, count);
    const rows = parseMetrics(where, this.#path, lines.join("\n"));
    if (rows.length < count) {
      throw new FormatError({
        where,
        argument: this.#path,
        expected: `to hold the ${count} rows of the checkpoint`,
        got: String(rows.length),
        fix: "The file is damaged: remove the run's folder",
      });
    }
    this.#rows.push(...rows);
  }
}
