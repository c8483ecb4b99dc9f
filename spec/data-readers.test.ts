/** Readers: right files are read exactly, damaged, mislabelled and foreign ones refused, word by word. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fc, test } from "@fast-check/vitest";
import { afterAll, describe, expect } from "vitest";
import {
  type Cifar100Options,
  type CifarOptions,
  csvExamples,
  formatNpy,
  type ImageSets,
  locateDataset,
  type NpyType,
  parseCifar10,
  parseCifar100,
  parseCsv,
  parseNpy,
  readCifar10,
  readCifar100,
  readFashionMnist,
  readMnist,
} from "../core/data/index.ts";
import type { DatasetEnvironment } from "../core/data/locate.ts";
import { mnistFiles } from "../core/data/mnist.ts";
import { DatasetError, FormatError, ShapeError, ValueError } from "../core/index.ts";
import { elementsAt, upTo } from "./data-samples.ts";
import golden from "./golden/data.json" with { type: "json" };
import { messageOf } from "./plain.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-readers-"));
afterAll(() => rmSync(root, { recursive: true }));

/** An environment in which `files` are all there is, in a folder called `name`. */
function holding(
  name: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): DatasetEnvironment {
  const own = mkdtempSync(join(root, "data-"));
  const folder = join(own, name);
  mkdirSync(folder);
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  const nowhere = join(root, "none");
  return { env: { BITGRAD_DATA: own }, cwd: root, home: nowhere, installed: nowhere };
}

/** A record of CIFAR: its labels, then 3072 bytes that count on from the first label. */
function record(...labels: readonly number[]): readonly number[] {
  return [...labels, ...upTo(3072).map((i) => (i + (labels[0] ?? 0)) % 256)];
}

describe("CIFAR's records", () => {
  test("are taken apart into labels and images, in order", () => {
    const bytes = Uint8Array.from([...record(3), ...record(9)]);
    const { count, labels, images } = parseCifar10(bytes, "f");
    expect([count, [...labels], images.length]).toEqual([2, [3, 9], 6144]);
    expect([images[0], images[3071], images[3072], images[6143]]).toEqual([3, 2, 9, 8]);
    const hundred = parseCifar100(Uint8Array.from([...record(19, 99), ...record(0, 7)]), "f");
    expect([[...hundred.coarse], [...hundred.fine]]).toEqual([
      [19, 0],
      [99, 7],
    ]);
    expect([hundred.images[0], hundred.images[3072]]).toEqual([19, 0]);
  });

  const cases: readonly [string, () => unknown, string][] = [
    [
      "no bytes",
      () => parseCifar10(new Uint8Array(0), "b.bin"),
      "parseCifar10: expected b.bin to hold whole records of 3073 bytes, at least one, got 0 bytes. The file is cut short, over-long, or not of this dataset: fetch it again.",
    ],
    [
      "a record cut short",
      () => parseCifar10(Uint8Array.from(record(1)).subarray(0, 3072), "b.bin"),
      "parseCifar10: expected b.bin to hold whole records of 3073 bytes, at least one, got 3072 bytes. The file is cut short, over-long, or not of this dataset: fetch it again.",
    ],
    [
      "a byte too many",
      () => parseCifar10(Uint8Array.from([...record(1), 0]), "b.bin"),
      "parseCifar10: expected b.bin to hold whole records of 3073 bytes, at least one, got 3074 bytes. The file is cut short, over-long, or not of this dataset: fetch it again.",
    ],
    [
      "a label of another dataset",
      () => parseCifar10(Uint8Array.from([...record(1), ...record(10)]), "b.bin"),
      "parseCifar10: expected b.bin to have labels 0…9 as byte 0 of each record, got 10 in record 1. The file is damaged or of another dataset: fetch it again.",
    ],
    [
      "a file of CIFAR-10 as CIFAR-100",
      () => parseCifar100(Uint8Array.from(record(1)), "b.bin"),
      "parseCifar100: expected b.bin to hold whole records of 3074 bytes, at least one, got 3073 bytes. The file is cut short, over-long, or not of this dataset: fetch it again.",
    ],
    [
      "a fine label above 99",
      () => parseCifar100(Uint8Array.from(record(1, 100)), "b.bin"),
      "parseCifar100: expected b.bin to have labels 0…99 as byte 1 of each record, got 100 in record 0. The file is damaged or of another dataset: fetch it again.",
    ],
    [
      "a coarse label above 19",
      () => parseCifar100(Uint8Array.from(record(20, 1)), "b.bin"),
      "parseCifar100: expected b.bin to have labels 0…19 as byte 0 of each record, got 20 in record 0. The file is damaged or of another dataset: fetch it again.",
    ],
  ];
  test.each(cases)("are refused with %s", (_, run, message) => {
    expect(messageOf(run, FormatError)).toBe(message);
  });
});

