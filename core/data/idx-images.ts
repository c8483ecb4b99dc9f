/**
 * Sets of images in four IDX files, as MNIST was published and those made to take its place.
 * Rests on idx, files, locate, known-files and image-set.
 */
import { basename } from "node:path";
import { FormatError } from "../errors.ts";
import { formatShape } from "../shape.ts";
import { readBytes } from "./files.ts";
import { type IdxArray, parseIdx } from "./idx.ts";
import type { ImageSet } from "./image-set.ts";
import { datasetOfLabelBytes } from "./known-files.ts";
import { type DatasetEnvironment, type DatasetRequest, locateDataset } from "./locate.ts";

/** The files, under the names that MNIST's publisher gave them. */
export const idxImageFiles: readonly [string, string, string, string] = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte",
];

/** A training and a test set. */
export interface ImageSets {
  readonly train: ImageSet;
  readonly test: ImageSet;
}

/** Where a reader may look. */
export interface ReaderOptions {
  /** Where to look; this process's environment where absent. */
  readonly environment?: DatasetEnvironment;
}

/** One dataset of this form. */
export interface IdxImageRequest extends Omit<DatasetRequest, "files" | "where"> {
  readonly classes: readonly string[];
  /** The user's function. */
  readonly where: string;
}

/** The bytes of the IDX file at `path`, which must have `rank` axes and no empty one. */
function readPart(
  where: string,
  path: string,
  rank: number,
  content: string,
): { shape: readonly number[]; bytes: Uint8Array } {
  const { shape, data }: IdxArray = parseIdx(readBytes(path, { where }), basename(path), where);
  if (!(data instanceof Uint8Array) || shape.length !== rank) {
    throw refuse(
      where,
      path,
      `to hold ${content}: uint8 with ${rank} ${rank === 1 ? "axis" : "axes"}`,
      `${data.constructor.name} ${formatShape(shape)}`,
      "Check that image and label files were not exchanged, or fetch them again",
    );
  }
  if (shape.includes(0)) {
    const fix = "The file is empty: fetch it again";
    throw refuse(where, path, `to hold ${content}, at least one`, formatShape(shape), fix);
  }
  return { shape, bytes: data };
}

/** One half of the dataset, its files consistent with each other. */
function readSet(
  { where, name, classes }: IdxImageRequest,
  part: string,
  imagesPath: string,
  labelsPath: string,
): ImageSet {
  const images = readPart(where, imagesPath, 3, "images");
  const labels = readPart(where, labelsPath, 1, "labels");
  const [count = 0, height = 0, width = 0] = images.shape;
  if (labels.bytes.length !== count) {
    throw refuse(
      where,
      labelsPath,
      `to hold ${count} labels, one for each image of ${basename(imagesPath)}`,
      String(labels.bytes.length),
      "Take both files from the same source",
    );
  }
  const other = datasetOfLabelBytes(labels.bytes);
  if (other !== undefined && other !== name) {
    const fix = "Name the folder of the dataset that is wanted, or call the reader of the other";
    throw refuse(where, labelsPath, `to be of ${name}`, `the labels of ${other}`, fix);
  }
  const wrong = labels.bytes.findIndex((label) => label >= classes.length);
  if (wrong !== -1) {
    throw refuse(
      where,
      labelsPath,
      `to hold labels 0…${classes.length - 1}`,
      `${labels.bytes[wrong]} at ${wrong}`,
      "The file is damaged or of another dataset: fetch it again",
    );
  }
  return {
    name: `${name}/${part}`,
    images: images.bytes,
    shape: [1, height, width],
    labels: labels.bytes,
    count,
    classes,
  };
}

/** Reads all four files, consistent with each other. Throws DatasetError and FormatError. */
export function readIdxImages(
  request: IdxImageRequest,
  environment: DatasetEnvironment | undefined,
): ImageSets {
  const { where } = request;
  const { files } = locateDataset({ ...request, files: idxImageFiles }, environment);
  const [trainImages = "", trainLabels = "", testImages = "", testLabels = ""] = files;
  const train = readSet(request, "train", trainImages, trainLabels);
  const test = readSet(request, "test", testImages, testLabels);
  if (formatShape(train.shape) !== formatShape(test.shape)) {
    throw refuse(
      where,
      testImages,
      `to hold images of ${formatShape(train.shape)}, as ${basename(trainImages)}`,
      formatShape(test.shape),
      "Take all four files from the same source",
    );
  }
  return { train, test };
}

/** A complaint about one of the files. */
function refuse(
  where: string,
  path: string,
  expected: string,
  got: string,
  fix: string,
): FormatError {
  return new FormatError({ where, argument: basename(path), expected, got, fix });
}
