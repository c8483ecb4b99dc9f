/** Augmentation: each kind keeps what it promises, and what it draws is a function of (seed, epoch, position). */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { Augmentation, ImageShape } from "../core/data/augment.ts";
import {
  changeBrightness,
  changeContrast,
  changeSaturation,
  colourJitter,
} from "../core/data/augment-colour.ts";
import { crop, cropAt, cutout, flip, mirror } from "../core/data/augment-geometry.ts";
import { beta } from "../core/data/beta.ts";
import { augment, cutmix, examples, imageDataset, mixup, subset } from "../core/data/index.ts";
import { crossEntropy, RandomSource, ShapeError, tensor, ValueError } from "../core/index.ts";
import { uniforms } from "../core/random/index.ts";
import { elementsAt, hoeffding, noiseImages, upTo } from "./data-samples.ts";
import { item, messageOf } from "./plain.ts";

const shape: ImageShape = [3, 5, 4];
const size = 60;

/** One image of uniform numbers. */
function imageOf(seed: number, count = size): Float64Array {
  return uniforms(new RandomSource(seed).stream("image"), count);
}

/** Every kind of augmentation, with options that leave hardly an image as it was. */
const kinds: readonly (readonly [string, Augmentation])[] = [
  ["flip", flip()],
  ["vertical flip", flip({ direction: "vertical", probability: 0.9 })],
  ["crop", crop({ padding: 2 })],
  ["crop to a size", crop({ size: [3, 2], padding: 1, fill: 0.5 })],
  ["cutout", cutout({ size: 3 })],
  ["colour jitter", colourJitter({ brightness: 0.5, contrast: 0.5, saturation: 0.5 })],
];

describe.each(kinds)("%s", (_, augmentation) => {
  const images = noiseImages(30, shape);

  test("a second time in one list draws anew, in a list of its own with the same seed the same", () => {
    const twice = augment(images, [augmentation, augmentation], { seed: 5 });
    const once = augment(images, [augmentation], { seed: 5 });
    const again = augment(once, [augmentation], { seed: 5 });
    expect(elementsAt(twice, upTo(30), 2)).not.toEqual(elementsAt(again, upTo(30), 2));
    const drawn: number[][] = [];
    const noting: Augmentation = {
      name: augmentation.name,
      outputShape: (extent) => extent,
      apply: (image, _extent, stream, into) => {
        drawn.push([...uniforms(stream, 4)]);
        into.set(image);
      },
    };
    const draws = (dataset: typeof images): readonly number[][] => {
      drawn.length = 0;
      dataset.batch(Int32Array.of(7), 2);
      return [...drawn];
    };
    const [first, second] = draws(
      augment(augment(images, [noting], { seed: 5 }), [noting], { seed: 5 }),
    );
    expect(second).toEqual(first);
    const [one, other] = draws(augment(images, [noting, noting], { seed: 5 }));
    expect(one).toEqual(first);
    expect(other).not.toEqual(one);
  });

  test("writes the shape it names", () => {
    const changed = augment(images, [augmentation]);
    expect(changed.fields.x.shape).toEqual(augmentation.outputShape(shape));
    expect(changed.batch(Int32Array.of(0)).x.shape).toEqual([1, ...changed.fields.x.shape]);
  });
});

const extents = fc.record({
  channels: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 6 }),
  width: fc.integer({ min: 1, max: 6 }),
  seed: fc.nat(1000),
});
const many = { seed: 31, numRuns: 100 };

describe("flipping", () => {
  test.prop([extents, fc.constantFrom("horizontal" as const, "vertical" as const)], many)(
    "moves pixel (y, x) to its mirror image, and twice is no flip",
    ({ channels, height, width, seed }, direction) => {
      const extent: ImageShape = [channels, height, width];
      const image = imageOf(seed, channels * height * width);
      const [once, twice] = [image.map(() => Number.NaN), image.map(() => Number.NaN)];
      mirror(image, extent, direction, once);
      mirror(once, extent, direction, twice);
      expect(twice).toEqual(image);
      for (let c = 0; c < channels; c++) {
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const [fromY, fromX] =
              direction === "horizontal" ? [y, width - 1 - x] : [height - 1 - y, x];
            expect(once[(c * height + y) * width + x]).toBe(
              image[(c * height + fromY) * width + fromX],
            );
          }
        }
      }
    },
  );

  test("has the probability it is given", () => {
    const images = noiseImages(4000, [1, 1, 2]);
    const before = elementsAt(images, upTo(4000))["x"] ?? [];
    for (const probability of [0, 0.25, 1]) {
      const after = elementsAt(augment(images, [flip({ probability })]), upTo(4000))["x"] ?? [];
      const flipped = upTo(4000).filter((p) => after[2 * p] !== before[2 * p]).length;
      const reach = probability % 1 === 0 ? 0 : hoeffding(4000, 1, 1e-7);
      expect(Math.abs(flipped / 4000 - probability)).toBeLessThanOrEqual(reach);
    }
  });
});

