/**
 * Normalization: what is done to every example's `x` before training, and undone to look at it again.
 * Rests on dataset, combinators and image-set.
 *
 * Statistics are given, never taken from what is normalized: measure the training set, apply to every set.
 */
import { ShapeError, ValueError } from "../errors.ts";
import type { FloatArray } from "../random/index.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import { allocateRows, type Examples, examples, type Fields, namesOf } from "./dataset.ts";
import { checkStatistics } from "./image-dataset.ts";
import type { ChannelStatistics, ImageSet } from "./image-set.ts";

/** A function of one example's x to an x of the same shape. */
export interface Normalization {
  readonly name: string;
  /** The shape that x must have; null for any. */
  readonly shape: Shape | null;
  /** Writes the normalized `x` to `into`, another array of its length; computed in float64, rounded once. */
  apply(x: FloatArray, into: FloatArray): void;
}

/** A normalization that nothing is lost by but rounding. */
export interface InvertibleNormalization extends Normalization {
  /** Writes the x whose image is `y` to `into`, another array of its length. */
  invert(y: FloatArray, into: FloatArray): void;
}

/**
 * `dataset` with every x normalized, its other fields as they are.
 * Throws ShapeError where x has not the shape that the normalization was made for, ValueError where it is no float.
 *
 * @example
 * const statistics = channelStatistics(train);
 * const ready = normalize(imageDataset(train), perChannel(statistics, train.shape));
 */
export function normalize<Name extends string>(
  dataset: Examples<Name | "x">,
  normalization: Normalization,
): Examples<Name | "x"> {
  const { shape } = checkFloatField("normalize", dataset.fields);
  checkShapeIs("normalize", shape, normalization.shape);
  const raw = allocateRows<"x">({ x: dataset.fields.x }).x;
  return examples({
    length: dataset.length,
    fields: dataset.fields,
    write: (position, epoch, into) => {
      dataset.write(position, epoch, { ...into, x: raw });
      normalization.apply(asFloats(raw), asFloats(into.x));
    },
  });
}

/**
 * (x − mean)/std of each channel, over all images and positions: ResNet's. x: [C, H, W].
 * Throws ValueError unless there is one mean and one std > 0 for each channel.
 *
 * @example perChannel(channelStatistics(train), train.shape)
 */
export function perChannel(
  statistics: ChannelStatistics,
  shape: readonly [number, number, number],
): InvertibleNormalization {
  const [channels, height, width] = shape;
  checkStatistics("perChannel", channels, statistics);
  const mean = Float64Array.from(statistics.mean);
  const std = Float64Array.from(statistics.std);
  const plane = height * width;
  return {
    name: "perChannel",
    shape,
    apply: (x, into) => {
      for (let i = 0; i < x.length; i++) {
        const c = Math.floor(i / plane);
        into[i] = ((x[i] ?? 0) - (mean[c] ?? 0)) / (std[c] ?? 1);
      }
    },
    invert: (y, into) => {
      for (let i = 0; i < y.length; i++) {
        const c = Math.floor(i / plane);
        into[i] = (y[i] ?? 0) * (std[c] ?? 1) + (mean[c] ?? 0);
      }
    },
  };
}

/**
 * x − mean of each channel, over all images and positions: VGG's. The same statistics with every std 1, so that it
 * serves `imageDataset` and `perChannel` alike.
 *
 * @example perChannel(centering(channelStatistics(train)), train.shape)
 */
export function centering({ mean }: ChannelStatistics): ChannelStatistics {
  return { mean, std: mean.map(() => 1) };
}

/**
 * The mean of each channel and position over all images, in units of 255, [C·H·W] row-major: AlexNet's mean image.
 * The sums are integers, so the order of the images does not matter. Throws ValueError for a set without images.
 */
