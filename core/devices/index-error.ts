/**
 * What every device says of an index that lies outside its axis.
 * Rests on errors.
 */
import { ValueError } from "../errors.ts";
import type { IndexAttributes } from "./kernels.ts";

/** The complaint about `index` in an axis of `length` elements, in the name of the user's function. */
export function outside(
  { where, argument }: IndexAttributes,
  length: number,
  index: number,
): ValueError {
  return new ValueError({
    where,
    argument,
    expected: `to lie in [0, ${length})`,
    got: String(index),
    fix: "Count from 0; a negative number does not count from the end",
  });
}
