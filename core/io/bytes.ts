/**
 * Bytes: of plain arrays, in a file's order whatever order this machine has, and back; compared and joined.
 * Rests on dtype.
 */
import { bytesPerElement, type DType, type TypedArray } from "../dtype.ts";

/** The order in which the bytes of one number stand: the least significant first, or last. */
export type ByteOrder = "little" | "big";

/** This machine's own. */
const machineOrder: ByteOrder =
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? "little" : "big";

/** The bytes of `elements`, least significant first: a view of their memory where this machine has it that way. */
export function bytesOfElements(elements: TypedArray): Uint8Array {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: width } = elements;
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return machineOrder === "little" ? bytes : new Uint8Array(inMachineOrder(bytes, width, "little"));
}

/** A fresh array of the elements that `bytes` hold, least significant first, at any alignment. */
export function elementsOfBytes(dtype: DType, bytes: Uint8Array): TypedArray {
  const memory = inMachineOrder(bytes, bytesPerElement[dtype], "little");
  switch (dtype) {
    case "float32":
      return new Float32Array(memory);
    case "float64":
      return new Float64Array(memory);
    case "int32":
      return new Int32Array(memory);
    case "bool":
      return new Uint8Array(memory);
  }
}

/**
 * A copy of numbers of `width` bytes each, in the order of this machine's typed arrays. It moves bytes, not numbers: a
 * NaN that passes through a JavaScript number may lose its payload.
 */
export function inMachineOrder(bytes: Uint8Array, width: number, order: ByteOrder): ArrayBuffer {
  // A typed array's own constructor: slice of a Buffer of Node's would not copy.
  const copy = new Uint8Array(bytes);
  if (order !== machineOrder) {
    for (let start = 0; start < copy.length; start += width) {
      for (let low = start, high = start + width - 1; low < high; low++, high--) {
        const byte = copy[low] ?? 0;
        copy[low] = copy[high] ?? 0;
        copy[high] = byte;
      }
    }
  }
  return copy.buffer;
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