describe("readCifar10", () => {
  const one = Uint8Array.from(record(4));
  const two = Uint8Array.from([...record(5), ...record(6)]);
  const read = (files: Record<string, Uint8Array>, options: CifarOptions): ImageSets =>
    readCifar10({ ...options, environment: holding("cifar-10", files) });

  test("of a subset joins the training files that follow each other, packed or not", () => {
    const { train, test: testSet } = read(
      {
        "data_batch_1.bin": two,
        "data_batch_2.bin.gz": gzipSync(one),
        "data_batch_4.bin": one,
        "test_batch.bin": one,
      },
      { subset: true },
    );
    expect([train.name, train.count, [...train.labels]]).toEqual(["cifar-10/train", 3, [5, 6, 4]]);
    expect([train.images[0], train.images[3072], train.images[6144]]).toEqual([5, 6, 4]);
    expect([testSet.name, testSet.count, testSet.shape]).toEqual(["cifar-10/test", 1, [3, 32, 32]]);
    // Krizhevsky 2009, and batches.meta.txt of the dataset.
    const classes = "airplane automobile bird cat deer dog frog horse ship truck";
    expect(testSet.classes.join(" ")).toBe(classes);
  });

  test("wants all images unless a subset is asked for", () => {
    const all = Object.fromEntries(
      [...upTo(5).map((n) => `data_batch_${n + 1}.bin`), "test_batch.bin"].map((f) => [f, one]),
    );
    expect(messageOf(() => read(all, {}), FormatError)).toBe(
      "readCifar10: expected data_batch_1.bin to hold 10000 images, got 1. Fetch the whole file, or pass { subset: true } where a part is meant.",
    );
    expect(
      messageOf(() => read({ "data_batch_1.bin": one, "test_batch.bin": one }, {}), DatasetError),
    ).toMatch(
      /^readCifar10: expected the dataset cifar-10 to lie in one of the places searched, with data_batch_1.bin, data_batch_2.bin, data_batch_3.bin, data_batch_4.bin, data_batch_5.bin, test_batch.bin \(or each with .gz\), got .* Call download\("cifar-10"\), or set BITGRAD_DATA to a folder with these files, or pass { subset: true } where a part is meant\.$/,
    );
  });

  test("reads the images of BITGRAD_DATA, if it has any", ({ skip }) => {
    try {
      locateDataset({
        name: "cifar-10",
        files: ["data_batch_1.bin", "test_batch.bin"],
        howToGet: "Set BITGRAD_DATA",
      });
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      skip("BITGRAD_DATA names no folder with CIFAR-10 in its binary version, nor a part of it");
    }
    const { train, test: testSet } = readCifar10({ subset: true });
    // The first image of the first training file is a frog, that of the test file a cat.
    expect(train.classes[train.labels[0] ?? 0]).toBe("frog");
    expect(testSet.classes[testSet.labels[0] ?? 0]).toBe("cat");
    expect([...train.images.subarray(0, 3)]).toEqual([59, 43, 50]);
    expect([...testSet.images.subarray(0, 3)]).toEqual([158, 159, 165]);
  });
});

