/**
 * What the losses share: the reduction from many losses to one.
 * Rests on sum and reduce.
 */
import type { DType } from "../dtype.ts";
import { ValueError } from "../errors.ts";
import { type NdArray, nd } from "../nd-array.ts";
import { untyped } from "../op-examples.ts";
import type { Sampler } from "../sampling.ts";
import type { Shape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { mean } from "./reduce.ts";
import { sum } from "./sum.ts";

/** What becomes of the losses of single examples (or elements). */
export type LossReduction = "mean" | "sum" | "none";

/** All three. */
const reductions: readonly LossReduction[] = ["mean", "sum", "none"];

/** One that gives a number: the mean of no losses is NaN. */
export function drawReductionOf(draw: Sampler, losses: number): LossReduction {
  return draw.pick(losses === 0 ? reductions.filter((name) => name !== "mean") : reductions);
}

/** Options of losses. */
export interface LossOptions {
  /** "mean" and "sum" give one number, "none" all of them; default "mean". The mean of nothing is NaN. */
  readonly reduction?: LossReduction;
}

/** The losses reduced as asked. */
export function reduceLoss(losses: Tensor, { reduction }: LossOptions): Tensor {
  if (reduction === "none") return losses;
  return reduction === "sum" ? sum(losses) : mean(losses);
}

/** The same on a plain array. */
export function reduceLossArray(losses: NdArray, { reduction = "mean" }: LossOptions): NdArray {
  if (reduction === "none") return losses;
  const total = losses.data.reduce((a, b) => a + b, 0);
  return nd(reduction === "sum" ? total : total / losses.data.length);
}

/** The type of losses of `shape` once reduced. Throws ValueError for an unknown reduction. */
export function inferLoss(
  name: string,
  shape: Shape,
  dtype: DType,
  { reduction = "mean" }: LossOptions,
): TensorType {
  if (!reductions.includes(reduction)) {
    throw new ValueError({
      where: name,
      argument: "reduction",
      expected: `to be "mean", "sum" or "none"`,
      got: JSON.stringify(reduction),
      fix: "Choose one of the three",
    });
  }
  return { shape: reduction === "none" ? shape : [], dtype };
}

/** A reduction that does not exist. */
export const badReduction: LossOptions = untyped('{ "reduction": "average" }');
