/**
 * The confusion matrix: how often each class was taken for each, with each class's precision and recall.
 * Rests on metric and scores.
 */
import { ShapeError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { type Metric, measure, shareOf } from "./metric.ts";
import { predictedClass, scoredExamples } from "./scores.ts";

/** How often each class was taken for each. */
export interface ConfusionMatrix {
  /** `counts[label][predicted]`, [C, C] integers ≥ 0. Their sum is the number of examples. */
  readonly counts: readonly (readonly number[])[];
  /** Of the examples predicted as a class, the share that is of it; null for a class never predicted. */
  readonly precision: readonly (number | null)[];
  /** Of the examples of a class, the share that is predicted as it; null for a class without examples. */
  readonly recall: readonly (number | null)[];
}

const where = "confusionMatrix";

/** The metric behind `confusionMatrix`. All batches must have the same number of classes. */
export const confusionMetric: Metric<ConfusionMatrix> = {
  start: () => {
    let counts: number[][] = [];
    return {
      add: (scores, labels) => {
        const examples = scoredExamples(where, scores, labels);
        const classes = scores.shape[1] ?? 0;
        if (counts.length === 0) counts = square(classes);
        if (counts.length !== classes) throw otherClasses(counts.length, classes);
        for (const { scores: row, label } of examples) {
          const predicted = predictedClass(row);
          const line = counts[label] ?? [];
          line[predicted] = (line[predicted] ?? 0) + 1;
        }
      },
      value: () => {
        const total = counts.flat().reduce((sum, count) => sum + count, 0);
        shareOf(where, 0, total);
        return described(counts.map((row) => [...row]));
      },
    };
  },
};

/**
 * How often each class was taken for each. scores: logits or probabilities [N, C] of a float dtype, labels: [N] int32 in
 * [0, C). Ties and NaN as in `accuracy`, which is the diagonal's share of all counts.
 * Throws ShapeError, DTypeError, ValueError for a label outside [0, C) and for no examples.
 *
 * @example
 * const { counts, precision, recall } = confusionMatrix(logits, labels);
 * counts[3]?.[5]; // how many threes were taken for fives
 */
export function confusionMatrix(scores: Tensor, labels: Tensor): ConfusionMatrix {
  return measure(confusionMetric, scores, labels);
}

function described(counts: readonly (readonly number[])[]): ConfusionMatrix {
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const share = (part: number, total: number): number | null => (total > 0 ? part / total : null);
  const right = counts.map((row, c) => row[c] ?? 0);
  const predicted = counts.map((_, c) => sum(counts.map((row) => row[c] ?? 0)));
  return {
    counts,
    precision: right.map((n, c) => share(n, predicted[c] ?? 0)),
    recall: right.map((n, c) => share(n, sum(counts[c] ?? []))),
  };
}

function square(classes: number): number[][] {
  return Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
}

function otherClasses(before: number, now: number): ShapeError {
  return new ShapeError({
    where,
    argument: "scores",
    expected: `to have ${before} classes, as the batches before`,
    got: String(now),
    fix: "Count the outputs of one net at a time",
  });
}
