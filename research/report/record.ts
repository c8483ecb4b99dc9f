/**
 * The record of one training run: everything its report shows, as plain JSON.
 * Rests on nothing. All of it but `environment` and `timing` repeats exactly when the run is repeated
 * on a device that promises the same bits.
 */

/** A value of the configuration or the environment. */
export type Scalar = string | number | boolean | null;

/** The training loss of one optimiser step. */
export interface StepPoint {
  /** Optimiser steps done, integer ≥ 1, increasing. */
  readonly step: number;
  /** Passes over the training set done, fractional, ≥ 0. */
  readonly epoch: number;
  /** In the unit of `lossName`; null where it is not finite. */
  readonly loss: number | null;
}

/** What was measured at the end of an epoch. */
export interface EpochPoint {
  /** Epochs done, integer ≥ 1, increasing. */
  readonly epoch: number;
  /** Mean over the epoch's training examples, as they were trained on; null where not finite. */
  readonly trainLoss: number | null;
  /** Share of the epoch's training examples classified rightly, in [0, 1]. */
  readonly trainAccuracy: number;
  /** Mean over the test set; null where not finite. */
  readonly testLoss: number | null;
  /** Share of the test set classified rightly, in [0, 1]. */
  readonly testAccuracy: number;
}

/** A small picture in JSON. */
export interface RecordedImage {
  readonly width: number;
  readonly height: number;
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number;
  /** Base64 of the intensities, channel after channel, each row-major. */
  readonly bytes: string;
}

/** A test image that was classified wrongly. */
export interface Mistake {
  /** Its place in the test set, from 0. */
  readonly index: number;
  /** Its class, an index into the classes. */
  readonly label: number;
  /** The class the net chose. */
  readonly predicted: number;
  /** What the net gave its true class, in [0, 1]. */
  readonly probability: number;
  /** Its loss; null where it is not finite, which counts as the worst. */
  readonly loss: number | null;
  readonly image: RecordedImage;
}

/** The data of a run. */
export interface DatasetSummary {
  readonly name: string;
  /** Training images used. */
  readonly trainCount: number;
  /** Test images used; the confusion matrix counts each once. */
  readonly testCount: number;
  /** Per channel, of the training images, in units of 255. */
  readonly mean: readonly number[];
  /** Per channel, of the training images, in units of 255. */
  readonly std: readonly number[];
}

/** A row of the net's summary. */
export interface LayerRow {
  readonly layer: string;
  /** Shape of the output for one example. */
  readonly outputShape: readonly number[];
  /** Trainable numbers. */
  readonly parameters: number;
}

/** How often each class was taken for each. */
export interface Confusion {
  readonly classes: readonly string[];
  /** `counts[label][predicted]`, integers ≥ 0. */
  readonly counts: readonly (readonly number[])[];
}

/** Everything that differs when the same run is run again. */
export interface Timing {
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  /** Wall-clock seconds of the whole run. */
  readonly seconds: number;
  /** Wall-clock seconds of each epoch, as many as there are epochs. */
  readonly epochSeconds: readonly number[];
}

/** One training run. */
export interface TrainingRecord {
  readonly title: string;
  /** What to type to see it again. */
  readonly command: string;
  /** The resolved configuration. */
  readonly config: Readonly<Record<string, Scalar>>;
  /** Versions, commit, processor, device, threads. */
  readonly environment: Readonly<Record<string, Scalar>>;
  readonly dataset: DatasetSummary;
  readonly net: readonly LayerRow[];
  /** The loss and its unit: `"cross-entropy (nats)"`. */
  readonly lossName: string;
  /** "diverged" where a training loss was not finite: that step was the last. */
  readonly outcome: "finished" | "stopped" | "diverged";
  readonly steps: readonly StepPoint[];
  readonly epochs: readonly EpochPoint[];
  /** Of the final net on the test set. */
  readonly confusion: Confusion;
  /** Any number in any order; the report shows the 24 with the highest loss. */
  readonly mistakes: readonly Mistake[];
  /** Of the final net, in [0, 1]: the share of the confusion matrix that is on its diagonal. */
  readonly testAccuracy: number;
  /** SHA-256 of what the run computed. */
  readonly fingerprint: string;
  /** Whether the device promises the same bits on any machine. */
  readonly bitReproducible: boolean;
  readonly timing: Timing;
}

/**
 * A picture for a record. `bytes`: intensities 0…255 in the order channels, height, width of `shape`.
 * Example: `recordImage(images.subarray(0, 784), [1, 28, 28])`.
 */
export function recordImage(
  bytes: Uint8Array,
  shape: readonly [number, number, number],
): RecordedImage {
  const [channels, height, width] = shape;
  return { width, height, channels, bytes: Buffer.from(bytes).toString("base64") };
}
