/**
 * Loaders for images as most experiments want them: a part of the set, standardised by the training part.
 * Rests on core/data.
 */

import type { ImageSets } from "../../core/data/idx-images.ts";
import {
  type ChannelStatistics,
  channelStatistics,
  DataLoader,
  type ImageSet,
  imageDataset,
  type LabelledBatch,
  takeFirst,
} from "../../core/data/index.ts";

/** Options of `imageLoaders`. */
export interface ImageLoadersOptions {
  /** Training images, the first of the set, integer ≥ 1; all where there are fewer. */
  readonly train: number;
  /** Test images, likewise. */
  readonly test: number;
  /** Examples in a training batch, integer ≥ 1. */
  readonly batch: number;
  /** Decides the order of the training images. */
  readonly seed: number;
  /** What is subtracted and divided by, from what was measured over the training part: by default just that. */
  readonly statistics?: (measured: ChannelStatistics) => ChannelStatistics;
}

/** What training needs of a set. */
export interface ImageLoaders {
  /** Shuffled anew each epoch; a batch that would be smaller is left out. */
  readonly train: DataLoader<LabelledBatch>;
  /** In order. */
  readonly test: DataLoader<LabelledBatch>;
  /** The first training images, as many as there are test images: to be judged like these, in order. */
  readonly seen: DataLoader<LabelledBatch>;
  /** Channels, height, width. */
  readonly shape: readonly [number, number, number];
  /** How many classes. */
  readonly classes: number;
}

/** Examples in a batch of the test set: it moves no bit of a metric. */
const testBatch = 250;

/**
 * The first images of both halves, each channel with mean 0 and standard deviation 1 over the training part, or shifted
 * and scaled by other `statistics`.
 *
 * @example
 * const { train, test } = imageLoaders(data.images("mnist"), { train: 2000, test: 1000, batch: 64, seed });
 */
export function imageLoaders(
  sets: ImageSets,
  { train: trainCount, test: testCount, batch, seed, ...options }: ImageLoadersOptions,
): ImageLoaders {
  const train = takeFirst(sets.train, Math.min(trainCount, sets.train.count));
  const test = takeFirst(sets.test, Math.min(testCount, sets.test.count));
  const { statistics: change = (measured) => measured } = options;
  const statistics = change(channelStatistics(train));
  const inOrder = (images: ImageSet): DataLoader<LabelledBatch> =>
    new DataLoader(imageDataset(images, statistics), { batchSize: testBatch, shuffle: false });
  return {
    train: new DataLoader(imageDataset(train, statistics), {
      batchSize: batch,
      seed,
      dropLast: true,
    }),
    test: inOrder(test),
    seen: inOrder(takeFirst(train, Math.min(test.count, train.count))),
    shape: train.shape,
    classes: train.classes.length,
  };
}
