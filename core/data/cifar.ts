/**
 * CIFAR-10 and CIFAR-100: images of 32 × 32 in three channels, in the binary version of their publisher.
 * Rests on extent, files, locate and image-set.
 *
 * A file is records of one length without a header: the label (CIFAR-100: the coarse, then the fine one), one byte, then
 * 1024 bytes of red, of green and of blue, each row by row.
 * Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images"; layout and file names: section
 * "Binary version" of the publisher's page.
 */
import { basename } from "node:path";
import { FormatError } from "../errors.ts";
import { countOf } from "./extent.ts";
import { readBytes } from "./files.ts";
import type { ImageSets, ReaderOptions } from "./idx-images.ts";
import type { ImageSet } from "./image-set.ts";
import { findFile, locateDataset } from "./locate.ts";

const pixels = 3072;

/** The records of a CIFAR-10 file: `count` labels 0…9 and `count` images [3, 32, 32] one after the other. */
export interface Cifar10Records {
  readonly count: number;
  readonly labels: Uint8Array;
  readonly images: Uint8Array;
}

/** The records of a CIFAR-100 file: coarse labels 0…19, fine labels 0…99, and images [3, 32, 32]. */
export interface Cifar100Records {
  readonly count: number;
  readonly coarse: Uint8Array;
  readonly fine: Uint8Array;
  readonly images: Uint8Array;
}

/**
 * Reads the bytes of a file of CIFAR-10. `name` is the file's, for messages; `where` the caller's.
 * Throws FormatError for no or half records, and for a label above 9. What is allocated is as long as `bytes`.
 * Example: `parseCifar10(readBytes(path), "data_batch_1.bin").count` is 10000.
 */
export function parseCifar10(
  bytes: Uint8Array,
  name: string,
  where = "parseCifar10",
): Cifar10Records {
  const { count, labels, images } = parseRecords({ bytes, name, where, classes: [10] });
  return { count, labels: labels[0] ?? new Uint8Array(0), images };
}

/** Reads the bytes of a file of CIFAR-100, as `parseCifar10`. Throws FormatError as well for a coarse label above 19. */
export function parseCifar100(
  bytes: Uint8Array,
  name: string,
  where = "parseCifar100",
): Cifar100Records {
  const { count, labels, images } = parseRecords({ bytes, name, where, classes: [20, 100] });
  const [coarse = new Uint8Array(0), fine = new Uint8Array(0)] = labels;
  return { count, coarse, fine, images };
}

/** A file to take apart: one label byte for each number of classes. */
interface RecordFile {
  readonly bytes: Uint8Array;
  readonly name: string;
  readonly where: string;
  readonly classes: readonly number[];
}

function parseRecords({ bytes, name, where, classes }: RecordFile): {
  readonly count: number;
  readonly labels: readonly Uint8Array[];
  readonly images: Uint8Array;
} {
  const size = classes.length + pixels;
  const count = bytes.length / size;
  if (count < 1 || !Number.isInteger(count)) {
    throw new FormatError({
      where,
      argument: name,
      expected: `to hold whole records of ${size} bytes, at least one`,
      got: countOf(bytes.length, "byte"),
      fix: "The file is cut short, over-long, or not of this dataset: fetch it again",
    });
  }
  const labels = classes.map(() => new Uint8Array(count));
  const images = new Uint8Array(count * pixels);
  for (let n = 0; n < count; n++) {
    const start = n * size;
    classes.forEach((limit, kind) => {
      const label = bytes[start + kind] ?? 0;
      const own = labels[kind];
      if (own !== undefined) own[n] = label;
      if (label < limit) return;
      throw new FormatError({
        where,
        argument: name,
        expected: `to have labels 0…${limit - 1} as byte ${kind} of each record`,
        got: `${label} in record ${n}`,
        fix: "The file is damaged or of another dataset: fetch it again",
      });
    });
    images.set(bytes.subarray(start + classes.length, start + size), n * pixels);
  }
  return { count, labels, images };
}

/** What the CIFAR readers may be told. */
export interface CifarOptions extends ReaderOptions {
  /**
   * Whether a part of the dataset in its format will do: files with fewer images, and of CIFAR-10 fewer of the training
   * files from the first on; default false.
   */
  readonly subset?: boolean;
}

/** What `readCifar100` may be told. */
export interface Cifar100Options extends CifarOptions {
  /** Which labels: of 100 classes, or of 20 groups of five; default `"fine"`. */
  readonly labels?: "fine" | "coarse";
}

const classes10: readonly string[] = [
  "airplane",
  "automobile",
  "bird",
  "cat",
  "deer",
  "dog",
  "frog",
  "horse",
  "ship",
  "truck",
];

