/**
 * Extents: the sizes that a file claims, weighed against the bytes that are there, and shown in messages.
 * Rests on shape.
 */
import { formatShape, type Shape } from "../shape.ts";

/** `3 bytes`, `1 byte`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `[60000, 28, 28]`, shortened past eight axes: a damaged rank must not flood the message. */
export function formatExtents(shape: Shape): string {
  if (shape.length <= 8) return formatShape(shape);
  return `[${shape.slice(0, 8).join(", ")}, … ${shape.length} axes]`;
}

/** `"conv1.weight"`, shortened past 80 characters: a damaged name must not flood the message either. */
export function quoteBriefly(text: string): string {
  if (text.length <= 80) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, 80))}… (${text.length} characters)`;
}

/**
 * Bytes of the elements of `shape`, each of `width` bytes, or undefined where more than `limit`: a product that is no
 * longer exact, or infinite (255 axes of 2³² overflow even a float64), is far above the size of any file.
 */
export function bytesWithin(shape: Shape, width: number, limit: number): number | undefined {
  if (shape.includes(0)) return 0;
  const product = shape.reduce((size, length) => size * length, width);
  return product <= limit ? product : undefined;
}