export function pixelMean(set: ImageSet): Float64Array {
  if (set.count < 1) {
    throw new ValueError({
      where: "pixelMean",
      argument: "set",
      expected: "to hold at least one image",
      got: "none",
      fix: "Measure a set that is not empty",
    });
  }
  const size = sizeOf(set.shape);
  const sums = new Float64Array(size); // integers, exact up to 2^53/255 images
  for (let image = 0; image < set.count; image++) {
    const from = image * size;
    for (let i = 0; i < size; i++) sums[i] = (sums[i] ?? 0) + (set.images[from + i] ?? 0);
  }
  return sums.map((sum) => sum / (255 * set.count));
}

/**
 * x − mean at each position. mean: as many numbers as x has elements, `pixelMean` of the training set.
 * Throws ShapeError where their number does not fit the shape.
 *
 * @example perPixel(pixelMean(train), train.shape)
 */
export function perPixel(mean: Float64Array, shape: Shape): InvertibleNormalization {
  if (mean.length !== sizeOf(shape)) {
    throw new ShapeError({
      where: "perPixel",
      argument: "mean",
      expected: `to hold ${sizeOf(shape)} numbers, one for each element of ${formatShape(shape)}`,
      got: String(mean.length),
      fix: "Use pixelMean of the training set",
    });
  }
  return {
    name: "perPixel",
    shape,
    apply: (x, into) => {
      for (let i = 0; i < x.length; i++) into[i] = (x[i] ?? 0) - (mean[i] ?? 0);
    },
    invert: (y, into) => {
      for (let i = 0; i < y.length; i++) into[i] = (y[i] ?? 0) + (mean[i] ?? 0);
    },
  };
}

/**
 * (x − mean)/max(std, 1/√n) with the mean and the biased std of the n elements of that example: its brightness and its
 * contrast are lost, so there is no way back. The bound on the std keeps an even image from being blown up.
 * Coates, Ng & Lee 2011, "An analysis of single-layer networks in unsupervised feature learning", section 3.1, with
 * another guard.
 */
export function perExample(): Normalization {
  return {
    name: "perExample",
    shape: null,
    apply: (x, into) => {
      const n = x.length;
      let sum = 0;
      for (const value of x) sum += value;
      const mean = sum / n;
      let squares = 0;
      for (const value of x) squares += (value - mean) * (value - mean);
      const scale = Math.max(Math.sqrt(squares / n), 1 / Math.sqrt(n));
      for (let i = 0; i < n; i++) into[i] = ((x[i] ?? 0) - mean) / scale;
    },
  };
}

/** The field x. Throws ValueError unless it is float32 or float64. */
export function checkFloatField(
  where: string,
  fields: Fields<"x">,
): { readonly shape: Shape; readonly dtype: "float32" | "float64" } {
  const { shape, dtype } = fields.x ?? {};
  if (shape !== undefined && (dtype === "float32" || dtype === "float64")) return { shape, dtype };
  throw new ValueError({
    where,
    argument: "dataset",
    expected: "to have a field x of float32 or float64",
    got: dtype === undefined ? `the fields ${namesOf(fields).join(", ")}` : `${dtype} x`,
    fix: "Map it to one first, for example with mapDataset",
  });
}

/** `memory` as floats. Where a field was checked to be float, its memory is. */
export function asFloats(memory: ArrayBufferView): FloatArray {
  if (memory instanceof Float32Array || memory instanceof Float64Array) return memory;
  throw new ValueError({
    where: "normalize",
    argument: "x",
    expected: "to be a Float32Array or a Float64Array",
    got: memory.constructor.name,
    fix: "Give the field a float dtype",
  });
}

function checkShapeIs(where: string, shape: Shape, wanted: Shape | null): void {
  if (wanted === null || formatShape(wanted) === formatShape(shape)) return;
  throw new ShapeError({
    where,
    argument: "dataset",
    expected: `to have x ${formatShape(wanted)}, as the normalization was made for`,
    got: formatShape(shape),
    fix: "Measure the training set that these examples belong to",
  });
}
