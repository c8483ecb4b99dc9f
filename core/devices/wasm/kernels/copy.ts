/**
 * Copying: strided to strided, with conversion between dtypes; filling and counting.
 */
import { innerStride, rowAddress, segment } from "./walk";
import { pointer, real, word } from "./task";

// @ts-ignore: decorator
@inline
function moveRows<T>(task: usize, from: i32, to: i32): void {
  const sy = innerStride(task, 0), sx = innerStride(task, 1), segments = word(task, 3);
  const whole = sy == <i32>sizeof<T>() && sx == <i32>sizeof<T>();
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    const count = min(segment, word(task, 2) - first);
    let y = rowAddress(task, 0, row) + first * sy;
    let x = rowAddress(task, 1, row) + first * sx;
    if (whole) {
      memory.copy(y, x, <usize>count * sizeof<T>());
      continue;
    }
    let i = 0;
    if (sx == 0 && sy == <i32>sizeof<T>() && sizeof<T>() == 4) {
      // One element again and again.
      const same = v128.load32_splat(x);
      for (; i + 4 <= count; i += 4) {
        v128.store(y, same);
        y += 16;
      }
    }
    for (; i < count; i++) {
      store<T>(y, load<T>(x));
      y += sy; x += sx;
    }
  }
}

/** ToInt32 of ECMAScript: truncated, modulo 2³², 0 for NaN and infinities. */
function toInt32(x: f64): i32 {
  if (abs(x) < 2147483648.0) return <i32>x;
  if (!(abs(x) < Infinity)) return 0;
  const t = trunc(x);
  const rest = t - floor(t / 4294967296.0) * 4294967296.0;
  return <i32><u32><u64>rest;
}

// Numbers of the dtypes: float32, float64, int32, bool.
// @ts-ignore: decorator
@inline
function read(dtype: i32, p: usize): f64 {
  switch (dtype) {
    case 0: return <f64>load<f32>(p);
    case 1: return load<f64>(p);
    case 2: return <f64>load<i32>(p);
    default: return <f64>load<u8>(p);
  }
}

// @ts-ignore: decorator
@inline
function write(dtype: i32, p: usize, x: f64): void {
  switch (dtype) {
    case 0: store<f32>(p, <f32>x); return;
    case 1: store<f64>(p, x); return;
    case 2: store<i32>(p, toInt32(x)); return;
    default: store<u8>(p, u8(x != 0)); return;
  }
}

/** Copies; word 42 is the dtype read, word 43 the dtype written. */
export function copyRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const source = word(task, 42), target = word(task, 43);
  if (source == target) {
    if (source == 1) moveRows<u64>(task, from, to);
    else if (source == 3) moveRows<u8>(task, from, to);
    else moveRows<u32>(task, from, to);
    return;
  }
  const sy = innerStride(task, 0), sx = innerStride(task, 1), segments = word(task, 3);
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    const count = min(segment, word(task, 2) - first);
    let y = rowAddress(task, 0, row) + first * sy;
    let x = rowAddress(task, 1, row) + first * sx;
    for (let i = 0; i < count; i++) {
      write(target, y, read(source, x));
      y += sy; x += sx;
    }
  }
}

/** Element i of the output is real 0 + i·real 1. Words: 0 pointer, 1 dtype; a piece is 4096 elements of word 2. */
export function rangeElements(task: usize, from: i32, to: i32, scratch: usize): void {
  const y = pointer(task, 0), dtype = word(task, 1), start = real(task, 0), step = real(task, 1);
  const bytes: usize = dtype == 1 ? 8 : dtype == 3 ? 1 : 4;
  const end = min(word(task, 2), to * segment);
  if (step == 0 && from * segment < end) {
    // One element, then four or eight bytes of it again and again.
    const first = y + <usize>(from * segment) * bytes, total = <usize>(end - from * segment) * bytes;
    write(dtype, first, start);
    const same = bytes == 8 ? v128.load64_splat(first) : bytes == 4 ? v128.load32_splat(first) : v128.load8_splat(first);
    let done: usize = 0;
    for (; done + 16 <= total; done += 16) v128.store(first + done, same);
    for (; done < total; done += bytes) memory.copy(first + done, first, bytes);
    return;
  }
  for (let i = from * segment; i < end; i++) {
    write(dtype, y + <usize>i * bytes, start + <f64>i * step);
  }
}
