/** The loader: every epoch gives each example once, in an order that (seed, epoch) alone decides. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { DataLoader, type Dataset, imageDataset } from "../core/data/index.ts";
import { keep, ScopeError, scope, sum, type Tensor, tensor, ValueError } from "../core/index.ts";
import { countingMemory, item, messageOf, numbers } from "./plain.ts";

/** A dataset whose example i is the number i. */
function counting(length: number): Dataset<{ x: Tensor }> {
  return { length, batch: (positions) => ({ x: tensor(Float64Array.from(positions)) }) };
}

/** The batches of one epoch, each read while it is alive. */
function batchesOf(loader: DataLoader<{ x: Tensor }>): readonly (readonly number[])[] {
  const batches: (readonly number[])[] = [];
  for (const { x } of loader) batches.push(numbers(x));
  return batches;
}

const sizes = {
  length: fc.integer({ min: 0, max: 40 }),
  batchSize: fc.integer({ min: 1, max: 12 }),
};
const many = { seed: 4, numRuns: 100 };

describe("an epoch", () => {
  test.prop([sizes.length, sizes.batchSize, fc.nat(1000)], many)(
    "data-loader: gives every example exactly once, in batches of which only the last is smaller",
    (length, batchSize, seed) => {
      const loader = new DataLoader(counting(length), { batchSize, seed });
      const batches = batchesOf(loader);
      expect(batches.length).toBe(loader.length);
      const all = batches.flat();
      expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length }, (_, i) => i));
      for (const batch of batches.slice(0, -1)) expect(batch.length).toBe(batchSize);
      expect(all).toEqual([...loader.order(0)]);
    },
  );

  test.prop([fc.integer({ min: 12, max: 40 }), sizes.batchSize, fc.nat(1000)], many)(
    "data-loader: with dropLast has full batches only, the first of the same order",
    (length, batchSize, seed) => {
      const whole = batchesOf(new DataLoader(counting(length), { batchSize, seed }));
      const cut = batchesOf(new DataLoader(counting(length), { batchSize, seed, dropLast: true }));
      expect(cut).toEqual(whole.filter((batch) => batch.length === batchSize));
      expect(cut.length).toBe(Math.floor(length / batchSize));
    },
  );

  test("is in another order than the last, and than another seed's", () => {
    const loader = new DataLoader(counting(30), { batchSize: 7, seed: 1 });
    const [first, second] = [batchesOf(loader).flat(), batchesOf(loader).flat()];
    expect(second).not.toEqual(first);
    expect(batchesOf(new DataLoader(counting(30), { batchSize: 7, seed: 2 })).flat()).not.toEqual(
      first,
    );
  });

  test("data-loader: depends on seed and epoch alone: not on batch size, earlier epochs or breaking off", () => {
    const order = (batchSize: number, epoch: number): readonly number[] => {
      const loader = new DataLoader(counting(30), { batchSize, seed: 9 });
      loader.epoch = epoch;
      return batchesOf(loader).flat();
    };
    const broken = new DataLoader(counting(30), { batchSize: 4, seed: 9 });
    for (const _batch of broken) break;
    for (const _batch of broken) break;
    expect(order(7, 2)).toEqual(order(5, 2));
    expect(batchesOf(broken).flat()).toEqual(order(7, 2));
    expect(broken.epoch).toBe(3);
  });

  test("without shuffling is in the dataset's order every time", () => {
    const loader = new DataLoader(counting(5), { batchSize: 2, shuffle: false });
    expect(batchesOf(loader)).toEqual([[0, 1], [2, 3], [4]]);
    expect(batchesOf(loader)).toEqual([[0, 1], [2, 3], [4]]);
  });
});

