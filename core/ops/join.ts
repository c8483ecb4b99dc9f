/**
 * Joining and parting, gathered under one name: ops that put elements beside each other, or apart.
 * Rests on the files of each, which hold the records.
 */
export { type AlongOptions, concat, stack } from "./concat.ts";
export { embed, pad } from "./pad.ts";
export { split, tile } from "./split.ts";
