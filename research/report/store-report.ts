/**
 * What a report says of a store: its studies with their runs, a row for each verdict, and what is missing or damaged.
 * Rests on the run store, studies, statistics and claims.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { FormatError, UsageError } from "../../core/index.ts";
import { claims } from "../claims.ts";
import { nearest } from "../engine/knobs.ts";
import { type LocatedExperiment, listedExperiments } from "../engine/locate.ts";
import { RunStore, runFiles, type StoredRun } from "../engine/run-store.ts";
import { sourcesHash } from "../engine/sources.ts";
import { planStudy } from "../engine/study.ts";
import { hashOf } from "../engine/values.ts";
import { type FullVerdictsById, readFullVerdicts } from "./full-verdicts.ts";
import { readStudyRecord, type StudyRecord } from "./study-record.ts";
import { type VerdictRow, verdictRows } from "./verdict-rows.ts";

/** A study with the runs that it was made of. */
export interface ReportedStudy {
  readonly record: StudyRecord;
  /** Those that are in the store, whole, in the order of the study. */
  readonly runs: readonly StoredRun[];
  /** Keys of those that are not. */
  readonly lost: readonly string[];
  /** SHA-256 over keys and fingerprints of the runs, in the order of the keys. */
  readonly fingerprint: string;
  /** Wall-clock seconds of its runs together. */
  readonly seconds: number;
  /** Whether its runs were made by other sources than those that write the report. */
  readonly isOutdated: boolean;
}

/** An experiment without a study. */
export interface NotRun {
  readonly experiment: string;
  readonly title: string;
  readonly question: string;
  readonly claims: readonly string[];
  readonly reason: string;
}

/** Something in the store that is not as it should be. */
export interface Trouble {
  /** Path within the store. */
  readonly entry: string;
  readonly reason: string;
}

/** All that a report shows. */
export interface StoreReport {
  readonly studies: readonly ReportedStudy[];
  readonly rows: readonly VerdictRow[];
  readonly notRun: readonly NotRun[];
  /** Claims that no experiment asks, with the property that a law holds them to; null where there is none. */
  readonly laws: readonly {
    readonly claim: string;
    readonly concept: string;
    readonly property: string | null;
  }[];
  readonly troubles: readonly Trouble[];
  /** Studies that are in the store and not shown: `opt-zigzag/custom-1a2b3c4d`. */
  readonly leftOut: readonly string[];
}

/** What a report is made of. */
export interface ReportOptions {
  /** Ids of experiments, or `experiment/study`; all where empty. */
  readonly names?: readonly string[];
  /** The experiments that a report speaks of though they were not run. */
  readonly located?: readonly LocatedExperiment[];
  readonly full?: FullVerdictsById;
}

/**
 * Reads a store. Of each experiment its full study, or else its quick one, and every ablation that the present sources made.
 * Throws UsageError for names that no study has. What is damaged is told in the report.
 */
export function collectReport(store: string, options: ReportOptions = {}): StoreReport {
  const { names = [], located = listedExperiments(), full = readFullVerdicts() } = options;
  const troubles: Trouble[] = [];
  const report = (entry: string, reason: string): void => {
    const clean = (text: string): string => text.replaceAll(store + sep, "").replaceAll(sep, "/");
    troubles.push({ entry: clean(entry), reason: clean(reason) });
  };
  const stored = new RunStore(store).all(({ folder, reason }) => report(folder, reason));
  const runs = new Map(stored.map((one) => [one.run.key, one]));
  const all = foldersIn(store).flatMap((id) => studiesIn(join(store, id, "studies"), report));
  for (const id of foldersIn(store)) reportStrays(join(store, id), report);
  const sources = (id: string): string | null => {
    const found = located.find(({ experiment }) => experiment.id === id);
    return found === undefined ? null : sourcesHash(found.file);
  };
  const reported = all.map((record) => withRuns(record, runs, sources(record.experiment)));
  const ids = located.map(({ experiment }) => experiment.id);
  requireNames(names, reported, ids);
  const chosen = reported.filter((study) => isChosen(study, reported, names));
  const studies = inOrder(chosen, ids);
  const leftOut = reported.filter((study) => !chosen.includes(study) && isNamed(study, names));
  const notRun = located
    .filter(({ experiment: { id } }) => names.length === 0 || names.includes(id))
    .filter(({ experiment: { id } }) => !studies.some(({ record }) => record.experiment === id))
    .map(notRunBecause);
  const asked = [
    ...located.flatMap(({ experiment }) => experiment.claims),
    ...studies.flatMap(({ record }) => record.claims),
  ];
  return {
    studies,
    rows: verdictRows(studies, notRun, full),
    notRun,
    laws:
      names.length > 0
        ? []
        : claims
            .filter(({ id }) => !asked.includes(id))
            .map(({ id, concept, property }) => ({ claim: id, concept, property })),
    troubles: troubles.sort((a, b) => (a.entry < b.entry ? -1 : 1)),
    leftOut: leftOut.map(({ record }) => `${record.experiment}/${record.name}`),
  };
}

