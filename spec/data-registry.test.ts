/** The registry of data: nothing exported is missing from it, and every kind keeps what its kind promises. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { ImageSet } from "../core/data/index.ts";
import * as data from "../core/data/index.ts";
import {
  augmentations,
  dataRegistry,
  generators,
  mixings,
  normalizations,
} from "../core/data/registry.ts";
import { RandomSource } from "../core/index.ts";
import { integers, permutation } from "../core/random/index.ts";
import { elementsAt, noiseImages, upTo } from "./data-samples.ts";
import { samplerFrom } from "./laws/sampler.ts";

const { augment, DataLoader, imageDataset, normalize, subset } = data;

test("every value that bitgrad/data exports is in the registry, once, with what it is and its source", () => {
  const names = dataRegistry.map(({ name }) => name);
  expect([...names].sort()).toEqual(Object.keys(data).sort());
  for (const { what, source } of dataRegistry) {
    expect(what).toMatch(/^[A-Z].*\.$/);
    expect(source.length).toBeGreaterThan(5);
  }
});

describe.each(augmentations)("augmentation $name", ({ sample }) => {
  const shape = [3, 5, 4] as const;
  const images = noiseImages(24, shape);
  const everywhere = upTo(24);
  const cases = { seed: 61, numRuns: 25 };

  test.prop([fc.gen(), fc.nat(1000), fc.nat(5)], cases)(
    "is a function of (seed, epoch, position): batch size and order change nothing",
    (draw, seed, epoch) => {
      const changed = augment(images, [sample(samplerFrom(draw), shape)], { seed });
      const whole = elementsAt(changed, everywhere, epoch)["x"] ?? [];
      const step = whole.length / 24;
      const order = [...permutation(new RandomSource(seed).stream("order"), 24)];
      expect(elementsAt(changed, order, epoch)["x"]).toEqual(
        order.flatMap((p) => whole.slice(p * step, (p + 1) * step)),
      );
      expect(elementsAt(changed, [23], epoch)["x"]).toEqual(whole.slice(23 * step));
      expect(elementsAt(subset(changed, [7]), [0], epoch)["x"]).toEqual(
        whole.slice(7 * step, 8 * step),
      );
    },
  );

  test.prop([fc.gen(), fc.nat(1000)], cases)(
    "changes with seed and epoch, keeps labels, and stays in [0, 1]",
    (draw, seed) => {
      const augmentation = sample(samplerFrom(draw), shape);
      const changed = augment(images, [augmentation], { seed });
      const { x = [], y = [] } = elementsAt(changed, everywhere, 0);
      expect(elementsAt(changed, everywhere, 1)["x"]).not.toEqual(x);
      expect(
        elementsAt(augment(images, [augmentation], { seed: seed + 1 }), everywhere, 0)["x"],
      ).not.toEqual(x);
      expect(y).toEqual(elementsAt(images, everywhere)["y"]);
      expect(x.every((value) => value >= 0 && value <= 1)).toBe(true);
    },
  );

  test.prop([fc.gen(), fc.nat(1000)], cases)(
    "draws the same whatever other kind comes before it",
    (draw, seed) => {
      const augmentation = sample(samplerFrom(draw), shape);
      const idle = [data.flip({ probability: 0 }), data.crop(), data.colourJitter()].filter(
        ({ name }) => name !== augmentation.name,
      );
      expect(elementsAt(augment(images, [...idle, augmentation], { seed }), everywhere)).toEqual(
        elementsAt(augment(images, [augmentation], { seed }), everywhere),
      );
    },
  );
});

describe.each(mixings)("mixing $name", ({ make }) => {
  test("is a function of (seed, epoch, position), in loaders of any batch size", () => {
    const mixed = make(noiseImages(20, [1, 4, 4]), { classes: 3, alpha: 0.5, seed: 4 });
    const epochOf = (batchSize: number): readonly number[] => {
      const elements: number[] = [];
      for (const { x, y } of new DataLoader(mixed, { batchSize, seed: 2 })) {
        const [xs, ys] = [x.elements(), y.elements()];
        for (const n of upTo(y.shape[0] ?? 0)) {
          elements.push(...xs.subarray(16 * n, 16 * n + 16), ...ys.subarray(3 * n, 3 * n + 3));
        }
      }
      return elements;
    };
    expect(epochOf(7)).toEqual(epochOf(20));
  });
});

/** Images of random bytes, every pixel of which varies. */
function byteImages(count: number, seed: number): ImageSet {
  const stream = new RandomSource(seed).stream("bytes");
  const images = Uint8Array.from(integers(stream, count * 12, 0, 256));
  const labels = new Uint8Array(count);
  return { name: "bytes", images, shape: [3, 2, 2], labels, count, classes: ["only"] };
}

describe.each(normalizations)("normalization $name", ({ make, invertible }) => {
  test("is undone by its inverse to rounding, if it says so", () => {
    const train = byteImages(40, 3);
    const normalization = make(train);
    expect("invert" in normalization).toBe(invertible);
    if (!("invert" in normalization)) return;
    for (const image of upTo(10)) {
      const bytes = train.images.subarray(12 * image, 12 * image + 12);
      const x = Float64Array.from(bytes, (byte) => byte / 255);
      const [y, back] = [new Float64Array(12), new Float64Array(12)];
      normalization.apply(x, y);
      normalization.invert(y, back);
      // Variances of random bytes are within a factor of 100 of each other, stds of 10; 12² products of numbers below
      // 10, each rounded: 12²·10·10·2⁻⁵³.
      x.forEach((value, i) => {
        expect(Math.abs((back[i] ?? 0) - value)).toBeLessThanOrEqual(14400 * 2 ** -53);
      });
    }
  });

  test("is measured on the training set alone: what else is normalized changes nothing", () => {
    const train = byteImages(40, 3);
    const [one, other] = [byteImages(4, 5), byteImages(4, 6)];
    const joined: ImageSet = {
      ...one,
      images: Uint8Array.from([...one.images, ...other.images]),
      labels: new Uint8Array(8),
      count: 8,
    };
    const alone = elementsAt(normalize(imageDataset(one), make(train)), upTo(4));
    expect(elementsAt(normalize(imageDataset(joined), make(train)), upTo(4))).toEqual(alone);
  });
});

describe.each(generators)("generated $name", ({ make }) => {
  test("is a function of (seed, position): a longer set begins with the shorter", () => {
    const [short, long] = [make({ count: 20, seed: 3 }), make({ count: 47, seed: 3 })];
    expect(long.values.slice(0, short.values.length)).toEqual(short.values);
    expect(Array.from(long.labels).slice(0, 20)).toEqual(Array.from(short.labels));
    expect(make({ count: 20, seed: 4 }).values).not.toEqual(short.values);
  });

  test("has every class equally often, to one example", () => {
    const { labels, classes } = make({ count: 47, seed: 3 });
    const counts = upTo(classes).map(
      (c) => Array.from(labels).filter((label) => label === c).length,
    );
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(counts.reduce((a, b) => a + b, 0)).toBe(47);
  });
});
