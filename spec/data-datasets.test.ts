/** Datasets from datasets: parts, joins, repetitions and maps give the examples they say, in any batch. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  arrayDataset,
  augment,
  concatDatasets,
  cutout,
  type Examples,
  examples,
  mapDataset,
  repeatDataset,
  stratifiedSplit,
  subset,
} from "../core/data/index.ts";
import { DTypeError, ShapeError, ValueError } from "../core/index.ts";
import { counting, elementsAt, noiseImages, upTo } from "./data-samples.ts";
import { messageOf } from "./plain.ts";

const many = { seed: 11, numRuns: 100 };

/** All examples of `dataset` in epoch `epoch`. */
function all(dataset: Examples<"x">, epoch = 0): readonly number[] {
  return elementsAt(dataset, upTo(dataset.length), epoch)["x"] ?? [];
}

describe("combinators", () => {
  test.prop([fc.array(fc.nat(9), { maxLength: 20 }), fc.nat(3)], many)(
    "subset gives the examples at its positions, in their order and as often as they come",
    (positions, epoch) => {
      const part = subset(counting(10), positions);
      expect(all(part, epoch)).toEqual(positions.map((position) => 1000 * epoch + position));
    },
  );

  test("subset keeps its own copy of the positions", () => {
    const positions = Int32Array.of(3, 4);
    const part = subset(counting(10), positions);
    positions[0] = 9;
    expect(all(part)).toEqual([3, 4]);
  });

  test.prop([fc.array(fc.nat(6), { minLength: 1, maxLength: 5 }), fc.nat(3)], many)(
    "concatDatasets gives one after the other, empty ones too",
    (lengths, epoch) => {
      const joined = concatDatasets(lengths.map((length) => counting(length)));
      expect(all(joined, epoch)).toEqual(
        lengths.flatMap((length) => upTo(length).map((position) => 1000 * epoch + position)),
      );
    },
  );

  test.prop([fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 }), fc.nat(3)], many)(
    "repeatDataset gives copy k in epoch e as epoch e·times + k, none twice",
    (length, times, epoch) => {
      const repeated = repeatDataset(counting(length), times);
      expect(all(repeated, epoch)).toEqual(
        upTo(times).flatMap((k) => upTo(length).map((p) => 1000 * (epoch * times + k) + p)),
      );
    },
  );

  test("mapDataset changes every example by itself, into other fields where asked", () => {
    const squares = mapDataset(
      counting(4),
      { root: { shape: [], dtype: "int32" }, square: { shape: [2], dtype: "float64" } },
      ({ x }, { root, square }) => {
        const value = x[0] ?? 0;
        root[0] = value;
        square.set([value * value, -value * value]);
      },
    );
    expect(elementsAt(squares, [3, 1])).toEqual({ root: [3, 1], square: [9, -9, 1, -1] });
  });

  test("arrayDataset refuses arrays of another class, and a field without one", () => {
    const fields = {
      x: { shape: [2], dtype: "float32" },
      y: { shape: [], dtype: "int32" },
    } as const;
    const x = new Float32Array(2);
    const wide = (): unknown =>
      arrayDataset(1, fields, { x: new Float64Array(2), y: Int32Array.of(1) });
    expect(messageOf(wide, DTypeError)).toBe(
      "arrayDataset: expected x to be of class Float32Array, which holds float32, got Float64Array. Convert it, for example Float32Array.from(x), or name its own dtype in the fields.",
    );
    const fractions = (): unknown => arrayDataset(1, fields, { x, y: Float32Array.of(1.5) });
    expect(messageOf(fractions, DTypeError)).toContain("expected y to be of class Int32Array");
    const lacking: Readonly<Record<string, Float32Array>> = { x };
    const without = (): unknown => arrayDataset<string>(1, fields, lacking);
    expect(messageOf(without, ValueError)).toBe(
      "arrayDataset: expected y to be the Int32Array of field y, got none. Give an array for every field.",
    );
  });

  test("arrayDataset gives stretches of its arrays", () => {
    const set = arrayDataset(
      2,
      { x: { shape: [2], dtype: "float32" }, y: { shape: [], dtype: "int32" } },
      { x: Float32Array.of(1, 2, 3, 4), y: Int32Array.of(7, 8) },
    );
    expect(elementsAt(set, [1, 0])).toEqual({ x: [3, 4, 1, 2], y: [8, 7] });
  });

  test("an example of a subset, a join or a map is augmented as it was before", () => {
    const images = augment(noiseImages(6, [1, 4, 4]), [cutout({ size: 2 })], { seed: 3 });
    const chosen = subset(images, [5, 2]);
    const joined = concatDatasets([chosen, images]);
    const same = mapDataset(joined, joined.fields, (from, into) => {
      into.x.set(from.x);
      into.y.set(from.y);
    });
    expect(elementsAt(same, [0, 1, 4], 7)).toEqual(elementsAt(images, [5, 2, 2], 7));
  });

  test("a batch of examples is its examples one by one, with the batch axis first", () => {
    const images = noiseImages(5, [2, 3, 4]);
    const { x, y } = images.batch(Int32Array.of(4, 0, 4));
    expect([x.shape, x.dtype, y.shape, y.dtype]).toEqual([[3, 2, 3, 4], "float32", [3], "int32"]);
    const one = (position: number): readonly number[] => elementsAt(images, [position])["x"] ?? [];
    expect(elementsAt(images, [4, 0, 4])["x"]).toEqual([...one(4), ...one(0), ...one(4)]);
  });
});