describe("readCifar100", () => {
  const names = (count: number): string =>
    upTo(count)
      .map((i) => `class ${i}\n`)
      .join("");
  const files = {
    "train.bin": Uint8Array.from([...record(2, 40), ...record(3, 50)]),
    "test.bin": Uint8Array.from(record(4, 60)),
    "fine_label_names.txt": `${names(100)}\n`,
    "coarse_label_names.txt": names(20),
  };
  const read = (change: Record<string, Uint8Array | string>, options: Cifar100Options): ImageSets =>
    readCifar100({ ...options, environment: holding("cifar-100", { ...files, ...change }) });

  test("gives fine or coarse labels with their names", () => {
    const fine = read({}, { subset: true });
    const coarse = read({}, { subset: true, labels: "coarse" });
    expect([fine.train.name, fine.test.name]).toEqual(["cifar-100/train", "cifar-100/test"]);
    expect([[...fine.train.labels], fine.train.classes.length]).toEqual([[40, 50], 100]);
    expect([[...coarse.train.labels], coarse.train.classes.length]).toEqual([[2, 3], 20]);
    expect([...coarse.test.labels]).toEqual([4]);
    expect(coarse.train.classes[2]).toBe("class 2");
  });

  test("refuses a part that was not asked for, and other numbers of names", () => {
    expect(messageOf(() => read({}, {}), FormatError)).toBe(
      "readCifar100: expected train.bin to hold 50000 images, got 2. Fetch the whole file, or pass { subset: true } where a part is meant.",
    );
    const few = { "fine_label_names.txt": names(99) };
    expect(messageOf(() => read(few, { subset: true }), FormatError)).toBe(
      "readCifar100: expected fine_label_names.txt to hold 100 different names, one a line, got 99, 99 of them different. The file is damaged or of another dataset: fetch it again.",
    );
  });
});

describe("Fashion-MNIST", () => {
  test("has its own classes and figures, if this machine has it", ({ skip }) => {
    let sets: ImageSets | undefined;
    try {
      sets = readFashionMnist();
    } catch (error) {
      if (!(error instanceof DatasetError)) throw error;
      skip("no Fashion-MNIST: install the Debian package dataset-fashion-mnist");
    }
    expect(sets?.train.count).toBe(60000);
    expect(sets?.test.count).toBe(10000);
    // Its first training image is an ankle boot, its first test image one as well.
    expect(sets?.train.classes[sets.train.labels[0] ?? 0]).toBe("ankle boot");
    expect(sets?.test.classes[sets.test.labels[0] ?? 0]).toBe("ankle boot");
  });

  test("is not looked for in folders of another name, whose files are called the same", () => {
    const whole = Object.fromEntries(mnistFiles.map((file) => [file, new Uint8Array(0)]));
    const { env, ...rest } = holding("mnist", whole);
    const folder = join(env.BITGRAD_DATA ?? "", "mnist");
    const environment = { env: { BITGRAD_DATA: folder }, ...rest };
    const message = messageOf(() => readFashionMnist({ environment }), DatasetError);
    expect(message).toContain(`, got ${folder}/fashion-mnist (no such folder); `);
    const named = holding("fashion-mnist", whole);
    const own = {
      ...named,
      env: { BITGRAD_DATA: join(named.env.BITGRAD_DATA ?? "", "fashion-mnist") },
    };
    for (const place of [named, own]) {
      expect(() => readFashionMnist({ environment: place })).toThrow(FormatError);
    }
  });

  const header = (magic: readonly number[], sizes: readonly number[]): readonly number[] => [
    0,
    0,
    ...magic,
    ...sizes.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]),
  ];
  const idx = (magic: readonly number[], sizes: readonly number[], data: Uint8Array) =>
    Buffer.concat([Uint8Array.from(header(magic, sizes)), data]);

  test("gives its classes the names of the paper's table 2", () => {
    const images = idx([8, 3], [1, 1, 1], Uint8Array.of(7));
    const labels = idx([8, 1], [1], Uint8Array.of(9));
    const [trainImages, trainLabels, testImages, testLabels] = mnistFiles;
    const environment = holding("fashion-mnist", {
      [trainImages]: images,
      [trainLabels]: labels,
      [testImages]: images,
      [testLabels]: labels,
    });
    const { train } = readFashionMnist({ environment });
    expect([train.name, train.classes.join(", ")]).toEqual([
      "fashion-mnist/train",
      "T-shirt/top, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, ankle boot",
    ]);
  });

  test("is told from MNIST by its labels: files in the wrong folder are refused", () => {
    const { train, test: testSet } = readMnist();
    const environment = holding("fashion-mnist", {
      "train-images-idx3-ubyte": idx([8, 3], [60000, 1, 1], new Uint8Array(60000)),
      "train-labels-idx1-ubyte": idx([8, 1], [60000], train.labels),
      "t10k-images-idx3-ubyte": idx([8, 3], [10000, 1, 1], new Uint8Array(10000)),
      "t10k-labels-idx1-ubyte": idx([8, 1], [10000], testSet.labels),
    });
    expect(messageOf(() => readFashionMnist({ environment }), FormatError)).toBe(
      "readFashionMnist: expected train-labels-idx1-ubyte to be of fashion-mnist, got the labels of mnist. Name the folder of the dataset that is wanted, or call the reader of the other.",
    );
  });
});

