/**
 * Makers, gathered under one name: tensors that come from no other tensor.
 * Rests on the files of each, which hold the records.
 */
export { full, type MakeOptions, ones, onesLike, zeros, zerosLike } from "./constant.ts";
export { eye, lowerTriangle, upperTriangle } from "./mask.ts";
export { arange, linspace, range } from "./sequence.ts";
