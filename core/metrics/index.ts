/** Metrics: what a set of examples says about a net, exact over any batches. */
export {
  accuracy,
  accuracyMetric,
  type TopKOptions,
  topKAccuracy,
  topKMetric,
} from "./accuracy.ts";
export {
  type Calibration,
  type CalibrationBin,
  type CalibrationOptions,
  calibrationMetric,
  expectedCalibrationError,
} from "./calibration.ts";
export { type ConfusionMatrix, confusionMatrix, confusionMetric } from "./confusion.ts";
export { meanMetric } from "./mean.ts";
export { type Count, type Metric, measure, type ValueOf } from "./metric.ts";
