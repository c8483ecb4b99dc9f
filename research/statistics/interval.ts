/**
 * Intervals of a mean, and means against a known value: Student's t.
 * Rests on sample and student-t. A percentile bootstrap would cover too little at a few seeds: 75 % at three.
 */
import { requireFinite, requireWithin } from "../../core/require-number.ts";
import { type Moments, momentsOf, requireSample } from "./sample.ts";
import { centralQuantile, centralShare } from "./student-t.ts";

/** Where a mean lies. */
export interface Interval extends Moments {
  readonly low: number;
  readonly high: number;
  /** The share of such intervals that hold the true mean, in (0, 1). */
  readonly confidence: number;
}

/** Options of `tInterval`. */
export interface IntervalOptions {
  /** In (0, 1); default 0.95. */
  readonly confidence?: number;
}

/**
 * mean ± t·std/√n, with t of n - 1 degrees of freedom: covers the true mean with probability `confidence` if the
 * numbers are normal and independent. Of paired runs, give the differences. Throws ValueError for fewer than two numbers, one
 * that is not finite, or a confidence out of range.
 *
 * @example
 * const { low, high } = tInterval([0.981, 0.979, 0.984]); // accuracies of three seeds
 */
export function tInterval(values: readonly number[], options: IntervalOptions = {}): Interval {
  const { confidence = 0.95 } = options;
  requireSample("tInterval", "values", values);
  requireConfidence("tInterval", confidence);
  const moments = momentsOf(values);
  const { n, mean, std } = moments;
  const reach = (centralQuantile(confidence, n - 1) * std) / Math.sqrt(n);
  return { ...moments, low: mean - reach, high: mean + reach, confidence };
}

/** Throws ValueError unless `confidence` is in (0, 1), as far as float64 can tell. */
export function requireConfidence(where: string, confidence: number): void {
  const fix = "Give a share such as 0.95";
  requireWithin(where, "confidence", confidence, [Number.MIN_VALUE, 1 - 2 ** -53], fix);
}

/** A mean over seeds against what theory says. */
export interface OracleScore extends Moments {
  readonly oracle: number;
  /** std/√n. */
  readonly standardError: number;
  /** (mean - oracle)/standardError; ±Infinity where all numbers are one and not the oracle, 0 where they are the oracle. */
  readonly z: number;
  /** P(|T| > |z|) of Student's t with n - 1 degrees: three seeds with z = 3 are nothing unusual. */
  readonly p: number;
}

/**
 * How far the mean of `values`, one a seed, lies from `oracle`, in standard errors across the seeds. Units of one net share its
 * weights, so they are no sample; nets of different seeds are. Throws ValueError as `tInterval`, and for an oracle that
 * is not finite.
 *
 * @example
 * oracleScore(stdsOfLayerSix, 0.0456).z;
 */
export function oracleScore(values: readonly number[], oracle: number): OracleScore {
  requireSample("oracleScore", "values", values);
  requireFinite("oracleScore", "oracle", oracle, "Give what theory says the mean should be");
  const moments = momentsOf(values);
  const { n, mean, std } = moments;
  const standardError = std / Math.sqrt(n);
  const z = mean === oracle ? 0 : (mean - oracle) / standardError;
  const p = 1 - centralShare(Math.abs(z), n - 1);
  return { ...moments, oracle, standardError, z, p };
}
