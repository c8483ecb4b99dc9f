/**
 * Image sets: labelled images as bytes, cut to a size, and measured exactly.
 * Rests on errors.
 */
import { ValueError } from "../errors.ts";

/** Labelled images of one size. */
export interface ImageSet {
  /** What it is, for messages and reports: `"mnist/train"`. */
  readonly name: string;
  /** Intensities 0…255, image after image, each row-major in the order of `shape`. */
  readonly images: Uint8Array;
  /** Channels, height, width of one image. */
  readonly shape: readonly [number, number, number];
  /** The class of each image, an index into `classes`. */
  readonly labels: Uint8Array;
  /** Number of images. */
  readonly count: number;
  /** Names of the classes. */
  readonly classes: readonly string[];
}

/** Mean and standard deviation of each channel, in units of 255 (so that 1 is the brightest). */
export interface ChannelStatistics {
  readonly mean: readonly number[];
  /** Biased: the divisor is the number of pixels. */
  readonly std: readonly number[];
}

/**
 * The first `n` images of `set`, in the set's memory.
 * Throws ValueError unless `n` is an integer in [1, set.count].
 * Example: `takeFirst(readMnist().train, 5000).count` is 5000.
 */
export function takeFirst(set: ImageSet, n: number): ImageSet {
  if (!Number.isInteger(n) || n < 1 || n > set.count) {
    throw new ValueError({
      where: "takeFirst",
      argument: "n",
      expected: `to be an integer in [1, ${set.count}], the images of ${set.name}`,
      got: String(n),
      fix: "Ask for fewer images, or for at least one",
    });
  }
  const [channels, height, width] = set.shape;
  return {
    ...set,
    images: set.images.subarray(0, n * channels * height * width),
    labels: set.labels.subarray(0, n),
    count: n,
  };
}

/** How often each intensity occurs in `channel`: 256 counts that no order of images can change. */
function histogram(set: ImageSet, channel: number): Float64Array {
  const [channels, height, width] = set.shape;
  const plane = height * width;
  const counts = new Float64Array(256); // integers, exact up to 2^53 pixels
  for (let image = 0; image < set.count; image++) {
    const start = (image * channels + channel) * plane;
    for (const value of set.images.subarray(start, start + plane)) {
      counts[value] = (counts[value] ?? 0) + 1;
    }
  }
  return counts;
}

/**
 * Mean and standard deviation of each channel over all pixels of all images, in units of 255.
 * mean = Σ v / (255 n), std = √(n Σ v² − (Σ v)²) / (255 n), the sums in integers: the result
 * depends neither on the order of the images nor on rounding on the way. A network is
 * standardized by the statistics of its training set alone.
 * Throws ValueError if `set` holds no pixels.
 * Example: for the 60,000 training images of MNIST, mean 0.1307 and std 0.3081.
 */
export function channelStatistics(set: ImageSet): ChannelStatistics {
  const [channels, height, width] = set.shape;
  const pixels = set.count * height * width;
  if (pixels < 1) {
    throw new ValueError({
      where: "channelStatistics",
      argument: "set",
      expected: "to hold at least one pixel",
      got: `${set.count} images of ${height} × ${width}`,
      fix: "Measure a set that is not empty",
    });
  }
  const mean: number[] = [];
  const std: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0n;
    let squares = 0n; // n Σ v² passes 2^53 already for MNIST: integers of any size
    histogram(set, channel).forEach((count, value) => {
      sum += BigInt(count) * BigInt(value);
      squares += BigInt(count) * BigInt(value * value);
    });
    mean.push(Number(sum) / (255 * pixels));
    std.push(Math.sqrt(Number(BigInt(pixels) * squares - sum * sum)) / (255 * pixels));
  }
  return { mean, std };
}
