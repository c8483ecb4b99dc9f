/**
 * Normalization: mean, biased variance and the standardized elements over some axes.
 * Rests on memory. Two passes, the mean first: no cancellation between Σx² and (Σx)².
 */
import type { TypedArray } from "../../dtype.ts";
import type { KernelTable } from "../device.ts";
import { dense, splitOffsets } from "./memory.ts";

/** Kernels behind batch, layer and group normalization. */
export const normalizationKernels: Pick<
  KernelTable<TypedArray>,
  "normalize" | "normalizeGradient"
> = {
  normalize: ([x], [standard, mean, variance], { axes, epsilon }) => {
    const from = dense(x!);
    const out = dense(standard!);
    const means = dense(mean!);
    const variances = dense(variance!);
    const { outer, inner } = splitOffsets(x!.shape, axes);
    for (let i = 0; i < outer.length; i++) {
      const base = outer[i]!;
      // Shifted by the first element, the mean of equal elements is exact and their x̂ is 0.
      const first = from[base + inner[0]!]!;
      const shift = Number.isFinite(first) ? first : 0;
      let sum = 0;
      for (let j = 0; j < inner.length; j++) sum += from[base + inner[j]!]! - shift;
      const centre = shift + sum / inner.length;
      let squares = 0;
      for (let j = 0; j < inner.length; j++) {
        const deviation = from[base + inner[j]!]! - centre;
        squares += deviation * deviation;
      }
      const spread = squares / inner.length;
      const scale = 1 / Math.sqrt(spread + epsilon);
      for (let j = 0; j < inner.length; j++) {
        const at = base + inner[j]!;
        out[at] = (from[at]! - centre) * scale;
      }
      means[i] = centre;
      variances[i] = spread;
    }
  },
  normalizeGradient: ([t, standard, variance, gamma], [y, products, sums], { axes, epsilon }) => {
    const from = dense(t!);
    const beside = dense(standard!);
    const spread = dense(variance!);
    const out = dense(y!);
    const factors = gamma && dense(gamma);
    const { outer, inner } = splitOffsets(t!.shape, axes);
    for (let i = 0; i < outer.length; i++) {
      const base = outer[i]!;
      let sum = 0;
      let product = 0;
      for (let j = 0; j < inner.length; j++) {
        const at = base + inner[j]!;
        sum += from[at]!;
        product += beside[at]! * from[at]!;
      }
      const scale = (factors ? factors[i]! : 1) / Math.sqrt(spread[i]! + epsilon);
      if (products && sums) {
        dense(products)[i] = product;
        dense(sums)[i] = sum;
      }
      for (let j = 0; j < inner.length; j++) {
        const at = base + inner[j]!;
        const across = from[at]! - sum / inner.length - beside[at]! * (product / inner.length);
        out[at] = across * scale;
      }
    }
  },
};
