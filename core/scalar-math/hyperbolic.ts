/**
 * tanh, sinh, cosh, and the two functions of neural nets that are made of exp: sigmoid and softplus.
 * Rests on exp, log and double-double. Beyond tanh's polynomial near 0, every formula is written in
 * exp or expm1 of one argument, so that nothing cancels.
 */
import { orderedSumError } from "./double-double.ts";
import { exp, expm1, expTimes } from "./exp.ts";
import { log1p } from "./log.ts";

/**
 * tanh(x) / x - 1 as a polynomial in z = x², for |x| ≤ 0.55: interpolated at Chebyshev nodes in 300-bit arithmetic,
 * off by less than 2^-57.
 */
function tanhTail(z: number): number {
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

/** The hyperbolic tangent. x: any float64 → [-1, 1]; the sign of zero is kept; ±1 from |x| = 22 on. Error < 2 ulp. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (size < 0.55) return size < 7.450580596923828e-9 ? x : x + x * tanhTail(x * x);
  if (Number.isNaN(x)) return x;
  if (size >= 22) return x < 0 ? -1 : 1;
  // t / (t + 2) with t = exp(2|x|) - 1: the error of t shrinks by 2 / (t + 2), at most 1/2 here.
  const t = expm1(2 * size);
  const result = t / (t + 2);
  return x < 0 ? -result : result;
}

/** The hyperbolic sine. x: any float64; the sign of zero is kept; ±∞ from |x| = 710.48 on. Error < 2 ulp. */
export function sinh(x: number): number {
  const size = Math.abs(x);
  if (size < 7.450580596923828e-9 || Number.isNaN(x)) return x;
  const half = x < 0 ? -0.5 : 0.5;
  if (size >= 22) return expTimes(size, 0, half);
  // (e^x - e^-x) / 2 = (t + t / (t + 1)) / 2 with t = e^x - 1
  const t = expm1(size);
  return size < 1 ? half * (2 * t - (t * t) / (t + 1)) : half * (t + t / (t + 1));
}

/** The hyperbolic cosine. x: any float64 → [1, ∞]; ∞ from |x| = 710.48 on. Error < 1.5 ulp. */
export function cosh(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (size >= 22) return expTimes(size, 0, 0.5);
  if (size < 0.34657359027997264) {
    // 1 + t² / (2 (1 + t)) with t = e^x - 1
    const t = expm1(size);
    return 1 + (t * t) / (2 * (1 + t));
  }
  const t = exp(size);
  return 0.5 * t + 0.5 / t;
}

/**
 * The logistic function 1 / (1 + exp(-x)). x: any float64 → [0, 1]. Error < 2 ulp.
 * For x < 0 it is taken as exp(x) / (1 + exp(x)), so that it stays exact down to subnormal results.
 */
export function sigmoid(x: number): number {
  const z = exp(-Math.abs(x));
  const sum = 1 + z;
  if (!(x < 0)) return 1 / sum;
  // z / (sum + e) = q - q e / sum for the rounding error e of the sum, and 1 / sum = 1 - q.
  const q = z / sum;
  return q - q * orderedSumError(1, z, sum) * (1 - q);
}

/** log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)). x: any float64 → [0, ∞]. Error < 2 ulp. */
export function softplus(x: number): number {
  const tail = log1p(exp(-Math.abs(x)));
  return x > 0 ? x + tail : tail;
}
