/**
 * Random numbers: Philox4x32-10 (Salmon et al. 2011) and the draws of core/random, bit for bit. Block number
 * position + i of a stream holds elements 2i and 2i + 1, two words each.
 * Words: 0 y, 1 its dtype, 2 elements, 3 4 the key, 5 x (dropout). Real 0: position; then the distribution's numbers.
 * A piece is 2048 blocks.
 */
import { cos64, log64, sin64 } from "./math";
import { pointer, real, word } from "./task";

/** Blocks of a piece. */
const blocks: i32 = 2048;

/** The words of the last block, two by two as 64-bit integers, the first word above: elements 2i and 2i + 1. */
let even: u64 = 0;
let odd: u64 = 0;

/** Block number `position` of the stream (key0, key1). */
// @ts-ignore: decorator
@inline
function drawBlock(key0: u32, key1: u32, position: u64): void {
  let a = <u32>position, b = <u32>(position >> 32), c: u32 = 0, d: u32 = 0;
  for (let round = 0; round < 10; round++) {
    const first = <u64>a * 0xd2511f53, second = <u64>c * 0xcd9e8d57;
    a = <u32>(second >> 32) ^ b ^ key0;
    b = <u32>second;
    c = <u32>(first >> 32) ^ d ^ key1;
    d = <u32>first;
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  even = (<u64>a << 32) | <u64>b;
  odd = (<u64>c << 32) | <u64>d;
}

/** The 53-bit integer in a pair of words: 27 bits of the first above 26 of the second. */
// @ts-ignore: decorator
@inline
function bits53(pair: u64): u64 {
  return ((pair >> 37) << 26) | ((pair & 0xffffffff) >> 6);
}

const step: f64 = 1.0 / 9007199254740992.0;

/** k·2^-53 for the pair's 53 bits k. */
// @ts-ignore: decorator
@inline
function fraction(pair: u64): f64 {
  return <f64>(<i64>bits53(pair)) * step;
}

const UNIFORM = 0, NORMAL = 1, INTEGERS = 2, BERNOULLI = 3, DROPOUT = 4;

/** Element `i` of a draw, from its pair of words. */
// @ts-ignore: decorator
@inline
function write<T>(kind: i32, task: usize, y: usize, i: i32, pair: u64): void {
  const at = y + <usize>i * sizeof<T>();
  if (kind == UNIFORM) {
    store<T>(at, <T>(real(task, 1) + real(task, 2) * fraction(pair)));
  } else if (kind == INTEGERS) {
    // ⌊width·K / 2^64⌋ of the 64 bits K.
    const width = <u64>real(task, 2);
    const high = (pair >> 32) * width + (((pair & 0xffffffff) * width) >> 32);
    store<T>(at, <T>(<i32>real(task, 1) + <i32>(high >> 32)));
  } else if (kind == BERNOULLI) {
    store<T>(at, <T>(fraction(pair) < real(task, 1)));
  } else {
    const x = load<T>(pointer(task, 5) + <usize>i * sizeof<T>());
    store<T>(at, fraction(pair) < real(task, 1) ? <T>0 : <T>(<f64>x / real(task, 2)));
  }
}

/** The words of four blocks, a lane a block. */
let wordA: v128 = i32x4.splat(0);
let wordB: v128 = i32x4.splat(0);
let wordC: v128 = i32x4.splat(0);
let wordD: v128 = i32x4.splat(0);

/** Blocks number `position` … `position + 3` of the stream (key0, key1). */
// @ts-ignore: decorator
@inline
function drawBlocks(key0: u32, key1: u32, position: u64): void {
  const low = i32x4.splat(<u32>position);
  let a = i32x4.add(low, i32x4(0, 1, 2, 3));
  // Lanes that wrapped carry.
  let b = i32x4.sub(i32x4.splat(<u32>(position >> 32)), i32x4.lt_u(a, low));
  let c = i32x4.splat(0), d = i32x4.splat(0), k0 = i32x4.splat(key0), k1 = i32x4.splat(key1);
  const m0 = i32x4.splat(0xd2511f53), m1 = i32x4.splat(0xcd9e8d57);
  for (let round = 0; round < 10; round++) {
    const first = i64x2.extmul_low_i32x4_u(a, m0), second = i64x2.extmul_high_i32x4_u(a, m0);
    const third = i64x2.extmul_low_i32x4_u(c, m1), fourth = i64x2.extmul_high_i32x4_u(c, m1);
    a = v128.xor(v128.xor(v128.shuffle<i32>(third, fourth, 1, 3, 5, 7), b), k0);
    b = v128.shuffle<i32>(third, fourth, 0, 2, 4, 6);
    c = v128.xor(v128.xor(v128.shuffle<i32>(first, second, 1, 3, 5, 7), d), k1);
    d = v128.shuffle<i32>(first, second, 0, 2, 4, 6);
    k0 = i32x4.add(k0, i32x4.splat(0x9e3779b9));
    k1 = i32x4.add(k1, i32x4.splat(0xbb67ae85));
  }
  wordA = a;
  wordB = b;
  wordC = c;
  wordD = d;
}

/** The fractions of lanes 0, 1 of two words, or of lanes 2, 3. Exact: 27 bits times 2^26, and 26 bits more. */
// @ts-ignore: decorator
@inline
function fractions(first: v128, second: v128, upper: bool): v128 {
  let high = i32x4.shr_u(first, 5), low = i32x4.shr_u(second, 6);
  if (upper) {
    high = v128.shuffle<i64>(high, high, 1, 1);
    low = v128.shuffle<i64>(low, low, 1, 1);
  }
  const k = f64x2.mul(f64x2.convert_low_i32x4_s(high), f64x2.splat(67108864));
  return f64x2.mul(f64x2.add(k, f64x2.convert_low_i32x4_s(low)), f64x2.splat(step));
}

/** Elements i and i + 1 of a draw, from their fractions. */
// @ts-ignore: decorator
@inline
function writeTwo<T>(kind: i32, y: usize, x: usize, i: i32, u: v128, p: v128, q: v128): void {
  const at = y + <usize>i * sizeof<T>();
  if (kind == BERNOULLI) {
    const bits = i64x2.bitmask(f64x2.lt(u, p));
    store<u16>(at, <u16>((bits & 1) | ((bits & 2) << 7)));
    return;
  }
  let result: v128;
  if (kind == UNIFORM) {
    result = f64x2.add(p, f64x2.mul(q, u));
  } else {
    const from = x + <usize>i * sizeof<T>();
    const two = sizeof<T>() == 4 ? f64x2.promote_low_f32x4(v128.load64_zero(from)) : v128.load(from);
    result = v128.andnot(f64x2.div(two, q), f64x2.lt(u, p));
  }
  if (sizeof<T>() == 4) v128.store64_lane(at, f32x4.demote_f64x2_zero(result), 0);
  else v128.store(at, result);
}

// @ts-ignore: decorator
@inline
function draw<T>(kind: i32, task: usize, from: i32, to: i32): void {
  const y = pointer(task, 0), size = word(task, 2);
  const key0 = <u32>word(task, 3), key1 = <u32>word(task, 4), position = <u64>real(task, 0);
  const end = min(size, 2 * blocks * to);
  let i = 2 * blocks * from;
  if (kind == UNIFORM || kind == BERNOULLI || kind == DROPOUT) {
    const x = pointer(task, 5), p = f64x2.splat(real(task, 1)), q = f64x2.splat(real(task, 2));
    for (; i + 8 <= end; i += 8) {
      drawBlocks(key0, key1, position + (i >> 1));
      const even0 = fractions(wordA, wordB, false), even1 = fractions(wordA, wordB, true);
      const odd0 = fractions(wordC, wordD, false), odd1 = fractions(wordC, wordD, true);
      writeTwo<T>(kind, y, x, i, v128.shuffle<i64>(even0, odd0, 0, 2), p, q);
      writeTwo<T>(kind, y, x, i + 2, v128.shuffle<i64>(even0, odd0, 1, 3), p, q);
      writeTwo<T>(kind, y, x, i + 4, v128.shuffle<i64>(even1, odd1, 0, 2), p, q);
      writeTwo<T>(kind, y, x, i + 6, v128.shuffle<i64>(even1, odd1, 1, 3), p, q);
    }
  }
  for (; i < end; i += 2) {
    drawBlock(key0, key1, position + (i >> 1));
    if (kind == NORMAL) {
      // k + 1, not k: the logarithm of 0 is no radius.
      const radius = sqrt(-2 * log64(<f64>(<i64>(bits53(even) + 1)) * step));
      const angle = 6.283185307179586 * fraction(odd);
      store<T>(y + <usize>i * sizeof<T>(), <T>(real(task, 1) + real(task, 2) * (radius * cos64(angle))));
      if (i + 1 < size) {
        store<T>(y + <usize>(i + 1) * sizeof<T>(), <T>(real(task, 1) + real(task, 2) * (radius * sin64(angle))));
      }
    } else {
      write<T>(kind, task, y, i, even);
      if (i + 1 < size) write<T>(kind, task, y, i + 1, odd);
    }
  }
}

/** low + width·u, u in [0, 1). Reals: 1 low, 2 width. */
export function drawUniform(task: usize, from: i32, to: i32, scratch: usize): void {
  if (word(task, 1) == 0) draw<f32>(UNIFORM, task, from, to);
  else draw<f64>(UNIFORM, task, from, to);
}

/** mean + std·z by Box & Muller 1958. Reals: 1 mean, 2 std. */
export function drawNormal(task: usize, from: i32, to: i32, scratch: usize): void {
  if (word(task, 1) == 0) draw<f32>(NORMAL, task, from, to);
  else draw<f64>(NORMAL, task, from, to);
}

/** Integers of int32. Reals: 1 low, 2 width. */
export function drawIntegers(task: usize, from: i32, to: i32, scratch: usize): void {
  draw<i32>(INTEGERS, task, from, to);
}

/** 1 with probability real 1, else 0. */
export function drawBernoulli(task: usize, from: i32, to: i32, scratch: usize): void {
  draw<u8>(BERNOULLI, task, from, to);
}

/** 0 with probability real 1, else x / real 2. */
export function dropoutElements(task: usize, from: i32, to: i32, scratch: usize): void {
  if (word(task, 1) == 0) draw<f32>(DROPOUT, task, from, to);
  else draw<f64>(DROPOUT, task, from, to);
}
