/**
 * One run, in this process: found in the store, gone on with, or made.
 * Rests on the store, checkpoints, metrics, core and environment.
 */
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ImageSets } from "../../core/data/idx-images.ts";
import {
  AnomalyError,
  detectAnomalies,
  RandomSource,
  scope,
  ValueError,
  withDevice,
} from "../../core/index.ts";
import { environment } from "../environment.ts";
import { asComplaint } from "../system-error.ts";
import { claimFolder } from "./claim.ts";
import { readDataset } from "./datasets.ts";
import { keyOf, type RunIdentity } from "./key.ts";
import type { LocatedExperiment } from "./locate.ts";
import { MetricsFile } from "./metrics-file.ts";
import { Restart, RunCheckpoints } from "./run-checkpoints.ts";
import type { Checkpoints, DatasetName, Metrics, Run, RunContext } from "./run-context.ts";
import {
  configFile,
  fingerprintOf,
  type RunStore,
  readRun,
  runFiles,
  type SetAside,
  type StoredRun,
  writeObject,
} from "./run-store.ts";
import { canonicalOf, isValues, readValue, type Values } from "./values.ts";

/** How a run is made. None of it moves a bit. */
export interface RunOptions {
  readonly store: RunStore;
  /** Threads at work, for the record. */
  readonly threads: number;
  /** Whether a finished run is made again and compared; default false. */
  readonly force?: boolean;
  /** Seconds between two checkpoints, at least; default 5. */
  readonly checkpointSeconds?: number;
  /** Told the share of the run that is done. */
  readonly onProgress?: (share: number) => void;
  /** Told of damaged files that were renamed. */
  readonly onSetAside?: (aside: SetAside) => void;
}

/** What came of it. */
export interface Performed {
  readonly stored: StoredRun;
  /** `"found"`: it was there. `"repeated"`: made again, with the same fingerprint. */
  readonly how: "found" | "made" | "resumed" | "repeated" | "differs";
  /** Of a repetition that differs: its fingerprint, and where it lies. */
  readonly other?: { readonly fingerprint: string; readonly folder: string };
}

/**
 * The run of an identity. With `force` it is made again beside the one that is there; if the fingerprints differ both are
 * kept. Throws BitgradError where another process makes it, ValueError where files cannot be written, and what the
 * experiment throws: then nothing counts as finished.
 */
export function performRun(
  located: LocatedExperiment,
  identity: RunIdentity,
  options: RunOptions,
): Performed {
  return complaining(() => perform(located, identity, options));
}

function perform(
  located: LocatedExperiment,
  identity: RunIdentity,
  options: RunOptions,
): Performed {
  const { store, force = false, onSetAside = () => {} } = options;
  const folder = store.folderOf(identity);
  mkdirSync(folder, { recursive: true });
  const giveUp = claimFolder("bitgrad run", folder);
  try {
    const found = store.find(identity, onSetAside);
    if (found === null) {
      const { stored, resumed } = make(located, identity, folder, options);
      return { stored, how: resumed ? "resumed" : "made" };
    }
    return force ? repeat(located, identity, found, options) : { stored: found, how: "found" };
  } finally {
    giveUp();
  }
}

/** What `body` gives; what the operating system refuses it becomes a complaint. */
function complaining<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw asComplaint("bitgrad run", error) ?? error;
  }
}

/** Makes a run again beside the one that is there. */
function repeat(
  located: LocatedExperiment,
  identity: RunIdentity,
  found: StoredRun,
  options: RunOptions,
): Performed {
  const folder = `${found.folder}.again`;
  rmSync(folder, { recursive: true, force: true });
  const { stored } = make(located, identity, folder, options);
  const { fingerprint } = stored.run;
  if (fingerprint === found.run.fingerprint) {
    rmSync(folder, { recursive: true });
    return { stored: found, how: "repeated" };
  }
  const kept = `${found.folder}.differs`;
  rmSync(kept, { recursive: true, force: true });
  renameSync(folder, kept);
  return { stored: found, how: "differs", other: { fingerprint, folder: kept } };
}

