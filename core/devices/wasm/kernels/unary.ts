/**
 * Functions of one number on float32, float64 and int32. float32 runs four lanes at a time, tails included.
 * Rests on math. Numbers of functions as in elementwise.ts of the host; real 0 is the parameter.
 */
import * as m from "./math";
import { dense32 } from "./math-dense";
import { leaky32, relu32, selu32, seluAlpha, seluScale, sign32 } from "./math-plain";
import { real, word } from "./task";
import { innerStride, load4, rowAddress, segment, store4 } from "./walk";

function unary32(fn: i32, x: v128, parameter: f64): v128 {
  switch (fn) {
    case 0: return f32x4.neg(x);
    case 1: return f32x4.abs(x);
    case 2: return sign32(x);
    case 3: return f32x4.sqrt(x);
    case 4: return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
    case 5: return f32x4.mul(x, x);
    case 6: return relu32(x);
    case 7: return leaky32(x, parameter);
    case 8: return m.exp32(x);
    case 9: return m.expm132(x);
    case 10: return m.log32(x);
    case 11: return m.log1p32(x);
    case 12: return m.sin32(x);
    case 13: return m.cos32(x);
    case 14: return m.tan32(x);
    case 15: return m.tanh32(x);
    case 16: return m.sinh32(x);
    case 17: return m.cosh32(x);
    case 18: return m.atan32(x);
    case 19: return m.sigmoid32(x);
    case 20: return m.softplus32(x);
    case 21: return m.elu32(x, parameter, 1.0);
    case 22: return selu32(x);
    case 23: return m.gelu32(x);
    case 24: return m.geluTanh32(x);
    case 25: return m.silu32(x);
    case 26: return m.erf32(x);
    default: return m.erfc32(x);
  }
}

function unary64(fn: i32, x: f64, parameter: f64): f64 {
  switch (fn) {
    case 0: return -x;
    case 1: return abs(x);
    case 2: return x > 0 ? 1 : x < 0 ? -1 : x;
    case 3: return sqrt(x);
    case 4: return 1 / sqrt(x);
    case 5: return x * x;
    case 6: return x <= 0 ? 0 : x;
    case 7: return x > 0 ? x : parameter * x;
    case 8: return m.exp64(x);
    case 9: return m.expm164(x);
    case 10: return m.log64(x);
    case 11: return m.log1p64(x);
    case 12: return m.sin64(x);
    case 13: return m.cos64(x);
    case 14: return m.tan64(x);
    case 15: return m.tanh64(x);
    case 16: return m.sinh64(x);
    case 17: return m.cosh64(x);
    case 18: return m.atan64(x);
    case 19: return m.sigmoid64(x);
    case 20: return m.softplus64(x);
    case 21: return x > 0 ? x : parameter * m.expm164(x);
    case 22: return seluScale * (x > 0 ? x : seluAlpha * m.expm164(x));
    case 23: return m.gelu64(x);
    case 24: return m.geluTanh64(x);
    case 25: return m.silu64(x);
    case 26: return m.erf64(x);
    default: return m.erfc64(x);
  }
}

/** Functions of float32: dense rows eight at a time, strided rows and what is left over four at a time. */
export function unaryF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0), parameter = real(task, 0);
  const sy = innerStride(task, 0), sx = innerStride(task, 1), segments = word(task, 3);
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    let left = min(segment, word(task, 2) - first);
    let y = rowAddress(task, 0, row) + first * sy;
    let x = rowAddress(task, 1, row) + first * sx;
    if (sy == 4 && sx == 4) {
      const count = left & ~7;
      dense32(fn, y, x, count, parameter);
      y += 4 * count; x += 4 * count;
      left -= count;
    }
    for (; left >= 4; left -= 4) {
      store4(y, sy, unary32(fn, load4(x, sx, 4), parameter), 4);
      y += 4 * sy; x += 4 * sx;
    }
    if (left > 0) store4(y, sy, unary32(fn, load4(x, sx, left), parameter), left);
  }
}

/** Functions of float64, lane by lane, bit for bit those of scalar-math. */
export function unaryF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0), parameter = real(task, 0);
  const sy = innerStride(task, 0), sx = innerStride(task, 1), segments = word(task, 3);
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    const count = min(segment, word(task, 2) - first);
    let y = rowAddress(task, 0, row) + first * sy;
    let x = rowAddress(task, 1, row) + first * sx;
    for (let i = 0; i < count; i++) {
      store<f64>(y, unary64(fn, load<f64>(x), parameter));
      y += sy; x += sx;
    }
  }
}

/** negate, abs, sign, square, relu of int32, modulo 2³². */
export function unaryI32(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0);
  const sy = innerStride(task, 0), sx = innerStride(task, 1), segments = word(task, 3);
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    const count = min(segment, word(task, 2) - first);
    let y = rowAddress(task, 0, row) + first * sy;
    let x = rowAddress(task, 1, row) + first * sx;
    for (let i = 0; i < count; i++) {
      const v = load<i32>(x);
      const w = fn == 0 ? -v : fn == 1 ? (v < 0 ? -v : v) : fn == 2 ? i32(v > 0) - i32(v < 0) : fn == 5 ? v * v : max(v, 0);
      store<i32>(y, w);
      y += sy; x += sx;
    }
  }
}
