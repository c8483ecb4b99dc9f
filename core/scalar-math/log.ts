/**
 * log, log1p, log2, and the logarithm in double-double that pow rests on.
 * Rests on bits, double-double and exp (for ln 2). All split x = 2^k (1 + f) with 1 + f in [√½, √2);
 * with s = f / (2 + f), log(1 + f) = 2 artanh(s) = 2s + 2s³/3 + 2s⁵/5 + …
 */
import { highWord, powerOfTwo } from "./bits.ts";
import { type DoubleDouble, orderedSumError, productError, sumError } from "./double-double.ts";
import { ln2High, ln2Low } from "./exp.ts";

/** Added to an upper word, it moves the carry into the exponent from 1 down to √½. */
const halfRootShift = 0x3ff00000 - 0x3fe6a09e;

/** k of the split, for a normal positive x. */
function exponentOf(x: number): number {
  return ((highWord(x) + halfRootShift) >> 20) - 1023;
}

/**
 * k ln 2 + log(1 + f) + correction. 1 + f in [√½, √2], |correction| tiny.
 * log(1 + f) = f - (f²/2 - s (f²/2 + R)) with the polynomial R(s²) of fdlibm (Sun Microsystems 1993,
 * e_log.c: its argument reduction and coefficients, |error| < 2^-58).
 */
function logOfSplit(k: number, f: number, correction: number): number {
  const s = f / (2 + f);
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

/**
 * The natural logarithm. x: any float64 → [-745, 710]; log(±0) = -∞, NaN below 0, log(1) = +0.
 * Error < 0.8 ulp, subnormal x included.
 */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  let normal = x;
  if (x < 2.2250738585072014e-308) {
    k = -54;
    normal = x * 18014398509481984;
  }
  const exponent = exponentOf(normal);
  return logOfSplit(k + exponent, normal * powerOfTwo(-exponent) - 1, 0);
}

/**
 * log(1 + x) without loss near 0. x: any float64 → [-37, 710]; log1p(-1) = -∞, NaN below; the sign of zero is
 * kept. Error < 1 ulp.
 */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (Math.abs(x) < 5.551115123125783e-17 || x === Infinity) return x;
  if (x > -0.29 && x < 0.41) return logOfSplit(0, x, 0);
  const u = 1 + x;
  const k = exponentOf(u);
  // log(u + e) = log(u) + e/u for the rounding error e of 1 + x.
  return logOfSplit(k, u * powerOfTwo(-k) - 1, sumError(1, x, u) / u);
}

/**
 * Writes log(x) as a double-double: out.high + out.low, relative error < 2^-62. x: finite and > 0.
 * 2s (1 + s² (1/3 + s² R(s²))) with s, s² and the bracket in double-double; R is the artanh series itself,
 * cut after s²²/23: what is left is below 2^-65 for |s| ≤ 0.1716.
 */
export function logToPair(x: number, out: DoubleDouble): void {
  let k = 0;
  let normal = x;
  if (x < 2.2250738585072014e-308) {
    k = -54;
    normal = x * 18014398509481984;
  }
  const exponent = exponentOf(normal);
  k += exponent;
  const m = normal * powerOfTwo(-exponent);
  const f = m - 1;
  // s = f / (m + 1)
  const d = m + 1;
  const dLow = sumError(m, 1, d);
  const s = f / d;
  const sd = s * d;
  const sLow = (f - sd - productError(s, d, sd) - s * dLow) / d;
  const q = s * s;
  const qLow = productError(s, s, q) + 2 * s * sLow;
  let series = 1 / 23;
  for (let odd = 21; odd >= 5; odd -= 2) series = series * q + 1 / odd;
  series *= q;
  const third = 0.3333333333333333;
  const bracket = third + series;
  const bracketLow = orderedSumError(third, series, bracket) + 1.850371707708594e-17;
  const rest = q * bracket;
  const restLow = productError(q, bracket, rest) + (q * bracketLow + qLow * bracket);
  // 2s + 2s · rest
  const part = s * rest;
  const partLow = productError(s, rest, part) + (s * restLow + sLow * rest);
  const sum = s + part;
  const sumLow = orderedSumError(s, part, sum) + (partLow + sLow);
  const base = k * ln2High;
  const high = base + 2 * sum;
  const low = sumError(base, 2 * sum, high) + (2 * sumLow + k * ln2Low);
  const total = high + low;
  out.high = total;
  out.low = orderedSumError(high, low, total);
}

const pair: DoubleDouble = { high: 0, low: 0 };

/**
 * The logarithm to base 2. x: any float64 → [-1074, 1024]; exact for powers of two; log2(±0) = -∞, NaN below 0.
 * Error < 0.6 ulp. For hot loops log(x) times a constant is faster.
 */
export function log2(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  // log2(x) = k + log2(m): k is split off first, so that powers of two come out exactly.
  const scale = x < 2.2250738585072014e-308 ? 54 : 0;
  const normal = scale === 0 ? x : x * 18014398509481984;
  const exponent = exponentOf(normal);
  logToPair(normal * powerOfTwo(-exponent), pair);
  const { high, low } = pair;
  const inverse = Math.LOG2E;
  const product = high * inverse;
  const productLow =
    productError(high, inverse, product) + (high * 2.0355273740931033e-17 + low * inverse);
  const k = exponent - scale;
  const sum = k + product;
  return sum + (sumError(k, product, sum) + productLow);
}
