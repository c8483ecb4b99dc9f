/**
 * Image datasets: the bytes of an image set as float32 examples with their labels.
 * Rests on dataset and image-set.
 */
import { ValueError } from "../errors.ts";
import { formatShape, sizeOf } from "../shape.ts";
import { examples, type LabelledExamples } from "./dataset.ts";
import type { ChannelStatistics, ImageSet } from "./image-set.ts";

/**
 * Images as float32 `x` [C, H, W], (byte/255 - mean)/std per channel, rounded once; labels as int32 `y`.
 * Without statistics x is byte/255, in [0, 1]. Statistics belong to the training set, also for the images of the test
 * set. Throws ValueError unless there is one mean and one std > 0 for each channel, and unless the set has as many bytes
 * and labels as it says, and labels that are indices into its classes.
 *
 * @example imageDataset(test, channelStatistics(train))
 */
export function imageDataset(set: ImageSet, statistics?: ChannelStatistics): LabelledExamples {
  checkSet("imageDataset", set);
  const [channels, height, width] = set.shape;
  const { mean, std } = statistics ?? {
    mean: new Array<number>(channels).fill(0),
    std: new Array<number>(channels).fill(1),
  };
  checkStatistics("imageDataset", channels, { mean, std });
  const plane = height * width;
  const tables = mean.map((m, c) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / (std[c] ?? 1)),
  );
  return examples({
    length: set.count,
    fields: {
      x: { shape: [channels, height, width], dtype: "float32" },
      y: { shape: [], dtype: "int32" },
    },
    write: (position, _epoch, { x, y }) => {
      tables.forEach((table, c) => {
        const from = (position * channels + c) * plane;
        const to = c * plane;
        for (let i = 0; i < plane; i++) x[to + i] = table[set.images[from + i] ?? 0] ?? 0;
      });
      y[0] = set.labels[position] ?? 0;
    },
  });
}

/** Throws ValueError unless there is one finite mean and one finite std > 0 for each channel. */
export function checkStatistics(
  where: string,
  channels: number,
  { mean, std }: ChannelStatistics,
): void {
  const fit = mean.length === channels && std.length === channels;
  if (fit && mean.every(Number.isFinite) && std.every((s) => s > 0 && s < Infinity)) return;
  throw new ValueError({
    where,
    argument: "statistics",
    expected: `to have ${channels} means and ${channels} stds > 0, one for each channel`,
    got: `mean [${mean.join(", ")}], std [${std.join(", ")}]`,
    fix: "Use channelStatistics of the training set",
  });
}

/** Throws ValueError unless `set` has `count` images and labels, all of them of its classes. */
function checkSet(where: string, { name, images, shape, labels, count, classes }: ImageSet): void {
  const refuse = (argument: string, expected: string, got: string): ValueError =>
    new ValueError({ where, argument, expected, got, fix: `Check how ${name} is made` });
  const bytes = count * sizeOf(shape);
  if (images.length !== bytes) {
    const expected = `to hold ${bytes} bytes, ${count} images of ${formatShape(shape)}`;
    throw refuse("images", expected, String(images.length));
  }
  if (labels.length !== count) {
    throw refuse("labels", `to hold ${count}, one for each image`, String(labels.length));
  }
  const wrong = labels.findIndex((label) => label >= classes.length);
  if (wrong === -1) return;
  const expected = `to be indices into ${classes.length} classes`;
  throw refuse("labels", expected, `${labels[wrong]} for image ${wrong}`);
}
