/**
 * Elementwise kernels on float32, float64 and int32: arithmetic, comparisons, logic, selection.
 * Every path, vector, tail or strided, runs the same lanes' arithmetic.
 */
import { pow32, pow64 } from "./math";
import { innerStride, load4, rowAddress, segment, store4 } from "./walk";
import { real, word } from "./task";

// Numbers of the binary functions, as listed in elementwise.ts of the host.
const ADD = 0, SUBTRACT = 1, MULTIPLY = 2, DIVIDE = 3, MINIMUM = 4, MAXIMUM = 5, POW = 6;

// @ts-ignore: decorator
@inline
function binary32(fn: i32, a: v128, b: v128): v128 {
  switch (fn) {
    case ADD: return f32x4.add(a, b);
    case SUBTRACT: return f32x4.sub(a, b);
    case MULTIPLY: return f32x4.mul(a, b);
    case DIVIDE: return f32x4.div(a, b);
    case MINIMUM: return f32x4.min(a, b);
    case MAXIMUM: return f32x4.max(a, b);
    default: return pow32(a, b);
  }
}

// @ts-ignore: decorator
@inline
function binaryInt(fn: i32, a: v128, b: v128): v128 {
  switch (fn) {
    case ADD: return i32x4.add(a, b);
    case SUBTRACT: return i32x4.sub(a, b);
    case MULTIPLY: return i32x4.mul(a, b);
    case MINIMUM: return i32x4.min_s(a, b);
    default: return i32x4.max_s(a, b);
  }
}

// @ts-ignore: decorator
@inline
function binary64(fn: i32, a: f64, b: f64): f64 {
  switch (fn) {
    case ADD: return a + b;
    case SUBTRACT: return a - b;
    case MULTIPLY: return a * b;
    case DIVIDE: return a / b;
    case MINIMUM: return min(a, b);
    case MAXIMUM: return max(a, b);
    default: return pow64(a, b);
  }
}

/** Bounds of piece `piece`: which row, and which elements of it. */
let row: i32 = 0;
let first: i32 = 0;
let count: i32 = 0;

// @ts-ignore: decorator
@inline
function locate(task: usize, piece: i32): void {
  const segments = word(task, 3);
  row = piece / segments;
  first = (piece - row * segments) * segment;
  count = min(segment, word(task, 2) - first);
}

// @ts-ignore: decorator
@inline
function rowsOfFour(task: usize, fn: i32, whole: bool, from: i32, to: i32): void {
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  for (let piece = from; piece < to; piece++) {
    locate(task, piece);
    let y = rowAddress(task, 0, row) + first * sy;
    let a = rowAddress(task, 1, row) + first * sa;
    let b = rowAddress(task, 2, row) + first * sb;
    let left = count;
    for (; left >= 4; left -= 4) {
      const va = load4(a, sa, 4), vb = load4(b, sb, 4);
      store4(y, sy, whole ? binaryInt(fn, va, vb) : binary32(fn, va, vb), 4);
      y += 4 * sy; a += 4 * sa; b += 4 * sb;
    }
    if (left > 0) {
      const va = load4(a, sa, left), vb = load4(b, sb, left);
      store4(y, sy, whole ? binaryInt(fn, va, vb) : binary32(fn, va, vb), left);
    }
  }
}

/** Binary functions on float32: word 0 is the function. */
export function binaryF32(task: usize, from: i32, to: i32, scratch: usize): void {
  switch (word(task, 0)) {
    case ADD: return rowsOfFour(task, ADD, false, from, to);
    case SUBTRACT: return rowsOfFour(task, SUBTRACT, false, from, to);
    case MULTIPLY: return rowsOfFour(task, MULTIPLY, false, from, to);
    case DIVIDE: return rowsOfFour(task, DIVIDE, false, from, to);
    case MINIMUM: return rowsOfFour(task, MINIMUM, false, from, to);
    case MAXIMUM: return rowsOfFour(task, MAXIMUM, false, from, to);
    default: return rowsOfFour(task, POW, false, from, to);
  }
}

/** Binary functions on int32, modulo 2³². */
export function binaryI32(task: usize, from: i32, to: i32, scratch: usize): void {
  rowsOfFour(task, word(task, 0), true, from, to);
}

/** Binary functions on float64. */
export function binaryF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0);
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  for (let piece = from; piece < to; piece++) {
    locate(task, piece);
    let y = rowAddress(task, 0, row) + first * sy;
    let a = rowAddress(task, 1, row) + first * sa;
    let b = rowAddress(task, 2, row) + first * sb;
    for (let i = 0; i < count; i++) {
      store<f64>(y, binary64(fn, load<f64>(a), load<f64>(b)));
      y += sy; a += sa; b += sb;
    }
  }
}

const EQUAL = 0, NOT_EQUAL = 1, LESS = 2, LESS_EQUAL = 3, GREATER = 4;

