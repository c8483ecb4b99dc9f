/**
 * Extents: what the readers share where a header says how much follows it. Nothing is allocated for a header's word.
 * Rests on shape.
 */
import { type Shape, sizeOf } from "../shape.ts";

/** Two hexadecimal digits per byte: `1f 8b 08 00`. */
export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** `3 bytes`, `1 byte`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `[60000, 28, 28]`, shortened past eight axes: a damaged rank must not flood the message. */
export function formatExtents(shape: Shape): string {
  if (shape.length <= 8) return `[${shape.join(", ")}]`;
  return `[${shape.slice(0, 8).join(", ")}, … ${shape.length} axes]`;
}

/**
 * Bytes of the elements, or undefined where more than `limit`: a product that is no longer exact, or infinite (255 axes of
 * 2³² overflow even a float64), is far above the size of any file. An empty axis after an infinite product makes it NaN:
 * undefined too, since no tensor can have such a shape.
 */
export function elementBytes(shape: Shape, bytes: number, limit: number): number | undefined {
  const product = sizeOf(shape) * bytes;
  return product <= limit ? product : undefined;
}
