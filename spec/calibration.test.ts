/** Calibration: the expected error is its definition written out, over bins with exact edges. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  calibrationMetric,
  expectedCalibrationError,
  measure,
  softmax,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import { f64, messageOf, numbers } from "./plain.ts";
import { ints, sets, tensors } from "./scored-sets.ts";

const many = { seed: 21, numRuns: 60 };

describe("the calibration error", () => {
  /** Two classes: the first has probability p. */
  const binary = (...ps: readonly number[]): Tensor => f64(ps.map((p) => [p, 1 - p]));
  const from = "probabilities";

  test("is Σ |B|/N · |acc − conf|, by hand", () => {
    // (0.5, 0.75]: 0.625 wrong, 0.75 right: |1/2 − 11/16|; (0.75, 1]: 1 right, 0.875 wrong, 0.875 right: |2/3 − 11/12|.
    const scores = binary(0.625, 0.75, 1, 0.875, 0.125);
    const error = expectedCalibrationError(scores, ints([1, 0, 0, 1, 1]), { bins: 4, from });
    expect(error).toBe((2 * (11 / 16 - 1 / 2) + 3 * (11 / 12 - 2 / 3)) / 5);
  });

  test("is 0 for a net that is as often right as it is sure, whatever the bins", () => {
    const scores = binary(0.75, 0.75, 0.75, 0.75, 1, 1);
    for (const bins of [1, 2, 3, 10, 15]) {
      expect(expectedCalibrationError(scores, ints([0, 0, 0, 1, 0, 0]), { bins, from })).toBe(0);
    }
  });

  test("is 1 for a net that is sure and wrong", () => {
    expect(expectedCalibrationError(binary(1, 1), ints([1, 1]), { from })).toBe(1);
  });

  test.prop([fc.integer({ min: 1, max: 40 })], { seed: 22, numRuns: 40 })(
    "counts a confidence at an edge in the bin below, and the next float64 in the bin above",
    (bins) => {
      const metric = calibrationMetric({ bins, from });
      for (let m = Math.ceil(bins / 2); m < bins; m++) {
        const edge = m / bins;
        const counts = [edge, edge + 2 ** -53].map((p) =>
          measure(metric, binary(p), ints([0])).bins.findIndex(({ examples }) => examples === 1),
        );
        if (edge > 0.5) expect(counts).toEqual([m - 1, m]);
      }
      expect(measure(metric, binary(1), ints([0])).bins.at(-1)?.examples).toBe(1);
    },
  );

  test.prop([sets, fc.integer({ min: 1, max: 20 })], many)(
    "equals its definition over bins found by search, to rounding",
    (set, bins) => {
      const [scores, labels] = tensors(set);
      const classes = set.scores[0]?.length ?? 1;
      const all = numbers(softmax(scores));
      const judged = set.labels.map((label, n) => {
        const row = all.slice(n * classes, (n + 1) * classes);
        const confidence = Math.max(...row);
        return { confidence, right: row.indexOf(confidence) === label };
      });
      let error = 0;
      for (let m = 0; m < bins; m++) {
        const inside = judged.filter(
          ({ confidence: p }) => (p > m / bins || (m === 0 && p === 0)) && p <= (m + 1) / bins,
        );
        if (inside.length === 0) continue;
        const acc = inside.filter(({ right }) => right).length / inside.length;
        const conf = inside.reduce((sum, { confidence }) => sum + confidence, 0) / inside.length;
        error += (inside.length / judged.length) * Math.abs(acc - conf);
      }
      const calibration = measure(calibrationMetric({ bins }), scores, labels);
      // At most 25 examples: as many additions of numbers below 1, and a few operations for each of 20 bins.
      expect(Math.abs(calibration.error - error)).toBeLessThanOrEqual(200 * Number.EPSILON);
      expect(calibration.bins.reduce((sum, { examples }) => sum + examples, 0)).toBe(judged.length);
    },
  );

  test.prop([sets], many)("of logits is that of their softmax", (set) => {
    const [scores, labels] = tensors(set);
    expect(expectedCalibrationError(softmax(scores), labels, { from })).toBe(
      expectedCalibrationError(scores, labels),
    );
  });

  test("of a diverged net is NaN, and its bins are empty", () => {
    const scores = f64([[Number.NaN, Number.NaN]]);
    const { error, bins } = measure(calibrationMetric(), scores, ints([0]));
    expect(error).toBeNaN();
    expect(
      bins.map(({ examples, accuracy, confidence }) => [examples, accuracy, confidence]),
    ).toEqual(Array.from({ length: 15 }, () => [0, null, null]));
  });

  test("refuses scores that are no probabilities but are called so", () => {
    expect(
      messageOf(() => expectedCalibrationError(f64([[2, -1]]), ints([0]), { from }), ValueError),
    ).toBe(
      'expectedCalibrationError: expected scores to be probabilities, each in [0, 1] and with the sum 1, got a sum of 1 in [-1, 2] for example 0. Give probabilities, or say from: "logits".',
    );
    expect(() => expectedCalibrationError(f64([[0.4, 0.4]]), ints([0]), { from })).toThrow(
      ValueError,
    );
  });

  test.each([0, -1, 2.5, Number.NaN])("refuses %s bins", (bins) => {
    expect(messageOf(() => calibrationMetric({ bins }), ValueError)).toBe(
      `expectedCalibrationError: expected bins to be an integer ≥ 1, got ${bins}. Give a number of bins such as 15.`,
    );
  });
});