/** CIFAR-10's training files. */
const trainFiles: readonly string[] = [1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`);

/** Reads a file, which must have `full` images unless a subset is allowed. */
function readWhole<Records extends { readonly count: number }>(
  path: string,
  full: number,
  { where, subset }: { readonly where: string; readonly subset: boolean },
  parse: (bytes: Uint8Array, name: string, where: string) => Records,
): Records {
  const records = parse(readBytes(path, { where }), basename(path), where);
  if (subset || records.count === full) return records;
  throw new FormatError({
    where,
    argument: basename(path),
    expected: `to hold ${full} images`,
    got: String(records.count),
    fix: "Fetch the whole file, or pass { subset: true } where a part is meant",
  });
}

/**
 * Reads CIFAR-10 from where `locateDataset` finds it: `BITGRAD_DATA`, `/usr/share/datasets/cifar-10`, or the cache
 * folder. 50,000 training and 10,000 test images, or what is there with `subset`.
 * Throws DatasetError if it is nowhere, FormatError if a file is damaged, mislabelled or not whole.
 * Example: `const { train, test } = readCifar10()`, then `train.shape` is `[3, 32, 32]`.
 */
export function readCifar10({ environment, subset = false }: CifarOptions = {}): ImageSets {
  const where = "readCifar10";
  const wanted = subset ? trainFiles.slice(0, 1) : trainFiles;
  const { files, folder } = locateDataset(
    {
      name: "cifar-10",
      files: [...wanted, "test_batch.bin"],
      howToGet: `Call download("cifar-10"), or set BITGRAD_DATA to a folder with these files${subset ? "" : ", or pass { subset: true } where a part is meant"}`,
      where,
    },
    environment,
  );
  const further: string[] = [];
  for (const file of subset ? trainFiles.slice(1) : []) {
    const path = findFile(folder, file);
    if (path === undefined) break;
    further.push(path);
  }
  const read = (path: string): Cifar10Records =>
    readWhole(path, 10000, { where, subset }, parseCifar10);
  const train = [...files.slice(0, -1), ...further].map(read);
  return {
    train: imageSet("cifar-10/train", classes10, train),
    test: imageSet("cifar-10/test", classes10, files.slice(-1).map(read)),
  };
}

/**
 * Reads CIFAR-100, as `readCifar10`. The names of the classes are read from the files beside the images.
 * Throws FormatError as well for other than 100 fine or 20 coarse names.
 * Example: `readCifar100({ labels: "coarse" }).train.classes.length` is 20.
 */
export function readCifar100(options: Cifar100Options = {}): ImageSets {
  const { environment, subset = false, labels = "fine" } = options;
  const where = "readCifar100";
  const namesFile = `${labels}_label_names.txt`;
  const { files } = locateDataset(
    {
      name: "cifar-100",
      files: ["train.bin", "test.bin", namesFile],
      howToGet: 'Call download("cifar-100"), or set BITGRAD_DATA to a folder with these files',
      where,
    },
    environment,
  );
  const [trainPath = "", testPath = "", namesPath = ""] = files;
  const classes = parseNames(readBytes(namesPath, { where }), labels === "fine" ? 100 : 20, {
    where,
    name: namesFile,
  });
  const read = (path: string, full: number): Cifar10Records => {
    const records = readWhole(path, full, { where, subset }, parseCifar100);
    return { ...records, labels: records[labels] };
  };
  return {
    train: imageSet("cifar-100/train", classes, [read(trainPath, 50000)]),
    test: imageSet("cifar-100/test", classes, [read(testPath, 10000)]),
  };
}

/** Names of classes, one a line. */
function parseNames(
  bytes: Uint8Array,
  count: number,
  { where, name }: { readonly where: string; readonly name: string },
): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split("\n");
  const names = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (names.length === count && new Set(names).size === count) return names;
  throw new FormatError({
    where,
    argument: name,
    expected: `to hold ${count} different names, one a line`,
    got: `${names.length}, ${new Set(names).size} of them different`,
    fix: "The file is damaged or of another dataset: fetch it again",
  });
}

/** One set of the records of several files. */
function imageSet(
  name: string,
  classes: readonly string[],
  parts: readonly Cifar10Records[],
): ImageSet {
  const count = parts.reduce((total, part) => total + part.count, 0);
  const images = new Uint8Array(count * pixels);
  const labels = new Uint8Array(count);
  let at = 0;
  for (const part of parts) {
    images.set(part.images, at * pixels);
    labels.set(part.labels, at);
    at += part.count;
  }
  return { name, images, shape: [3, 32, 32], labels, count, classes };
}
