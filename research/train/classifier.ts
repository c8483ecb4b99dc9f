/**
 * The training of a classifier: the training loop, evaluated after each epoch, with what happened on the way.
 * Rests on core, layers, optim, training and judge.
 */
import type { DataLoader, LabelledBatch } from "../../core/data/index.ts";
import {
  accuracyMetric,
  type ConfusionMatrix,
  confusionMetric,
  crossEntropy,
  meanMetric,
} from "../../core/index.ts";
import type { Layer } from "../../layers/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import type { EpochPoint, StepPoint } from "../report/record.ts";
import { evaluate } from "../training/evaluate.ts";
import { type TrainOutcome, trainLoop } from "../training/train-loop.ts";
import { type JudgedExample, judgements } from "./judge.ts";

/** What is trained, on what. */
export interface ClassifierTraining {
  readonly net: Layer;
  readonly optimizer: Optimizer;
  readonly train: DataLoader<LabelledBatch>;
  readonly test: DataLoader<LabelledBatch>;
  /** Passes over the training set, integer ≥ 1. */
  readonly epochs: number;
}

/** Told as training goes on. */
export interface TrainingListener {
  onStep(point: StepPoint): void;
  onEvaluation(done: number): void;
  onEpoch(point: EpochPoint, seconds: number): void;
}

/** What a net makes of a test set. */
export interface Evaluation {
  /** Mean cross-entropy in nats. */
  readonly loss: number;
  /** Share of examples classified rightly, in [0, 1]. */
  readonly accuracy: number;
  readonly confusion: ConfusionMatrix;
  /** In the set's order. */
  readonly examples: readonly JudgedExample[];
}

/** What a training run leaves. */
export interface TrainedClassifier {
  /** "diverged" where a training loss was NaN or infinite: that step was the last. */
  readonly outcome: TrainOutcome["outcome"];
  readonly steps: readonly StepPoint[];
  /** Of the epochs that were finished. */
  readonly epochs: readonly EpochPoint[];
  /** Wall-clock seconds of each epoch, its evaluation included. */
  readonly epochSeconds: readonly number[];
  /** Of the final net on the test set. */
  readonly evaluation: Evaluation;
}

const metrics = {
  loss: meanMetric((logits, labels) => crossEntropy(logits, labels, { reduction: "none" })),
  accuracy: accuracyMetric,
  confusion: confusionMetric,
  examples: judgements,
};

/**
 * Trains for `epochs` epochs and evaluates after each, and once more where training diverged within one.
 * Throws ValueError if `epochs` is no integer ≥ 1.
 */
export function trainClassifier(
  { net, optimizer, train, test, epochs }: ClassifierTraining,
  listener: TrainingListener,
): TrainedClassifier {
  const steps: StepPoint[] = [];
  const points: EpochPoint[] = [];
  const epochSeconds: number[] = [];
  const judgeTestSet = (): Evaluation =>
    evaluate(net, test, metrics, { onBatch: (done) => listener.onEvaluation(done) });
  let evaluation: Evaluation | null = null;
  let started = performance.now();
  let seen = accuracyMetric.start();
  const { outcome } = trainLoop<LabelledBatch>({
    net,
    loader: train,
    optimizer,
    epochs,
    loss: (logits, { y }) => crossEntropy(logits, y),
    on: {
      forward: (logits, { y }) => seen.add(logits, y),
      batch: ({ iteration, epoch, loss }) => {
        const point = { step: iteration, epoch, loss: finiteOrNull(loss) };
        steps.push(point);
        listener.onStep(point);
      },
      epoch: ({ epoch, loss }) => {
        evaluation = judgeTestSet();
        const point: EpochPoint = {
          epoch,
          trainLoss: finiteOrNull(loss),
          trainAccuracy: seen.value(),
          testLoss: finiteOrNull(evaluation.loss),
          testAccuracy: evaluation.accuracy,
        };
        const seconds = (performance.now() - started) / 1000;
        points.push(point);
        epochSeconds.push(seconds);
        listener.onEpoch(point, seconds);
        started = performance.now();
        seen = accuracyMetric.start();
      },
    },
  });
  if (evaluation === null || outcome === "diverged") evaluation = judgeTestSet();
  return { outcome, steps, epochs: points, epochSeconds, evaluation };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
