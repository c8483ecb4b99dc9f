/**
 * Datasets by name, with the hash of what they hold: two copies of a dataset are the same data wherever they lie.
 * Rests on core/data and values. Read once in a process, as long as it is looked for in the same folders.
 */

import type { ImageSets } from "../../core/data/idx-images.ts";
import {
  type ImageSet,
  readCifar10,
  readCifar100,
  readFashionMnist,
  readMnist,
} from "../../core/data/index.ts";
import type { DatasetName } from "./run-context.ts";
import { hashOf } from "./values.ts";

/** A dataset, and what tells it from others. */
export interface HashedDataset {
  readonly images: ImageSets;
  /** SHA-256 of shapes, labels and images of both halves. */
  readonly hash: string;
}

/** Of CIFAR a part is enough: it is another dataset to the key, since its hash differs. */
const readers: Readonly<Record<DatasetName, () => ImageSets>> = {
  mnist: () => readMnist(),
  "fashion-mnist": () => readFashionMnist(),
  "cifar-10": () => readCifar10({ subset: true }),
  "cifar-100": () => readCifar100({ subset: true }),
};

/** All names. */
export const datasetNames: readonly DatasetName[] = [
  "mnist",
  "fashion-mnist",
  "cifar-10",
  "cifar-100",
];

/** By name and the folders that the environment named then. */
const known = new Map<string, HashedDataset>();

/** Reads a dataset. Throws DatasetError, which says how to get it, where it is nowhere on this machine. */
export function readDataset(name: DatasetName): HashedDataset {
  const { BITGRAD_DATA, BITGRAD_CACHE, XDG_CACHE_HOME } = process.env;
  const place = JSON.stringify([name, BITGRAD_DATA, BITGRAD_CACHE, XDG_CACHE_HOME]);
  const found = known.get(place);
  if (found !== undefined) return found;
  const images = readers[name]();
  const read = { images, hash: hashOf([...partsOf(images.train), ...partsOf(images.test)]) };
  known.set(place, read);
  return read;
}

function partsOf({ shape, labels, images }: ImageSet): readonly (string | Uint8Array)[] {
  return [shape.join(","), labels, images];
}
