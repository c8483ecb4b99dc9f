/**
 * tanh, sinh, cosh, sigmoid and softplus, all written in exp or expm1 of one argument, so that nothing cancels.
 * Rests on math-bits, math-exp and math-log. Scalars: core/scalar-math/hyperbolic.ts, operation for operation.
 */
import {
  choose, each32, each64, highPair, joinPairs, lowPair, orderedSumError, step32, withSign, within32,
} from "./math-bits";
import {
  exp64, expPair, expTail32, expTimes, expm164, expm1Pair, remainder, scaled, shiftedQuotient,
} from "./math-exp";
import { log1p64, log1pPair } from "./math-log";

/**
 * Float32: 0 … 5 Q of exp(r) - 1 = r + r² Q(r), off by less than 2^-31 of the result, 6 1, 7 2, 8 the border of tanh,
 * 9 the factors of the corrections, 10 0.75, 11 and 12 the borders of sinh and cosh, 13 the
 * border of sigmoid.
 */
const table32: usize = memory.data<f32>([
  0.00019964641516518663, 0.0013944314559921622, 0.008333215489983559, 0.041666314005851746, 0.1666666716337204, 0.5,
  1.0, 2.0, 9.25, 0.45, 0.75, -120.0, 120.0, -105.0,
], 16);

/**
 * tanh in four float32 lanes: t / (t + 2) with t = exp(2|x|) - 1, which is exact near 0; ±1 from |x| = 9.02 on.
 * Error < 2 ulp.
 */
// @ts-ignore: decorator
@inline
export function tanh32(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), each32(table32, 8));
  const y = f32x4.add(size, size);
  const shifted = shiftedQuotient(y);
  const r = remainder(y, shifted);
  let q = step32(r, each32(table32, 0), table32, 1);
  q = step32(r, q, table32, 2);
  q = step32(r, q, table32, 3);
  q = step32(r, q, table32, 4);
  q = step32(r, q, table32, 5);
  const p = f32x4.add(r, f32x4.mul(f32x4.mul(r, r), q));
  const one = each32(table32, 6);
  const two = each32(table32, 7);
  // 2^k (1 + p) - 1 = 2^k p + (2^k - 1); 0 ≤ k ≤ 27.
  const scale = i32x4.add(i32x4.shl(shifted, 23), one);
  const t = f32x4.add(f32x4.mul(scale, p), f32x4.sub(scale, one));
  const sum = f32x4.add(t, two);
  const quotient = f32x4.div(t, sum);
  // t / (sum + e) = quotient - quotient · e / sum for the rounding error e of the sum, where it matters: t < 1.
  const e = v128.and(f32x4.sub(t, f32x4.sub(sum, two)), f32x4.lt(t, one));
  const result = f32x4.sub(quotient, f32x4.mul(f32x4.mul(quotient, e), each32(table32, 9)));
  return withSign(result, x);
}

/**
 * The logistic function in four float32 lanes: z / (1 + z) for x < 0, else 1 / (1 + z), with z = exp(-|x|).
 * Error < 1.6 ulp, subnormal results included.
 */
// @ts-ignore: decorator
@inline
export function sigmoid32(x: v128): v128 {
  const inside = f32x4.pmax(f32x4.neg(f32x4.abs(x)), each32(table32, 13));
  const shifted = shiftedQuotient(inside);
  const r = remainder(inside, shifted);
  const one = each32(table32, 6);
  const p = f32x4.add(r, expTail32(r));
  const y = f32x4.add(one, p);
  const z = scaled(y, shifted);
  const sum = f32x4.add(one, z);
  const negative = f32x4.lt(x, f32x4.splat(0));
  const quotient = f32x4.div(choose(negative, z, one), sum);
  // As above, with 1 / sum in [1/2, 1] taken as 3/4; and the rounding error of 1 + p, which the numerator z doubles where
  // dividing by the sum takes it across a power of two.
  const e = f32x4.sub(z, f32x4.sub(sum, one));
  const lost = v128.and(f32x4.sub(p, f32x4.sub(y, one)), negative);
  const correction = f32x4.sub(f32x4.mul(e, each32(table32, 10)), lost);
  return f32x4.sub(quotient, f32x4.mul(quotient, correction));
}

/** Float64: 0 1, 1 1/2, 2 the border beyond which exp(-|x|) makes no difference to float32. */
const table64: usize = memory.data<f64>([1.0, 0.5, 160.0], 16);

