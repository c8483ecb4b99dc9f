/**
 * Reduction of a float64 angle to [-π/4, π/4] with the quadrant it came from.
 * Rests on math-bits; core/scalar-math/argument-reduction.ts, operation for operation, but for the sums over digits, which
 * are exact in any order.
 */
import { highWord, orderedSumError, powerOfTwo, productError, sumError } from "./math-bits";

/** 2/π, 1200 bits after the point in digits to base 2^24. */
const twoOverPi: usize = memory.data<f64>([
  10680707, 7228996, 1387004, 2578385, 16069853, 12639074, 9804092, 4427841, 16666979, 11263675,
  12935607, 2387514, 4345298, 14681673, 3074569, 13734428, 16653803, 1880361, 10960616, 8533493,
  3062596, 8710556, 7349940, 6258241, 3772886, 3769171, 3798172, 8675211, 12450088, 3874808,
  9961438, 366607, 15675153, 9132554, 7151469, 3571407, 2607881, 12013382, 4155038, 6285869,
  7677882, 13102053, 15825725, 473591, 9065106, 15363067, 6271263, 9264392, 5636912, 4652155,
], 8);

const halfPi1: f64 = 1.5707963267341256;
const halfPi2: f64 = 6.077100506303966e-11;
const halfPi3: f64 = 2.0222662487111665e-21;
const halfPi4: f64 = 8.4784276603689e-32;
const halfPiHigh: f64 = 1.5707963267948966;
const halfPiLow: f64 = 6.123233995736766e-17;

const base: f64 = 16777216.0;

/** The upper and lower part of what reduceAngle left. Each thread has its own. */
export let angleHigh: f64 = 0.0;
export let angleLow: f64 = 0.0;

/** `digit` times digit `i` of 2/π; 0 before the point. */
// @ts-ignore: decorator
@inline
function product(digit: f64, i: i32): f64 {
  return i >= 0 ? digit * load<f64>(twoOverPi + (<usize>i << 3)) : 0.0;
}

/** Digit `i` of a · 2/π before carries, for a = Σ aⱼ 2^-24j. */
function column(a0: f64, a1: f64, a2: f64, a3: f64, i: i32): f64 {
  return product(a0, i) + product(a1, i - 1) + product(a2, i - 2) + product(a3, i - 3);
}

function reduceLarge(x: f64): i32 {
  const size = abs<f64>(x);
  const p = (((highWord(size) >> 20) & 0x7ff) - 1023) / 24;
  let rest = size * powerOfTwo(-24 * p);
  const a0 = floor<f64>(rest);
  rest = (rest - a0) * base;
  const a1 = floor<f64>(rest);
  rest = (rest - a1) * base;
  const a2 = floor<f64>(rest);
  const a3 = floor<f64>((rest - a2) * base);
  let d7 = column(a0, a1, a2, a3, p + 6);
  let carry = floor<f64>(d7 / base);
  d7 -= carry * base;
  let d6 = column(a0, a1, a2, a3, p + 5) + carry;
  carry = floor<f64>(d6 / base);
  d6 -= carry * base;
  let d5 = column(a0, a1, a2, a3, p + 4) + carry;
  carry = floor<f64>(d5 / base);
  d5 -= carry * base;
  let d4 = column(a0, a1, a2, a3, p + 3) + carry;
  carry = floor<f64>(d4 / base);
  d4 -= carry * base;
  let d3 = column(a0, a1, a2, a3, p + 2) + carry;
  carry = floor<f64>(d3 / base);
  d3 -= carry * base;
  let d2 = column(a0, a1, a2, a3, p + 1) + carry;
  carry = floor<f64>(d2 / base);
  d2 -= carry * base;
  let d1 = column(a0, a1, a2, a3, p) + carry;
  carry = floor<f64>(d1 / base);
  d1 -= carry * base;
  const d0 = column(a0, a1, a2, a3, p - 1) + carry;
  let quadrant = <i32>(<i64>d0 & 3);
  if (d1 >= base / 2.0) {
    d1 -= base;
    quadrant += 1;
  }
  const top = (d1 * base + d2) * powerOfTwo(-48);
  const middle = (d3 * base + d4) * powerOfTwo(-96);
  const bottom = (d5 * base + d6) * powerOfTwo(-144) + d7 * powerOfTwo(-168);
  const upper = top + middle;
  const lower = sumError(top, middle, upper) + bottom;
  const fraction = upper + lower;
  const fractionLow = orderedSumError(upper, lower, fraction);
  const high = fraction * halfPiHigh;
  const low =
    productError(fraction, halfPiHigh, high) + (fraction * halfPiLow + fractionLow * halfPiHigh);
  const sign: f64 = x < 0.0 ? -1.0 : 1.0;
  angleHigh = sign * (high + low);
  angleLow = sign * orderedSumError(high, low, high + low);
  return x < 0.0 ? (4 - quadrant) & 3 : quadrant & 3;
}

/** Leaves r = x - n π/2 with |r| ≤ π/4 in angleHigh + angleLow and returns n mod 4. x: finite. */
export function reduceAngle(x: f64): i32 {
  const size = abs<f64>(x);
  if (size < 0.7853981633974483) {
    angleHigh = x;
    angleLow = 0.0;
    return 0;
  }
  if (size >= 1048576.0) return reduceLarge(x);
  const n = floor<f64>(x * 0.6366197723675814 + 0.5);
  const a = x - n * halfPi1;
  const b = -n * halfPi2;
  const c = -n * halfPi3;
  const ab = a + b;
  const abc = ab + c;
  const low = sumError(ab, c, abc) + sumError(a, b, ab) - n * halfPi4;
  const high = abc + low;
  angleHigh = high;
  angleLow = sumError(abc, low, high);
  return <i32>n & 3;
}
