/**
 * log, log1p, and the logarithms that softplus and pow rest on. All split x = 2^k (1 + f) with 1 + f in [√½, √2).
 * Rests on math-bits. Vectors: in float32 log(1 + f) = f - f²/2 + f³ P(f); in pairs of float64 lanes, with
 * s = f / (2 + f), 2 artanh(s) = 2s + s³ R(s²); P and R by the Remez exchange in 200-bit arithmetic.
 * Scalars: core/scalar-math/log.ts, operation for operation.
 */
import {
  choose, each32, each64, highPair, highWord, joinPairs, lowPair, orderedSumError, powerOfTwo, productError, step32,
  step64, sumError, withSign,
} from "./math-bits";

/**
 * Float32: 0 the smallest normal number, 1 2^24, 2 1, 3 24, 4 and 5 ln 2 in two parts (the first has 9 bits), 6 1/2,
 * 7 … 15 P, off by less than 2^-30 of log(1 + f), 16 and 17 ±∞, 18 NaN, 19 √½.
 */
const table32: usize = memory.data<f32>([
  1.1754943508222875e-38, 16777216.0, 1.0, 24.0, 0.693359375, -0.00021219444005469057, 0.5,
  0.06757578253746033, -0.11694338172674179, 0.11893510818481445, -0.12403083592653275, 0.1421855390071869,
  -0.16668090224266052, 0.2000216692686081, -0.25000008940696716, 0.3333331048488617, -Infinity, Infinity, NaN,
  0.7071067690849304,
], 16);

/** log in four float32 lanes. log(±0) = -∞, NaN below 0. Error < 0.9 ulp, subnormal x included. */
// @ts-ignore: decorator
@inline
export function log32(x: v128): v128 {
  const subnormal = f32x4.lt(x, each32(table32, 0));
  const normal = choose(subnormal, f32x4.mul(x, each32(table32, 1)), x);
  const exponent = i32x4.shr_s(i32x4.sub(normal, each32(table32, 19)), 23);
  const f = f32x4.sub(i32x4.sub(normal, i32x4.shl(exponent, 23)), each32(table32, 2));
  const k = f32x4.sub(f32x4.convert_i32x4_s(exponent), v128.and(subnormal, each32(table32, 3)));
  let p = step32(f, each32(table32, 7), table32, 8);
  p = step32(f, p, table32, 9);
  p = step32(f, p, table32, 10);
  p = step32(f, p, table32, 11);
  p = step32(f, p, table32, 12);
  p = step32(f, p, table32, 13);
  p = step32(f, p, table32, 14);
  p = step32(f, p, table32, 15);
  const square = f32x4.mul(f, f);
  const tail = f32x4.add(f32x4.mul(f32x4.mul(f, square), p), f32x4.mul(k, each32(table32, 5)));
  const middle = f32x4.sub(tail, f32x4.mul(each32(table32, 6), square));
  const result = f32x4.add(f32x4.mul(k, each32(table32, 4)), f32x4.add(f, middle));
  return logBorders(x, f32x4.gt(x, f32x4.splat(0)), result);
}

/** `result` where 0 < x < ∞, and there the logarithm of x; at 0 -∞, at ∞ ∞, else NaN. */
// @ts-ignore: decorator
@inline
function logBorders(x: v128, positive: v128, result: v128): v128 {
  const finite = f32x4.lt(x, each32(table32, 17));
  const atZero = choose(f32x4.eq(x, f32x4.splat(0)), each32(table32, 16), each32(table32, 18));
  return choose(positive, choose(finite, result, each32(table32, 17)), atZero);
}

/**
 * Float64: 0 √½, 1 2^52, 2 2^52 + 1023, 3 1, 4 2, 5 ln 2, 6 … 10 R, off by less
 * than 2^-44 of log(1 + f).
 */
const table64: usize = memory.data<f64>([
  0.7071067811865476, 4503599627370496.0, 4503599627371519.0, 1.0, 2.0,
  0.6931471805599453, 0.19585527855864412, 0.22176099146124437, 0.28572111146538764, 0.3999999560465243,
  0.6666666667584643,
], 16);

/** k + 1023 as an integer, for normal positive u. */
// @ts-ignore: decorator
@inline
function biasedExponent(u: v128): v128 {
  // Counted from √½: the difference of the bits carries into the exponent there, and not at 1.
  return i64x2.shr_u(i64x2.sub(i64x2.add(u, each64(table64, 3)), each64(table64, 0)), 52);
}

/** f of the split, from u and k + 1023. */
// @ts-ignore: decorator
@inline
function fraction(u: v128, biased: v128): v128 {
  const one = each64(table64, 3);
  return f64x2.sub(i64x2.add(i64x2.sub(u, i64x2.shl(biased, 52)), one), one);
}

/** k ln 2 + log(1 + f). */
// @ts-ignore: decorator
@inline
function logOfSplitPair(biased: v128, f: v128): v128 {
  const k = f64x2.sub(v128.or(biased, each64(table64, 1)), each64(table64, 2));
  const s = f64x2.div(f, f64x2.add(each64(table64, 4), f));
  const z = f64x2.mul(s, s);
  let r = step64(z, each64(table64, 6), table64, 7);
  r = step64(z, r, table64, 8);
  r = step64(z, r, table64, 9);
  r = step64(z, r, table64, 10);
  const tail = f64x2.add(s, f64x2.mul(f64x2.mul(s, z), r));
  return f64x2.add(f64x2.mul(k, each64(table64, 5)), f64x2.add(s, tail));
}