describe("a batch", () => {
  test("lives until the next one is drawn, also over the end of an epoch", () => {
    const loader = new DataLoader(counting(4), { batchSize: 2 });
    let last: Tensor | undefined;
    for (const { x } of loader) {
      if (last !== undefined) expect(() => numbers(last as Tensor)).toThrow(ScopeError);
      expect(numbers(x).length).toBe(2);
      last = x;
    }
    expect(last && numbers(last).length).toBe(2);
    for (const { x } of loader) {
      expect(messageOf(() => last?.elements(), ScopeError)).toBe(
        "elements: expected x to be alive, got [2] float64, used after the loader's next batch was drawn. Return it from the scope, or call keep(x) where it is made.",
      );
      expect(numbers(x).length).toBe(2);
      break;
    }
  });

  test("outlives the scope it was drawn in, but not the next batch", () => {
    countingMemory((count) => {
      const iterator = new DataLoader(counting(4), { batchSize: 2 })[Symbol.iterator]();
      const batch = scope(() => iterator.next().value?.x);
      expect(batch && numbers(batch).length).toBe(2);
      iterator.next();
      expect(() => batch && numbers(batch)).toThrow(ScopeError);
      expect(count.blocks).toBe(1);
    });
  });

  test("that is kept lives on", () => {
    const kept: Tensor[] = [];
    for (const { x } of new DataLoader(counting(4), { batchSize: 2, shuffle: false }))
      kept.push(keep(x));
    expect(kept.map((x) => numbers(x))).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  test("of one loop does not end that of another over the same loader", () => {
    const loader = new DataLoader(counting(4), { batchSize: 2, shuffle: false });
    const pairs: number[] = [];
    for (const { x: a } of loader) {
      for (const { x: b } of loader) pairs.push(item(sum(a)) * 100 + item(sum(b)));
    }
    expect(pairs).toEqual([101, 105, 501, 505]);
  });
});

describe("images", () => {
  const set = {
    name: "toy",
    images: Uint8Array.from([0, 255, 51, 102, 255, 0, 0, 0]),
    shape: [2, 1, 2] as const,
    labels: Uint8Array.from([3, 1]),
    count: 2,
    classes: ["a", "b", "c", "d"],
  };

  test("come as (byte/255 - mean)/std per channel, rounded once, with their labels", () => {
    const dataset = imageDataset(set, { mean: [0.5, 0.25], std: [0.5, 2] });
    const { x, y } = dataset.batch(Int32Array.from([1, 0]));
    expect([x.shape, x.dtype, y.dtype, numbers(y)]).toEqual([
      [2, 2, 1, 2],
      "float32",
      "int32",
      [1, 3],
    ]);
    const expected = [1, -1, -0.125, -0.125, -1, 1, (51 / 255 - 0.25) / 2, (102 / 255 - 0.25) / 2];
    expect(numbers(x)).toEqual(expected.map(Math.fround));
  });

  test("must be as many as the set says, with labels of its classes", () => {
    expect(messageOf(() => imageDataset({ ...set, count: 3 }), ValueError)).toBe(
      "imageDataset: expected images to hold 12 bytes, 3 images of [2, 1, 2], got 8. Check how toy is made.",
    );
    expect(messageOf(() => imageDataset({ ...set, labels: Uint8Array.of(3) }), ValueError)).toBe(
      "imageDataset: expected labels to hold 2, one for each image, got 1. Check how toy is made.",
    );
    expect(messageOf(() => imageDataset({ ...set, classes: ["a", "b"] }), ValueError)).toBe(
      "imageDataset: expected labels to be indices into 2 classes, got 3 for image 0. Check how toy is made.",
    );
  });

  test("need one mean and one std > 0 for each channel", () => {
    expect(messageOf(() => imageDataset(set, { mean: [0.5], std: [1] }), ValueError)).toBe(
      "imageDataset: expected statistics to have 2 means and 2 stds > 0, one for each channel, got mean [0.5], std [1]. Use channelStatistics of the training set.",
    );
    expect(() => imageDataset(set, { mean: [0, 0], std: [1, 0] })).toThrow(ValueError);
  });
});

describe("refusals", () => {
  test.each([0, -1, 1.5, Number.NaN])("a batch size of %s", (batchSize) => {
    expect(messageOf(() => new DataLoader(counting(5), { batchSize }), ValueError)).toBe(
      `DataLoader: expected batchSize to be an integer ≥ 1, got ${batchSize}. Give at least one example to a batch.`,
    );
  });

  test("a batch that dropLast would leave nothing of", () => {
    expect(
      messageOf(() => new DataLoader(counting(5), { batchSize: 6, dropLast: true }), ValueError),
    ).toBe(
      "DataLoader: expected batchSize to be ≤ 5, the number of examples, with dropLast, got 6. Use smaller batches, or keep the last batch.",
    );
  });

  test("a seed that is no integer in [0, 2⁵³)", () => {
    expect(() => new DataLoader(counting(5), { batchSize: 1, seed: -1 })).toThrow(ValueError);
    expect(() => new DataLoader(counting(5), { batchSize: 1, seed: 0.5 })).toThrow(ValueError);
  });
});
