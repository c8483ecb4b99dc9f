/**
 * Views, gathered under one name: ops that look at the same elements in another way.
 * Rests on the files of each, which hold the records.
 */
export { detach, identity } from "./identity.ts";
export { permute, transpose } from "./permute.ts";
export { broadcastTo, flatten, reshape } from "./reshape.ts";
export { flip, type Range, slice } from "./slice.ts";
export { expandDims, squeeze } from "./unit-axis.ts";
