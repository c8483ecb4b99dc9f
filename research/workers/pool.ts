/**
 * A pool of worker processes: jobs in their order, each to the next worker that is free.
 * Rests on Node's child processes, do-job and messages.
 */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { doJob } from "./do-job.ts";
import type { Done, Failed, Job, Report } from "./messages.ts";

/** Told what happens to the job of number `index`. */
export interface PoolListener {
  onStart(index: number): void;
  onProgress(index: number, share: number): void;
  onSetAside(folder: string, reason: string): void;
  onEnd(index: number, ended: Done | Failed): void;
  /** Ctrl-C: the process ends when this returns. */
  onInterrupt(): void;
}

/** Options of `doJobs`. */
export interface PoolOptions {
  /** Processes; 1 is this one. */
  readonly workers: number;
  readonly listener: PoolListener;
}

/** Does all jobs, in as many processes as asked for. After a fatal failure no further one is begun. */
export async function doJobs(
  jobs: readonly Job[],
  { workers, listener }: PoolOptions,
): Promise<readonly (Done | Failed | null)[]> {
  const ended: (Done | Failed | null)[] = jobs.map(() => null);
  let next = 0;
  let isFatal = false;
  const perform = async (worker: Worker): Promise<void> => {
    while (next < jobs.length && !isFatal) {
      const index = next++;
      const job = jobs[index];
      if (job === undefined) break;
      listener.onStart(index);
      const result = await worker.perform(job, (word) => {
        if (word.type === "progress") listener.onProgress(index, word.share);
        if (word.type === "aside") listener.onSetAside(word.aside.folder, word.aside.reason);
      });
      ended[index] = result;
      isFatal ||= result.type === "failed" && result.fatal;
      listener.onEnd(index, result);
    }
  };
  if (workers === 1) {
    await perform({ perform: doJob, close: () => {} });
    return ended;
  }
  const pool = Array.from({ length: Math.min(workers, jobs.length) }, () => new WorkerProcess());
  const interrupt = (): void => {
    for (const worker of pool) worker.close();
    listener.onInterrupt();
    process.exit(130); // 128 + SIGINT
  };
  process.once("SIGINT", interrupt);
  try {
    await Promise.all(pool.map((worker) => perform(worker)));
  } finally {
    process.off("SIGINT", interrupt);
    for (const worker of pool) worker.close();
  }
  return ended;
}

/** Does jobs one at a time. */
interface Worker {
  perform(job: Job, report: (word: Report) => void): Promise<Done | Failed>;
  close(): void;
}

/** A process that is started for the first job, and again after it ended in the middle of one. */
class WorkerProcess implements Worker {
  #process: ChildProcess | undefined;

  perform(job: Job, report: (word: Report) => void): Promise<Done | Failed> {
    const worker = this.#process ?? this.#start();
    return new Promise((resolve) => {
      const finish = (ended: Done | Failed): void => {
        worker.off("message", hear).off("close", lose);
        resolve(ended);
      };
      const hear = (message: unknown): void => {
        const word = message as Report;
        if (word.type === "done" || word.type === "failed") finish(word);
        else report(word);
      };
      const lose = (code: number | null, signal: string | null): void => {
        this.#process = undefined;
        const end = signal === null ? `status ${code}` : `signal ${signal}`;
        const message = `bitgrad run: expected a worker process to finish its run, got its end with ${end}. Run the command again: it goes on from the last checkpoint.`;
        finish({ type: "failed", message, fatal: false });
      };
      worker.on("message", hear).once("close", lose);
      worker.send(job);
    });
  }

  close(): void {
    this.#process?.kill("SIGKILL");
    this.#process = undefined;
  }

  #start(): ChildProcess {
    const path = fileURLToPath(new URL(`./worker${extension}`, import.meta.url));
    const worker = fork(path, {
      execArgv: loaderOf(),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    worker.on("error", () => {}); // its end tells
    this.#process = worker;
    return worker;
  }
}

/** `.ts` in a checkout, `.js` in the package. */
const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";

/** What lets Node load the sources of a checkout. */
function loaderOf(): string[] {
  return extension === ".ts" ? ["--import", import.meta.resolve("tsx")] : [];
}
