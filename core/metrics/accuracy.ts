/**
 * Accuracy: the share of examples whose class is the predicted one, or among the k first.
 * Rests on metric and scores.
 */
import { requireInteger } from "../require-number.ts";
import type { Tensor } from "../tensor.ts";
import { type Metric, measure, shareOf } from "./metric.ts";
import { rankOf, scoredExamples } from "./scores.ts";

/** Options of `topKAccuracy`. */
export interface TopKOptions {
  /** How many classes may be named for an example, integer ≥ 1. All of them are right where k ≥ C. */
  readonly k: number;
}

/** The metric behind `accuracy`. */
export const accuracyMetric: Metric<number> = rankMetric("accuracy", 1);

/** The metric behind `topKAccuracy`. Throws ValueError unless k is an integer ≥ 1. */
export function topKMetric({ k }: TopKOptions): Metric<number> {
  const fix = "Give the number of classes that may be named, such as 5";
  requireInteger("topKAccuracy", "k", k, 1, fix);
  return rankMetric("topKAccuracy", k);
}

/**
 * The share of examples, in [0, 1], whose label has the highest score. scores: logits or probabilities [N, C] of a float
 * dtype, labels: [N] int32 in [0, C). Of classes that tie the first is predicted, and NaN counts as highest, as in argmax.
 * Throws ShapeError, DTypeError, ValueError for a label outside [0, C) and for no examples.
 *
 * @example
 * accuracy(tensor([[2, 0], [1, 3]]), tensor([0, 0], { dtype: "int32" })); // 0.5
 */
export function accuracy(scores: Tensor, labels: Tensor): number {
  return measure(accuracyMetric, scores, labels);
}

/**
 * The share of examples, in [0, 1], with fewer than k classes before their label. Class a comes before b where its score is
 * higher, or equal and a < b: so exactly k classes are named, and k = 1 is `accuracy`. Arguments and errors as there.
 *
 * @example
 * topKAccuracy(logits, labels, { k: 5 });
 */
export function topKAccuracy(scores: Tensor, labels: Tensor, options: TopKOptions): number {
  return measure(topKMetric(options), scores, labels);
}

function rankMetric(where: string, k: number): Metric<number> {
  return {
    start: () => {
      let [right, total] = [0, 0];
      return {
        add: (scores, labels) => {
          const examples = scoredExamples(where, scores, labels);
          total += examples.length;
          right += examples.filter((example) => rankOf(example) < k).length;
        },
        value: () => shareOf(where, right, total),
      };
    },
  };
}