/** The bytes of a base64 text. */
function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}

/** An npy file written here by hand. */
function npyFile(header: string, data: readonly number[] = [], version = 1): Uint8Array {
  const text = [...`${header}\n`].map((c) => c.charCodeAt(0));
  const length = [text.length & 255, text.length >>> 8, ...(version === 1 ? [] : [0, 0])];
  return Uint8Array.from([
    0x93,
    ...[..."NUMPY"].map((c) => c.charCodeAt(0)),
    version,
    0,
    ...length,
    ...text,
    ...data,
  ]);
}

describe("an npy file of NumPy's", () => {
  test.each(golden.npy)(
    "with $dtype $shape in order $order, bytes $byteOrder, version $version is read exactly",
    ({ dtype, shape, values, file }) => {
      const array = parseNpy(bytesOf(file), "f");
      expect([array.dtype, array.shape, [...array.data]]).toEqual([dtype, shape, values]);
    },
  );

  test.each(golden.npy.filter(({ plain }) => plain))(
    "with $dtype $shape is written byte for byte",
    ({ file }) => {
      const bytes = bytesOf(file);
      expect(formatNpy(parseNpy(bytes, "f"))).toEqual(bytes);
    },
  );

  test.each(Object.entries(golden.refused))("with %s is refused", (_, file) => {
    expect(() => parseNpy(bytesOf(file), "f")).toThrow(FormatError);
  });

  test("is read where it lies in a larger buffer, unaligned", () => {
    const file = formatNpy({ shape: [2], dtype: "float64", data: Float64Array.of(1.5, -2) });
    const padded = new Uint8Array(file.length + 5).fill(9);
    padded.set(file, 3);
    expect([...parseNpy(padded.subarray(3, 3 + file.length), "f").data]).toEqual([1.5, -2]);
  });

  const types = {
    float32: Float32Array,
    float64: Float64Array,
    int32: Int32Array,
    uint8: Uint8Array,
  };
  test.prop(
    [
      fc.constantFrom("float32" as const, "float64" as const, "int32" as const, "uint8" as const),
      fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      fc.infiniteStream(fc.double()),
    ],
    { seed: 51, numRuns: 200 },
  )(
    "comes back from writing with the same bits",
    (dtype: NpyType & keyof typeof types, shape, values) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const data = types[dtype].from(
        Array.from({ length: size }, () => Number(values.next().value)),
      );
      const back = parseNpy(formatNpy({ shape, dtype, data }), "f");
      expect(back.shape).toEqual(shape);
      expect(new Uint8Array(back.data.buffer)).toEqual(new Uint8Array(data.buffer));
    },
  );
});

