/**
 * How long a step would take on more threads: a model, no measurement. Rests on nothing.
 *
 * Each pass takes the longer of two times: that of its operations, which threads share, and that of the bytes that it must
 * touch, which they do not: max(flops/(threads·rate), bytes/bandwidth), its rate being what it was measured at on one thread.
 * Besides there is what one thread does alone: tasks too small to share, JavaScript between kernels, and forks and joins.
 */

/** A task as it ran on one thread. */
export interface ModelTask {
  readonly seconds: number;
  /** Pieces that threads may share, and how many are worth a thread of their own. */
  readonly pieces: number;
  readonly grain: number;
}

/** Tasks that go over the same memory. */
export interface ModelPass {
  readonly tasks: readonly ModelTask[];
  /** Bytes that must be touched. */
  readonly bytes: number;
}

/** A step as it ran on one thread. */
export interface StepModel {
  readonly passes: readonly ModelPass[];
  /** Seconds between kernels. */
  readonly between: number;
}

/** What a step runs on. */
export interface Machine {
  /** Integer ≥ 1. */
  readonly threads: number;
  /** Bytes a second that all threads together read and write; at least that of one. */
  readonly bandwidth: number;
  /** Bytes a second that one thread reads and writes where the step was measured. */
  readonly ofOne: number;
  /** Seconds that it takes to share a task and to wait for its last part. */
  readonly forkJoin: number;
}

/** Seconds of a step, and of its parts: passes bound by operations, by memory, and what one thread does alone. */
export interface Prediction {
  readonly seconds: number;
  readonly computing: number;
  readonly moving: number;
  readonly alone: number;
}

/** Chunks a thread on average, and in all, as the pool cuts tasks. */
const chunksPerThread = 16;
const mostChunks = 1023;

/** What the step takes on `machine`. On one thread it is what was measured. */
export function predict({ passes, between }: StepModel, machine: Machine): Prediction {
  let [computing, moving, alone] = [0, 0, between];
  for (const { tasks, bytes } of passes) {
    let [whole, part] = [0, 0];
    for (const task of tasks) {
      const share = shareOf(task, machine.threads);
      if (share === null) alone += task.seconds;
      else {
        whole += task.seconds;
        part += share * task.seconds;
        alone += machine.forkJoin;
      }
    }
    // What one thread did faster than it can copy lay in caches, and each thread has its own.
    const traffic = whole < bytes / machine.ofOne ? 0 : bytes / machine.bandwidth;
    if (traffic > part) moving += traffic;
    else computing += part;
  }
  return { seconds: computing + moving + alone, computing, moving, alone };
}

/** The share of a task that the busiest thread has; null of one that is not shared. */
function shareOf({ pieces, grain }: ModelTask, threads: number): number | null {
  if (threads === 1 || pieces < 2 * grain) return null;
  const chunks = Math.min(Math.floor(pieces / grain), chunksPerThread * threads, mostChunks);
  return Math.ceil(chunks / threads) / chunks;
}
