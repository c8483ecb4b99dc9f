/**
 * exp and expm1. All split x = k ln 2 + r with |r| ≤ ln 2 / 2, so that exp(x) = 2^k exp(r).
 * Rests on math-bits. Vectors: exp(r) = 1 + r + r² Q(r), Q by the Remez exchange in 200-bit arithmetic; in float32
 * throughout, or in pairs of float64 lanes from which other functions are made.
 * Scalars: core/scalar-math/exp.ts, operation for operation.
 */
import {
  each32, each64, highPair, joinPairs, lowPair, orderedSumError, powerOfTwo, scaleByPowerOfTwo, step32, step64, sumError,
  within32, withSign,
} from "./math-bits";

/**
 * Float32: 0 1/ln 2, 1 the rounding shift 3 · 2^22 (adding it leaves an integer in the low bits), 2 and 3 ln 2 in two
 * parts (the first has 9 bits, so that k times it is exact), 4 one, 5 and 6 the borders beyond which exp is 0 or ∞,
 * 7 … 11 Q, off by less than 2^-28 of exp(r).
 */
const table32: usize = memory.data<f32>([
  1.4426950408889634, 12582912.0, 0.693359375, -0.00021219444005469057, 1.0, -105.0, 89.0,
  0.0013813147088512778, 0.008369418792426586, 0.04166845604777336, 0.16666515171527863, 0.4999999403953552,
], 16);

/** x / ln 2 rounded to an integer k, as k + 3 · 2^22. |x| < 2^20. */
// @ts-ignore: decorator
@inline
export function shiftedQuotient(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, each32(table32, 0)), each32(table32, 1));
}

/** r = x - k ln 2, k in shifted form. */
// @ts-ignore: decorator
@inline
export function remainder(x: v128, shifted: v128): v128 {
  const k = f32x4.sub(shifted, each32(table32, 1));
  const a = f32x4.sub(x, f32x4.mul(k, each32(table32, 2)));
  return f32x4.sub(a, f32x4.mul(k, each32(table32, 3)));
}

/** exp(r) - 1 - r for |r| ≤ 0.35. */
// @ts-ignore: decorator
@inline
export function expTail32(r: v128): v128 {
  let q = step32(r, each32(table32, 7), table32, 8);
  q = step32(r, q, table32, 9);
  q = step32(r, q, table32, 10);
  q = step32(r, q, table32, 11);
  return f32x4.mul(f32x4.mul(r, r), q);
}

/** y · 2^k in two factors, so that only the last product can overflow or be subnormal. */
// @ts-ignore: decorator
@inline
export function scaled(y: v128, shifted: v128): v128 {
  const k = i32x4.sub(shifted, each32(table32, 1));
  const half = i32x4.shr_s(k, 1);
  const one = each32(table32, 4);
  const first = i32x4.add(i32x4.shl(half, 23), one);
  const second = i32x4.add(i32x4.shl(i32x4.sub(k, half), 23), one);
  return f32x4.mul(f32x4.mul(y, first), second);
}

/** exp in four float32 lanes. Error < 1 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function exp32(x: v128): v128 {
  const inside = within32(x, each32(table32, 5), each32(table32, 6));
  const shifted = shiftedQuotient(inside);
  const r = remainder(inside, shifted);
  return scaled(f32x4.add(each32(table32, 4), f32x4.add(r, expTail32(r))), shifted);
}

/** Float64: 0 1/ln 2, 1 the rounding shift 3 · 2^51, 2 ln 2, 3 one, 4 … 10 Q, off by less than 2^-34 of exp(r) - 1. */
const table64: usize = memory.data<f64>([
  1.4426950408889634, 6755399441055744.0, 0.6931471805599453, 1.0,
  1.9323409910594035e-05, 0.00019899352204760836, 0.0013900502676404646, 0.008333298401287697, 0.04166659672609744,
  0.16666666719139112, 0.5000000010503579,
], 16);

/** The shifted quotient in float64. */
// @ts-ignore: decorator
@inline
function shiftedQuotient64(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, each64(table64, 0)), each64(table64, 1));
}

