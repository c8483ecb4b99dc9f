/** Schedules: hyper-parameters as functions of the iteration. */
export { product, sequence } from "./combine.ts";
export { constant } from "./constant.ts";
export { type CosineOptions, cosine } from "./cosine.ts";
export { type CosineRestartsOptions, cosineRestarts } from "./cosine-restarts.ts";
export {
  type EpochOptions,
  type InIterationsOptions,
  inIterations,
  iterationsPerEpoch,
} from "./epochs.ts";
export { type ExponentialOptions, exponential } from "./exponential.ts";
export { type InverseSquareRootOptions, inverseSquareRoot } from "./inverse-square-root.ts";
export { type OneCycleOptions, oneCycle } from "./one-cycle.ts";
export { type PlateauOptions, ReduceOnPlateau } from "./plateau.ts";
export { type LinearOptions, linear, type PolynomialOptions, polynomial } from "./polynomial.ts";
export {
  findRateRange,
  type RateRange,
  type RateRangeOptions,
  type RateSweepOptions,
  rateSweep,
} from "./rate-range.ts";
export { linearScaling, type ScalingOptions, squareRootScaling } from "./scaling.ts";
export type { Schedule } from "./schedule.ts";
export {
  type MultiStepOptions,
  multiStep,
  type StepOptions,
  step,
} from "./step.ts";
export { type WarmupOptions, warmup } from "./warmup.ts";
