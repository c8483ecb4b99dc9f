/**
 * Walking: the rows of up to four operands that share a shape, each with strides of its own.
 * Words: 0 function, 1 rank of the outer axes (≤ 6), 2 row length, 3 segments a row, 4…7 pointers (output first),
 * 8…11 inner strides, 12…17 outer lengths, 18…23, 24…29, 30…35, 36…41 outer strides. All strides in bytes.
 */
import { pointer, word } from "./task";

/** Elements of a segment: long rows are cut so that threads share them. A multiple of 16. */
export const segment: i32 = 4096;

/** The address of operand `k` at the start of row `row`. */
export function rowAddress(task: usize, k: i32, row: i32): usize {
  let address = pointer(task, 4 + k);
  for (let axis = word(task, 1) - 1; axis >= 0; axis--) {
    const length = word(task, 12 + axis);
    const rest = row / length;
    address += <usize>((row - rest * length) * word(task, 18 + 6 * k + axis));
    row = rest;
  }
  return address;
}

/** Where the four operands stand, and how many elements of them a piece is: as `toPiece` left them. */
export let at0: usize = 0;
export let at1: usize = 0;
export let at2: usize = 0;
export let at3: usize = 0;
export let count: i32 = 0;
/** Rows that follow at equal steps along the innermost of the outer axes. */
let following: i32 = 0;

/** Stands before the first piece: call it once at the start of a kernel. */
// @ts-ignore: decorator
@inline
export function startWalk(): void {
  following = 0;
}

/** Goes to piece `piece`, the one after the last: short rows must cost no divisions. */
export function toPiece(task: usize, piece: i32): void {
  const rank = word(task, 1);
  if (following > 0) {
    following--;
    at0 += word(task, 18 + rank - 1);
    at1 += word(task, 24 + rank - 1);
    at2 += word(task, 30 + rank - 1);
    at3 += word(task, 36 + rank - 1);
    return;
  }
  const segments = word(task, 3), row = piece / segments, first = (piece - row * segments) * segment;
  count = min(segment, word(task, 2) - first);
  at0 = rowAddress(task, 0, row) + first * innerStride(task, 0);
  at1 = rowAddress(task, 1, row) + first * innerStride(task, 1);
  at2 = rowAddress(task, 2, row) + first * innerStride(task, 2);
  at3 = rowAddress(task, 3, row) + first * innerStride(task, 3);
  if (segments == 1 && rank > 0) {
    const near = word(task, 12 + rank - 1);
    following = near - row % near - 1;
  }
}

// @ts-ignore: decorator
@inline
export function innerStride(task: usize, k: i32): i32 {
  return word(task, 8 + k);
}

/** Four float32 or int32 lanes from `p` on, `stride` bytes apart; `count` < 4 repeats the first lane. */
// @ts-ignore: decorator
@inline
export function load4(p: usize, stride: i32, count: i32): v128 {
  if (count >= 4) {
    if (stride == 4) return v128.load(p);
    if (stride == 0) return v128.load32_splat(p);
    let lanes = v128.load32_splat(p);
    lanes = v128.load_lane<u32>(p + stride, lanes, 1);
    lanes = v128.load_lane<u32>(p + 2 * stride, lanes, 2);
    return v128.load_lane<u32>(p + 3 * stride, lanes, 3);
  }
  let lanes = v128.load32_splat(p);
  if (count > 1) lanes = v128.load_lane<u32>(p + stride, lanes, 1);
  if (count > 2) lanes = v128.load_lane<u32>(p + 2 * stride, lanes, 2);
  return lanes;
}

/** Stores the first `count` ≤ 4 lanes. */
// @ts-ignore: decorator
@inline
export function store4(p: usize, stride: i32, lanes: v128, count: i32): void {
  if (count >= 4 && stride == 4) {
    v128.store(p, lanes);
    return;
  }
  v128.store_lane<u32>(p, lanes, 0);
  if (count > 1) v128.store_lane<u32>(p + stride, lanes, 1);
  if (count > 2) v128.store_lane<u32>(p + 2 * stride, lanes, 2);
  if (count > 3) v128.store_lane<u32>(p + 3 * stride, lanes, 3);
}
