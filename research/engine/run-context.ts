/**
 * What a run is given, and what it leaves: the contract between an experiment and the engine.
 * Rests on core's types.
 */
import type { ImageSets } from "../../core/data/idx-images.ts";
import type { RandomSource } from "../../core/index.ts";
import type { Parts } from "../../core/io/index.ts";
import type { Values } from "./values.ts";

/** Datasets that an experiment can name. */
export type DatasetName = "mnist" | "fashion-mnist" | "cifar-10" | "cifar-100";

/** What is measured at one step. */
export type MetricValues = Readonly<Record<string, number | readonly number[]>>;

/** What was measured, and at which step. */
export interface MetricRow {
  /** Integer ≥ 0, that of the row before or later. */
  readonly step: number;
  readonly values: MetricValues;
}

/** Measurements of a run, one line each in `metrics.jsonl`. */
export interface Metrics {
  /**
   * Writes what was measured at `step`: updates made so far, an integer ≥ that of the last row. Throws ValueError for
   * another step, a metric called step, and values that are no numbers.
   */
  write(step: number, values: MetricValues): void;
  /** All rows so far, also those that were written before an interruption. */
  rows(): readonly MetricRow[];
}

/** Saving the place of a run, so that an interrupted one goes on. */
export interface Checkpoints {
  /**
   * Puts the last checkpoint back into `parts`, and the metrics to what they were then. Gives the step that it was saved
   * at, or null where the run starts. Call it once, before the first metric is written.
   */
  restore(parts: Parts): number | null;
  /**
   * Time to save. It is done if some seconds have passed since it was done last: when does not matter, since going on
   * from a checkpoint gives the same bits as never stopping. `parts` must hold all that the next step depends on.
   */
  save(step: number, parts: Parts): void;
  /** Keeps `parts`, such as the trained net, in the run's folder as `final.safetensors`. */
  keep(parts: Parts): void;
}

/** What `run` gets: one arm, one seed. */
export interface RunContext<Config> {
  readonly config: Config;
  /** For nets and loaders: `assemble(net, { seed })`. Arms of one seed share it, so they are paired. */
  readonly seed: number;
  /** Named random streams of the seed: `streams.stream("noise")`. */
  readonly streams: RandomSource;
  readonly data: {
    /** A dataset that the experiment names in `data`. Throws ValueError for another. */
    images(name: DatasetName): ImageSets;
  };
  readonly metrics: Metrics;
  readonly checkpoint: Checkpoints;
  /** Says which share of the run, in [0, 1], is done. */
  progress(share: number): void;
  /**
   * Notes that the run diverged at optimiser step `step` (from 1). That is an outcome, not an error: return what was measured until
   * then. The engine finds the op that made the first NaN or infinity.
   */
  diverged(step: number): void;
}

/** How a run ended. */
export type Outcome = "finished" | "diverged";

/** A run that has ended: all that figures and verdicts may depend on. */
export interface Run<Config = Values, Result = Values> {
  readonly key: string;
  readonly config: Config;
  readonly seed: number;
  readonly outcome: Outcome;
  /** The step at which it diverged, and the op that made the first value that was not finite, as far as known. */
  readonly divergence: { readonly step: number; readonly cause: string | null } | null;
  readonly result: Result;
  readonly metrics: readonly MetricRow[];
  /** SHA-256 of outcome, result and metrics. */
  readonly fingerprint: string;
}
