/**
 * Evaluation: what a classifier makes of every example of a set.
 * Rests on core and layers.
 */

import type { DataLoader, LabelledBatch } from "../../core/data/index.ts";
import { argmax, crossEntropy, noGrad, scope, softmax, type Tensor } from "../../core/index.ts";
import type { Layer } from "../../layers/index.ts";

/** Predictions for a set, in the set's order. */
export interface Evaluation {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of examples classified rightly, in [0, 1]. */
  readonly accuracy: number;
  readonly examples: readonly EvaluatedExample[];
}

/** What the net made of one example. */
export interface EvaluatedExample {
  readonly label: number;
  readonly predicted: number;
  /** What the net gave the true class, in [0, 1]. */
  readonly probability: number;
  /** Cross-entropy in nats. */
  readonly loss: number;
}

/** What a net's logits [N, C] say about labels [N]. */
export function judge(logits: Tensor, labels: Tensor): readonly EvaluatedExample[] {
  return scope(() =>
    noGrad(() => {
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
    }),
  );
}

/** Loss and accuracy of judged examples. */
export function score(examples: readonly EvaluatedExample[]): { loss: number; accuracy: number } {
  const total = examples.reduce((sum, { loss }) => sum + loss, 0);
  const right = examples.filter(({ label, predicted }) => label === predicted).length;
  return { loss: total / examples.length, accuracy: right / examples.length };
}

/** Runs `net` in evaluation mode over an unshuffled loader. */
export function evaluateOn(
  net: Layer,
  loader: DataLoader<LabelledBatch>,
  onBatch: (done: number) => void = () => {},
): Evaluation {
  net.evaluate();
  const examples: EvaluatedExample[] = [];
  for (const { x, y } of loader) {
    examples.push(
      ...scope(() =>
        judge(
          noGrad(() => net.forward(x)),
          y,
        ),
      ),
    );
    onBatch(examples.length);
  }
  net.train();
  return { ...score(examples), examples };
}

/** `counts[label][predicted]`. */
export function confusionCounts(
  examples: readonly EvaluatedExample[],
  classes: number,
): readonly (readonly number[])[] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (const { label, predicted } of examples) {
    const row = counts[label];
    if (row !== undefined) row[predicted] = (row[predicted] ?? 0) + 1;
  }
  return counts;
}
