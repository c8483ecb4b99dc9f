/**
 * Reduction of an angle to [-π/4, π/4] with the quadrant it came from, for every finite float64.
 * Rests on bits and double-double. Up to 2^20 by subtracting multiples of π/2 in four parts (Cody & Waite 1980),
 * beyond by multiplying with enough bits of 2/π that the whole turns drop out exactly (Payne & Hanek 1983).
 */
import { highWord, powerOfTwo } from "./bits.ts";
import { type DoubleDouble, orderedSumError, productError, sumError } from "./double-double.ts";

/** 2/π, 1200 bits after the point in digits to base 2^24. Enough for exponents up to 1023. */
const twoOverPi: readonly number[] = [
  10680707, 7228996, 1387004, 2578385, 16069853, 12639074, 9804092, 4427841, 16666979, 11263675,
  12935607, 2387514, 4345298, 14681673, 3074569, 13734428, 16653803, 1880361, 10960616, 8533493,
  3062596, 8710556, 7349940, 6258241, 3772886, 3769171, 3798172, 8675211, 12450088, 3874808,
  9961438, 366607, 15675153, 9132554, 7151469, 3571407, 2607881, 12013382, 4155038, 6285869,
  7677882, 13102053, 15825725, 473591, 9065106, 15363067, 6271263, 9264392, 5636912, 4652155,
];

/** π/2 = the sum of these; the first three have 33 bits, so that 20-bit multiples are exact. */
const halfPi1 = 1.5707963267341256;
const halfPi2 = 6.077100506303966e-11;
const halfPi3 = 2.0222662487111665e-21;
const halfPi4 = 8.4784276603689e-32;
/** π/2 as a double-double. */
const halfPiHigh = 1.5707963267948966;
const halfPiLow = 6.123233995736766e-17;

const base = 16777216;
const digits = new Float64Array(8);

function digitAt(d: number): number {
  return digits[d] ?? 0;
}

/** The reduction for |x| ≥ 2^20: x = Σ aⱼ 2^24(p-j), and only digits of x · 2/π below 2^24 are formed. */
function reduceLarge(x: number, out: DoubleDouble): number {
  const size = Math.abs(x);
  const p = Math.floor((((highWord(size) >> 20) & 0x7ff) - 1023) / 24);
  let rest = size * powerOfTwo(-24 * p);
  digits.fill(0);
  for (let j = 0; j < 4; j++) {
    const digit = Math.floor(rest);
    rest = (rest - digit) * base;
    // Products have 48 bits and four of them meet in a digit: all sums are exact.
    for (let d = Math.max(0, j + 1 - p); d < 8; d++) {
      digits[d] = digitAt(d) + digit * (twoOverPi[d + p - j - 1] ?? 0);
    }
  }
  for (let d = 7; d > 0; d--) {
    const carry = Math.floor(digitAt(d) / base);
    digits[d] = digitAt(d) - carry * base;
    digits[d - 1] = digitAt(d - 1) + carry;
  }
  let quadrant = digitAt(0) % 4;
  let first = digitAt(1);
  if (first >= base / 2) {
    first -= base;
    quadrant += 1;
  }
  // The fraction in [-1/2, 1/2), from three pieces of 48 bits and a last digit.
  const top = (first * base + digitAt(2)) * powerOfTwo(-48);
  const middle = (digitAt(3) * base + digitAt(4)) * powerOfTwo(-96);
  const bottom =
    (digitAt(5) * base + digitAt(6)) * powerOfTwo(-144) + digitAt(7) * powerOfTwo(-168);
  const upper = top + middle;
  const lower = sumError(top, middle, upper) + bottom;
  const fraction = upper + lower;
  const fractionLow = orderedSumError(upper, lower, fraction);
  const high = fraction * halfPiHigh;
  const low =
    productError(fraction, halfPiHigh, high) + (fraction * halfPiLow + fractionLow * halfPiHigh);
  const sign = x < 0 ? -1 : 1;
  out.high = sign * (high + low);
  out.low = sign * orderedSumError(high, low, high + low);
  return x < 0 ? (4 - quadrant) & 3 : quadrant & 3;
}

/**
 * Writes r = x - n π/2 with |r| ≤ π/4 as out.high + out.low and returns n mod 4, in 0 … 3.
 * x: any finite float64. |r| is off by less than 2^-70 of itself: no float64 comes closer to a multiple of π/2 than
 * 2^-62 of a turn (Muller et al. 2018, Handbook of Floating-Point Arithmetic, on range reduction).
 */
export function reduceAngle(x: number, out: DoubleDouble): number {
  const size = Math.abs(x);
  if (size < 0.7853981633974483) {
    out.high = x;
    out.low = 0;
    return 0;
  }
  if (size >= 1048576) return reduceLarge(x, out);
  const n = Math.floor(x * 0.6366197723675814 + 0.5);
  const a = x - n * halfPi1;
  const b = -n * halfPi2;
  const c = -n * halfPi3;
  const ab = a + b;
  const abc = ab + c;
  const low = sumError(ab, c, abc) + sumError(a, b, ab) - n * halfPi4;
  const high = abc + low;
  out.high = high;
  out.low = sumError(abc, low, high);
  return n & 3;
}
