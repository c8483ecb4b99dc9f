/** The rate range test: sweeps of known losses, whose answers are known. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ValueError } from "../core/index.ts";
import { findRateRange, rateSweep } from "../schedules/index.ts";
import { messageOf } from "./plain.ts";

const many = { seed: 1, numRuns: 100 };
const steps = 70;
const rates: readonly number[] = Array.from(
  { length: steps + 1 },
  (_, t) => rateSweep({ low: 1e-6, high: 10, totalSteps: steps })(t), // ten to a decade
);
const at = (t: number): number => rates[t] ?? Number.NaN;
const plain = { smoothing: 0 };

/** Flat at 2 up to `fall`, down to 1 by a smooth step about `fall + 5`, and up as 2^(t - rise) from `rise` on. */
const losses = (fall: number, rise: number): readonly number[] =>
  rates.map((_, t) => 1 + 1 / (1 + 2 ** (t - fall - 5)) + (t < rise ? 0 : 2 ** (t - rise)));

test.prop([fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 999 })], many)(
  "a sweep ends at its highest rate to the last bit, however low·(high/low) rounds",
  (n, m) => {
    const [low, high] = [n / 7, (n + m) / 7];
    const rate = rateSweep({ low, high, totalSteps: 3 });
    expect([rate(3), rate(4), rate(1e9)]).toEqual([high, high, high]);
  },
);

