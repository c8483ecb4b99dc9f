/** Reading and writing: fingerprints of tensors, safetensors files. */
export { fingerprint } from "./fingerprint.ts";
export { parseSafetensors, type Safetensors, type StoredArray } from "./safetensors.ts";
export { encodeSafetensors } from "./safetensors-write.ts";