describe("refusals of combinators", () => {
  const short = examples({
    length: 1,
    fields: { x: { shape: [2], dtype: "float32" } },
    write: () => {},
  });
  test.each([
    [
      "a position outside",
      () => subset(counting(3), [0, 3]),
      "subset: expected positions to hold integers in [0, 3), the examples there are, got 3. Count positions from 0.",
    ],
    [
      "a batch outside",
      () => counting(3).batch(Int32Array.of(-1)),
      "batch: expected positions to hold integers in [0, 3), the examples there are, got -1. Count positions from 0.",
    ],
    [
      "an epoch that is none",
      () => counting(3).batch(Int32Array.of(0), 0.5),
      "batch: expected epoch to be an integer in [0, 2^53 - 1], got 0.5. Count epochs from 0.",
    ],
    [
      "nothing to join",
      () => concatDatasets([]),
      "concatDatasets: expected datasets to hold at least one dataset, got none. Give the datasets in the order they are to follow each other.",
    ],
    [
      "no repetition",
      () => repeatDataset(counting(3), 0),
      "repeatDataset: expected times to be an integer ≥ 1, got 0. Say how often each example is to come.",
    ],
  ])("%s", (_, run, message) => {
    expect(messageOf(run, ValueError)).toBe(message);
  });

  test("fields that differ, and arrays of another length", () => {
    expect(messageOf(() => concatDatasets([counting(1), short]), ShapeError)).toBe(
      "concatDatasets: expected datasets[1] to have the fields of the first, x [] float64, got x [2] float32. Map one of them to the fields of the other.",
    );
    const fields = { x: { shape: [2], dtype: "float32" } } as const;
    expect(messageOf(() => arrayDataset(2, fields, { x: new Float32Array(3) }), ShapeError)).toBe(
      "arrayDataset: expected x to hold 4 elements, 2 examples of [2], got 3. Give every field one example after the other.",
    );
  });
});

describe("stratifiedSplit", () => {
  const labelled = fc.array(fc.nat(4), { minLength: 4, maxLength: 200 });
  const share = fc.integer({ min: 25, max: 75 }).map((percent) => percent / 100);

  test.prop([labelled, share, fc.nat(100)], { seed: 12, numRuns: 300 })(
    "divides all positions, and every class and the whole to within one of the share",
    (labels, wanted, seed) => {
      const [first, second] = stratifiedSplit(labels, { share: wanted, seed });
      expect([...first, ...second].sort((a, b) => a - b)).toEqual(upTo(labels.length));
      for (const part of [first, second])
        expect([...part]).toEqual([...part].sort((a, b) => a - b));
      expect(first.length).toBe(Math.round(labels.length * wanted));
      for (const label of new Set(labels)) {
        const of = labels.filter((other) => other === label).length;
        const taken = [...first].filter((position) => labels[position] === label).length;
        // Two roundings to the nearest: less than one in all, or one where both are ties.
        expect(Math.abs(taken - wanted * of)).toBeLessThanOrEqual(1);
      }
    },
  );

  test("chooses by the seed, each example of a class alike", () => {
    // 400 splits of 2 × 10 examples in halves: each is in the first part about 200 times. By Hoeffding's bound a mean
    // of 400 is off by more than √(ln(2·20/1e-7)/800) = 0.157 with a chance of 1e-7 for all 20 together.
    const labels = upTo(20).map((i) => i % 2);
    const counts = new Array<number>(20).fill(0);
    for (let seed = 0; seed < 400; seed++) {
      for (const position of stratifiedSplit(labels, { share: 0.5, seed })[0]) {
        counts[position] = (counts[position] ?? 0) + 1;
      }
    }
    const reach = Math.sqrt(Math.log((2 * 20) / 1e-7) / 800);
    for (const count of counts) expect(Math.abs(count / 400 - 0.5)).toBeLessThanOrEqual(reach);
    const one = stratifiedSplit(labels, { share: 0.5, seed: 1 });
    expect(stratifiedSplit(labels, { share: 0.5, seed: 1 })).toEqual(one);
    expect(stratifiedSplit(labels, { share: 0.5, seed: 2 })).not.toEqual(one);
  });

  test("chooses in each class by itself: equal classes are not divided alike", () => {
    const labels = upTo(40).map((i) => Math.floor(i / 20));
    const first = [...stratifiedSplit(labels, { share: 0.5, seed: 1 })[0]];
    const ofClass = (c: number): readonly number[] =>
      first.filter((position) => labels[position] === c).map((position) => position - 20 * c);
    expect(ofClass(0).length).toBe(10);
    expect(ofClass(1)).not.toEqual(ofClass(0));
  });

  test.each([
    [
      [0, 1, 2],
      { share: 1 },
      "stratifiedSplit: expected share to be in (0, 1), got 1. Give the first part's share of the examples.",
    ],
    [
      [0, 1, 2],
      { share: 0.01 },
      "stratifiedSplit: expected share to leave both parts at least one of the 3 examples, got 0.01. Split more examples, or more evenly.",
    ],
    [
      [0, -1],
      { share: 0.5 },
      "stratifiedSplit: expected labels to hold integers ≥ 0, got -1 at 1. Number the classes from 0.",
    ],
  ])("refuses labels %j with %o", (labels, options, message) => {
    expect(messageOf(() => stratifiedSplit(labels, options), ValueError)).toBe(message);
  });
});