/** exp(r) - 1 with r = x - k ln 2: good to 2^-34 of itself for |x| < 256. */
// @ts-ignore: decorator
@inline
function expm1OfRemainder64(x: v128, shifted: v128): v128 {
  const r = f64x2.sub(x, f64x2.mul(f64x2.sub(shifted, each64(table64, 1)), each64(table64, 2)));
  let q = step64(r, each64(table64, 4), table64, 5);
  q = step64(r, q, table64, 6);
  q = step64(r, q, table64, 7);
  q = step64(r, q, table64, 8);
  q = step64(r, q, table64, 9);
  q = step64(r, q, table64, 10);
  return f64x2.add(r, f64x2.mul(f64x2.mul(r, r), q));
}

/** exp in two float64 lanes, good to 2^-34 of itself. |x| < 256. */
// @ts-ignore: decorator
@inline
export function expPair(x: v128): v128 {
  const shifted = shiftedQuotient64(x);
  const one = each64(table64, 3);
  const scale = i64x2.add(i64x2.shl(shifted, 52), one);
  return f64x2.mul(f64x2.add(one, expm1OfRemainder64(x, shifted)), scale);
}

/** exp(x) - 1 in two float64 lanes, good to 2^-33 of itself; 0 for -0. |x| < 256. */
// @ts-ignore: decorator
@inline
export function expm1Pair(x: v128): v128 {
  const shifted = shiftedQuotient64(x);
  const one = each64(table64, 3);
  const scale = i64x2.add(i64x2.shl(shifted, 52), one);
  const p = expm1OfRemainder64(x, shifted);
  return f64x2.add(f64x2.mul(scale, p), f64x2.sub(scale, one));
}

/** expm1 in four float32 lanes. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function expm132(x: v128): v128 {
  const inside = within32(x, each32(table32, 5), each32(table32, 6));
  return withSign(joinPairs(expm1Pair(lowPair(inside)), expm1Pair(highPair(inside))), x);
}

const ln2High: f64 = 0.6931471803691238;
const ln2Low: f64 = 1.9082149292705877e-10;
const inverseLn2: f64 = 1.4426950408889634;

/** r²/2 + r³ Q(r) = exp(r) - 1 - r for |r| ≤ 0.3473. */
function expTail(r: f64): f64 {
  const z = r * r;
  const even =
    0.16666666666666669 +
    z *
      (0.008333333333330011 +
        z * (0.00019841269863303223 + z * (2.75572680728901e-6 + z * 2.5100569275813683e-8)));
  const odd =
    0.041666666666666664 +
    z *
      (0.0013888888888886517 +
        z * (2.4801587317322748e-5 + z * (2.7557282693108636e-7 + z * 2.0911367871348534e-9)));
  return z * (0.5 + r * (even + r * odd));
}

/** factor · exp(high + low), scaled by 2^k only at the end. |low| ≤ ulp(high), |factor| in [2^-20, 1]. */
export function expTimes(high: f64, low: f64, factor: f64): f64 {
  if (!(high < 750.0)) return high != high ? high : factor * Infinity;
  if (high < -750.0) return factor * 0.0;
  const k = floor<f64>(high * inverseLn2 + 0.5);
  const a = high - k * ln2High;
  const b = low - k * ln2Low;
  const r = a + b;
  const rest = sumError(a, b, r) + expTail(r);
  const one = 1.0 + r;
  return scaleByPowerOfTwo(factor * (one + (orderedSumError(1.0, r, one) + rest)), <i32>k);
}

/** exp in float64. */
export function exp64(x: f64): f64 {
  return expTimes(x, 0.0, 1.0);
}

/** expm1 in float64. */
export function expm164(x: f64): f64 {
  if (abs<f64>(x) < 5.551115123125783e-17) return x;
  if (!(x < 709.8)) return x != x ? x : Infinity;
  if (x < -38.0) return -1.0;
  const k = floor<f64>(x * inverseLn2 + 0.5);
  if (k == 0.0) return x + expTail(x);
  const a = x - k * ln2High;
  const b = -k * ln2Low;
  const r = a + b;
  const rest = sumError(a, b, r) + expTail(r);
  const n = <i32>k;
  if (n > 53) {
    const one = 1.0 + r;
    return scaleByPowerOfTwo(one + (orderedSumError(1.0, r, one) + (rest - powerOfTwo(-n))), n);
  }
  const unit = 1.0 - powerOfTwo(-n);
  const sum = unit + r;
  return (sum + (sumError(unit, r, sum) + rest)) * powerOfTwo(n);
}
