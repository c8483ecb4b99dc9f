/**
 * The run store: plain files that anyone can read, `<store>/<experiment>/<key>/`, each whole or not there.
 *
 *   config.json       what decides the bits: experiment, config, seed, hashes of data and sources, device; and the key
 *   environment.json  what should not decide them: versions, commit, engine, processor, threads
 *   metrics.jsonl     what was measured on the way
 *   result.json       how it ended, with its fingerprint; written last: a folder without it is of a run that did not end
 *   timing.json       when and how long: all that differs when a run is repeated
 *
 * Rests on values, key, metrics-file and core's files.
 */
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { FormatError } from "../../core/index.ts";
import { replaceFile } from "../../core/io/files.ts";
import { keyOf, type RunIdentity } from "./key.ts";
import { parseMetrics } from "./metrics-file.ts";
import type { Run } from "./run-context.ts";
import {
  canonicalOf,
  hashOf,
  isValues,
  jsonOf,
  readValue,
  type Value,
  type Values,
} from "./values.ts";

/** Names of the files of a run. */
export const runFiles = {
  config: "config.json",
  environment: "environment.json",
  metrics: "metrics.jsonl",
  result: "result.json",
  timing: "timing.json",
  final: "final.safetensors",
} as const;

/** When a run was made. */
export interface Timing {
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Wall-clock seconds, those before an interruption not counted. */
  readonly seconds: number;
}

/** A run as the store holds it. */
export interface StoredRun {
  readonly folder: string;
  readonly identity: RunIdentity;
  readonly run: Run;
  readonly environment: Values;
  readonly timing: Timing;
}

/** What happened to a folder that could not be read. */
export interface SetAside {
  readonly folder: string;
  readonly reason: string;
}

/** SHA-256 over how a run ended, what it gave and what it measured. */
export function fingerprintOf(
  run: Pick<Run, "outcome" | "divergence" | "result">,
  metrics: string,
): string {
  const { outcome, divergence, result } = run;
  const ended = canonicalOf("run", "the result", {
    outcome,
    step: divergence?.step ?? null,
    result,
  });
  return hashOf([ended, metrics]);
}

/** A folder of runs. It need not exist. */
export class RunStore {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Where a run lies, or will. */
  folderOf(identity: RunIdentity): string {
    return join(this.folder, identity.experiment, keyOf(identity));
  }

  /**
   * The finished run of an identity, or null where there is none. What lies there damaged is renamed, so that the run can
   * be made again, and `report` is told.
   */
  find(identity: RunIdentity, report: (aside: SetAside) => void): StoredRun | null {
    const folder = this.folderOf(identity);
    if (!existsSync(folder)) return null;
    try {
      const config = join(folder, runFiles.config);
      if (existsSync(config)) requireIdentity(config, identity);
      return existsSync(join(folder, runFiles.result)) ? readRun(folder) : null;
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report({ folder: setAside(folder), reason: error.message });
      return null;
    }
  }

  /** Every finished run of an experiment, or of all, in the order of their keys. Damaged ones are told and left out. */
  all(report: (aside: SetAside) => void, experiment?: string): readonly StoredRun[] {
    const names = experiment === undefined ? foldersIn(this.folder) : [experiment];
    return names.flatMap((name) =>
      foldersIn(join(this.folder, name))
        .filter((key) => /^[0-9a-f]{64}$/.test(key))
        .flatMap((key) => {
          const folder = join(this.folder, name, key);
          if (!existsSync(join(folder, runFiles.result))) return [];
          try {
            return [readRun(folder)];
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
            report({ folder, reason: error.message });
            return [];
          }
        }),
    );
  }
}