/** log in two float64 lanes, good to 2^-43 of itself. u: normal and positive; for 0 and ∞ something else. */
// @ts-ignore: decorator
@inline
export function logPair(u: v128): v128 {
  const biased = biasedExponent(u);
  return logOfSplitPair(biased, fraction(u, biased));
}

/** log(1 + x) in two float64 lanes, good to 2^-43 of itself; 0 for -0. x: finite and > -1. */
// @ts-ignore: decorator
@inline
export function log1pPair(x: v128): v128 {
  const u = f64x2.add(each64(table64, 3), x);
  const biased = biasedExponent(u);
  // Where k = 0, f is x itself: 1 + x has lost bits of it.
  const whole = i64x2.eq(biased, i64x2.shr_u(each64(table64, 3), 52));
  return logOfSplitPair(biased, choose(whole, x, fraction(u, biased)));
}

/** log1p in four float32 lanes. log1p(-1) = -∞, NaN below. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function log1p32(x: v128): v128 {
  const result = joinPairs(log1pPair(lowPair(x)), log1pPair(highPair(x)));
  const shifted = f32x4.add(x, each32(table32, 2));
  // Above -1, 1 + x > 0 in float32 too, and it is 0 only at -1.
  return logBorders(shifted, f32x4.gt(shifted, f32x4.splat(0)), withSign(result, x));
}

const ln2High: f64 = 0.6931471803691238;
const ln2Low: f64 = 1.9082149292705877e-10;
const smallestNormal: f64 = 2.2250738585072014e-308;
/** 2^54 */
const subnormalScale: f64 = 18014398509481984.0;

/** k of the split, for a normal positive x. */
// @ts-ignore: decorator
@inline
function exponentOf(x: f64): i32 {
  return ((highWord(x) + (0x3ff00000 - 0x3fe6a09e)) >> 20) - 1023;
}

/** k ln 2 + log(1 + f) + correction. 1 + f in [√½, √2], |correction| tiny. */
function logOfSplit(exponent: i32, f: f64, correction: f64): f64 {
  const k = <f64>exponent;
  const s = f / (2.0 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const even =
    z *
    (0.6666666666666735 +
      w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  const half = 0.5 * f * f;
  const tail = s * (half + (odd + even)) + (k * ln2Low + correction);
  return k * ln2High - (half - tail - f);
}

/** log in float64. */
export function log64(x: f64): f64 {
  if (!(x > 0.0)) return x == 0.0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let k = 0;
  let normal = x;
  if (x < smallestNormal) {
    k = -54;
    normal = x * subnormalScale;
  }
  const exponent = exponentOf(normal);
  return logOfSplit(k + exponent, normal * powerOfTwo(-exponent) - 1.0, 0.0);
}

/** log1p in float64. */
export function log1p64(x: f64): f64 {
  if (!(x > -1.0)) return x == -1.0 ? -Infinity : NaN;
  if (abs<f64>(x) < 5.551115123125783e-17 || x == Infinity) return x;
  if (x > -0.29 && x < 0.41) return logOfSplit(0, x, 0.0);
  const u = 1.0 + x;
  const k = exponentOf(u);
  return logOfSplit(k, u * powerOfTwo(-k) - 1.0, sumError(1.0, x, u) / u);
}

/** The lower part of what logToPair64 returned last. Each thread has its own. */
export let logLow: f64 = 0.0;

/** log(x) as a double-double: the result and logLow. x: finite and > 0. */
export function logToPair64(x: f64): f64 {
  let k = 0;
  let normal = x;
  if (x < smallestNormal) {
    k = -54;
    normal = x * subnormalScale;
  }
  const exponent = exponentOf(normal);
  k += exponent;
  const m = normal * powerOfTwo(-exponent);
  const f = m - 1.0;
  const d = m + 1.0;
  const dLow = sumError(m, 1.0, d);
  const s = f / d;
  const sd = s * d;
  const sLow = (f - sd - productError(s, d, sd) - s * dLow) / d;
  const q = s * s;
  const qLow = productError(s, s, q) + 2.0 * s * sLow;
  let series: f64 = 1.0 / 23.0;
  for (let odd: f64 = 21.0; odd >= 5.0; odd -= 2.0) series = series * q + 1.0 / odd;
  series *= q;
  const third: f64 = 0.3333333333333333;
  const bracket = third + series;
  const bracketLow = orderedSumError(third, series, bracket) + 1.850371707708594e-17;
  const rest = q * bracket;
  const restLow = productError(q, bracket, rest) + (q * bracketLow + qLow * bracket);
  const part = s * rest;
  const partLow = productError(s, rest, part) + (s * restLow + sLow * rest);
  const sum = s + part;
  const sumLow = orderedSumError(s, part, sum) + (partLow + sLow);
  const base = <f64>k * ln2High;
  const high = base + 2.0 * sum;
  const low = sumError(base, 2.0 * sum, high) + (2.0 * sumLow + <f64>k * ln2Low);
  const total = high + low;
  logLow = orderedSumError(high, low, total);
  return total;
}
