/** Research: training runs, their reports, and the canonical fingerprint. */
export { canonicalFingerprint } from "./fingerprint.ts";
export type { TrainingRecord } from "./report/record.ts";
export { renderReport } from "./report/render.ts";
export {
  type ClassifierTraining,
  type TrainedClassifier,
  type TrainingListener,
  trainClassifier,
} from "./train/classifier.ts";
export { type EvaluatedExample, type Evaluation, evaluateOn } from "./train/evaluate.ts";
export { type RunOutput, type TrainConfig, trainAndReport } from "./train/run.ts";
