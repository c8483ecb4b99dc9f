/**
 * Epochs and iterations: an epoch is K iterations, whatever K is chosen to be.
 * Rests on schedule.
 */
import { requireInteger } from "../core/require-number.ts";
import { requireSteps, type Schedule, scheduleOf } from "./schedule.ts";

/** Options of `iterationsPerEpoch`. */
export interface EpochOptions {
  /** Examples in the training set, integer ≥ 1. */
  readonly examples: number;
  /** Examples in a batch, integer ≥ 1. */
  readonly batchSize: number;
  /** Whether a last, smaller batch is left out; default false. */
  readonly dropLast?: boolean;
}

/**
 * Iterations of one pass over the training set: ⌈examples/batchSize⌉, or ⌊ ⌋ with `dropLast`.
 * Throws ValueError unless both are integers ≥ 1.
 *
 * @example
 * iterationsPerEpoch({ examples: 50_000, batchSize: 128 }); // 391
 */
export function iterationsPerEpoch(options: EpochOptions): number {
  const { examples, batchSize, dropLast = false } = options;
  const count = (name: string, value: number): number =>
    requireInteger("iterationsPerEpoch", name, value, 1, "Give a number of examples");
  const batches = count("examples", examples) / count("batchSize", batchSize);
  return dropLast ? Math.floor(batches) : Math.ceil(batches);
}

/** Options of `inIterations`. */
export interface InIterationsOptions {
  /** Whether the value changes between two epochs only; default false: it moves on at every iteration. */
  readonly byEpoch?: boolean;
}

/**
 * A schedule written in epochs as one of iterations: schedule(t/K), or schedule(⌊t/K⌋) with `byEpoch`, which is what
 * stepping a scheduler once an epoch gives. K: `iterationsInEpoch`, integer ≥ 1, else ValueError.
 *
 * @example
 * inIterations(multiStep({ base: 0.1, milestones: [30, 60, 90] }), 391)(30 * 391); // 0.01
 */
export function inIterations(
  schedule: Schedule,
  iterationsInEpoch: number,
  { byEpoch = false }: InIterationsOptions = {},
): Schedule {
  const length = requireSteps("inIterations", "iterationsInEpoch", iterationsInEpoch);
  return scheduleOf("inIterations", (t) => schedule(byEpoch ? Math.floor(t / length) : t / length));
}
