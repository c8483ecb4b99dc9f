/**
 * Datasets: anything with a length that gives the batch of some positions.
 * Rests on create and image-set.
 */
import { tensor } from "../create.ts";
import { ValueError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import type { Tree } from "../tree.ts";
import type { ChannelStatistics, ImageSet } from "./image-set.ts";

/** A finite, ordered collection of examples. */
export interface Dataset<Batch extends Tree> {
  /** Number of examples. */
  readonly length: number;
  /** The examples at `positions`, in that order, as fresh tensors with the batch axis first. */
  batch(positions: Int32Array): Batch;
}

/** Images and their labels. */
export type LabelledBatch = {
  /** [N, C, H, W] float32. */
  readonly x: Tensor;
  /** [N] int32. */
  readonly y: Tensor;
};

/**
 * Images as float32, (byte/255 - mean)/std per channel. Throws ValueError unless there is one mean and one
 * std > 0 for each channel.
 */
export function imageDataset(
  set: ImageSet,
  { mean, std }: ChannelStatistics,
): Dataset<LabelledBatch> {
  const [channels, height, width] = set.shape;
  if (mean.length !== channels || std.length !== channels || !std.every((s) => s > 0)) {
    throw new ValueError({
      where: "imageDataset",
      argument: "statistics",
      expected: `to have ${channels} means and ${channels} stds > 0, one for each channel`,
      got: `mean [${mean.join(", ")}], std [${std.join(", ")}]`,
      fix: "Use channelStatistics of the training set",
    });
  }
  const plane = height * width;
  const tables = mean.map((m, c) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / (std[c] ?? 1)),
  );
  return {
    length: set.count,
    batch: (positions) => {
      const pixels = new Float32Array(positions.length * channels * plane);
      positions.forEach((position, n) => {
        tables.forEach((table, c) => {
          const from = (position * channels + c) * plane;
          const to = (n * channels + c) * plane;
          for (let i = 0; i < plane; i++) pixels[to + i] = table[set.images[from + i] ?? 0] ?? 0;
        });
      });
      return {
        x: tensor(pixels, { shape: [positions.length, channels, height, width] }),
        y: tensor(positions.map((position) => set.labels[position] ?? 0)),
      };
    },
  };
}
