/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of clothing, 28 × 28, one channel, in MNIST's files.
 * Rests on idx-images.
 * Source: Xiao, Rasul & Vollgraf 2017, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
 * algorithms", section 2 (classes: table 2).
 */
import { type ImageSets, type ReaderOptions, readIdxImages } from "./idx-images.ts";

/**
 * Reads Fashion-MNIST from where `locateDataset` finds it: a folder called `fashion-mnist` in or of `BITGRAD_DATA`,
 * `/usr/share/datasets/fashion-mnist`, or the cache folder. Other folders do not count: MNIST's files are called the same.
 * Throws DatasetError if it is nowhere, FormatError if a file is damaged, mislabelled, of MNIST, or does not fit the others.
 * Example: `const { train, test } = readFashionMnist()`, then `train.count` is 60000.
 */
export function readFashionMnist({ environment }: ReaderOptions = {}): ImageSets {
  const request = {
    name: "fashion-mnist",
    classes: [
      "T-shirt/top",
      "trouser",
      "pullover",
      "dress",
      "coat",
      "sandal",
      "shirt",
      "sneaker",
      "bag",
      "ankle boot",
    ],
    ownFolder: true,
    howToGet:
      'Install the Debian package dataset-fashion-mnist, call download("fashion-mnist"), or set BITGRAD_DATA to a folder that has a folder fashion-mnist with these files',
    where: "readFashionMnist",
  };
  return readIdxImages(request, environment);
}
