/**
 * Elementwise kernels on float32, float64 and int32: arithmetic, comparisons, logic, selection.
 * Every path, vector, tail or strided, runs the same lanes' arithmetic.
 */
import { pow32, pow64 } from "./math";
import { at0, at1, at2, at3, count, innerStride, load4, startWalk, store4, toPiece } from "./walk";
import { real, word } from "./task";

// Numbers of the binary functions, as listed in elementwise.ts of the host.
const ADD = 0, SUBTRACT = 1, MULTIPLY = 2, DIVIDE = 3, MINIMUM = 4, MAXIMUM = 5, POW = 6, RELU_GRADIENT = 7;

// @ts-ignore: decorator
@inline
function binary32(fn: i32, a: v128, b: v128): v128 {
  switch (fn) {
    case ADD: return f32x4.add(a, b);
    case SUBTRACT: return f32x4.sub(a, b);
    case MULTIPLY: return f32x4.mul(a, b);
    case DIVIDE: return f32x4.div(a, b);
    case MINIMUM: return f32x4.min(a, b);
    case RELU_GRADIENT: return v128.andnot(b, f32x4.le(a, f32x4.splat(0)));
    default: return f32x4.max(a, b);
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
    case RELU_GRADIENT: return a <= 0 ? 0 : b;
    default: return pow64(a, b);
  }
}

// @ts-ignore: decorator
@inline
function fourOf(fn: i32, whole: bool, a: v128, b: v128): v128 {
  return whole ? binaryInt(fn, a, b) : binary32(fn, a, b);
}

/** Neighbours; `a` or `b` may stand still: `da` and `db` are 16, or 0. */
// @ts-ignore: decorator
@inline
function fourNeighbours(fn: i32, whole: bool, y: usize, a: usize, da: usize, b: usize, db: usize, count: i32): void {
  let left = count;
  if (da == 16 && db == 16) {
    for (; left >= 4; left -= 4) {
      v128.store(y, fourOf(fn, whole, v128.load(a), v128.load(b)));
      y += 16; a += 16; b += 16;
    }
  } else if (da == 16) {
    const one = v128.load32_splat(b);
    for (; left >= 4; left -= 4) {
      v128.store(y, fourOf(fn, whole, v128.load(a), one));
      y += 16; a += 16;
    }
  } else {
    const one = v128.load32_splat(a);
    for (; left >= 4; left -= 4) {
      v128.store(y, fourOf(fn, whole, one, db == 0 ? v128.load32_splat(b) : v128.load(b)));
      y += 16; b += db;
    }
  }
  if (left > 0) {
    const sa = <i32>(da >> 2), sb = <i32>(db >> 2);
    store4(y, 4, fourOf(fn, whole, load4(a, sa, left), load4(b, sb, left)), left);
  }
}

// @ts-ignore: decorator
@inline
function rowsOfFour(task: usize, fn: i32, whole: bool, from: i32, to: i32): void {
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  const near = sy == 4 && (sa == 4 || sa == 0) && (sb == 4 || sb == 0);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2;
    if (near) {
      fourNeighbours(fn, whole, y, a, <usize>sa << 2, b, <usize>sb << 2, count);
      continue;
    }
    for (let left = count; left > 0; left -= 4) {
      store4(y, sy, fourOf(fn, whole, load4(a, sa, left), load4(b, sb, left)), left);
      y += 4 * sy; a += 4 * sa; b += 4 * sb;
    }
  }
}

/** pow calls a function: once is enough. */
function rowsOfPowers(task: usize, from: i32, to: i32): void {
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2;
    for (let left = count; left > 0; left -= 4) {
      store4(y, sy, pow32(load4(a, sa, left), load4(b, sb, left)), left);
      y += 4 * sy; a += 4 * sa; b += 4 * sb;
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
    case RELU_GRADIENT: return rowsOfFour(task, RELU_GRADIENT, false, from, to);
    default: return rowsOfPowers(task, from, to);
  }
}

/** Binary functions on int32, modulo 2³². */
export function binaryI32(task: usize, from: i32, to: i32, scratch: usize): void {
  rowsOfFour(task, word(task, 0), true, from, to);
}

function pairOf(fn: i32, a: v128, b: v128): v128 {
  switch (fn) {
    case ADD: return f64x2.add(a, b);
    case SUBTRACT: return f64x2.sub(a, b);
    case MULTIPLY: return f64x2.mul(a, b);
    default: return f64x2.div(a, b);
  }
}

/** Binary functions on float64. */
export function binaryF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0);
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  // Vectors and scalars may disagree on which NaN an extreme gives.
  const near = fn <= DIVIDE && sy == 8 && (sa == 8 || sa == 0) && (sb == 8 || sb == 0);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2;
    let left = count;
    if (near) {
      for (; left >= 2; left -= 2) {
        const va = sa == 0 ? v128.load64_splat(a) : v128.load(a), vb = sb == 0 ? v128.load64_splat(b) : v128.load(b);
        v128.store(y, pairOf(fn, va, vb));
        y += 16; a += 2 * sa; b += 2 * sb;
      }
    }
    for (; left > 0; left--) {
      store<f64>(y, binary64(fn, load<f64>(a), load<f64>(b)));
      y += sy; a += sa; b += sb;
    }
  }
}

