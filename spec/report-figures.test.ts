/** The report's curves and figures: thinned, smoothed and rounded without saying anything that was not measured. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  accuracyAxis,
  envelope,
  formatTick,
  lossAxis,
  smooth,
  smoothingWindow,
} from "../research/report/curves.ts";
import { wilsonInterval } from "../research/report/headline.ts";
import { formatCount, formatDuration, formatProbability } from "../research/report/html.ts";

describe("curves", () => {
  const series = fc
    .array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 80 })
    .map((ys) => ys.map((y, x) => ({ x, y })));

  test.prop([series, fc.integer({ min: 1, max: 10 })], { seed: 51, numRuns: 200 })(
    "thinned keep their lowest and highest value and their order",
    (points, buckets) => {
      const thin = envelope(points, buckets);
      const ys = (list: readonly { y: number }[]): number[] => list.map(({ y }) => y);
      expect(thin.length).toBeLessThanOrEqual(2 * buckets);
      expect(Math.min(...ys(thin))).toBe(Math.min(...ys(points)));
      expect(Math.max(...ys(thin))).toBe(Math.max(...ys(points)));
      for (let i = 1; i < thin.length; i++) {
        expect(thin[i]?.x).toBeGreaterThan(thin[i - 1]?.x ?? Number.NaN);
      }
    },
  );

  test.prop([series, fc.constantFrom(1, 3, 7)], { seed: 52, numRuns: 200 })(
    "smoothed are the mean of the window's values, from the first point to the last",
    (points, window) => {
      const smoothed = smooth(points, window, points.length);
      expect(smoothed.map(({ x }) => x)).toEqual(points.map(({ x }) => x));
      smoothed.forEach(({ x, y }) => {
        const near = points.filter((point) => 2 * Math.abs(point.x - x) < window);
        expect(y).toBe(near.reduce((sum, point) => sum + point.y, 0) / near.length);
      });
    },
  );

  test("smoothed at fewer points keep both ends", () => {
    const line = Array.from({ length: 1001 }, (_, x) => ({ x, y: 2 * x }));
    expect(smooth(line, 1, 3)).toEqual([0, 500, 1000].map((x) => ({ x, y: 2 * x })));
    expect([7, 8, 100, 101, 5000].map(smoothingWindow)).toEqual([1, 3, 3, 5, 101]);
  });

  test("are drawn on a log axis exactly if positive and over more than 1.5 decades", () => {
    expect(lossAxis([0.1, 3]).type).toBe("linear");
    expect(lossAxis([0.1, 3.2])).toEqual({
      type: "log",
      domain: [0.1, 3.2],
      ticks: [0.1, 0.2, 0.5, 1, 2],
    });
    expect(lossAxis([0, 3.2])).toEqual({ type: "linear", domain: [0, 3.2] });
    expect(lossAxis([1e-9, 1]).ticks).toEqual([
      1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1,
    ]);
    expect(lossAxis([]).domain).toEqual([0, 1]);
    expect(lossAxis([0]).domain).toEqual([0, 1]);
  });

  test("of accuracy end at 100 and begin at a round figure below all values", () => {
    expect(accuracyAxis([97, 99.5]).domain).toEqual([95, 100]);
    expect(accuracyAxis([12]).domain).toEqual([0, 100]);
  });
});

describe("figures", () => {
  test("read as people write them", () => {
    expect([0, 999, 1000, 1234567].map(formatCount)).toEqual(["0", "999", "1,000", "1,234,567"]);
    expect([0, 0.01, 0.0099, 0.5, 0.0042, 3e-12].map(formatProbability)).toEqual([
      "0.00",
      "0.01",
      "0.01",
      "0.50",
      "4e-3",
      "3e-12",
    ]);
    expect([9.96, 119.6, 3725].map((s) => formatDuration(s).replaceAll("\u00a0", " "))).toEqual([
      "10.0 s",
      "2 min 0 s",
      "1 h 2 min",
    ]);
    const ticks = [0, 0.002, 1e-9, 0.30000000000000004, 999_999, -1e11];
    expect(ticks.map(formatTick)).toEqual(["0", "0.002", "1e-9", "0.3", "999999", "-1e11"]);
  });

  test("of an interval are Wilson's: z²/(n + z²) above none of ten, and the mirror of it", () => {
    // z² = 3.841458820694, so 3.841458820694 / 13.841458820694; 1e-12: the twelve digits given.
    const [low, high] = wilsonInterval(0, 10);
    expect(low).toBe(0);
    expect(Math.abs(high - 3.841458820694 / 13.841458820694)).toBeLessThan(1e-12);
    const [mirrorLow, mirrorHigh] = wilsonInterval(10, 10);
    expect(Math.abs(mirrorHigh - 1)).toBeLessThan(1e-12);
    expect(Math.abs(mirrorLow - (1 - high))).toBeLessThan(1e-12);
  });
});
