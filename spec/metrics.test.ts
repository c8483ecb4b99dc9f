/**
 * Metrics: each equals its definition written out, and depends on the examples alone.
 * Rests on the registry of metrics.
 */
import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  accuracy,
  argmax,
  confusionMatrix,
  confusionMetric,
  crossEntropy,
  DTypeError,
  type Metric,
  meanMetric,
  measure,
  ShapeError,
  type Tensor,
  tensor,
  topKAccuracy,
  topKMetric,
  ValueError,
} from "../core/index.ts";
import { metricRegistry } from "../core/metrics/registry.ts";
import { f64, messageOf, numbers } from "./plain.ts";
import { ints, type Plain, pick, sets, tensors } from "./scored-sets.ts";

/** Counts batches that are cut at `cuts`. */
function inBatches<Value>(metric: Metric<Value>, set: Plain, cuts: readonly number[]): Value {
  const count = metric.start();
  const ends = [...new Set([...cuts, set.labels.length])].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    if (end <= start || end > set.labels.length) continue;
    const positions = Array.from({ length: end - start }, (_, i) => start + i);
    count.add(...tensors(pick(set, positions)));
    start = end;
  }
  return count.value();
}

const samples = metricRegistry.flatMap(({ name, ordinal, samples }) =>
  samples.map(({ options, metric }) => ({ title: `${name} (${options})`, metric, ordinal })),
);
const many = { seed: 21, numRuns: 60 };

describe.each(samples)("$title", ({ metric }) => {
  test.prop([sets, fc.array(fc.nat(25))], many)(
    "is the same however the set is cut",
    (set, cuts) => {
      expect(inBatches(metric, set, cuts)).toEqual(measure(metric, ...tensors(set)));
    },
  );

  test.prop([sets, fc.infiniteStream(fc.nat(1e6))], many)(
    "is the same in every order of the examples",
    (set, keys) => {
      const order = set.labels
        .map((_, n) => [keys.next().value ?? 0, n] as const)
        .sort(([a, i], [b, j]) => a - b || i - j)
        .map(([, n]) => n);
      const [shuffled, straight] = [pick(set, order), set].map((s) => inBatches(metric, s, [3, 8]));
      expect(shuffled).toEqual(straight);
    },
  );

  test("counts each set by itself, and refuses to measure none", () => {
    const [scores, labels] = [f64([[1, 2]]), ints([1])];
    const [first, second] = [metric.start(), metric.start()];
    first.add(scores, labels);
    expect(messageOf(() => second.value(), ValueError)).toMatch(
      /^\w+: expected the set to hold at least one example, got none\. Measure a set that is not empty\.$/,
    );
    expect(first.value()).toEqual(first.value());
  });
});

describe.each(samples.filter(({ ordinal }) => ordinal))("$title", ({ metric }) => {
  test.prop([sets], many)("looks at the order of each example's scores alone", (set) => {
    const scaled = { ...set, scores: set.scores.map((row) => row.map((s) => 4 * s - 1)) };
    expect(measure(metric, ...tensors(scaled))).toEqual(measure(metric, ...tensors(set)));
  });
});

test("a metric that claims more than the order of scores is moved by their scale", () => {
  const [plain, scaled] = [f64([[1, 2]]), f64([[4, 8]])];
  for (const { metric } of samples.filter(({ ordinal }) => !ordinal)) {
    expect(measure(metric, scaled, ints([1]))).not.toEqual(measure(metric, plain, ints([1])));
  }
});

test("the registry holds every metric that core exports", () => {
  const text = readFileSync("core/metrics/index.ts", "utf8");
  const exported = [...text.matchAll(/\b(\w+Metric)\b/g)].map(([, name]) => name);
  expect(exported.sort()).toEqual(metricRegistry.map(({ name }) => name).sort());
});

/** Class numbers by falling score, lower numbers first where they tie. */
const ranking = (row: readonly number[]): readonly number[] =>
  [...row.keys()].sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0) || a - b);