function studiesIn(
  folder: string,
  report: (entry: string, reason: string) => void,
): readonly StudyRecord[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.sort().flatMap((name) => {
    try {
      return [readStudyRecord(join(folder, name))];
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      report(join(folder, name), error.message);
      return [];
    }
  });
}

/** Folders of runs that were set aside, differ when repeated, or did not end. */
function reportStrays(folder: string, report: (entry: string, reason: string) => void): void {
  for (const name of foldersIn(folder)) {
    const path = join(folder, name);
    if (/^[0-9a-f]{64}\.damaged-\d+$/.test(name)) report(path, "damaged, set aside");
    if (/^[0-9a-f]{64}\.differs$/.test(name)) {
      report(path, "made again it had another fingerprint: the same key must give the same bits");
    }
    if (/^[0-9a-f]{64}$/.test(name) && !existsSync(join(path, runFiles.result))) {
      report(path, "did not end: the next start goes on with it");
    }
  }
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function withRuns(
  record: StudyRecord,
  stored: ReadonlyMap<string, StoredRun>,
  sources: string | null,
): ReportedStudy {
  const found = record.runs.map(({ key, fingerprint }) => {
    const one = stored.get(key);
    return one?.run.fingerprint === fingerprint ? one : null;
  });
  const runs = found.filter((one) => one !== null);
  return {
    record,
    runs,
    lost: record.runs.filter((_, at) => found[at] === null).map(({ key }) => key),
    fingerprint: hashOf(record.runs.map(({ key, fingerprint }) => `${key} ${fingerprint}`).sort()),
    seconds: runs.reduce((sum, { timing }) => sum + timing.seconds, 0),
    isOutdated: sources !== null && runs.some(({ identity }) => identity.sources !== sources),
  };
}

function isNamed({ record }: ReportedStudy, names: readonly string[]): boolean {
  return names.length === 0 || names.includes(record.experiment);
}

/** Named in full; else the fuller of the two profiles, and ablations unless outdated. */
function isChosen(
  study: ReportedStudy,
  all: readonly ReportedStudy[],
  names: readonly string[],
): boolean {
  const { experiment, name, profile } = study.record;
  if (names.includes(`${experiment}/${name}`)) return true;
  if (!isNamed(study, names)) return false;
  if (profile === "custom") return !study.isOutdated;
  const hasFull = all.some(
    ({ record }) => record.experiment === experiment && record.profile === "full",
  );
  return profile === "full" || !hasFull;
}

function requireNames(
  names: readonly string[],
  studies: readonly ReportedStudy[],
  listed: readonly string[],
): void {
  const known = studies.flatMap(({ record: { experiment, name } }) => [
    experiment,
    `${experiment}/${name}`,
  ]);
  const all = [...new Set([...listed, ...known])];
  for (const name of names) {
    if (all.includes(name)) continue;
    const near = nearest(name, all);
    throw new UsageError({
      where: "bitgrad report",
      argument: "every name",
      expected: "to be the id of an experiment, or experiment/study of a study in the store",
      got: `"${name}"`,
      fix: near.length > 0 ? `Did you mean ${near.join(" or ")}` : "See the ids with bitgrad list",
    });
  }
}

/** Profiles before ablations, experiments in the order of the library, then by name. */
function inOrder(
  studies: readonly ReportedStudy[],
  ids: readonly string[],
): readonly ReportedStudy[] {
  const place = ({ record }: ReportedStudy): readonly (number | string)[] => {
    const at = ids.indexOf(record.experiment);
    const isAblation = record.profile === "custom" ? 1 : 0;
    return [isAblation, at < 0 ? ids.length : at, record.experiment, record.name];
  };
  return [...studies].sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    const at = first.findIndex((part, i) => part !== second[i]);
    return (first[at] ?? 0) < (second[at] ?? 0) ? -1 : 1;
  });
}

function notRunBecause(located: LocatedExperiment): NotRun {
  const { id: experiment, title, question, claims: asked } = located.experiment;
  const plan = planStudy("bitgrad report", located, { profile: "quick" });
  const reason = "missing" in plan ? plan.missing.message : `bitgrad reproduce ${experiment}`;
  return { experiment, title, question, claims: asked, reason };
}
