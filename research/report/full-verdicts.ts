/**
 * Full verdicts that come with bitgrad: what the full profile said when it was last run, shown beside a quick one.
 * Rests on the study's shape. `bitgrad report --keep-full` writes the file; nobody else does.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeObject } from "../engine/run-store.ts";
import { isValues, readValue } from "../engine/values.ts";
import type { Verdict } from "../engine/verdict.ts";
import { requireVerdicts } from "./study-record.ts";

/** What a full study of an experiment came to. */
export interface FullVerdicts {
  /** The commit that made it; null outside a checkout. */
  readonly commit: string | null;
  readonly runs: number;
  readonly seeds: number;
  /** Of all its runs together, one after the other. */
  readonly seconds: number;
  readonly fingerprint: string;
  /** By claim. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** By experiment. */
export type FullVerdictsById = Readonly<Record<string, FullVerdicts>>;

/** The file that comes with bitgrad. */
export const fullVerdictsFile: string = join(
  dirname(fileURLToPath(import.meta.url)),
  "full-verdicts.json",
);

/** Reads such a file; nothing where there is none. Throws FormatError where it is damaged. */
export function readFullVerdicts(path: string = fullVerdictsFile): FullVerdictsById {
  if (!existsSync(path)) return {};
  const value = readValue("bitgrad report", path, readFileSync(path, "utf8"));
  const entries = isValues(value) ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.map(([id, entry]) => {
      requireVerdicts<FullVerdicts>(path, entry);
      return [id, entry];
    }),
  );
}

/** Writes `added` into the file, beside what it holds of other experiments. */
export function keepFullVerdicts(added: FullVerdictsById, path: string = fullVerdictsFile): void {
  writeObject(path, { ...readFullVerdicts(path), ...added });
}
