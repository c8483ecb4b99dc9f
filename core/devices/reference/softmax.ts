/**
 * Softmax, its logarithm, and the cross-entropy made of it.
 * Rests on memory and scalar-math. Each is shifted by the maximum: exp overflows float64 above 709.78.
 */
import type { TypedArray } from "../../dtype.ts";
import { exp, log } from "../../scalar-math/index.ts";
import type { KernelTable } from "../device.ts";
import { dense, splitOffsets } from "./memory.ts";

/** The maximum m of from[base + step] over the steps, and Σ exp(x − m). */
function shifted(
  from: TypedArray,
  base: number,
  steps: Int32Array,
): { readonly top: number; readonly total: number } {
  let top = Number.NEGATIVE_INFINITY;
  for (const step of steps) top = Math.max(top, from[base + step]!);
  let total = 0;
  for (const step of steps) total += exp(from[base + step]! - top);
  return { top, total };
}

/** Kernels around softmax. */
export const softmaxKernels: Pick<
  KernelTable<TypedArray>,
  "softmax" | "logSoftmax" | "softmaxCrossEntropy"
> = {
  softmax: ([x], [y], { axis }) => {
    const from = dense(x!);
    const out = dense(y!);
    const { outer, inner } = splitOffsets(x!.shape, [axis]);
    for (const base of outer) {
      const { top, total } = shifted(from, base, inner);
      for (const step of inner) out[base + step] = exp(from[base + step]! - top) / total;
    }
  },
  logSoftmax: ([x], [y], { axis }) => {
    const from = dense(x!);
    const out = dense(y!);
    const { outer, inner } = splitOffsets(x!.shape, [axis]);
    for (const base of outer) {
      const { top, total } = shifted(from, base, inner);
      const logTotal = log(total);
      for (const step of inner) out[base + step] = from[base + step]! - top - logTotal;
    }
  },
  softmaxCrossEntropy: ([logits, target], [loss], _) => {
    const from = dense(logits!);
    const weights = dense(target!);
    const out = dense(loss!);
    const { outer, inner } = splitOffsets(logits!.shape, [1]);
    outer.forEach((base, i) => {
      const { top, total } = shifted(from, base, inner);
      const logTotal = log(total);
      let sum = 0;
      for (const step of inner) {
        const weight = weights[base + step]!;
        // A class of weight 0 adds nothing, also where its logit is −∞: x log p → 0 as the weight does.
        if (weight !== 0) sum -= weight * (from[base + step]! - top - logTotal);
      }
      out[i] = sum;
    });
  },
};
