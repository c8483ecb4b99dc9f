/**
 * A job, done in this process.
 * Rests on the engine and core.
 */
import { BitgradError, setThreads, ValueError } from "../../core/index.ts";
import { type LocatedExperiment, locateExperiment } from "../engine/locate.ts";
import { performRun } from "../engine/run-one.ts";
import { RunStore } from "../engine/run-store.ts";
import { sourcesHash } from "../engine/sources.ts";
import { letGo } from "./let-go.ts";
import type { Done, Failed, Job, Report } from "./messages.ts";

/** Codes of a disk with no room left. */
const fullDisk: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** Does a job and tells how far it is. Never throws: what goes wrong is reported. Memory of runs before it is let go. */
export async function doJob(job: Job, report: (word: Report) => void): Promise<Done | Failed> {
  try {
    await letGo();
    const located = await locateExperiment("bitgrad run", job.experiment);
    requireSameSources(located, job);
    if (job.identity.device !== "reference") setThreads(job.threads);
    const { stored, how, other } = performRun(located, job.identity, {
      store: new RunStore(job.store),
      threads: job.threads,
      force: job.force,
      checkpointSeconds: job.checkpointSeconds,
      onProgress: (share) => report({ type: "progress", share }),
      onSetAside: (aside) => report({ type: "aside", aside }),
    });
    const { run, timing } = stored;
    const made = {
      type: "done",
      how,
      fingerprint: run.fingerprint,
      seconds: timing.seconds,
    } as const;
    return other === undefined ? made : { ...made, other };
  } catch (error) {
    return { type: "failed", message: messageOf(error), fatal: isFullDisk(error) };
  }
}

/** Files that changed since the run was planned would give it another's key. */
function requireSameSources({ file }: LocatedExperiment, { identity }: Job): void {
  if (sourcesHash(file) === identity.sources) return;
  throw new ValueError({
    where: "bitgrad run",
    argument: "the sources",
    expected: "to stay as they were when the command started",
    got: "a change",
    fix: "Run the command again",
  });
}

/** A complaint as it is; of a mistake in an experiment, also where it happened. */
function messageOf(error: unknown): string {
  if (error instanceof BitgradError) return error.message;
  return error instanceof Error
    ? (error.stack ?? error.message).split("\n").slice(0, 4).join("\n")
    : String(error);
}

/** Whether an error, or what caused it, is that of a full disk. */
export function isFullDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && fullDisk.includes(error.code)) || isFullDisk(error.cause);
}
