/**
 * Reductions and scans: many elements along some axes become one, or their running sums.
 * Rests on memory and scalar-math. Accumulates in float64, in row-major order of the reduced axes.
 */
import type { TypedArray } from "../../dtype.ts";
import { exp, log } from "../../scalar-math/index.ts";
import type { KernelTable } from "../device.ts";
import type { ReduceFunction } from "../kernels.ts";
import { dense, splitOffsets } from "./memory.ts";

/** One element from `from[base + inner[0]], from[base + inner[1]], …`. */
type Fold = (from: TypedArray, base: number, inner: Int32Array) => number;

const max: Fold = (from, base, inner) => {
  let best = Number.NEGATIVE_INFINITY;
  for (const step of inner) best = Math.max(best, from[base + step]!);
  return best;
};

const folds: Readonly<Record<ReduceFunction, Fold>> = {
  sum: (from, base, inner) => {
    let total = 0;
    for (const step of inner) total += from[base + step]!;
    return total;
  },
  max,
  min: (from, base, inner) => {
    let best = Number.POSITIVE_INFINITY;
    for (const step of inner) best = Math.min(best, from[base + step]!);
    return best;
  },
  any: (from, base, inner) => {
    for (const step of inner) if (from[base + step] !== 0) return 1;
    return 0;
  },
  all: (from, base, inner) => {
    for (const step of inner) if (from[base + step] === 0) return 0;
    return 1;
  },
  // log Σ exp(x) = m + log Σ exp(x − m) with m = max x: no term exceeds 1, and one of them is 1.
  logSumExp: (from, base, inner) => {
    const top = max(from, base, inner);
    if (!Number.isFinite(top)) return top;
    let total = 0;
    for (const step of inner) total += exp(from[base + step]! - top);
    return top + log(total);
  },
  // √Σx² = s·√Σ(x/s)² with s = max |x|: no square overflows, and the largest is 1.
  norm2: (from, base, inner) => {
    let scale = 0;
    for (const step of inner) scale = Math.max(scale, Math.abs(from[base + step]!));
    if (scale === 0 || !Number.isFinite(scale)) return scale;
    let total = 0;
    for (const step of inner) {
      const part = from[base + step]! / scale;
      total += part * part;
    }
    return scale * Math.sqrt(total);
  },
};

/** Kernels that reduce or scan along axes. */
export const reductionKernels: Pick<
  KernelTable<TypedArray>,
  "reduce" | "moments" | "argReduce" | "cumulativeSum"
> = {
  reduce: ([x], [y], { fn, axes }) => {
    const fold = folds[fn];
    const from = dense(x!);
    const out = dense(y!);
    const { outer, inner } = splitOffsets(x!.shape, axes);
    outer.forEach((base, i) => {
      out[i] = fold(from, base, inner);
    });
  },
  moments: ([x], [mean, variance], { axes, divisor }) => {
    const from = dense(x!);
    const means = dense(mean!);
    const variances = dense(variance!);
    const { outer, inner } = splitOffsets(x!.shape, axes);
    outer.forEach((base, i) => {
      // Shifted by the first element, the mean of equal elements is exact and their variance 0.
      const first = inner.length > 0 ? from[base + inner[0]!]! : 0;
      const shift = Number.isFinite(first) ? first : 0;
      let total = 0;
      for (const step of inner) total += from[base + step]! - shift;
      const centre = shift + total / inner.length;
      let squares = 0;
      for (const step of inner) {
        const deviation = from[base + step]! - centre;
        squares += deviation * deviation;
      }
      means[i] = centre;
      variances[i] = squares / divisor;
    });
  },
  argReduce: ([x], [y], { fn, axis }) => {
    const sign = fn === "argmax" ? 1 : -1;
    const from = dense(x!);
    const out = dense(y!);
    const { outer, inner } = splitOffsets(x!.shape, [axis]);
    outer.forEach((base, i) => {
      let position = 0;
      for (let j = 1; j < inner.length; j++) {
        const best = from[base + inner[position]!]!;
        const next = from[base + inner[j]!]!;
        if (sign * next > sign * best || (Number.isNaN(next) && !Number.isNaN(best))) position = j;
      }
      out[i] = position;
    });
  },
  cumulativeSum: ([x], [y], { axis, reverse }) => {
    const from = dense(x!);
    const out = dense(y!);
    const { outer, inner } = splitOffsets(x!.shape, [axis]);
    const steps = reverse ? inner.reverse() : inner;
    for (const base of outer) {
      let total = 0;
      for (const step of steps) {
        total += from[base + step]!;
        out[base + step] = total;
      }
    }
  },
};