const EQUAL = 0, NOT_EQUAL = 1, LESS = 2, LESS_EQUAL = 3, GREATER = 4, GREATER_EQUAL = 5;

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

/** Four comparisons of float32 as four bytes, each 0 or 1. */
// @ts-ignore: decorator
@inline
function compare4(fn: i32, a: v128, b: v128): u32 {
  let mask: v128;
  switch (fn) {
    case EQUAL: mask = f32x4.eq(a, b); break;
    case NOT_EQUAL: mask = f32x4.ne(a, b); break;
    case LESS: mask = f32x4.lt(a, b); break;
    case LESS_EQUAL: mask = f32x4.le(a, b); break;
    case GREATER: mask = f32x4.gt(a, b); break;
    default: mask = f32x4.ge(a, b);
  }
  const halves = i16x8.narrow_i32x4_s(mask, mask), bytes = i8x16.narrow_i16x8_s(halves, halves);
  return i32x4.extract_lane(bytes, 0) & 0x01010101;
}

/** float32 neighbours, beside neighbours or one number. */
// @ts-ignore: decorator
@inline
function comparisonsOfFour(task: usize, fn: i32, from: i32, to: i32): void {
  const sb = innerStride(task, 2);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2, left = count;
    for (; left >= 4; left -= 4) {
      store<u32>(y, compare4(fn, v128.load(a), sb == 0 ? v128.load32_splat(b) : v128.load(b)));
      y += 4; a += 16; b += 4 * sb;
    }
    for (; left > 0; left--) {
      store<u8>(y, compare<f32>(fn, load<f32>(a), load<f32>(b)));
      y += 1; a += 4; b += sb;
    }
  }
}

function comparisonsOfNeighbours(task: usize, fn: i32, from: i32, to: i32): void {
  switch (fn) {
    case EQUAL: return comparisonsOfFour(task, EQUAL, from, to);
    case NOT_EQUAL: return comparisonsOfFour(task, NOT_EQUAL, from, to);
    case LESS: return comparisonsOfFour(task, LESS, from, to);
    case LESS_EQUAL: return comparisonsOfFour(task, LESS_EQUAL, from, to);
    case GREATER: return comparisonsOfFour(task, GREATER, from, to);
    default: return comparisonsOfFour(task, GREATER_EQUAL, from, to);
  }
}

// @ts-ignore: decorator
@inline
function comparisonRows<T>(task: usize, fn: i32, from: i32, to: i32): void {
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2;
    for (let i = 0; i < count; i++) {
      store<u8>(y, compare<T>(fn, load<T>(a), load<T>(b)));
      y += sy; a += sa; b += sb;
    }
  }
}

/** Comparisons; word 0 is the function, word 42 the operands' dtype (0 float32, 1 float64, 2 int32, 3 bool). */
export function compareRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0), sb = innerStride(task, 2);
  if (word(task, 42) == 0 && innerStride(task, 0) == 1 && innerStride(task, 1) == 4 && (sb == 4 || sb == 0)) {
    return comparisonsOfNeighbours(task, fn, from, to);
  }
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
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2;
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
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, c = at1, a = at2, b = at3;
    for (let i = 0; i < count; i++) {
      store<T>(y, load<u8>(c) != 0 ? load<T>(a) : load<T>(b));
      y += sy; c += sc; a += sa; b += sb;
    }
  }
}

/** Selection between four-byte neighbours, or between them and one number. */
function selectionOfFour(task: usize, from: i32, to: i32): void {
  const sa = innerStride(task, 2), sb = innerStride(task, 3);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, c = at1, a = at2, b = at3, left = count;
    for (; left >= 4; left -= 4) {
      const flags = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(c)));
      const va = sa == 0 ? v128.load32_splat(a) : v128.load(a), vb = sb == 0 ? v128.load32_splat(b) : v128.load(b);
      v128.store(y, v128.bitselect(vb, va, i32x4.eq(flags, i32x4.splat(0))));
      y += 16; c += 4; a += 4 * sa; b += 4 * sb;
    }
    for (; left > 0; left--) {
      store<u32>(y, load<u8>(c) != 0 ? load<u32>(a) : load<u32>(b));
      y += 4; c += 1; a += sa; b += sb;
    }
  }
}

/** Selection by a bool condition; word 42 is the bytes of an element. */
export function selectRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const bytes = word(task, 42), sa = innerStride(task, 2), sb = innerStride(task, 3);
  const near = innerStride(task, 0) == 4 && innerStride(task, 1) == 1 && (sa == 4 || sa == 0) && (sb == 4 || sb == 0);
  if (near && bytes == 4) selectionOfFour(task, from, to);
  else if (bytes == 8) selection<u64>(task, from, to);
  else if (bytes == 4) selection<u32>(task, from, to);
  else selection<u8>(task, from, to);
}

// @ts-ignore: decorator
@inline
function clamping<T>(task: usize, from: i32, to: i32): void {
  const low = <T>real(task, 0), high = <T>real(task, 1);
  const sy = innerStride(task, 0), sa = innerStride(task, 1);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1;
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
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1;
    for (let i = 0; i < count; i++) {
      store<i32>(y, i32(min(max(f64(load<i32>(a)), low), high)));
      y += sy; a += sa;
    }
  }
}
