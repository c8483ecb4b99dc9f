/**
 * Research: experiments and the store of their runs, statistics, probes, the doctor, the training loop, evaluation, reports, and
 * the canonical fingerprint.
 */
export * from "./doctor/index.ts";
export * from "./engine/index.ts";
export { keyOf, type RunIdentity } from "./engine/key.ts";
export { type LocatedExperiment, listedExperiments, locateExperiment } from "./engine/locate.ts";
export { runHere } from "./engine/run-here.ts";
export { type Performed, performRun, type RunOptions } from "./engine/run-one.ts";
export {
  RunStore,
  readRun,
  type SetAside,
  type StoredRun,
  type Timing,
} from "./engine/run-store.ts";
export {
  conclude,
  type Failure,
  type Missing,
  planStudy,
  type Study,
  type StudyPlan,
  writeStudy,
} from "./engine/study.ts";
export { experiments } from "./experiments/index.ts";
export { canonicalFingerprint } from "./fingerprint.ts";
export * from "./probes/index.ts";
export { type FullVerdicts, readFullVerdicts } from "./report/full-verdicts.ts";
export type { TrainingRecord } from "./report/record.ts";
export { renderReport } from "./report/render.ts";
export { type WrittenReport, writeStoreReport } from "./report/report-files.ts";
export {
  collectReport,
  type NotRun,
  type ReportedStudy,
  type ReportOptions,
  type StoreReport,
  type Trouble,
} from "./report/store-report.ts";
export { renderStoreReport } from "./report/study-page.ts";
export type { StudyRecord } from "./report/study-record.ts";
export type { VerdictRow } from "./report/verdict-rows.ts";
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
  type Observed,
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
