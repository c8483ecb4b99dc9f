/**
 * Offsets: where an element of some axes lies. The axes are up to six, row-major: their lengths in six words, their
 * strides in bytes in the next six.
 */
import { word } from "./task";

/** The offset of element `index` of row-major axes, `rank` of them described from word `at` on. */
export function offsetOf(task: usize, at: i32, rank: i32, index: i32): usize {
  let offset: usize = 0;
  for (let axis = rank - 1; axis >= 0; axis--) {
    const length = word(task, at + axis);
    const rest = index / length;
    offset += <usize>((index - rest * length) * word(task, at + 6 + axis));
    index = rest;
  }
  return offset;
}