// @ts-ignore: decorator
@inline
function compare<T>(fn: i32, a: T, b: T): u8 {
  switch (fn) {
    case EQUAL: return u8(a == b);
    case NOT_EQUAL: return u8(a != b);
    case LESS: return u8(a < b);
    case LESS_EQUAL: return u8(a <= b);
    case GREATER: return u8(a > b);
    default: return u8(a >= b);
  }
}

// @ts-ignore: decorator
@inline
function comparisonRows<T>(task: usize, fn: i32, from: i32, to: i32): void {
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  for (let piece = from; piece < to; piece++) {
    locate(task, piece);
    let y = rowAddress(task, 0, row) + first * sy;
    let a = rowAddress(task, 1, row) + first * sa;
    let b = rowAddress(task, 2, row) + first * sb;
    for (let i = 0; i < count; i++) {
      store<u8>(y, compare<T>(fn, load<T>(a), load<T>(b)));
      y += sy; a += sa; b += sb;
    }
  }
}

/** Comparisons; word 0 is the function, word 42 the operands' dtype (0 float32, 1 float64, 2 int32, 3 bool). */
export function compareRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0);
  switch (word(task, 42)) {
    case 0: return comparisonRows<f32>(task, fn, from, to);
    case 1: return comparisonRows<f64>(task, fn, from, to);
    case 2: return comparisonRows<i32>(task, fn, from, to);
    default: return comparisonRows<u8>(task, fn, from, to);
  }
}

/** Logic on bool: word 0 is 0 and, 1 or, 2 exclusive or, 3 not (of the first operand). */
export function logicalRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0);
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  for (let piece = from; piece < to; piece++) {
    locate(task, piece);
    let y = rowAddress(task, 0, row) + first * sy;
    let a = rowAddress(task, 1, row) + first * sa;
    let b = rowAddress(task, 2, row) + first * sb;
    for (let i = 0; i < count; i++) {
      const p = load<u8>(a) != 0, q = load<u8>(b) != 0;
      const result = fn == 0 ? p && q : fn == 1 ? p || q : fn == 2 ? p != q : !p;
      store<u8>(y, u8(result));
      y += sy; a += sa; b += sb;
    }
  }
}

// @ts-ignore: decorator
@inline
function selection<T>(task: usize, from: i32, to: i32): void {
  const sy = innerStride(task, 0), sc = innerStride(task, 1);
  const sa = innerStride(task, 2), sb = innerStride(task, 3);
  for (let piece = from; piece < to; piece++) {
    locate(task, piece);
    let y = rowAddress(task, 0, row) + first * sy;
    let c = rowAddress(task, 1, row) + first * sc;
    let a = rowAddress(task, 2, row) + first * sa;
    let b = rowAddress(task, 3, row) + first * sb;
    for (let i = 0; i < count; i++) {
      store<T>(y, load<u8>(c) != 0 ? load<T>(a) : load<T>(b));
      y += sy; c += sc; a += sa; b += sb;
    }
  }
}

/** Selection by a bool condition; word 42 is the bytes of an element. */
export function selectRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const bytes = word(task, 42);
  if (bytes == 8) selection<u64>(task, from, to);
  else if (bytes == 4) selection<u32>(task, from, to);
  else selection<u8>(task, from, to);
}

// @ts-ignore: decorator
@inline
function clamping<T>(task: usize, from: i32, to: i32): void {
  const low = <T>real(task, 0), high = <T>real(task, 1);
  const sy = innerStride(task, 0), sa = innerStride(task, 1);
  for (let piece = from; piece < to; piece++) {
    locate(task, piece);
    let y = rowAddress(task, 0, row) + first * sy;
    let a = rowAddress(task, 1, row) + first * sa;
    for (let i = 0; i < count; i++) {
      store<T>(y, min<T>(max<T>(load<T>(a), low), high));
      y += sy; a += sa;
    }
  }
}

/** min(max(x, low), high); NaN stays. Reals 0 and 1 are the bounds, word 42 the dtype. */
export function clampRows(task: usize, from: i32, to: i32, scratch: usize): void {
  switch (word(task, 42)) {
    case 0: return clamping<f32>(task, from, to);
    case 1: return clamping<f64>(task, from, to);
    default: return clampInt(task, from, to);
  }
}

function clampInt(task: usize, from: i32, to: i32): void {
  const low = real(task, 0), high = real(task, 1);
  const sy = innerStride(task, 0), sa = innerStride(task, 1);
  for (let piece = from; piece < to; piece++) {
    locate(task, piece);
    let y = rowAddress(task, 0, row) + first * sy;
    let a = rowAddress(task, 1, row) + first * sa;
    for (let i = 0; i < count; i++) {
      store<i32>(y, i32(min(max(f64(load<i32>(a)), low), high)));
      y += sy; a += sa;
    }
  }
}
