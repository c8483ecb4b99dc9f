/**
 * Extents: the sizes and names that a file claims, shown in messages that no damage makes long.
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
