/**
 * Fingerprints: one SHA-256 for a set of named tensors, equal exactly where every bit is.
 * Rests on tensor and SHA-256.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { DType, TypedArray } from "../dtype.ts";
import { bytesPerElement } from "../dtype.ts";
import type { Tensor } from "../tensor.ts";

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
    tensor.look("fingerprint", (elements) => part(littleEndian(elements, tensor.dtype)));
  }
  return bytesToHex(hash.digest());
}

const utf8 = new TextEncoder();

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function littleEndian(elements: TypedArray, dtype: DType): Uint8Array {
  const width = bytesPerElement[dtype];
  const bytes = new Uint8Array(elements.length * width);
  const view = new DataView(bytes.buffer);
  elements.forEach((element: number, index: number) => {
    const value = Number.isNaN(element) ? Number.NaN : element;
    if (dtype === "float32") view.setFloat32(index * width, value, true);
    else if (dtype === "float64") view.setFloat64(index * width, value, true);
    else if (dtype === "int32") view.setInt32(index * width, value, true);
    else view.setUint8(index, value);
  });
  return bytes;
}
