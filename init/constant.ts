/**
 * Constant initializers: the same number everywhere.
 * Rests on core.
 */
import { full } from "../core/index.ts";
import { requireFinite } from "../core/require-number.ts";
import type { Initializer } from "./initializer.ts";

/**
 * Every element `value`: 0 for biases and β, 1 for γ. Draws nothing. Throws ValueError unless `value` is
 * finite.
 *
 * @example
 * constant(0)([10], { stream, dtype: "float32" });
 */
export function constant(value: number): Initializer {
  requireFinite("constant", "value", value, "Give the number that every element shall be");
  return (shape, { dtype }) => full(shape, value, { dtype });
}
