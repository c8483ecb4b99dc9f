/** Statistics over seeds: intervals, exact paired tests, effects, power, corrections, trends; the same bits in every engine. */
export { type EffectSize, effectSize } from "./effect.ts";
export { holm } from "./holm.ts";
export {
  type Interval,
  type IntervalOptions,
  type OracleScore,
  oracleScore,
  tInterval,
} from "./interval.ts";
export { comparePaired, type PairedComparison, type PairedOptions, type Score } from "./paired.ts";
export { type PowerOptions, pairedPower, seedsNeeded } from "./power.ts";
export type { Moments } from "./sample.ts";
export {
  type Alternative,
  type SignFlipOptions,
  type SignFlipResult,
  signFlipTest,
} from "./sign-flip.ts";
export { centralQuantile, centralShare } from "./student-t.ts";
export { type Trend, type TrendOptions, trendTest } from "./trend.ts";