describe("cropping", () => {
  test.prop([extents, fc.integer({ min: -7, max: 7 }), fc.integer({ min: -7, max: 7 })], many)(
    "gives the image moved by the offset, filled outside; without offset the image",
    ({ channels, height, width, seed }, top, left) => {
      const extent: ImageShape = [channels, height, width];
      const image = imageOf(seed, channels * height * width);
      const out = image.map(() => Number.NaN);
      cropAt(image, extent, { height, width, top, left }, -1, out);
      out.forEach((value, i) => {
        const x = (i % width) + left;
        const y = (Math.floor(i / width) % height) + top;
        const c = Math.floor(i / (width * height));
        const inside = x >= 0 && x < width && y >= 0 && y < height;
        expect(value).toBe(inside ? image[(c * height + y) * width + x] : -1);
      });
      cropAt(image, extent, { height, width, top: 0, left: 0 }, -1, out);
      expect(out).toEqual(image);
    },
  );

  test("without padding is the identity at the image's own size", () => {
    const images = noiseImages(10, shape);
    expect(elementsAt(augment(images, [crop()]), upTo(10))).toEqual(elementsAt(images, upTo(10)));
  });

  test("takes every offset of the padded image alike", () => {
    // The only pixel of a 1 × 1 image, padded by 1, is at one of 9 places of a 2 × 2 crop's offsets: 4 of 9 in all.
    const one = examples({
      length: 9000,
      fields: { x: { shape: [1, 1, 1], dtype: "float32" } },
      write: (_position, _epoch, { x }) => x.fill(1),
    });
    const crops = elementsAt(augment(one, [crop({ padding: 1, size: [2, 2] })]), upTo(9000))["x"];
    for (let place = 0; place < 4; place++) {
      const there = upTo(9000).filter((p) => crops?.[4 * p + place] === 1).length;
      expect(Math.abs(there / 9000 - 1 / 4)).toBeLessThanOrEqual(hoeffding(9000, 1, 1e-8));
    }
  });
});

describe("cutout", () => {
  test.prop([fc.integer({ min: 1, max: 7 }), fc.nat(1000)], many)(
    "fills one rectangle, the square as far as the image reaches, in every channel",
    (side, seed) => {
      const [channels, height, width]: ImageShape = [2, 6, 5];
      const image = imageOf(seed, 60).map((value) => value + 1);
      const out = image.map(() => 0);
      const stream = new RandomSource(seed).stream("cutout");
      cutout({ size: side, fill: -1 }).apply(image, [channels, height, width], stream, out);
      const rows = new Set<number>();
      const columns = new Set<number>();
      out.forEach((value, i) => {
        if (value !== -1) expect(value).toBe(image[i]);
        else {
          rows.add(Math.floor(i / width) % height);
          columns.add(i % width);
        }
      });
      const area = [...out].filter((value) => value === -1).length;
      expect(area).toBe(channels * rows.size * columns.size);
      for (const [set, extent] of [
        [rows, height],
        [columns, width],
      ] as const) {
        const indices = [...set].sort((a, b) => a - b);
        const [low = -1] = indices;
        expect(indices).toEqual(upTo(indices.length).map((i) => low + i));
        const touches = low === 0 || low + indices.length === extent;
        expect(indices.length).toBeLessThanOrEqual(side);
        // A square that ends at no border is whole; else at least its half with the centre is inside.
        expect(indices.length).toBeGreaterThanOrEqual(
          touches ? Math.min(Math.floor((side + 1) / 2), extent) : side,
        );
      }
    },
  );
});

