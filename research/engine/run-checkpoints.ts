/**
 * The checkpoints of a run: where an interrupted one goes on.
 * Rests on core's checkpoint folders and metrics-file.
 */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BitgradError, partOfState, recordOfState, type State } from "../../core/index.ts";
import { CheckpointFolder, type Parts, saveCheckpoint } from "../../core/io/index.ts";
import type { MetricsFile } from "./metrics-file.ts";
import type { Checkpoints } from "./run-context.ts";
import { runFiles, type SetAside, setAside } from "./run-store.ts";

/** What a run's checkpoints rest on. */
export interface RunCheckpointsOptions {
  /** The run's folder. */
  readonly folder: string;
  readonly metrics: MetricsFile;
  /** Seconds between two checkpoints, at least. */
  readonly every: number;
  /** Told of checkpoints that cannot be read. */
  readonly report: (aside: SetAside) => void;
}

/** Saves at most every few seconds, and remembers how many metrics there were. */
export class RunCheckpoints implements Checkpoints {
  readonly #options: RunCheckpointsOptions;
  readonly #path: string;
  #savedAt: number = performance.now();
  /** The step that the run went on from; null where it started. */
  resumedAt: number | null = null;

  constructor(options: RunCheckpointsOptions) {
    this.#options = options;
    this.#path = join(options.folder, "checkpoints");
  }

  restore(parts: Parts): number | null {
    if (!existsSync(this.#path)) return null;
    try {
      const saved = this.#folder().restoreLast(parts);
      if (saved === null) return null;
      this.#options.metrics.takeUp(rowsIn(saved.notes));
      this.resumedAt = saved.step;
      return saved.step;
    } catch (error) {
      if (!(error instanceof BitgradError)) throw error;
      const reason = `${error.message} The run starts again`;
      this.#options.report({ folder: setAside(this.#path), reason });
      throw new Restart();
    }
  }

  save(step: number, parts: Parts): void {
    const now = performance.now();
    if (now - this.#savedAt < 1000 * this.#options.every) return;
    this.#options.metrics.flush();
    this.#folder().save(step, parts, { notes: { metrics: this.#options.metrics.count } });
    this.#savedAt = performance.now();
  }

  keep(parts: Parts): void {
    saveCheckpoint(join(this.#options.folder, runFiles.final), parts);
  }

  /** Removes what only an interrupted run needs. */
  clear(): void {
    rmSync(this.#path, { recursive: true, force: true });
  }

  #folder(): CheckpointFolder {
    return new CheckpointFolder(this.#path, { keep: 1 });
  }
}

/** Thrown out of a run whose checkpoint turned out to be damaged: parts may be restored, so it begins anew. */
export class Restart extends Error {}

function rowsIn(notes: State): number {
  const where = "checkpoint.restore";
  const { metrics } = recordOfState(where, notes, ["metrics"]);
  return partOfState(where, "metrics", metrics, "number");
}
