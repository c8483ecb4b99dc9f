/**
 * Along one axis: the position of the extreme, and running sums (in float64, from the first element on).
 * Words: 0 function, 1 dtype, 2 x, 3 y, 4 elements a line, 5 x's and 6 y's stride along the line, 7 axes besides,
 * 13…18 their lengths, 19…24 their strides in x, 31…36 in y (25…30 repeat the lengths). A piece is a line.
 */
import { offsetOf } from "./offset";
import { pointer, word } from "./task";

const IN_X = 13, IN_Y = 25;

// @ts-ignore: decorator
@inline
function extremes<T>(task: usize, from: i32, to: i32): void {
  const smallest = word(task, 0) == 1, count = word(task, 4), stride = word(task, 5), rank = word(task, 7);
  for (let line = from; line < to; line++) {
    let p = pointer(task, 2) + offsetOf(task, IN_X, rank, line);
    let best = load<T>(p);
    let position = 0;
    // The first NaN beats all.
    for (let i = 1; i < count && best == best; i++) {
      p += stride;
      const next = load<T>(p);
      if ((smallest ? next < best : next > best) || next != next) {
        best = next;
        position = i;
      }
    }
    store<i32>(pointer(task, 3) + offsetOf(task, IN_Y, rank, line), position);
  }
}

/** The first position of the largest (word 0 is 0) or smallest (1) element of each line, as int32. */
export function extremeLines(task: usize, from: i32, to: i32, scratch: usize): void {
  switch (word(task, 1)) {
    case 0: return extremes<f32>(task, from, to);
    case 1: return extremes<f64>(task, from, to);
    case 2: return extremes<i32>(task, from, to);
    default: return extremes<u8>(task, from, to);
  }
}

// @ts-ignore: decorator
@inline
function runningSums<T>(task: usize, from: i32, to: i32): void {
  const count = word(task, 4), stepX = word(task, 5), stepY = word(task, 6), rank = word(task, 7);
  for (let line = from; line < to; line++) {
    let x = pointer(task, 2) + offsetOf(task, IN_X, rank, line);
    let y = pointer(task, 3) + offsetOf(task, IN_Y, rank, line);
    let total: f64 = 0;
    for (let i = 0; i < count; i++) {
      total += <f64>load<T>(x);
      // int32 wraps.
      if (isFloat<T>()) store<T>(y, <T>total);
      else store<T>(y, <T><i64>total);
      x += stepX; y += stepY;
    }
  }
}

/** Running sums; backwards with negative strides from the lines' ends. */
export function cumulativeLines(task: usize, from: i32, to: i32, scratch: usize): void {
  switch (word(task, 1)) {
    case 0: return runningSums<f32>(task, from, to);
    case 1: return runningSums<f64>(task, from, to);
    default: return runningSums<i32>(task, from, to);
  }
}
