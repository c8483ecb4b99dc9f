/**
 * Constant initializers: the same number everywhere.
 * Rests on core.
 */
import { full } from "../core/index.ts";
import type { Initializer } from "./initializer.ts";

/** Every element `value`: 0 for biases and β, 1 for γ. */
export function constant(value: number): Initializer {
  return (shape, { dtype }) => full(shape, value, { dtype });
}
