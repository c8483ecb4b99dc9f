/** Reading and writing: fingerprints of tensors. */
export { fingerprint } from "./fingerprint.ts";
