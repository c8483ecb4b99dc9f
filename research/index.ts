/** Research: the training loop, evaluation, probes, the doctor, statistics, training runs, reports, the fingerprint. */
export * from "./doctor/index.ts";
export { canonicalFingerprint } from "./fingerprint.ts";
export * from "./probes/index.ts";
export type { TrainingRecord } from "./report/record.ts";
export { renderReport } from "./report/render.ts";
export * from "./statistics/index.ts";
export {
  type ClassifierTraining,
  type Evaluation,
  type TrainedClassifier,
  type TrainingListener,
  trainClassifier,
} from "./train/classifier.ts";
export type { JudgedExample } from "./train/judge.ts";
export { type RunOutput, type TrainConfig, trainAndReport } from "./train/run.ts";
export {
  type Best,
  EarlyStopping,
  type EarlyStoppingOptions,
  type Verdict,
} from "./training/early-stopping.ts";
export {
  type EvaluateOptions,
  evaluate,
  type Labelled,
  type Metrics,
  type ValuesOf,
} from "./training/evaluate.ts";
export {
  type Batches,
  type BatchPoint,
  type EpochPoint,
  type LoopListener,
  type LoopPoint,
  TrainLoop,
  type TrainLoopOptions,
  type TrainOutcome,
  trainLoop,
} from "./training/train-loop.ts";