describe("findRateRange", () => {
  test.prop([fc.integer({ min: 5, max: 20 }), fc.integer({ min: 40, max: 60 })], many)(
    "finds where a known curve falls fastest, is lowest, and passes four times its lowest",
    (fall, rise) => {
      const curve = losses(fall, rise);
      const found = findRateRange(rates, curve, plain);
      expect(found.steepest).toBe(at(fall + 5));
      expect(found.lowest).toBe(at(rise - 1));
      expect(found.diverged).toBe(at(rise + 2)); // 1 + 4 is the first above 4·(1 + a little)
      expect(found.smoothed).toEqual(curve.slice(0, rise + 2));
    },
  );

  test.prop([fc.integer({ min: 5, max: 20 }), fc.integer({ min: -40, max: 40 })], many)(
    "does not care for the unit of the loss: 2^k times the losses, the same rates bit for bit",
    (fall, k) => {
      const curve = losses(fall, 50);
      const { smoothed, ...found } = findRateRange(rates, curve);
      const { smoothed: scaled, ...same } = findRateRange(
        rates,
        curve.map((loss) => loss * 2 ** k),
      );
      expect(same).toEqual(found);
      expect(scaled).toEqual(smoothed.map((loss) => loss * 2 ** k));
    },
  );

  test.prop(
    [
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 3, maxLength: 40 }),
      fc.constantFrom(0.5, 0.9, 0.98),
    ],
    many,
  )("averages losses with weights (1 - s)·s^age over their sum", (curve, smoothing) => {
    const some = rates.slice(0, curve.length);
    const { smoothed } = findRateRange(some, curve, { smoothing, divergence: 1000 });
    curve.forEach((_, t) => {
      const weights = curve.slice(0, t + 1).map((_none, i) => smoothing ** (t - i));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const mean = weights.reduce((sum, weight, i) => sum + weight * (curve[i] ?? 0), 0) / total;
      // A rounding or two at each of up to 40 steps, on both ways.
      expect(Math.abs((smoothed[t] ?? Number.NaN) - mean)).toBeLessThanOrEqual(
        200 * Number.EPSILON * mean,
      );
    });
    expect(smoothed).toHaveLength(curve.length);
  });

  test("a loss that is NaN or infinite has diverged; later losses do not matter", () => {
    for (const end of [Number.NaN, Infinity]) {
      const curve = losses(10, 200);
      const cut = curve.map((loss, t) => (t < 40 ? loss : end));
      expect(findRateRange(rates, cut, plain).diverged).toBe(at(40));
      expect(findRateRange(rates, [...cut.slice(0, 41), ...curve.slice(41)], plain)).toEqual(
        findRateRange(rates, cut, plain),
      );
    }
    expect(findRateRange(rates, losses(10, 200), plain).diverged).toBe(null);
  });

  test("the steepest descent is between the neighbours of a rate", () => {
    // Differences of neighbours: -4, -5, -4, -3; of wider ones the fourth would be the steepest.
    const found = findRateRange(rates.slice(0, 6), [9, 9, 5, 4, 1, 1], plain);
    expect(found.steepest).toBe(at(2));
  });

  test("the steepest descent is per decade, however far the rates lie from each other", () => {
    // Per decade −1/log₁₀2, −3/6 and −2/5.7; times the decades the middle one would be the steepest.
    expect(findRateRange([1, 2, 1e6], [4, 3, 1], plain).steepest).toBe(1);
  });

  test("the last two losses may be the steepest, and so may the place of the lowest", () => {
    expect(findRateRange([1, 10, 100], [4, 3, 1], plain).steepest).toBe(100);
    expect(findRateRange([1, 10, 100, 1000], [3, 3.2, 0, 0.1], plain).steepest).toBe(100);
  });

  test("a loss that is as many times the lowest as is allowed has not diverged, and may be 0", () => {
    expect(findRateRange([1, 2, 3], [1, 4, 1], { ...plain, divergence: 4 }).diverged).toBeNull();
    expect(findRateRange([1, 2, 3], [1, 4.01, 1], { ...plain, divergence: 4 }).diverged).toBe(2);
    expect(findRateRange([1, 2, 3], [1, 0.5, 0], plain).lowest).toBe(3);
  });

  test("losses that stay have no steepest descent", () => {
    const flat = rates.map(() => 0.5);
    expect(findRateRange(rates, flat, plain)).toEqual({
      smoothed: flat,
      lowest: at(0),
      steepest: null,
      diverged: null,
    });
  });

  test("losses that only rise have no steepest descent, and are lowest at the first rate", () => {
    const rising = rates.map((_, t) => 1 + t / 100);
    expect(findRateRange(rates, rising)).toMatchObject({
      steepest: null,
      lowest: at(0),
      diverged: null,
    });
  });

  test.each<[readonly number[], readonly number[], string]>([
    [[1, 2], [1, 1], "rates to be 3 or more, > 0 and ascending, got [1, 2]"],
    [[1, 2, 2], [1, 1, 1], "rates to be 3 or more, > 0 and ascending, got [1, 2, 2]"],
    [[0, 1, 2], [1, 1, 1], "rates to be 3 or more, > 0 and ascending, got [0, 1, 2]"],
    [[1, 2, Infinity], [1, 1, 1], "rates to be 3 or more, > 0 and ascending, got [1, 2, Infinity]"],
    [
      [6, 5, 4, 3, 2, 1],
      [1, 1, 1, 1, 1, 1],
      "rates to be 3 or more, > 0 and ascending, got [6, 5, 4, 3, 2, 1]",
    ],
    [
      [7, 6, 5, 4, 3, 2, 1],
      [1, 1, 1, 1, 1, 1, 1],
      "rates to be 3 or more, > 0 and ascending, got [7, 6, 5, 4, 3, 2, …]",
    ],
    [[1, 2, 3], [1, 1], "losses to be one for each of 3 rates, got 2"],
    [[1, 2, 3], [Number.NaN, 1, 1], "losses[0] to be finite and ≥ 0, got NaN"],
    [[1, 2, 3], [1, 1, -1], "losses[2] to be ≥ 0, got -1"],
  ])("refuses rates %o with losses %o", (some, curve, message) => {
    expect(messageOf(() => findRateRange(some, curve), ValueError)).toBe(
      `findRateRange: expected ${message}. Give the rates of a rateSweep and the loss at each.`,
    );
  });

  test("refuses options out of range", () => {
    const curve = losses(10, 50);
    expect(messageOf(() => findRateRange(rates, curve, { divergence: 1 }), ValueError)).toBe(
      "findRateRange: expected divergence to be greater than 1, got 1. Give a factor such as 4.",
    );
    expect(messageOf(() => findRateRange(rates, curve, { smoothing: 1 }), ValueError)).toContain(
      "findRateRange: expected smoothing to be in [0, ",
    );
    expect(messageOf(() => findRateRange(rates, curve, { smoothing: 1 }), ValueError)).toContain(
      "got 1. Give a share such as 0.9.",
    );
  });
});