describe("colour jitter", () => {
  const image = imageOf(9);
  const out = new Float64Array(size);

  test("with all factors 1 is the identity to rounding, and stays in [0, 1] with any", () => {
    for (const change of [
      () => changeBrightness(image, 1, out),
      () => changeContrast(image, shape, 1, out),
      () => changeSaturation(image, shape, 1, out),
    ]) {
      change();
      expect(out).toEqual(image);
    }
    for (let seed = 0; seed < 50; seed++) {
      const wild = colourJitter({ brightness: 3, contrast: 3, saturation: 3 });
      wild.apply(image, shape, new RandomSource(seed).stream("jitter"), out);
      for (const value of out) expect(value >= 0 && value <= 1).toBe(true);
    }
  });

  test("brightness scales, contrast keeps the mean grey, saturation 0 is grey", () => {
    const soft = image.map((value) => 0.25 + value / 2);
    changeBrightness(soft, 0.5, out);
    expect(out).toEqual(soft.map((value) => value / 2));
    const grey = (x: Float64Array, i: number): number =>
      0.299 * (x[i] ?? 0) + 0.587 * (x[i + 20] ?? 0) + 0.114 * (x[i + 40] ?? 0);
    const meanGrey = (x: Float64Array): number =>
      upTo(20).reduce((sum, i) => sum + grey(x, i), 0) / 20;
    changeContrast(soft, shape, 0.5, out);
    // Some 100 roundings of numbers below 1.
    expect(Math.abs(meanGrey(out) - meanGrey(soft))).toBeLessThan(100 * 2 ** -53);
    expect(out[0]).toBeCloseTo(0.5 * (soft[0] ?? 0) + 0.5 * meanGrey(soft), 14);
    changeSaturation(soft, shape, 0, out);
    for (const i of upTo(20)) {
      expect([out[i], out[i + 20], out[i + 40]]).toEqual(new Array(3).fill(grey(soft, i)));
    }
  });

  test.each([1.5, -0.25, Number.NaN])(
    "refuses a pixel of %f: standardizing comes afterwards",
    (pixel) => {
      const wrong = image.slice();
      wrong[7] = pixel;
      const jitter = colourJitter({ brightness: 0.4 });
      const stream = new RandomSource(0).stream("jitter");
      expect(messageOf(() => jitter.apply(wrong, shape, stream, out), ValueError)).toBe(
        `colourJitter: expected dataset to have images in [0, 1], got ${pixel} at element 7 of an image. Take imageDataset without statistics, and normalize afterwards.`,
      );
    },
  );

  test("leaves the saturation of images without three channels alone", () => {
    changeSaturation(image, [1, 6, 10], 0, out);
    expect(out).toEqual(image);
  });
});

describe("the beta distribution", () => {
  test.each([
    [0.2, 0.2],
    [1, 1],
    [4, 4],
    [0.5, 2],
    [0.001, 0.001],
  ])("Beta(%f, %f) has the mean and the second moment it should, in [0, 1]", (a, b) => {
    const n = 20000;
    const stream = new RandomSource(3).stream("beta");
    let [sum, squares] = [0, 0];
    for (let i = 0; i < n; i++) {
      const value = beta(stream, a, b);
      expect(value >= 0 && value <= 1).toBe(true);
      sum += value;
      squares += value * value;
    }
    const mean = a / (a + b);
    const second = (mean * (a + 1)) / (a + b + 1);
    const reach = hoeffding(n, 1, 1e-8);
    expect(Math.abs(sum / n - mean)).toBeLessThanOrEqual(reach);
    expect(Math.abs(squares / n - second)).toBeLessThanOrEqual(reach);
  });
});

