/**
 * The training loop of a classifier: the notes' loop, with what happened on the way.
 * Rests on core, layers, optim and evaluate.
 */
import type { DataLoader, LabelledBatch } from "../../core/data/index.ts";
import { crossEntropy, detach, type Tensor, ValueError } from "../../core/index.ts";
import type { Layer } from "../../layers/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import type { EpochPoint, StepPoint } from "../report/record.ts";
import { type EvaluatedExample, type Evaluation, evaluateOn, judge, score } from "./evaluate.ts";

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

/** What a training run leaves. */
export interface TrainedClassifier {
  readonly steps: readonly StepPoint[];
  readonly epochs: readonly EpochPoint[];
  /** Wall-clock seconds of each epoch, its evaluation included. */
  readonly epochSeconds: readonly number[];
  /** Of the final net on the test set. */
  readonly evaluation: Evaluation;
}

/** Trains for `epochs` epochs and evaluates after each. Throws ValueError if `epochs` is no integer ≥ 1. */
export function trainClassifier(
  { net, optimizer, train, test, epochs }: ClassifierTraining,
  listener: TrainingListener,
): TrainedClassifier {
  if (!Number.isSafeInteger(epochs) || epochs < 1) {
    throw new ValueError({
      where: "trainClassifier",
      argument: "epochs",
      expected: "to be an integer ≥ 1",
      got: String(epochs),
      fix: "Train for one epoch or more",
    });
  }
  const steps: StepPoint[] = [];
  const points: EpochPoint[] = [];
  const epochSeconds: number[] = [];
  let evaluation: Evaluation = { loss: Number.NaN, accuracy: 0, examples: [] };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const started = performance.now();
    const seen: EvaluatedExample[] = [];
    for (const { x, y } of train) {
      const { loss, examples } = step(net, optimizer, x, y);
      seen.push(...examples);
      const point = {
        step: optimizer.steps,
        epoch: optimizer.steps / train.length,
        loss: finiteOrNull(loss),
      };
      steps.push(point);
      listener.onStep(point);
    }
    evaluation = evaluateOn(net, test, (done) => listener.onEvaluation(done));
    const { loss, accuracy } = score(seen);
    const point: EpochPoint = {
      epoch,
      trainLoss: finiteOrNull(loss),
      trainAccuracy: accuracy,
      testLoss: finiteOrNull(evaluation.loss),
      testAccuracy: evaluation.accuracy,
    };
    const seconds = (performance.now() - started) / 1000;
    points.push(point);
    epochSeconds.push(seconds);
    listener.onEpoch(point, seconds);
  }
  return { steps, epochs: points, epochSeconds, evaluation };
}

/** One step, and what the net thought of the batch before it. */
function step(
  net: Layer,
  optimizer: Optimizer,
  x: Tensor,
  y: Tensor,
): { readonly loss: number; readonly examples: readonly EvaluatedExample[] } {
  let examples: readonly EvaluatedExample[] = [];
  const loss = optimizer.step(() => {
    const logits = net.forward(x);
    examples = judge(detach(logits), y);
    return crossEntropy(logits, y);
  });
  return { loss: loss.item(), examples };
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
