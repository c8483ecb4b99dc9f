/**
 * Normalization: over the batch, over trailing axes, over groups of channels.
 * Rests on the files it lists.
 */
import type { OpRecord } from "../op.ts";
import { batchNormInferenceOp } from "./batch-norm-inference.ts";
import { batchNormOp } from "./batch-normalization.ts";
import { groupNormOp, layerNormOp } from "./group-normalization.ts";
import { normalizeOp } from "./normalize.ts";

export { batchNormInference } from "./batch-norm-inference.ts";
export { type BatchNormOptions, type BatchNormResult, batchNorm } from "./batch-normalization.ts";
export {
  type GroupNormOptions,
  groupNorm,
  type LayerNormOptions,
  layerNorm,
} from "./group-normalization.ts";

/** The records of normalization. */
export const normalizationOps: readonly OpRecord[] = [
  normalizeOp,
  batchNormOp,
  batchNormInferenceOp,
  layerNormOp,
  groupNormOp,
];
