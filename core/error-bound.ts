/**
 * Error bounds: how far a device's result may lie from the exact one, and why.
 * Rests on nd-array. With unit roundoff u, γ_n = n·u/(1 - n·u) (Higham 2002, section 3.1).
 */
import { mapElements, type NdArray } from "./nd-array.ts";

/** What a bound may look at. */
export interface BoundInputs<A extends object> {
  readonly inputs: readonly NdArray[];
  readonly attributes: A;
  /** The exact output. */
  readonly output: NdArray;
  /** Unit roundoff of the dtype: 2⁻²⁴ for float32, 2⁻⁵³ for float64. */
  readonly unit: number;
  /** The smallest positive number of the dtype: 2⁻¹⁴⁹ or 2⁻¹⁰⁷⁴. */
  readonly tiny: number;
}

/** Allowed absolute error of each output element. */
export interface ErrorBound<A extends object = object> {
  /** Why this much and no more. */
  readonly reason: string;
  of(at: BoundInputs<A>): NdArray;
}

/** No error at all: data moved, compared or counted. */
export function exact(reason: string): ErrorBound {
  return { reason, of: ({ output }) => mapElements(output, () => 0) };
}

/** `count` roundings relative to the result: |error| ≤ 2·count·u·|result|, plus `count` smallest numbers. */
export function ulps(count: number, reason: string): ErrorBound {
  return {
    reason,
    of: ({ output, unit, tiny }) =>
      mapElements(output, (y) => 2 * count * unit * Math.abs(y) + count * tiny),
  };
}

/**
 * A sum of `terms(inputs, attributes)` rounded terms: |error| ≤ γ_terms·magnitude + terms·tiny, where
 * `magnitude` is Σ|term| for each output element. Higham 2002, section 4.2.
 */
export function summation<A extends object>(
  terms: (at: BoundInputs<A>) => number,
  magnitude: (at: BoundInputs<A>) => NdArray,
  reason: string,
): ErrorBound<A> {
  return {
    reason,
    of: (at) => {
      const n = terms(at);
      const gamma = (n * at.unit) / (1 - n * at.unit);
      return mapElements(magnitude(at), (m) => gamma * Math.abs(m) + n * at.tiny);
    },
  };
}
