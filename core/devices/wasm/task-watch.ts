/**
 * Watching: who is told which tasks ran, for which launches and how long. Profiles rest on it.
 * Rests on the types of recorder. Nobody watches as a rule, and then it costs a comparison a task.
 */
import type { LaunchNote } from "../recorder.ts";

/** What one pass over memory does: a launch, several in one, or none where JavaScript looks at elements. */
export interface Pass {
  readonly launches: readonly LaunchNote[];
  /** Handles of memory that launches of this pass write and only they read: it need not be written. */
  readonly inner: ReadonlySet<unknown>;
}

/** A task that ran. Times are milliseconds of `performance.now()`. */
export interface RanTask {
  /** The compiled kernel: `"winograd"`. */
  readonly name: string;
  readonly began: number;
  readonly ended: number;
  readonly pieces: number;
  /** Pieces of a thread's share, at least. */
  readonly grain: number;
}

/** Who watches. What it throws ends the launch. */
export interface TaskWatch {
  /** The tasks that come next are those of `pass`. A pass of several launches may begin more than once. */
  begins(pass: Pass): void;
  /** A task ran, on all threads where it has pieces enough for two. */
  ran(task: RanTask): void;
}
