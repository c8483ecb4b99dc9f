/**
 * Elements chosen by number. Operands of `gatherRows` and `addRows` are walked as walk.ts says; an index moves the
 * address in one of them by itself times word 42.
 */
import { offsetOf } from "./offset";
import { innerStride, rowAddress, segment } from "./walk";
import { pointer, word } from "./task";

/** Indices that one piece of `findOutside` looks at. */
const span: i32 = 65536;

/**
 * Looks for the first index outside [0, word 1) among word 2 dense int32 at pointer 0. Piece i writes to the pair
 * number i at pointer 3 whether it found one, and which.
 */
export function findOutside(task: usize, from: i32, to: i32, scratch: usize): void {
  const length = <u32>word(task, 1), all = i32x4.splat(length);
  for (let piece = from; piece < to; piece++) {
    const end = min(word(task, 2), (piece + 1) * span), result = pointer(task, 3) + (<usize>piece << 3);
    let i = piece * span;
    let p = pointer(task, 0) + (<usize>i << 2);
    for (; i + 4 <= end; i += 4) {
      if (v128.any_true(i32x4.ge_u(v128.load(p), all))) break;
      p += 16;
    }
    while (i < end && load<u32>(p) < length) {
      i++;
      p += 4;
    }
    store<i32>(result, i32(i < end));
    store<i32>(result + 4, i < end ? load<i32>(p) : 0);
  }
}

// @ts-ignore: decorator
@inline
function gathering<T>(task: usize, from: i32, to: i32): void {
  const sy = innerStride(task, 0), si = innerStride(task, 1), sx = innerStride(task, 2);
  const segments = word(task, 3), step = word(task, 42), size = <i32>sizeof<T>();
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    const count = min(segment, word(task, 2) - first);
    let y = rowAddress(task, 0, row) + first * sy, i = rowAddress(task, 1, row) + first * si;
    let x = rowAddress(task, 2, row) + first * sx;
    if (si == 0 && sx == size && sy == size) {
      memory.copy(y, x + load<i32>(i) * step, <usize>count * size);
      continue;
    }
    for (let k = 0; k < count; k++) {
      store<T>(y, load<T>(x + load<i32>(i) * step));
      y += sy; i += si; x += sx;
    }
  }
}

/** Rows of y, indices, x: y = x moved by index. Word 43: bytes of an element. */
export function gatherRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const bytes = word(task, 43);
  if (bytes == 8) gathering<u64>(task, from, to);
  else if (bytes == 4) gathering<u32>(task, from, to);
  else gathering<u8>(task, from, to);
}

// @ts-ignore: decorator
@inline
function adding<T>(task: usize, from: i32, to: i32): void {
  const sy = innerStride(task, 0), si = innerStride(task, 1), su = innerStride(task, 2);
  const segments = word(task, 3), step = word(task, 42), places = word(task, 44);
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    const count = min(segment, word(task, 2) - first);
    let yRow = rowAddress(task, 0, row) + first * sy, iRow = rowAddress(task, 1, row) + first * si;
    let uRow = rowAddress(task, 2, row) + first * su;
    for (let place = 0; place < places; place++) {
      let y = yRow, i = iRow, u = uRow, k = 0;
      if (sizeof<T>() == 4 && isFloat<T>() && si == 0 && sy == 4 && su == 4) {
        y += load<i32>(i) * step;
        for (; k + 4 <= count; k += 4) {
          v128.store(y, f32x4.add(v128.load(y), v128.load(u)));
          y += 16; u += 16;
        }
        for (; k < count; k++) {
          store<T>(y, load<T>(y) + load<T>(u));
          y += 4; u += 4;
        }
      } else {
        for (; k < count; k++) {
          const at = y + load<i32>(i) * step;
          store<T>(at, load<T>(at) + load<T>(u));
          y += sy; i += si; u += su;
        }
      }
      iRow += word(task, 45);
      uRow += word(task, 46);
    }
  }
}

/**
 * Rows of y, indices, updates, the axis of the indices left out: y, moved by each index, gains the update, in order.
 * Words: 43 dtype, 44 indices along the axis, 45 and 46 their and the updates' stride along it.
 */
export function addRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const dtype = word(task, 43);
  if (dtype == 0) adding<f32>(task, from, to);
  else if (dtype == 1) adding<f64>(task, from, to);
  else adding<i32>(task, from, to);
}

// @ts-ignore: decorator
@inline
function addingLines<T>(task: usize, from: i32, to: i32): void {
  const places = word(task, 4), step = word(task, 5), stepI = word(task, 6), stepU = word(task, 7), rank = word(task, 8);
  for (let line = from; line < to; line++) {
    const y = pointer(task, 1) + offsetOf(task, 13, rank, line);
    let i = pointer(task, 2) + offsetOf(task, 25, rank, line), u = pointer(task, 3) + offsetOf(task, 37, rank, line);
    for (let place = 0; place < places; place++) {
      const at = y + load<i32>(i) * step;
      store<T>(at, load<T>(at) + load<T>(u));
      i += stepI; u += stepU;
    }
  }
}

/**
 * The same where a line's indices and updates are neighbours, a line a piece. Words: 0 dtype, 1 y, 2 indices,
 * 3 updates, 4 indices a line, 5 6 7 strides along it, 8 axes besides, from 13, 25, 37 their lengths and strides.
 */
export function addLines(task: usize, from: i32, to: i32, scratch: usize): void {
  const dtype = word(task, 0);
  if (dtype == 0) addingLines<f32>(task, from, to);
  else if (dtype == 1) addingLines<f64>(task, from, to);
  else addingLines<i32>(task, from, to);
}
