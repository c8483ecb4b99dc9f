/**
 * Indexing, gathered under one name: ops that choose elements by number.
 * Rests on the files of each, which hold the records.
 */
export { gather, type IndexOptions, scatterAdd } from "./gather.ts";
export { index, oneHot } from "./take.ts";