describe("accuracy", () => {
  test.prop([sets], many)("is the share of labels that argmax gives", (set) => {
    const [scores, labels] = tensors(set);
    const predicted = numbers(argmax(scores, { axis: 1 }));
    const right = set.labels.filter((label, n) => label === predicted[n]).length;
    expect(accuracy(scores, labels)).toBe(right / set.labels.length);
  });

  test.prop([sets, fc.integer({ min: 1, max: 8 })], many)(
    "among the first k counts the labels that a stable sort leaves there",
    (set, k) => {
      const right = set.scores.filter((row, n) =>
        ranking(row)
          .slice(0, k)
          .includes(set.labels[n] ?? -1),
      ).length;
      expect(topKAccuracy(...tensors(set), { k })).toBe(right / set.labels.length);
    },
  );

  test.prop([sets], many)("grows with k, from accuracy at 1 to 1 at C", (set) => {
    const [scores, labels] = tensors(set);
    const classes = set.scores[0]?.length ?? 0;
    const shares = Array.from({ length: classes }, (_, i) =>
      topKAccuracy(scores, labels, { k: i + 1 }),
    );
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect([shares[0], shares.at(-1)]).toEqual([accuracy(scores, labels), 1]);
  });

  test("of all equal scores is the share of class 0", () => {
    const scores = f64([
      [7, 7, 7],
      [7, 7, 7],
      [7, 7, 7],
    ]);
    expect(accuracy(scores, ints([0, 1, 2]))).toBe(1 / 3);
    expect(topKAccuracy(scores, ints([0, 1, 2]), { k: 2 })).toBe(2 / 3);
  });

  test("takes NaN for the highest score, as argmax does, and the first of two", () => {
    const scores = f64([[1, Number.NaN, Infinity, Number.NaN]]);
    const ranks = [0, 1, 2, 3].map((label) =>
      [1, 2, 3, 4].findIndex((k) => topKAccuracy(scores, ints([label]), { k }) === 1),
    );
    expect(ranks).toEqual([3, 0, 2, 1]);
    expect(numbers(argmax(scores, { axis: 1 }))).toEqual([1]);
  });

  test("takes 0 and -0 for equal", () => {
    expect(accuracy(f64([[-0, 0]]), ints([0]))).toBe(1);
  });
});

describe("the confusion matrix", () => {
  test.prop([sets], many)("counts every example once, at its label and prediction", (set) => {
    const classes = set.scores[0]?.length ?? 0;
    const { counts, precision, recall } = confusionMatrix(...tensors(set));
    const taken = set.scores.map((row) => ranking(row)[0]);
    for (let label = 0; label < classes; label++) {
      const of = set.labels.map((l) => l === label);
      const as = taken.map((p) => p === label);
      for (let predicted = 0; predicted < classes; predicted++) {
        const both = set.labels.filter((l, n) => l === label && taken[n] === predicted).length;
        expect(counts[label]?.[predicted]).toBe(both);
      }
      const hits = of.filter((yes, n) => yes && as[n]).length;
      const [ofCount, asCount] = [of, as].map((list) => list.filter(Boolean).length);
      expect(recall[label]).toBe(ofCount ? hits / ofCount : null);
      expect(precision[label]).toBe(asCount ? hits / asCount : null);
    }
  });

  test.prop([sets], many)("has accuracy on its diagonal", (set) => {
    const { counts } = confusionMatrix(...tensors(set));
    const right = counts.reduce((sum, row, c) => sum + (row[c] ?? 0), 0);
    expect(right / set.labels.length).toBe(accuracy(...tensors(set)));
  });

  test("has no precision for a class never predicted and no recall for one never there", () => {
    const { counts, precision, recall } = confusionMatrix(
      f64([
        [1, 0, 0],
        [0, 1, 0],
        [0, 1, 0],
      ]),
      ints([0, 0, 2]),
    );
    expect(counts).toEqual([
      [1, 1, 0],
      [0, 0, 0],
      [0, 1, 0],
    ]);
    expect(precision).toEqual([1, 0, null]);
    expect(recall).toEqual([0.5, null, 0]);
  });

  test("refuses batches of different classes", () => {
    const count = confusionMetric.start();
    count.add(f64([[1, 2]]), ints([0]));
    expect(messageOf(() => count.add(f64([[1, 2, 3]]), ints([0])), ShapeError)).toBe(
      "confusionMatrix: expected scores to have 2 classes, as the batches before, got 3. Count the outputs of one net at a time.",
    );
  });

  test("gives counts that later batches leave alone", () => {
    const count = confusionMetric.start();
    count.add(f64([[1, 2]]), ints([1]));
    const before = count.value();
    count.add(f64([[1, 2]]), ints([1]));
    expect([before.counts[1], count.value().counts[1]]).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });
});

