/**
 * Judgement: what a classifier makes of every example of a set, for the list of its worst mistakes.
 * Rests on core.
 */
import { argmax, crossEntropy, type Metric, softmax, type Tensor } from "../../core/index.ts";

/** What the net made of one example. */
export interface JudgedExample {
  readonly label: number;
  readonly predicted: number;
  /** What the net gave the true class, in [0, 1]. */
  readonly probability: number;
  /** Cross-entropy in nats. */
  readonly loss: number;
}

/** Every example, in the order in which they came. Takes logits [N, C] and labels [N]. */
export const judgements: Metric<readonly JudgedExample[]> = {
  start: () => {
    const examples: JudgedExample[] = [];
    return {
      add: (logits, labels) => {
        examples.push(...judge(logits, labels));
      },
      value: () => examples,
    };
  },
};

function judge(logits: Tensor, labels: Tensor): readonly JudgedExample[] {
  const predictions = argmax(logits, { axis: 1 }).elements();
  const probabilities = softmax(logits).elements();
  const losses = crossEntropy(logits, labels, { reduction: "none" }).elements();
  const classes = logits.shape[1] ?? 1;
  return Array.from(labels.elements(), (label, n) => ({
    label,
    predicted: predictions[n] ?? 0,
    probability: probabilities[n * classes + label] ?? 0,
    loss: losses[n] ?? 0,
  }));
}