describe.each([
  ["mixup", mixup],
  ["cutmix", cutmix],
])("%s", (name, mix) => {
  // Every example has a label of its own, so the labels tell whom it was mixed with, and how much.
  const images = noiseImages(40, [1, 6, 5], { classes: 40 });
  const mixed = mix(images, { classes: 40, alpha: 1, seed: 2 });
  const raw = elementsAt(images, upTo(40))["x"] ?? [];
  const { x = [], y = [] } = elementsAt(mixed, upTo(40), 1);

  test("gives labels two shares at most, whose float32 sum is 1 exactly", () => {
    for (const p of upTo(40)) {
      const row = y.slice(40 * p, 40 * p + 40);
      expect(row.filter((share) => share > 0).length).toBeLessThanOrEqual(2);
      expect(row.reduce((sum, share) => Math.fround(sum + share), 0)).toBe(1);
      expect(row.every((share) => share >= 0)).toBe(true);
    }
  });

  test("mixes the pixels of the two examples whose labels it mixes, in the same shares", () => {
    for (const p of upTo(40)) {
      const own = y[41 * p] ?? 0;
      const other = upTo(40).find((q) => q !== p && (y[40 * p + q] ?? 0) > 0) ?? p;
      const out = x.slice(30 * p, 30 * p + 30);
      const [a, b] = [p, other].map((q) => raw.slice(30 * q, 30 * q + 30));
      if (name === "mixup") {
        const sum = out.map((_, i) => own * (a?.[i] ?? 0) + (1 - own) * (b?.[i] ?? 0));
        expect(out).toEqual(sum.map(Math.fround));
      } else {
        const taken = upTo(30).filter((i) => out[i] !== a?.[i]);
        for (const i of taken) expect(out[i]).toBe(b?.[i]);
        expect(own).toBe(Math.round((1 - taken.length / 30) * 2 ** 24) / 2 ** 24);
        const rows = new Set(taken.map((i) => Math.floor(i / 5)));
        const columns = new Set(taken.map((i) => i % 5));
        expect(taken.length).toBe(rows.size * columns.size);
      }
    }
  });

  test("does not depend on the batch, only on (seed, epoch, position)", () => {
    expect(elementsAt(mixed, [7, 3], 1)["x"]).toEqual([...x.slice(210, 240), ...x.slice(90, 120)]);
    expect(elementsAt(subset(mixed, [7]), [0], 1)["y"]).toEqual(y.slice(280, 320));
    expect(elementsAt(mixed, upTo(40), 2)["x"]).not.toEqual(x);
    expect(elementsAt(mix(images, { classes: 40, alpha: 1 }), upTo(40), 1)["x"]).not.toEqual(x);
  });

  test("makes targets that crossEntropy takes", () => {
    const target = mixed.batch(Int32Array.of(0, 1)).y;
    const even = tensor(new Float32Array(80), { shape: [2, 40] });
    expect(item(crossEntropy(even, target))).toBeCloseTo(3.6888795, 5); // ln 40
  });

  test("refuses classes, alpha and labels out of range", () => {
    expect(messageOf(() => mix(images, { classes: 0, alpha: 1 }), ValueError)).toBe(
      `${name}: expected classes to be an integer ≥ 1, got 0. Give a whole number.`,
    );
    expect(messageOf(() => mix(images, { classes: 3, alpha: 0 }), ValueError)).toBe(
      `${name}: expected alpha to be at least 1e-300 and finite, got 0. Give a small number: 0.2 mixes little, 1 mixes every share alike.`,
    );
    expect(() => mix(images, { classes: 3, alpha: Number.MIN_VALUE })).toThrow(ValueError);
    const least = mix(images, { classes: 40, alpha: 1e-300 });
    expect(elementsAt(least, upTo(40))["y"]?.every((share) => share >= 0 && share <= 1)).toBe(true);
    const two = mix(images, { classes: 2, alpha: 1 });
    expect(messageOf(() => two.batch(Int32Array.of(2)), ValueError)).toBe(
      `${name}: expected dataset to have labels in [0, 2), got 2. Give the number of classes, counted from 0.`,
    );
  });
});

test("mixup takes shares of mean 1/2 and variance 1/(4(2α + 1)), and every partner alike", () => {
  const [n, draws, alpha] = [50, 4000, 0.4];
  const mixed = mixup(noiseImages(n, [1, 1, 1], { classes: n }), { classes: n, alpha, seed: 8 });
  const row = { x: new Float32Array(1), y: new Float32Array(n) };
  const partners = new Array<number>(n).fill(0);
  let [sum, squares, seen] = [0, 0, 0];
  for (let draw = 0; draw < draws; draw++) {
    mixed.write(draw % n, Math.floor(draw / n), row);
    const partner = row.y.findIndex((share, q) => share > 0 && q !== draw % n);
    if (partner === -1) continue; // itself, once in n
    partners[partner] = (partners[partner] ?? 0) + 1;
    const share = row.y[draw % n] ?? 0;
    seen += 1;
    sum += share;
    squares += (share - 0.5) * (share - 0.5);
  }
  expect(Math.abs(sum / seen - 0.5)).toBeLessThanOrEqual(hoeffding(seen, 1, 1e-8));
  const variance = 1 / (4 * (2 * alpha + 1));
  expect(Math.abs(squares / seen - variance)).toBeLessThanOrEqual(hoeffding(seen, 0.25, 1e-8));
  for (const count of partners) {
    expect(Math.abs(count / draws - (n - 1) / (n * n))).toBeLessThanOrEqual(
      hoeffding(draws, 1, 1e-8 / n),
    );
  }
});