/** (t + t / (t + 1)) / 2 with t = exp(|x|) - 1. */
// @ts-ignore: decorator
@inline
function sinhPair(size: v128): v128 {
  const t = expm1Pair(size);
  const sum = f64x2.add(t, f64x2.div(t, f64x2.add(t, each64(table64, 0))));
  return f64x2.mul(each64(table64, 1), sum);
}

/** sinh in four float32 lanes; ±∞ from |x| = 89.42 on. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function sinh32(x: v128): v128 {
  const size = f32x4.pmin(f32x4.abs(x), each32(table32, 12));
  return withSign(joinPairs(sinhPair(lowPair(size)), sinhPair(highPair(size))), x);
}

// @ts-ignore: decorator
@inline
function coshPair(x: v128): v128 {
  const t = expPair(x);
  return f64x2.mul(each64(table64, 1), f64x2.add(t, f64x2.div(each64(table64, 0), t)));
}

/** cosh in four float32 lanes; ∞ from |x| = 89.42 on. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function cosh32(x: v128): v128 {
  const inside = within32(x, each32(table32, 11), each32(table32, 12));
  return joinPairs(coshPair(lowPair(inside)), coshPair(highPair(inside)));
}

/** exp(-|x|) in two float64 lanes, for x of any size; 1e-70 where it is less. */
// @ts-ignore: decorator
@inline
export function expOfMinusSizePair(x: v128): v128 {
  return expPair(f64x2.neg(f64x2.pmin(f64x2.abs(x), each64(table64, 2))));
}

/** max(x, 0) + log(1 + exp(-|x|)). */
// @ts-ignore: decorator
@inline
function softplusPair(x: v128): v128 {
  const tail = log1pPair(expOfMinusSizePair(x));
  // x where it is not ≤ 0, so that NaN stays.
  return f64x2.add(v128.andnot(x, f64x2.le(x, f64x2.splat(0))), tail);
}

/** softplus in four float32 lanes. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function softplus32(x: v128): v128 {
  return joinPairs(softplusPair(lowPair(x)), softplusPair(highPair(x)));
}

/** tanh(x) / x - 1 as a polynomial in z = x², for |x| ≤ 0.55. */
function tanhTail(z: f64): f64 {
  const w = z * z;
  const even =
    -0.3333333333333333 +
    w *
      (-0.053968253967434016 +
        w *
          (-0.008863234397814355 +
            w *
              (-0.001455661830100716 + w * (-0.0002346347410887237 + w * -2.060276537636634e-5))));
  const odd =
    0.13333333333332714 +
    w *
      (0.021869488493666944 +
        w * (0.003592110378689024 + w * (0.0005889360520074057 + w * 8.511313685577672e-5)));
  return z * (even + z * odd);
}

const tiny: f64 = 7.450580596923828e-9;

/** tanh in float64. */
export function tanh64(x: f64): f64 {
  const size = abs<f64>(x);
  if (size < 0.55) return size < tiny ? x : x + x * tanhTail(x * x);
  if (x != x) return x;
  if (size >= 22.0) return x < 0.0 ? -1.0 : 1.0;
  const t = expm164(2.0 * size);
  const result = t / (t + 2.0);
  return x < 0.0 ? -result : result;
}

/** sinh in float64. */
export function sinh64(x: f64): f64 {
  const size = abs<f64>(x);
  if (size < tiny || x != x) return x;
  const half: f64 = x < 0.0 ? -0.5 : 0.5;
  if (size >= 22.0) return expTimes(size, 0.0, half);
  const t = expm164(size);
  return size < 1.0 ? half * (2.0 * t - (t * t) / (t + 1.0)) : half * (t + t / (t + 1.0));
}

/** cosh in float64. */
export function cosh64(x: f64): f64 {
  const size = abs<f64>(x);
  if (x != x) return x;
  if (size >= 22.0) return expTimes(size, 0.0, 0.5);
  if (size < 0.34657359027997264) {
    const t = expm164(size);
    return 1.0 + (t * t) / (2.0 * (1.0 + t));
  }
  const t = exp64(size);
  return 0.5 * t + 0.5 / t;
}

/** The logistic function in float64. */
export function sigmoid64(x: f64): f64 {
  const z = exp64(-abs<f64>(x));
  const sum = 1.0 + z;
  if (!(x < 0.0)) return 1.0 / sum;
  const q = z / sum;
  return q - q * orderedSumError(1.0, z, sum) * (1.0 - q);
}

/** softplus in float64. */
export function softplus64(x: f64): f64 {
  const tail = log1p64(exp64(-abs<f64>(x)));
  return x > 0.0 ? x + tail : tail;
}