describe("the mean of a quantity", () => {
  const loss = meanMetric((logits, y) => crossEntropy(logits, y, { reduction: "none" }));

  test.prop([sets], many)("of the losses is the mean loss, to rounding", (set) => {
    const [scores, labels] = tensors(set);
    const mean = numbers(crossEntropy(scores, labels))[0] ?? Number.NaN;
    // 25 additions of losses below 9.
    expect(Math.abs(measure(loss, scores, labels) - mean)).toBeLessThanOrEqual(
      50 * 9 * Number.EPSILON,
    );
  });

  test("adds up without rounding on the way", () => {
    const first = meanMetric((scores) => scores.index(ints([0]), { axis: 1 }).reshape([-1]));
    expect(measure(first, f64([[1e16], [1], [-1e16]]), ints([0, 0, 0]))).toBe(1 / 3);
  });

  test("refuses a quantity that is reduced over the batch", () => {
    const reduced = meanMetric((logits, y) => crossEntropy(logits, y));
    expect(messageOf(() => measure(reduced, f64([[1, 2]]), ints([0])), ShapeError)).toBe(
      'meanMetric: expected quantity to give [1], one number an example, got []. Do not reduce over the batch: losses take { reduction: "none" }.',
    );
  });
});

describe("refusals", () => {
  test.each<[new (...args: never[]) => ShapeError, string, Tensor, Tensor]>([
    [
      ShapeError,
      "accuracy: expected scores to have shape [N, C], a column for each of at least one class, got scores [2]. Give the net's logits or probabilities, with the batch axis first.",
      f64([1, 2]),
      ints([0, 1]),
    ],
    [
      ShapeError,
      "accuracy: expected labels to have shape [1] beside scores [1, 2], got labels [2]. Give one int32 label an example.",
      f64([[1, 2]]),
      ints([0, 1]),
    ],
    [
      DTypeError,
      'accuracy: expected labels to be int32, got float64. Cast it, for example labels.cast("int32").',
      f64([[1, 2]]),
      f64([0]),
    ],
    [
      DTypeError,
      'accuracy: expected scores to be float32 or float64, got int32. Cast it, for example scores.cast("float32").',
      tensor([[1, 2]], { dtype: "int32" }),
      ints([0]),
    ],
    [
      ValueError,
      "accuracy: expected labels to be in [0, 2), one of the 2 classes, got 2 for example 1. Check the labels, or give scores a column for each class.",
      f64([
        [1, 2],
        [1, 2],
      ]),
      ints([1, 2]),
    ],
  ])("%o: %s", (kind, message, scores, labels) => {
    expect(messageOf(() => accuracy(scores, labels), kind)).toBe(message);
  });

  test.each([0, 1.5, Number.NaN])("k = %s", (k) => {
    expect(messageOf(() => topKMetric({ k }), ValueError)).toBe(
      `topKAccuracy: expected k to be an integer ≥ 1, got ${k}. Give the number of classes that may be named, such as 5.`,
    );
  });
});