/** Makes a run in `folder`, from its last checkpoint if there is one. */
function make(
  located: LocatedExperiment,
  identity: RunIdentity,
  folder: string,
  options: RunOptions,
): { readonly stored: StoredRun; readonly resumed: boolean } {
  const started = new Date();
  mkdirSync(folder, { recursive: true });
  writeObject(join(folder, runFiles.config), configFile(identity));
  const { metrics, checkpoints, ended } = attempt(located, identity, folder, options);
  metrics.flush();
  const cause = ended.divergedAt === null ? null : findCause(located, identity, ended.divergedAt);
  const divergence = ended.divergedAt === null ? null : { step: ended.divergedAt, cause };
  const outcome = divergence === null ? "finished" : "diverged";
  const { result } = ended;
  const finished = new Date();
  writeObject(join(folder, runFiles.environment), {
    ...withDevice(identity.device, () => environment(options.threads)),
    data: identity.data,
  });
  writeObject(join(folder, runFiles.timing), {
    startedAt: started.toISOString(),
    finishedAt: finished.toISOString(),
    seconds: (finished.getTime() - started.getTime()) / 1000,
  });
  const fingerprint = fingerprintOf({ outcome, divergence, result }, metrics.text());
  writeObject(join(folder, runFiles.result), { outcome, divergence, result, fingerprint });
  checkpoints.clear();
  return { stored: readRun(folder), resumed: checkpoints.resumedAt !== null };
}

/** How a run ended. */
interface Ended {
  readonly result: Values;
  readonly divergedAt: number | null;
}

function attempt(
  located: LocatedExperiment,
  identity: RunIdentity,
  folder: string,
  options: RunOptions,
): { readonly metrics: MetricsFile; readonly checkpoints: RunCheckpoints; readonly ended: Ended } {
  const { checkpointSeconds: every = 5, onSetAside: report = () => {} } = options;
  const metrics = new MetricsFile(join(folder, runFiles.metrics));
  const checkpoints = new RunCheckpoints({ folder, metrics, every, report });
  try {
    const ended = execute(located, identity, metrics, checkpoints, options.onProgress);
    return { metrics, checkpoints, ended };
  } catch (error) {
    if (error instanceof Restart) return attempt(located, identity, folder, options);
    throw error;
  }
}

/** Calls the experiment. What it made ends with the call. */
function execute(
  { experiment }: LocatedExperiment,
  identity: RunIdentity,
  metrics: Metrics,
  checkpoint: Checkpoints,
  progress: (share: number) => void = () => {},
): Ended {
  const { config, seed, device } = identity;
  let divergedAt: number | null = null;
  const context: RunContext<Values> = {
    config,
    seed,
    streams: new RandomSource(seed),
    data: { images: (name) => imagesOf(identity, name) },
    metrics,
    checkpoint,
    progress,
    diverged: (step) => {
      divergedAt ??= step;
    },
  };
  const given = withDevice(device, () => scope(() => plainResult(experiment.run(context))));
  return { result: given, divergedAt };
}

/** What a run returned, as it will be read again. */
function plainResult(given: object): Values {
  const where = "run";
  const result = readValue(where, "the result", canonicalOf(where, "the result", given));
  if (isValues(result)) return result;
  throw new ValueError({
    where,
    argument: "the result",
    expected: "to be an object",
    got: "a list",
    fix: "Return for example { finalLoss }",
  });
}

function imagesOf({ data, experiment }: RunIdentity, name: DatasetName): ImageSets {
  if (data[name] !== undefined) return readDataset(name).images;
  throw new ValueError({
    where: "data.images",
    argument: "name",
    expected: `to be a dataset that ${experiment} names in data`,
    got: JSON.stringify(name),
    fix: `Write data: ["${name}"] in the experiment: its hash belongs to the run's key`,
  });
}

/**
 * The op that made the first NaN or infinity: the run once more, writing nothing, its results read from the step before
 * the one that was seen to diverge. Null where no op did in these steps, as when the experiment computes without tensors.
 */
function findCause(located: LocatedExperiment, identity: RunIdentity, step: number): string | null {
  const rows: { step: number; values: Run["metrics"][number]["values"] }[] = [];
  const metrics: Metrics = {
    write: (at, values) => {
      rows.push({ step: at, values });
    },
    rows: () => rows,
  };
  const checkpoint: Checkpoints = { restore: () => null, save: () => {}, keep: () => {} };
  try {
    detectAnomalies(() => execute(located, identity, metrics, checkpoint), { fromStep: step - 1 });
    return null;
  } catch (error) {
    if (!(error instanceof AnomalyError)) throw error;
    const { where, argument, expected, got } = error;
    return `${where}: expected ${argument} ${expected}, got ${got}`;
  }
}

/** What a run is called in messages: `init-depth 3f0c2a9b`. */
export function titleOf(identity: RunIdentity): string {
  return `${identity.experiment} ${keyOf(identity).slice(0, 8)}`;
}