describe("parseNpy refuses, word by word,", () => {
  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }";
  const cases: readonly [string, Uint8Array, string][] = [
    [
      "nothing at all",
      new Uint8Array(0),
      "to begin with 93 4e 55 4d 50 59, as npy does, got nothing. This is not an npy file: check its name, or fetch it again.",
    ],
    [
      "another format",
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0),
      "to begin with 93 4e 55 4d 50 59, as npy does, got 50 4b 03 04 00 00. This is not an npy file: check its name, or fetch it again.",
    ],
    [
      "a version to come",
      npyFile(good, [0, 0, 0, 0], 4),
      "to be of version 1.0, 2.0 or 3.0, got 4.0. Save it again with numpy.save.",
    ],
    [
      "no length of the header",
      npyFile(good).subarray(0, 9),
      "to have a length of its header, got 9 bytes. The file is cut short or damaged: fetch or save it again.",
    ],
    [
      "a header cut short",
      npyFile(good).subarray(0, 20),
      "to have a header of 58 bytes, got only 10 bytes. The file is cut short or damaged: fetch or save it again.",
    ],
    [
      "a header beyond any use",
      npyFile(good, [], 2).with(11, 0xff),
      "to have a header of at most 65535 bytes, got 4278190138. The file is damaged, or holds no plain array: save it again.",
    ],
    [
      "a header without its end",
      npyFile(good).with(67, 32),
      `to have a header that ends with a newline, got "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } ". The file is cut short or damaged: fetch or save it again.`,
    ],
    [
      "elements cut short",
      npyFile(good, [0, 0, 0]),
      "to hold float32 [1] after its 68-byte header, got only 3 bytes. The file is cut short or damaged: fetch or save it again.",
    ],
    [
      "elements too many",
      npyFile(good, [0, 0, 0, 0, 0]),
      "to hold float32 [1] after its 68-byte header, got 5 bytes, 1 too many. The file is cut short or damaged: fetch or save it again.",
    ],
    [
      "sizes beyond any memory",
      npyFile(
        "{'descr': '<f8', 'fortran_order': False, 'shape': (999999999999999, 999999999999999)}",
      ),
      "to hold float64 [999999999999999, 999999999999999] after its 96-byte header, got only 0 bytes. The file is cut short or damaged: fetch or save it again.",
    ],
    [
      "an element type without a place here",
      npyFile("{'descr': '<i8', 'fortran_order': False, 'shape': (0,)}"),
      'to hold float32, float64, int32, bool or uint8 (descr f4, f8, i4, b1, u1 after < or >), got "<i8". Convert it before saving, for example array.astype(np.float32).',
    ],
    [
      "a byte order that the type must not leave open",
      npyFile("{'descr': '|f4', 'fortran_order': False, 'shape': (0,)}"),
      'to hold float32, float64, int32, bool or uint8 (descr f4, f8, i4, b1, u1 after < or >), got "|f4". Convert it before saving, for example array.astype(np.float32).',
    ],
    [
      "a bool that is neither",
      npyFile("{'descr': '|b1', 'fortran_order': False, 'shape': (2,)}", [1, 2]),
      "to hold bools 0 and 1, got 2 at element 1. The file is cut short or damaged: fetch or save it again.",
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(messageOf(() => parseNpy(bytes, "x.npy"), FormatError)).toBe(
      `parseNpy: expected x.npy ${message}`,
    );
  });

  test.each([
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0,), 'more': 1}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (0,)}",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (0,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': 0}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1.5,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (0,,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (0,)}",
    "{'descr': '<f4' 'fortran_order': False, 'shape': (0,)}",
    "'descr': '<f4', 'fortran_order': False, 'shape': (0,)",
    "__import__('os').system('true')",
    "",
  ])("a header %j", (header) => {
    const shown = `${header}\n`.length > 60 ? `${header.slice(0, 60)}…` : `${header}\n`;
    expect(messageOf(() => parseNpy(npyFile(header), "x.npy"), FormatError)).toBe(
      `parseNpy: expected x.npy to have a header { 'descr': …, 'fortran_order': …, 'shape': … }, got ${JSON.stringify(shown)}. The file is damaged, or holds no plain array: save it again with numpy.save.`,
    );
  });

  test("every file cut short anywhere, and every longer one", () => {
    const file = formatNpy({ shape: [2, 2], dtype: "int32", data: Int32Array.of(1, 2, 3, 4) });
    for (let length = 0; length < file.length; length++) {
      expect(() => parseNpy(file.subarray(0, length), "f")).toThrow(FormatError);
    }
    expect(() => parseNpy(Uint8Array.from([...file, 0]), "f")).toThrow(FormatError);
  });
});

test("formatNpy refuses a shape or a dtype that is not that of the data", () => {
  const data = Float32Array.of(1, 2);
  expect(messageOf(() => formatNpy({ shape: [3], dtype: "float32", data }), ShapeError)).toBe(
    "formatNpy: expected shape to hold the 2 elements given, got [3], which holds 3. Give the shape of the data.",
  );
  expect(messageOf(() => formatNpy({ shape: [2], dtype: "int32", data }), FormatError)).toBe(
    "formatNpy: expected data to be the typed array of int32, got Float32Array. Give the dtype of the data.",
  );
});

