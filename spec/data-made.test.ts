/** Sets that are made: points lie on the curves they should, shapes cover what they should. */
import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  gaussianClusters,
  imageDataset,
  moons,
  pointExamples,
  shapes,
  spirals,
} from "../core/data/index.ts";
import { ValueError } from "../core/index.ts";
import { atan, cos, sin } from "../core/scalar-math/index.ts";
import { elementsAt, hoeffding, upTo } from "./data-samples.ts";
import { messageOf } from "./plain.ts";

/** Point after point with its class. */
function eachPoint(
  { points, labels, count }: ReturnType<typeof moons>,
  see: (x: number, y: number, label: number) => void,
): void {
  for (const p of upTo(count)) {
    see(points[2 * p] ?? Number.NaN, points[2 * p + 1] ?? Number.NaN, labels[p] ?? -1);
  }
}

describe("points without noise", () => {
  test("of spirals lie at radius t and angle 2π(k/K + turns·t)", () => {
    const [classes, turns] = [4, 0.6];
    eachPoint(spirals({ count: 200, classes, turns, noise: 0 }), (x, y, label) => {
      const t = Math.sqrt(x * x + y * y);
      const angle = 2 * Math.PI * (label / classes + turns * t);
      // Angles up to 10 amplify the rounding of t by 10.
      expect(Math.abs(x - t * cos(angle))).toBeLessThan(100 * 2 ** -53);
      expect(Math.abs(y - t * sin(angle))).toBeLessThan(100 * 2 ** -53);
      expect(t < 1).toBe(true);
    });
  });

  test("of moons lie on two half circles", () => {
    eachPoint(moons({ count: 200, noise: 0 }), (x, y, label) => {
      const [u, v] = label === 0 ? [x, y] : [1 - x, 0.5 - y];
      expect(Math.abs(u * u + v * v - 1)).toBeLessThan(10 * 2 ** -53);
      expect(v >= 0).toBe(true);
    });
  });

  test("of clusters are the centres, evenly spread on the circle", () => {
    eachPoint(gaussianClusters({ count: 8, classes: 4, radius: 2, noise: 0 }), (x, y, label) => {
      const expected = [
        [2, 0],
        [0, 2],
        [-2, 0],
        [0, -2],
      ][label];
      // cos and sin of multiples of π/2, which float64 misses by 4e-16.
      expect(Math.abs(x - (expected?.[0] ?? 9))).toBeLessThan(1e-15);
      expect(Math.abs(y - (expected?.[1] ?? 9))).toBeLessThan(1e-15);
    });
  });
});

describe("points with noise", () => {
  test("have that standard deviation on each coordinate, and mean 0", () => {
    // The mean of n squares of normal numbers has standard deviation √(2/n): six of them are passed with a chance of
    // 2e-9, and for n = 20000 the distribution is as good as normal there.
    const n = 20000;
    const { points } = gaussianClusters({ count: n, classes: 1, radius: 0, noise: 0.5, seed: 2 });
    for (const axis of [0, 1]) {
      const values = upTo(n).map((p) => (points[2 * p + axis] ?? 0) / 0.5);
      const mean = values.reduce((a, b) => a + b, 0) / n;
      const square = values.reduce((a, b) => a + b * b, 0) / n;
      expect(Math.abs(mean)).toBeLessThanOrEqual(6 / Math.sqrt(n));
      expect(Math.abs(square - 1)).toBeLessThanOrEqual(6 * Math.sqrt(2 / n));
    }
  });

  test("have t uniform along the curve", () => {
    let sum = 0;
    eachPoint(moons({ count: 4000, noise: 0, seed: 5 }), (x, y, label) => {
      const [u, v] = label === 0 ? [x, y] : [1 - x, 0.5 - y];
      sum += 2 * atan((1 - u) / v); // half the angle's tangent is (1 − cos)/sin
    });
    expect(Math.abs(sum / 4000 / Math.PI - 0.5)).toBeLessThanOrEqual(hoeffding(4000, 1, 1e-8));
  });

  test("become examples, rounded to float32", () => {
    const set = moons({ count: 6, seed: 1 });
    const { x = [], y = [] } = elementsAt(pointExamples(set), [5, 0]);
    expect(x).toEqual([10, 11, 0, 1].map((i) => Math.fround(set.points[i] ?? 0)));
    expect(y).toEqual([1, 0]);
  });
});

