/**
 * Bytes: of plain arrays, little-endian whatever order this machine has, and back; compared and joined.
 * Rests on dtype.
 */
import { bytesPerElement, type DType, type TypedArray } from "../dtype.ts";

/** Whether this machine's own order is the files' order. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The bytes of `elements`, least significant first: a view of their memory where this machine has it that way. */
export function bytesOfElements(elements: TypedArray): Uint8Array {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: width } = elements;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return isLittleEndian ? bytes : reversed(bytes.slice(), width);
}

/** A fresh array of the elements that `bytes` hold, least significant first, at any alignment. */
export function elementsOfBytes(dtype: DType, bytes: Uint8Array): TypedArray {
  const width = bytesPerElement[dtype];
  // A typed array's own constructor: slice of a Buffer of Node's would not copy.
  const copy = new Uint8Array(bytes);
  const { buffer } = isLittleEndian ? copy : reversed(copy, width);
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "bool":
      return new Uint8Array(buffer);
  }
}

/** `bytes` with each run of `width` turned around, in place. */
function reversed<Bytes extends Uint8Array>(bytes: Bytes, width: number): Bytes {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
  return bytes;
}

/** All parts in one array. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Less than 0, 0 or more, as `a` comes before, is or comes after `b` when both are compared byte by byte. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