describe("a CSV table", () => {
  const text = '\ufeffa, b ,kind\r\n1,2.5e-1,"x, y"\r\n-.5,+3,z\r\n\r\n7.,1e3,"x, y"\r\n';

  test("is read column by column: numbers, texts, classes", () => {
    const table = parseCsv(new TextEncoder().encode(text), "t.csv");
    expect([table.columns, table.length]).toEqual([["a", "b", "kind"], 3]);
    expect([...table.numbers("a")]).toEqual([1, -0.5, 7]);
    expect([...table.numbers("b")]).toEqual([0.25, 3, 1000]);
    expect(table.texts("kind")).toEqual(["x, y", "z", "x, y"]);
    expect(table.classes("kind")).toEqual({
      labels: Int32Array.of(0, 1, 0),
      classes: ["x, y", "z"],
    });
  });

  test("becomes examples of the columns named, in their order", () => {
    const set = csvExamples(parseCsv(text, "t.csv"), { x: ["b", "a"], y: "kind" });
    expect(elementsAt(set, [2, 0])).toEqual({ x: [1000, 7, 0.25, 1], y: [0, 0] });
  });

  test("becomes no examples where float32 would round a number to infinity", () => {
    const largest = parseCsv("a,b\n3.4028234663852886e38,1\n", "t.csv");
    expect(elementsAt(csvExamples(largest, { x: ["a"], y: "b" }), [0])["x"]).toEqual([
      3.4028234663852886e38,
    ]);
    const larger = parseCsv("a,b\n1,1\n-1e39,1\n", "t.csv");
    expect(messageOf(() => csvExamples(larger, { x: ["b", "a"], y: "b" }), FormatError)).toBe(
      "csvExamples: expected t.csv to have numbers that float32 holds in column a, got -1e+39 in row 2. Use another unit, such as thousands.",
    );
  });

  test("may lack a header and have another delimiter", () => {
    const table = parseCsv("1;2\n3;4", "t.csv", { header: false, delimiter: ";" });
    expect([table.columns, [...table.numbers("1")]]).toEqual([
      ["0", "1"],
      [2, 4],
    ]);
  });

  const cases: readonly [string, () => unknown, string][] = [
    [
      "rows of different length",
      () => parseCsv("a,b\n1,2\n3\n", "t.csv"),
      "parseCsv: expected t.csv to be CSV with rows of one length, got CSV_RECORD_INCONSISTENT_FIELDS_LENGTH at line 3. Mend that line, or give the delimiter.",
    ],
    [
      "a quote that never ends",
      () => parseCsv('a,b\n1,"2\n', "t.csv"),
      "parseCsv: expected t.csv to be CSV with rows of one length, got CSV_QUOTE_NOT_CLOSED at line 2. Mend that line, or give the delimiter.",
    ],
    [
      "other bytes than UTF-8",
      () => parseCsv(Uint8Array.of(0x61, 0xff, 0x0a, 0x31), "t.csv"),
      "parseCsv: expected t.csv to be UTF-8, got other bytes. Save it as UTF-8.",
    ],
    [
      "no rows",
      () => parseCsv("a,b\n", "t.csv"),
      "parseCsv: expected t.csv to have at least one row, got none. Check that this is the right file.",
    ],
    [
      "nothing",
      () => parseCsv("", "t.csv"),
      "parseCsv: expected t.csv to have at least one row, got none. Check that this is the right file.",
    ],
    [
      "a name that comes twice",
      () => parseCsv("a,a\n1,2\n", "t.csv"),
      'parseCsv: expected t.csv to name each column once, got "a". Name the columns in the first line, or pass { header: false }.',
    ],
    ...["", "x", "0x10", "1,5", "nan", "Infinity", "1e999", "1 2"].map(
      (field): [string, () => unknown, string] => [
        `${JSON.stringify(field)} for a number`,
        () => parseCsv(`a,b\n1,2\n"${field}",2\n`, "t.csv").numbers("a"),
        `parseCsv: expected t.csv to have numbers in column a, got ${JSON.stringify(field)} in row 2. Mend or leave out that row.`,
      ],
    ),
  ];
  test.each(cases)("is refused with %s", (_, run, message) => {
    expect(messageOf(run, FormatError)).toBe(message);
  });

  test("refuses a column that is not there, and a delimiter that is no character", () => {
    expect(messageOf(() => parseCsv("a,b\n1,2", "t.csv").texts("c"), ValueError)).toBe(
      'parseCsv: expected column to be one of a, b, got "c". Name a column of t.csv.',
    );
    expect(messageOf(() => parseCsv("a", "t.csv", { delimiter: "" }), ValueError)).toBe(
      'parseCsv: expected delimiter to be one character, no quote and no line\'s end, got "". Give what stands between two fields, such as ";" or "\\t".',
    );
    const table = parseCsv("a,b\n1,2", "t.csv");
    expect(messageOf(() => csvExamples(table, { x: [], y: "b" }), ValueError)).toBe(
      "csvExamples: expected x to name at least one column, got none. Choose among a, b.",
    );
  });
});
