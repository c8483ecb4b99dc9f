/**
 * Fingerprints: one SHA-256 for a set of named tensors, equal exactly where every bit is.
 * Rests on tensor, bytes and SHA-256.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { TypedArray } from "../dtype.ts";
import type { Tensor } from "../tensor.ts";
import { bytesOfElements, compareBytes } from "./bytes.ts";

/**
 * SHA-256 in hex over the entries sorted by the bytes of their names. Each entry gives name, dtype, shape
 * and little-endian elements in row-major order, each part after its length in bytes (8, little-endian);
 * every NaN counts as the same one.
 *
 * @example
 * fingerprint(net.namedParameters()); // "3f0c…"
 */
export function fingerprint(entries: Readonly<Record<string, Tensor>>): string {
  const hash = sha256.create();
  const part = (bytes: Uint8Array): void => {
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(bytes.length), true);
    hash.update(length).update(bytes);
  };
  const named = Object.entries(entries).map(([name, tensor]) => ({
    name: utf8.encode(name),
    tensor,
  }));
  named.sort((a, b) => compareBytes(a.name, b.name));
  for (const { name, tensor } of named) {
    part(name);
    part(utf8.encode(tensor.dtype));
    part(utf8.encode(tensor.shape.join(",")));
    part(bytesOfElements(withOneNaN(tensor.elements("fingerprint"))));
  }
  return bytesToHex(hash.digest());
}

const utf8 = new TextEncoder();

/** Writes every NaN of `elements` as the same one. */
function withOneNaN(elements: TypedArray): TypedArray {
  for (let i = 0; i < elements.length; i++) {
    if (Number.isNaN(elements[i])) elements[i] = Number.NaN;
  }
  return elements;
}