/** Reads the finished run in `folder`. Throws FormatError where its files do not belong together. */
export function readRun(folder: string): StoredRun {
  const where = "run store";
  const config = readObject(join(folder, runFiles.config));
  const { key: stored, ...rest } = config;
  const identity = identityIn(join(folder, runFiles.config), rest);
  const key = keyOf(identity);
  if (stored !== key) {
    throw damaged(join(folder, runFiles.config), "to hold the key of its content", String(stored));
  }
  const path = join(folder, runFiles.result);
  const { outcome, divergence = null, result, fingerprint } = readObject(path);
  const metricsPath = join(folder, runFiles.metrics);
  const text = readText(metricsPath);
  const ended = outcome === "finished" || outcome === "diverged" ? outcome : undefined;
  if (ended === undefined || !isValues(result) || typeof fingerprint !== "string") {
    throw damaged(path, "to hold an outcome, a result and a fingerprint", "something else");
  }
  const run: Run = {
    key,
    config: identity.config,
    seed: identity.seed,
    outcome: ended,
    divergence: divergenceIn(path, divergence),
    result,
    metrics: parseMetrics(where, metricsPath, text),
    fingerprint,
  };
  if (fingerprintOf(run, text) !== fingerprint) {
    throw damaged(path, "to hold the fingerprint of the result and the metrics", fingerprint);
  }
  return {
    folder,
    identity,
    run,
    environment: readObject(join(folder, runFiles.environment)),
    timing: timingIn(join(folder, runFiles.timing)),
  };
}

/** Writes an object as a file of a run, readable, its keys sorted. */
export function writeObject(path: string, value: object): void {
  const sorted = JSON.parse(canonicalOf("run", "a file", value));
  const text = `${JSON.stringify(sorted, null, 2)}\n`;
  replaceFile("bitgrad run", path, [Buffer.from(text, "utf8")]);
}

/** What `config.json` holds. */
export function configFile(identity: RunIdentity): object {
  return { ...identity, key: keyOf(identity) };
}

/** Renames a folder out of the way, to a name that is free. Gives the new path. */
export function setAside(folder: string, word = "damaged"): string {
  for (let number = 1; ; number++) {
    const target = `${folder}.${word}-${number}`;
    if (existsSync(target)) continue;
    renameSync(folder, target);
    return target;
  }
}

/** The same identity must be there: a key that names another would be a broken file. */
function requireIdentity(path: string, identity: RunIdentity): void {
  const { key: _, ...rest } = readObject(path);
  const stored = canonicalOf("run store", path, rest);
  if (stored === canonicalOf("run store", path, { ...identity })) return;
  throw damaged(path, "to hold the config of its key", "another");
}

function identityIn(path: string, value: Values): RunIdentity {
  const { experiment, config, seed, data, device, sources } = value;
  if (
    typeof experiment === "string" &&
    typeof seed === "number" &&
    typeof device === "string" &&
    typeof sources === "string" &&
    isValues(config) &&
    isValues(data)
  ) {
    const hashes = Object.entries(data).map(([name, hash]) => [name, String(hash)]);
    return { experiment, config, seed, data: Object.fromEntries(hashes), device, sources };
  }
  throw damaged(path, "to hold an experiment, config, seed, data, device and sources", "less");
}

function divergenceIn(path: string, value: Value): Run["divergence"] {
  if (value === null) return null;
  if (isValues(value)) {
    const { step, cause = null } = value;
    if (typeof step === "number" && (cause === null || typeof cause === "string")) {
      return { step, cause };
    }
  }
  throw damaged(path, "to hold a step and a cause as divergence", "something else");
}

function timingIn(path: string): Timing {
  const { startedAt, finishedAt, seconds } = readObject(path);
  if (
    typeof startedAt === "string" &&
    typeof finishedAt === "string" &&
    typeof seconds === "number"
  ) {
    return { startedAt, finishedAt, seconds };
  }
  throw damaged(path, "to hold startedAt, finishedAt and seconds", "less");
}

/** An object in a file. Throws FormatError where the file is not there or holds something else. */
export function readObject(path: string): Values {
  const value = readValue("run store", path, readText(path));
  if (isValues(value)) return value;
  throw damaged(path, "to hold an object", JSON.stringify(jsonOf("run store", path, value)));
}

function readText(path: string): string {
  if (!existsSync(path)) throw damaged(path, "to be there", "no such file");
  return readFileSync(path, "utf8");
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function damaged(path: string, expected: string, got: string): FormatError {
  const fix = "The run is damaged: it is made again";
  return new FormatError({ where: "run store", argument: path, expected, got, fix });
}
