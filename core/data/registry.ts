/**
 * The registry of data: what each thing exported is, where it comes from, and how to make one with drawn options. The laws
 * run over it. Rests on core/data and core's sampling contract. Whatever this folder exports as a value is here.
 */
import type { Sampler } from "../sampling.ts";
import type { Augmentation, ImageShape } from "./augment.ts";
import { colourJitter } from "./augment-colour.ts";
import { crop, cutout, flip } from "./augment-geometry.ts";
import type { LabelledExamples } from "./dataset.ts";
import { imageDataset } from "./image-dataset.ts";
import { type ChannelStatistics, channelStatistics, type ImageSet } from "./image-set.ts";
import { cutmix, type MixOptions, mixup } from "./mix.ts";
import {
  centering,
  type InvertibleNormalization,
  type Normalization,
  perChannel,
  perExample,
  perPixel,
  pixelMean,
} from "./normalization.ts";
import { gaussianClusters, moons, spirals } from "./points.ts";
import { shapes } from "./shapes.ts";
import { moments, pcaWhitening, zcaWhitening } from "./whitening.ts";

/** What is said of everything exported. */
export interface DataRecord {
  /** The function or class that is exported. */
  readonly name: string;
  /** What it does, a sentence. */
  readonly what: string;
  readonly source: string;
}

/** A kind of augmentation. Promised: a function of (seed, epoch, position); values in [0, 1] stay there. */
export interface AugmentationRecord extends DataRecord {
  /** One with drawn options for images of `shape`, that with a fill or without stays in [0, 1]. */
  sample(draw: Sampler, shape: ImageShape): Augmentation;
}

/** A way to mix examples. Promised: as of augmentations, and probabilities of sum 1 for labels. */
export interface MixingRecord extends DataRecord {
  make(dataset: LabelledExamples, options: MixOptions): LabelledExamples;
}

/** A kind of normalization. Promised: measured on the training set alone, and undone to rounding. */
export interface NormalizationRecord extends DataRecord {
  /** That of a training set. */
  make(train: ImageSet): Normalization | InvertibleNormalization;
  readonly invertible: boolean;
}

/** A set that is made. Promised: a longer one begins with the shorter; classes differ by one example at most. */
export interface GeneratorRecord extends DataRecord {
  make(options: { readonly count: number; readonly seed: number }): {
    readonly values: Float64Array | Uint8Array;
    readonly labels: ArrayLike<number>;
    readonly classes: number;
  };
}

const own = "This library";

/** Augmentations of images. */
export const augmentations: readonly AugmentationRecord[] = [
  {
    name: "flip",
    what: "Mirrors images at random.",
    source: "Krizhevsky, Sutskever & Hinton 2012, section 4.1",
    sample: (draw) =>
      flip({
        probability: draw.integer(1, 3) / 4,
        direction: draw.pick(["horizontal", "vertical"]),
      }),
  },
  {
    name: "crop",
    what: "Takes a random part of the padded image.",
    source: "He et al. 2016, section 4.2",
    sample: (draw, [, height, width]) =>
      crop({
        padding: draw.integer(1, 3),
        fill: draw.integer(0, 2) / 2,
        ...(draw.boolean()
          ? { size: [draw.integer(1, height), draw.integer(1, width)] as const }
          : {}),
      }),
  },
  {
    name: "cutout",
    what: "Fills a square at a random place.",
    source: "DeVries & Taylor 2017, section 3.1",
    sample: (draw) => cutout({ size: draw.integer(1, 4), fill: draw.integer(0, 2) / 2 }),
  },
  {
    name: "colourJitter",
    what: "Changes brightness, contrast and saturation by random factors.",
    source: "torchvision's ColorJitter, without hue and in fixed order; greys of ITU-R BT.601",
    sample: (draw) =>
      colourJitter({
        brightness: draw.integer(1, 4) / 4,
        contrast: draw.integer(0, 4) / 4,
        saturation: draw.integer(0, 4) / 4,
      }),
  },
];

/** Augmentations of two examples at once. */
export const mixings: readonly MixingRecord[] = [
  {
    name: "mixup",
    what: "Blends two examples and their labels in a random share.",
    source: "Zhang, Cissé, Dauphin & Lopez-Paz 2018, equation 1",
    make: mixup,
  },
  {
    name: "cutmix",
    what: "Puts a rectangle of one example on another and mixes labels by area.",
    source: "Yun et al. 2019, section 3.1",
    make: cutmix,
  },
];

const channelwise = (statistics: (measured: ChannelStatistics) => ChannelStatistics) => {
  return (train: ImageSet): InvertibleNormalization =>
    perChannel(statistics(channelStatistics(train)), train.shape);
};

