/**
 * What an experiment is written with. Locating and running experiments, which import them in turn, are not in here.
 */
export type { ArmGrid, Arms, Planned, Selection } from "./arms.ts";
export {
  bySeed,
  type Combine,
  estimate,
  leastOf,
  meanOf,
  minus,
  scoresOf,
  seedsBar,
} from "./by-seed.ts";
export {
  defineExperiment,
  type Experiment,
  type ExperimentDefinition,
  type Profile,
} from "./define-experiment.ts";
export {
  type Axis,
  type BarFigure,
  barFigure,
  type Figure,
  type HeatFigure,
  type HistogramFigure,
  heatFigure,
  histogramFigure,
  type LineFigure,
  type LinePoint,
  type LineSeries,
  lineFigure,
  type TableFigure,
  tableFigure,
} from "./figure.ts";
export {
  type ImageLoaders,
  type ImageLoadersOptions,
  imageLoaders,
} from "./image-loaders.ts";
export { judgeAll, judgePaired, type PairedClaim } from "./judge.ts";
export type {
  Checkpoints,
  DatasetName,
  MetricRow,
  Metrics,
  MetricValues,
  Outcome,
  Run,
  RunContext,
} from "./run-context.ts";
export { bandOf, curveOf, type Pair, pairsOf, runsWhere, valuesOf } from "./select.ts";
export { type TrainedRun, type TrainRunOptions, trainRun } from "./train-run.ts";
export type { Value, Values } from "./values.ts";
export type { Conclusion, ProfileName, Verdict, VerdictContext } from "./verdict.ts";