describe("augment refuses", () => {
  const images = noiseImages(2, shape);
  test.each([
    [
      "images with two axes",
      () => augment(noiseImages(2, [4, 4]), [flip()]),
      ShapeError,
      "augment: expected dataset to have images x of three axes: channels, height, width, each at least 1, got [4, 4]. Give an image of one channel the shape [1, height, width].",
    ],
    [
      "a crop that does not fit",
      () => augment(images, [crop({ size: [8, 4], padding: 1 })]),
      ShapeError,
      "crop: expected size to fit the image [3, 5, 4] with padding 1, got [8, 4]. Crop less, or pad more.",
    ],
    [
      "a probability above 1",
      () => flip({ probability: 1.5 }),
      ValueError,
      "flip: expected probability to be in [0, 1], got 1.5. Choose another value.",
    ],
    [
      "a direction that is none",
      () => flip(JSON.parse('{ "direction": "diagonal" }')),
      ValueError,
      'flip: expected direction to be "horizontal" or "vertical", got "diagonal". Leave it out to mirror left to right.',
    ],
    [
      "half a pixel of padding",
      () => crop({ padding: 0.5 }),
      ValueError,
      "crop: expected padding to be an integer ≥ 0, got 0.5. Give a whole number.",
    ],
    [
      "no square",
      () => cutout({ size: 0 }),
      ValueError,
      "cutout: expected size to be an integer ≥ 1, got 0. Give a whole number.",
    ],
    [
      "a negative change",
      () => colourJitter({ contrast: -1 }),
      ValueError,
      "colourJitter: expected contrast to be in [0, 1.7976931348623157e+308], got -1. Choose another value.",
    ],
    [
      "x of whole numbers",
      () =>
        augment(
          examples({
            length: 1,
            fields: { x: { shape: [1, 1, 1], dtype: "int32" } },
            write: () => {},
          }),
          [],
        ),
      ValueError,
      "augment: expected dataset to have a field x of float32 or float64, got int32 x. Map it to one first, for example with mapDataset.",
    ],
  ])("%s", (_, run, kind, message) => {
    expect(messageOf(run, kind)).toBe(message);
  });

  test.each<[string, string, () => unknown]>([
    ["flip", "probability", () => flip({ probability: Number.NaN })],
    ["crop", "size", () => crop({ size: [2, 0] })],
    ["crop", "fill", () => crop({ fill: Infinity })],
    ["cutout", "probability", () => cutout({ size: 1, probability: -0.1 })],
    ["cutout", "fill", () => cutout({ size: 1, fill: Number.NaN })],
    ["colourJitter", "brightness", () => colourJitter({ brightness: -1 })],
    ["colourJitter", "saturation", () => colourJitter({ saturation: Number.NaN })],
  ])("in %s a wrong %s", (name, option, make) => {
    expect(messageOf(make, ValueError)).toContain(`${name}: expected ${option} `);
  });

  test("an augmentation that draws more than an example's share of the stream", () => {
    const greedy: Augmentation = {
      name: "greedy",
      outputShape: (extent) => extent,
      apply: (_image, _extent, stream) => stream.reserve(65537),
    };
    expect(messageOf(() => augment(images, [greedy]).batch(Int32Array.of(0)), ValueError)).toBe(
      "augment: expected greedy to draw at most 65536 blocks for an image, got 65537. Draw a few numbers, and the rest from a stream of their own.",
    );
  });

  test("the same images, augmented before standardizing, lose nothing: bytes come through", () => {
    const set = {
      name: "toy",
      images: Uint8Array.from(upTo(8)),
      shape: [2, 2, 2],
      labels: Uint8Array.of(0),
      count: 1,
      classes: ["a"],
    } as const;
    const plain = augment(imageDataset(set), [flip({ probability: 1 })]);
    expect(elementsAt(plain, [0])["x"]).toEqual(
      [1, 0, 3, 2, 5, 4, 7, 6].map((byte) => Math.fround(byte / 255)),
    );
  });
});
