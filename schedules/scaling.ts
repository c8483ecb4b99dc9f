/**
 * How a rate follows the batch size.
 * Rests on core's checks. N times the batch, N times the rate: one step on the union of N batches goes where N steps on
 * the batches would go, as long as gradients change little between them.
 */
import { requireFinite, requireInteger } from "../core/require-number.ts";

/** Options of the scaling rules. */
export interface ScalingOptions {
  /** The rate that is good for `baseBatch`, finite. */
  readonly base: number;
  /** Examples in the batch that `base` belongs to, integer ≥ 1. */
  readonly baseBatch: number;
  /** Examples in the batch that a rate is sought for, integer ≥ 1. */
  readonly batch: number;
}

/**
 * base·(batch/baseBatch): the linear rule, for SGD. Throws ValueError for options out of range.
 * Goyal et al. 2017, section 2.1; it fails for large batches without a warm-up, and for very large ones with it.
 *
 * @example
 * linearScaling({ base: 0.1, baseBatch: 256, batch: 8192 }); // 3.2
 */
export function linearScaling(options: ScalingOptions): number {
  return options.base * ratio("linearScaling", options);
}

/**
 * base·√(batch/baseBatch): the square root rule, which keeps the variance of a step's noise.
 * Throws ValueError for options out of range. Krizhevsky 2014, "One weird trick", section 5.
 *
 * @example
 * squareRootScaling({ base: 1e-3, baseBatch: 64, batch: 256 }); // 2e-3
 */
export function squareRootScaling(options: ScalingOptions): number {
  return options.base * Math.sqrt(ratio("squareRootScaling", options));
}

function ratio(where: string, { base, baseBatch, batch }: ScalingOptions): number {
  requireFinite(where, "base", base, "Give a rate");
  const fix = "Give a number of examples";
  return (
    requireInteger(where, "batch", batch, 1, fix) /
    requireInteger(where, "baseBatch", baseBatch, 1, fix)
  );
}