describe("shapes", () => {
  const size = 48;
  const options = { count: 60, size, shift: 0.1, scale: [0.2, 0.3] as const, seed: 3 };
  const set = shapes(options);

  /** Σ of the intensities of image p of one channel, in pixels, and where its middle is. */
  function measured(p: number): { area: number; x: number; y: number } {
    let [area, x, y] = [0, 0, 0];
    for (const i of upTo(size * size)) {
      const share = (set.images[p * size * size + i] ?? 0) / 255;
      area += share;
      x += share * ((i % size) + 0.5);
      y += share * (Math.floor(i / size) + 0.5);
    }
    return { area, x: x / area, y: y / area };
  }

  test("have the areas of their kind, between those of the least and the greatest radius", () => {
    const polygon = (n: number): number => (n / 2) * sin((2 * Math.PI) / n);
    const areas = [
      polygon(3),
      polygon(4),
      Math.PI,
      Math.PI * (1 - 0.36),
      2 * (1.9 * 0.6) - 0.36, // two bars, less the square where they cross
      polygon(5),
    ];
    expect(set.classes).toEqual(["triangle", "square", "disc", "ring", "cross", "pentagon"]);
    for (const p of upTo(set.count)) {
      const { area } = measured(p);
      const unit = areas[set.labels[p] ?? 0] ?? 0;
      // Counted on a grid of 1/4 pixel: off by less than half a step along an outline of at most 12 radii.
      const slack = (0.3 * size * 12) / 8;
      expect(area).toBeGreaterThan(unit * (0.2 * size) ** 2 - slack);
      expect(area).toBeLessThan(unit * (0.3 * size) ** 2 + slack);
    }
  });

  test("are where the shift allows, and not always in the middle", () => {
    const middles = upTo(set.count).map(measured);
    for (const { x, y } of middles) {
      // The middle of each shape is its centre; a pixel for the grid.
      expect(Math.abs(x - size / 2)).toBeLessThanOrEqual(0.1 * size + 1);
      expect(Math.abs(y - size / 2)).toBeLessThanOrEqual(0.1 * size + 1);
    }
    expect(Math.max(...middles.map(({ x }) => x))).toBeGreaterThan(size / 2 + 2);
    expect(Math.min(...middles.map(({ y }) => y))).toBeLessThan(size / 2 - 2);
  });

  test("have edges between black and white, and the corner up without rotation", () => {
    expect(new Set(set.images).size).toBeGreaterThan(10);
    const still = shapes({ count: 1, size, shift: 0, scale: [0.4, 0.4], rotation: 0 });
    const row = (y: number): number =>
      still.images.subarray(y * size, (y + 1) * size).reduce((a, b) => a + b, 0);
    expect(row(6)).toBeLessThan(row(20));
    expect(row(20)).toBeLessThan(row(32));
    for (const i of upTo(size * size)) {
      const mirrored = Math.floor(i / size) * size + (size - 1 - (i % size));
      // A point that is on the edge to the last bit may fall on either side.
      expect(Math.abs((still.images[i] ?? 0) - (still.images[mirrored] ?? 0))).toBeLessThanOrEqual(
        16,
      );
    }
  });

  test("in colour keep ground and figure a quarter of the range apart in every channel", () => {
    const { images, shape } = shapes({ count: 12, size: 16, channels: 3, seed: 4 });
    expect(shape).toEqual([3, 16, 16]);
    for (const plane of upTo(36)) {
      const values = images.subarray(plane * 256, (plane + 1) * 256);
      expect(Math.max(...values) - Math.min(...values)).toBeGreaterThanOrEqual(0.25 * 255 - 1);
      expect(Math.min(...values)).toBeLessThanOrEqual(0.375 * 255 + 0.5);
    }
    expect(imageDataset(shapes({ count: 3 })).fields.x.shape).toEqual([1, 28, 28]);
  });
});

describe("refusals", () => {
  test.each<[string, string, () => unknown]>([
    ["moons", "noise", () => moons({ count: 1, noise: Number.NaN })],
    ["spirals", "count", () => spirals({ count: 0.5 })],
    ["spirals", "turns", () => spirals({ count: 1, turns: Infinity })],
    ["gaussianClusters", "classes", () => gaussianClusters({ count: 1, classes: 0 })],
    ["gaussianClusters", "radius", () => gaussianClusters({ count: 1, radius: -1 })],
    ["shapes", "count", () => shapes({ count: 0 })],
    ["shapes", "size", () => shapes({ count: 1, size: 3 })],
    ["shapes", "channels", () => shapes({ count: 1, ...JSON.parse('{ "channels": 2 }') })],
    ["shapes", "shift", () => shapes({ count: 1, shift: -0.1 })],
    ["shapes", "scale", () => shapes({ count: 1, scale: [0, 0.3] })],
    ["shapes", "scale", () => shapes({ count: 1, scale: [0.3, 0.6] })],
    ["shapes", "rotation", () => shapes({ count: 1, rotation: 0.6 })],
  ])("by %s name %s", (name, option, make) => {
    expect(messageOf(make, ValueError)).toContain(`${name}: expected ${option} `);
  });

  test.each([
    [
      "no points",
      () => moons({ count: 0 }),
      "moons: expected count to be an integer ≥ 1, got 0. Give a whole number.",
    ],
    [
      "no class",
      () => spirals({ count: 3, classes: 0 }),
      "spirals: expected classes to be an integer ≥ 1, got 0. Give a whole number.",
    ],
    [
      "negative noise",
      () => gaussianClusters({ count: 3, noise: -1 }),
      "gaussianClusters: expected noise to be in [0, 1.7976931348623157e+308], got -1. Choose another value.",
    ],
    [
      "a shift out of the image",
      () => shapes({ count: 3, shift: 0.6 }),
      "shapes: expected shift to be in [0, 0.5], got 0.6. Choose another value.",
    ],
    [
      "a greatest radius below the least",
      () => shapes({ count: 3, scale: [0.3, 0.2] }),
      "shapes: expected scale to be in [0.3, 0.5], got 0.2. Choose another value.",
    ],
    [
      "points that float32 rounds to infinity",
      () => pointExamples(gaussianClusters({ count: 1, radius: 1e39, noise: 0 })),
      "pointExamples: expected points to be finite in float32, got 1e+39 in point 0 of gaussianClusters. Make the set with less noise or a smaller radius.",
    ],
    [
      "points that are not finite",
      () => pointExamples({ ...moons({ count: 1 }), points: Float64Array.of(0, Infinity) }),
      "pointExamples: expected points to be finite in float32, got Infinity in point 0 of moons. Make the set with less noise or a smaller radius.",
    ],
  ])("of %s", (_, run, message) => {
    expect(messageOf(run, ValueError)).toBe(message);
  });
});