/** Normalizations of x. */
export const normalizations: readonly NormalizationRecord[] = [
  {
    name: "perChannel",
    what: "Subtracts each channel's mean and divides by its std.",
    source: "He et al. 2016",
    make: channelwise((measured) => measured),
    invertible: true,
  },
  {
    name: "centering",
    what: "Leaves each channel's std alone: only the mean is subtracted.",
    source: "Simonyan & Zisserman 2015, section 2.1",
    make: channelwise(centering),
    invertible: true,
  },
  {
    name: "perPixel",
    what: "Subtracts the mean image.",
    source: "Krizhevsky, Sutskever & Hinton 2012, section 2",
    make: (train) => perPixel(pixelMean(train), train.shape),
    invertible: true,
  },
  {
    name: "perExample",
    what: "Subtracts each example's own mean and divides by its own std.",
    source: "Coates, Ng & Lee 2011, section 3.1",
    make: () => perExample(),
    invertible: false,
  },
  {
    name: "pcaWhitening",
    what: "Turns x to its principal axes and gives each variance 1.",
    source: "Krizhevsky 2009, appendix A",
    make: (train) => pcaWhitening(moments(imageDataset(train)), { epsilon: 0.01 }),
    invertible: true,
  },
  {
    name: "zcaWhitening",
    what: "Gives all axes variance 1 while moving x least.",
    source: "Bell & Sejnowski 1997",
    make: (train) => zcaWhitening(moments(imageDataset(train)), { epsilon: 0.01 }),
    invertible: true,
  },
];

/** Sets that are made, for use offline. */
export const generators: readonly GeneratorRecord[] = [
  ...(
    [
      ["spirals", spirals, "Arms that wind out of the origin.", "After Lang & Witbrock 1988"],
      ["moons", moons, "Two half circles that reach into each other.", "scikit-learn's make_moons"],
      ["gaussianClusters", gaussianClusters, "Normal clusters on a circle.", own],
    ] as const
  ).map(
    ([name, make, what, source]): GeneratorRecord => ({
      name,
      what,
      source,
      make: (options) => {
        const { points, labels, classes } = make(options);
        return { values: points, labels, classes };
      },
    }),
  ),
  {
    name: "shapes",
    what: "Images of one shape each, at a random place, size and angle.",
    source: "After Shapeset: Bengio, Louradour, Collobert & Weston 2009, section 5.2",
    make: (options) => {
      const { images, labels, classes } = shapes({ size: 8, ...options });
      return { values: images, labels, classes: classes.length };
    },
  },
];

/** Everything else that is exported. */
export const others: readonly DataRecord[] = [
  {
    name: "DataLoader",
    what: "Shuffles a dataset each epoch and gives it out in batches.",
    source: own,
  },
  { name: "examples", what: "A dataset from a function that writes one example.", source: own },
  { name: "arrayDataset", what: "A dataset of arrays.", source: own },
  { name: "imageDataset", what: "The images of a set as examples.", source: own },
  { name: "subset", what: "The examples at some positions.", source: own },
  { name: "concatDatasets", what: "One dataset after the other.", source: own },
  { name: "repeatDataset", what: "The examples several times over.", source: own },
  { name: "mapDataset", what: "Every example changed.", source: own },
  { name: "stratifiedSplit", what: "Two parts with every class in the same share.", source: own },
  { name: "augment", what: "Every image through random changes.", source: own },
  { name: "normalize", what: "Every x normalized.", source: own },
  { name: "takeFirst", what: "The first images of a set.", source: own },
  {
    name: "channelStatistics",
    what: "Mean and std of each channel over bytes, exact.",
    source: own,
  },
  { name: "pixelMean", what: "The mean image over bytes, exact.", source: own },
  { name: "moments", what: "Mean and covariance of x.", source: own },
  { name: "pointExamples", what: "Points of the plane as examples.", source: own },
  { name: "locateDataset", what: "Where on this machine a dataset lies.", source: own },
  { name: "download", what: "A published dataset into the cache folder, checked.", source: own },
  { name: "downloadable", what: "The datasets that download knows.", source: own },
  {
    name: "readBytes",
    what: "The bytes of a file, unpacked where they are gzip.",
    source: "RFC 1952",
  },
  { name: "parseIdx", what: "Reads an IDX file.", source: "LeCun, Cortes & Burges, MNIST" },
  { name: "readMnist", what: "Reads MNIST.", source: "LeCun et al. 1998" },
  { name: "readFashionMnist", what: "Reads Fashion-MNIST.", source: "Xiao, Rasul & Vollgraf 2017" },
  { name: "parseCifar10", what: "Reads a file of CIFAR-10.", source: "Krizhevsky 2009" },
  { name: "parseCifar100", what: "Reads a file of CIFAR-100.", source: "Krizhevsky 2009" },
  { name: "readCifar10", what: "Reads CIFAR-10.", source: "Krizhevsky 2009" },
  { name: "readCifar100", what: "Reads CIFAR-100.", source: "Krizhevsky 2009" },
  { name: "parseNpy", what: "Reads an npy file.", source: "NumPy Enhancement Proposal 1" },
  { name: "formatNpy", what: "Writes an npy file.", source: "NumPy Enhancement Proposal 1" },
  { name: "parseCsv", what: "Reads a CSV file.", source: "RFC 4180" },
  { name: "csvExamples", what: "Rows of a table as examples.", source: own },
];

/** Everything that is exported. */
export const dataRegistry: readonly DataRecord[] = [
  ...augmentations,
  ...mixings,
  ...normalizations,
  ...generators,
  ...others,
];
