/**
 * Scores: a number for each class of each example, read beside the labels, and the order they put the classes in.
 * Rests on tensor, dtype and errors. Logits and probabilities order the classes alike, so both will do.
 */
import { floatDTypes, requireDType, type TypedArray } from "../dtype.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** One example: the scores of its classes, and its class. */
export interface ScoredExample {
  /** One for each class. */
  readonly scores: TypedArray;
  /** In [0, C). */
  readonly label: number;
}

/**
 * The examples of a batch. scores: [N, C] of a float dtype with C ≥ 1, labels: [N] int32 in [0, C).
 * Throws ShapeError, DTypeError, and ValueError for a label outside [0, C).
 */
export function scoredExamples(
  where: string,
  scores: Tensor,
  labels: Tensor,
): readonly ScoredExample[] {
  requireDType(where, "scores", scores.dtype, floatDTypes);
  requireDType(where, "labels", labels.dtype, ["int32"]);
  const [examples = 0, classes = 0] = scores.shape;
  if (scores.rank !== 2 || classes < 1) {
    throw new ShapeError({
      where,
      argument: "scores",
      expected: "to have shape [N, C], a column for each of at least one class",
      got: `scores ${formatShape(scores.shape)}`,
      fix: "Give the net's logits or probabilities, with the batch axis first",
    });
  }
  if (!sameShape(labels.shape, [examples])) {
    throw new ShapeError({
      where,
      argument: "labels",
      expected: `to have shape [${examples}] beside scores ${formatShape(scores.shape)}`,
      got: `labels ${formatShape(labels.shape)}`,
      fix: "Give one int32 label an example",
    });
  }
  const all = scores.elements(where);
  return Array.from(labels.elements(where), (label, n) => {
    if (label < 0 || label >= classes) {
      throw new ValueError({
        where,
        argument: "labels",
        expected: `to be in [0, ${classes}), one of the ${classes} classes`,
        got: `${label} for example ${n}`,
        fix: "Check the labels, or give scores a column for each class",
      });
    }
    return { scores: all.subarray(n * classes, (n + 1) * classes), label };
  });
}

/** The class with the highest score: the first of those that tie. NaN counts as highest, as in argmax. */
export function predictedClass(scores: TypedArray): number {
  let best = 0;
  for (let other = 1; other < scores.length; other++) {
    if (comesBefore(scores, other, best)) best = other;
  }
  return best;
}

/** How many classes come before `label`: 0 where it is the predicted one. */
export function rankOf({ scores, label }: ScoredExample): number {
  let rank = 0;
  for (let other = 0; other < scores.length; other++) {
    if (comesBefore(scores, other, label)) rank += 1;
  }
  return rank;
}

/** Whether class `a` comes before `b`: by a higher score, NaN above all numbers, and by its number where they tie. */
function comesBefore(scores: TypedArray, a: number, b: number): boolean {
  const [first = 0, second = 0] = [scores[a], scores[b]];
  if (first === second || (Number.isNaN(first) && Number.isNaN(second))) return a < b;
  return Number.isNaN(first) || first > second;
}
