/**
 * Normalization, gathered under one name: over the batch, over trailing axes, over groups of channels.
 * Rests on the files of each, which hold the records.
 */
export { batchNormInference } from "./batch-norm-inference.ts";
export { type BatchNormOptions, type BatchNormResult, batchNorm } from "./batch-normalization.ts";
export { type GroupNormOptions, groupNorm } from "./group-normalization.ts";
export { type LayerNormOptions, layerNorm } from "./layer-normalization.ts";
