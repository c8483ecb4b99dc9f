/** Datasets: found where they are said to lie, read as published, measured without rounding. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { gzipSync } from "node:zlib";
import { fc, test } from "@fast-check/vitest";
import { afterAll, describe, expect } from "vitest";
import { channelStatistics, type ImageSet, takeFirst } from "../core/data/image-set.ts";
import {
  cacheFolder,
  type DatasetEnvironment,
  type DatasetRequest,
  locateDataset,
} from "../core/data/locate.ts";
import { mnistFiles, readMnist } from "../core/data/mnist.ts";
import { DatasetError, FormatError, ValueError } from "../core/errors.ts";
import { imageOf, imageSets } from "./data-samples.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-data-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder under `root` with these files. */
function folderWith(path: string, files: Readonly<Record<string, Uint8Array | string>>): string {
  const folder = join(root, path);
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** An environment in which nothing is found but what `env` names. */
function sealed(env: DatasetEnvironment["env"], cwd = root): DatasetEnvironment {
  return { env, cwd, home: join(root, "home") };
}

const request: DatasetRequest = {
  name: "dots",
  files: ["a", "b"],
  package: "no-such-dots-package",
  packageFolder: "data",
  howToGet: "Run npm install no-such-dots-package",
};

describe("locateDataset", () => {
  const both = { a: "1", b: "2" };

  test("takes the folders of BITGRAD_DATA in order, itself before its subfolder", () => {
    const first = folderWith("first/dots", both);
    const second = folderWith("second", both);
    folderWith("second/dots", both);
    const path = (...folders: string[]): DatasetEnvironment =>
      sealed({ BITGRAD_DATA: folders.join(delimiter) });
    expect(locateDataset(request, path(join(root, "first"), second)).folder).toBe(first);
    expect(locateDataset(request, path(second, join(root, "first"))).folder).toBe(second);
    expect(locateDataset(request, path("", "first")).folder).toBe(first);
  });

  test("passes over an incomplete folder, and takes a file plain before packed", () => {
    const half = folderWith("half", { a: "1" });
    const whole = folderWith("whole", { a: "1", "a.gz": "x", "b.gz": "x" });
    const found = locateDataset(request, sealed({ BITGRAD_DATA: half + delimiter + whole }));
    expect(found).toEqual({ folder: whole, files: [join(whole, "a"), join(whole, "b.gz")] });
  });

  test("finds a package of the project it runs in, and BITGRAD_DATA goes before it", () => {
    folderWith("project/node_modules/dots-package", { "package.json": "{}" });
    const data = folderWith("project/node_modules/dots-package/data", both);
    const cwd = folderWith("project/deep/inside", {});
    const wanted = { ...request, package: "dots-package" };
    expect(locateDataset(wanted, sealed({}, cwd)).folder).toBe(data);
    const own = folderWith("own", both);
    expect(locateDataset(wanted, sealed({ BITGRAD_DATA: own }, cwd)).folder).toBe(own);
  });

  test("looks into the cache last", () => {
    const cached = folderWith("home/.cache/bitgrad/dots", both);
    expect(locateDataset(request, sealed({})).folder).toBe(cached);
    rmSync(cached, { recursive: true });
  });

  test("says, word by word, where it looked and how to get the dataset", () => {
    const half = folderWith("half", { a: "1" });
    const environment = sealed({ BITGRAD_DATA: half, BITGRAD_CACHE: "cache" });
    const run = (): unknown => locateDataset({ ...request, where: "readDots" }, environment);
    expect(run).toThrow(DatasetError);
    expect(run).toThrow(
      `readDots: expected the dataset dots to lie in one of the places searched, with a, b (or each with .gz), got ${half} (lacks b); ${half}/dots (no such folder); package no-such-dots-package (not installed); /usr/share/datasets/dots (no such folder); ${root}/cache/dots (no such folder). Run npm install no-such-dots-package.`,
    );
    const unset = (): unknown => locateDataset(request, sealed({}));
    expect(unset).toThrow("got BITGRAD_DATA (not set); package no-such-dots-package (not inst");
  });

  test("refuses a folder named on purpose that does not exist, though others hold the dataset", () => {
    const whole = folderWith("whole", both);
    const missing = join(root, "missing");
    const environment = sealed({ BITGRAD_DATA: whole + delimiter + missing });
    const run = (): unknown => locateDataset({ ...request, where: "readDots" }, environment);
    expect(run).toThrow(DatasetError);
    expect(run).toThrow(
      `readDots: expected BITGRAD_DATA to name folders that exist, separated by "${delimiter}", got ${missing}. Correct the path, or unset BITGRAD_DATA to search the other places.`,
    );
  });

  test("keeps its cache where BITGRAD_CACHE, an absolute XDG_CACHE_HOME, or the home say", () => {
    expect(cacheFolder(sealed({ BITGRAD_CACHE: "/c", XDG_CACHE_HOME: "/x" }))).toBe("/c");
    expect(cacheFolder(sealed({ XDG_CACHE_HOME: "/x" }))).toBe("/x/bitgrad");
    const home = join(root, "home/.cache/bitgrad");
    expect(cacheFolder(sealed({ XDG_CACHE_HOME: "relative" }))).toBe(home);
    expect(cacheFolder(sealed({}))).toBe(home);
  });
});

describe("MNIST as published", () => {
  const { train, test: testSet } = readMnist();

  test("has 60,000 and 10,000 images of 28 × 28 in ten classes", () => {
    expect([train.count, testSet.count]).toEqual([60000, 10000]);
    expect([train.shape, testSet.shape]).toEqual([
      [1, 28, 28],
      [1, 28, 28],
    ]);
    expect(train.images.length).toBe(60000 * 784);
    expect(train.classes).toEqual([..."0123456789"]);
  });

  test("begins with the digits 5 0 4 1 9 and 7 2 1 0 4", () => {
    expect([...train.labels.subarray(0, 5)]).toEqual([5, 0, 4, 1, 9]);
    expect([...testSet.labels.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
  });

  test("has mean 0.1307 and standard deviation 0.3081, the figures in common use", () => {
    const { mean, std } = channelStatistics(train);
    expect(mean.map((value) => value.toFixed(4))).toEqual(["0.1307"]);
    expect(std.map((value) => value.toFixed(4))).toEqual(["0.3081"]);
  });
});

/** The four files of an MNIST of 2 × 2 pixels, each of which a test may replace. */
function tinyMnist(): Record<string, Uint8Array> {
  const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8];
  const labels = [0, 0, 8, 1, 0, 0, 0, 2, 3, 9];
  const [trainImages, trainLabels, testImages, testLabels] = mnistFiles;
  return {
    [trainImages]: Uint8Array.from(images),
    [trainLabels]: Uint8Array.from(labels),
    [testImages]: Uint8Array.from(images),
    [testLabels]: Uint8Array.from(labels),
  };
}

describe("readMnist", () => {
  let folders = 0;
  const read = (files: Record<string, Uint8Array>): ReturnType<typeof readMnist> => {
    folders += 1;
    const folder = folderWith(`mnist-${folders}`, files);
    return readMnist({ environment: sealed({ BITGRAD_DATA: folder }) });
  };

  test("reads the four files, packed or not, in file order", () => {
    const files = tinyMnist();
    const packed = Object.entries(files).map(([name, bytes]) => [`${name}.gz`, gzipSync(bytes)]);
    for (const { train } of [read(files), read(Object.fromEntries(packed))]) {
      expect(train.name).toBe("mnist/train");
      expect(train.shape).toEqual([1, 2, 2]);
      expect([...train.images]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect([...train.labels]).toEqual([3, 9]);
    }
  });

  const labels = (...values: number[]): Uint8Array =>
    Uint8Array.from([0, 0, 8, 1, 0, 0, 0, values.length, ...values]);
  const cases: readonly [string, (files: Record<string, Uint8Array>) => object, string][] = [
    [
      "labels given as images",
      () => ({ "train-images-idx3-ubyte": labels(1, 2) }),
      "readMnist: expected train-images-idx3-ubyte to hold images: uint8 with 3 axes, got Uint8Array [2]. Check that image and label files were not exchanged, or fetch them again.",
    ],
    [
      "images given as labels",
      (files) => ({ "t10k-labels-idx1-ubyte": files["t10k-images-idx3-ubyte"] }),
      "readMnist: expected t10k-labels-idx1-ubyte to hold labels: uint8 with 1 axis, got Uint8Array [2, 2, 2]. Check that image and label files were not exchanged, or fetch them again.",
    ],
    [
      "signed labels",
      () => ({ "t10k-labels-idx1-ubyte": labels(1, 2).with(2, 9) }),
      "readMnist: expected t10k-labels-idx1-ubyte to hold labels: uint8 with 1 axis, got Int8Array [2]. Check that image and label files were not exchanged, or fetch them again.",
    ],
    [
      "fewer labels than images",
      () => ({ "train-labels-idx1-ubyte": labels(1) }),
      "readMnist: expected train-labels-idx1-ubyte to hold 2 labels, one for each image of train-images-idx3-ubyte, got 1. Take both files from the same source.",
    ],
    [
      "a label that is no digit",
      () => ({ "train-labels-idx1-ubyte": labels(9, 10) }),
      "readMnist: expected train-labels-idx1-ubyte to hold labels 0…9, got 10 at 1. The file is damaged or of another dataset: fetch it again.",
    ],
    [
      "a set without images",
      () => ({
        "t10k-images-idx3-ubyte": tinyMnist()["t10k-images-idx3-ubyte"]?.with(7, 0).subarray(0, 16),
      }),
      "readMnist: expected t10k-images-idx3-ubyte to hold images, at least one, got [0, 2, 2]. The file is empty: fetch it again.",
    ],
    [
      "halves of different size",
      () => ({
        "t10k-images-idx3-ubyte": tinyMnist()["t10k-images-idx3-ubyte"]?.with(11, 4).with(15, 1),
      }),
      "readMnist: expected t10k-images-idx3-ubyte to hold images of [1, 2, 2], as train-images-idx3-ubyte, got [1, 4, 1]. Take all four files from the same source.",
    ],
    [
      "a truncated file",
      (files) => ({ "t10k-images-idx3-ubyte": files["t10k-images-idx3-ubyte"]?.subarray(0, 20) }),
      "readMnist: expected t10k-images-idx3-ubyte to hold uint8 [2, 2, 2] after its 16-byte header, got only 4 bytes. The file is cut short or its sizes are damaged: fetch it again.",
    ],
  ];
  test.each(cases)("refuses %s", (_, change, message) => {
    const files = tinyMnist();
    const run = (): unknown => read({ ...files, ...change(files) });
    expect(run).toThrow(FormatError);
    expect(run).toThrow(message);
  });
});

describe("channelStatistics", () => {
  test.prop([imageSets], { seed: 21, numRuns: 300 })(
    "data-per-channel: equal a loop over every pixel in exact integers, bit for bit",
    (set) => {
      const [channels, height, width] = set.shape;
      const { mean, std } = channelStatistics(set);
      for (let c = 0; c < channels; c++) {
        const values: bigint[] = [];
        for (let image = 0; image < set.count; image++) {
          for (let pixel = 0; pixel < height * width; pixel++) {
            values.push(BigInt(imageOf(set, image)[c * height * width + pixel] ?? 0));
          }
        }
        const n = BigInt(values.length);
        const sum = values.reduce((a, b) => a + b, 0n);
        // n² · variance as a sum of squared deviations: another formula, the same integer.
        const spread = values.reduce((a, b) => a + (n * b - sum) * (n * b - sum), 0n) / n;
        expect(mean[c]).toBe(Number(sum) / (255 * values.length));
        expect(std[c]).toBe(Math.sqrt(Number(spread)) / (255 * values.length));
      }
    },
  );

  test.prop([imageSets, fc.infiniteStream(fc.nat())], { seed: 22, numRuns: 100 })(
    "data-per-channel: ignore the order of the images",
    (set, draws) => {
      const order = Array.from({ length: set.count }, (_, i) => ({
        i,
        key: Number(draws.next().value),
      })).sort((a, b) => a.key - b.key || b.i - a.i);
      const images = Uint8Array.from(order.flatMap(({ i }) => [...imageOf(set, i)]));
      expect(channelStatistics({ ...set, images })).toEqual(channelStatistics(set));
    },
  );

  test("are 1/2 and 1/2 for half black, half white, and 0 spread for a constant", () => {
    const set: ImageSet = {
      name: "halves",
      images: Uint8Array.of(0, 255, 51, 51),
      shape: [2, 1, 2],
      labels: Uint8Array.of(0),
      count: 1,
      classes: ["only"],
    };
    expect(channelStatistics(set)).toEqual({ mean: [0.5, 0.2], std: [0.5, 0] });
  });

  test("refuse a set without pixels", () => {
    const images = new Uint8Array(0);
    const empty: ImageSet = {
      name: "empty",
      images,
      shape: [1, 2, 2],
      labels: images,
      count: 0,
      classes: [],
    };
    expect(() => channelStatistics(empty)).toThrow(ValueError);
    expect(() => channelStatistics(empty)).toThrow(
      "channelStatistics: expected set to hold at least one pixel, got 0 images of 2 × 2. Measure a set that is not empty.",
    );
  });
});

describe("takeFirst", () => {
  test.prop([imageSets], { seed: 23, numRuns: 50 })("keeps whole images, uncopied", (set) => {
    const n = Math.ceil(set.count / 2);
    const first = takeFirst(set, n);
    expect([first.count, first.labels.length]).toEqual([n, n]);
    expect(first.images.buffer).toBe(set.images.buffer);
    expect(first.images.length).toBe(n * (set.images.length / set.count));
    expect(imageOf(first, n - 1)).toEqual(imageOf(set, n - 1));
  });

  test.each([0, 3, 1.5, Number.NaN, -1])("refuses n = %s of two images", (n) => {
    const set: ImageSet = {
      name: "two",
      images: Uint8Array.of(1, 2),
      shape: [1, 1, 1],
      labels: Uint8Array.of(0, 0),
      count: 2,
      classes: ["only"],
    };
    expect(() => takeFirst(set, n)).toThrow(ValueError);
    expect(() => takeFirst(set, n)).toThrow(
      `takeFirst: expected n to be an integer in [1, 2], the images of two, got ${n}. Ask for fewer images, or for at least one.`,
    );
  });
});
