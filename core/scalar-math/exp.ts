/**
 * exp, expm1 and the scaled exponential that the other families build on.
 * Rests on bits and double-double. All split x = k ln 2 + r with |r| ≤ ln 2 / 2, so that
 * exp(x) = 2^k exp(r), with exp(r) = 1 + r + r²/2 + r³ Q(r).
 */
import { powerOfTwo, scaleByPowerOfTwo } from "./bits.ts";
import { orderedSumError, sumError } from "./double-double.ts";

/** 1 / ln 2: the standard fixes this constant to the last bit, unlike the functions beside it. */
const inverseLn2 = Math.LOG2E;
/** ln 2 in two parts; the first has 32 bits, so that k times it is exact. */
export const ln2High = 0.6931471803691238;
export const ln2Low = 1.9082149292705877e-10;

/**
 * r²/2 + r³ Q(r) = exp(r) - 1 - r for |r| ≤ 0.3473. Q interpolates at ten Chebyshev nodes
 * (coefficients from 300-bit arithmetic); the polynomial is off by less than 2^-60.
 */
function expTail(r: number): number {
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

/**
 * factor · exp(high + low), scaled by 2^k only at the end: results that are subnormal keep all their bits
 * until the last rounding, and exp may overflow where the product does not.
 * high: any float64. low: |low| ≤ ulp(high), the tail of a double-double. factor: |factor| in [2^-20, 1].
 * Error of exp ≤ 0.8 ulp, and one rounding for a factor that is not a power of two.
 */
export function expTimes(high: number, low: number, factor: number): number {
  if (!(high < 750)) return Number.isNaN(high) ? high : factor * Infinity;
  if (high < -750) return factor * 0;
  const k = Math.floor(high * inverseLn2 + 0.5);
  const a = high - k * ln2High;
  const b = low - k * ln2Low;
  const r = a + b;
  const rest = sumError(a, b, r) + expTail(r);
  const one = 1 + r;
  return scaleByPowerOfTwo(factor * (one + (orderedSumError(1, r, one) + rest)), k);
}

/**
 * exp(x). x: any float64 → [0, ∞]; 0 below -745.14, ∞ above 709.78, subnormal results rounded once.
 * Error < 0.8 ulp.
 */
export function exp(x: number): number {
  return expTimes(x, 0, 1);
}

/**
 * exp(x) - 1 without cancellation near 0. x: any float64 → [-1, ∞]; the sign of zero is kept.
 * Error < 1 ulp.
 */
export function expm1(x: number): number {
  if (Math.abs(x) < 5.551115123125783e-17) return x;
  if (!(x < 709.8)) return Number.isNaN(x) ? x : Infinity;
  if (x < -38) return -1;
  const k = Math.floor(x * inverseLn2 + 0.5);
  if (k === 0) return x + expTail(x);
  const a = x - k * ln2High;
  const b = -k * ln2Low;
  const r = a + b;
  const rest = sumError(a, b, r) + expTail(r);
  // 2^k (1 + r + rest) - 1 = 2^k (1 - 2^-k + r + rest); 1 - 2^-k is exact up to k = 53.
  if (k > 53) {
    const one = 1 + r;
    return scaleByPowerOfTwo(one + (orderedSumError(1, r, one) + (rest - powerOfTwo(-k))), k);
  }
  const unit = 1 - powerOfTwo(-k);
  const sum = unit + r;
  return (sum + (sumError(unit, r, sum) + rest)) * powerOfTwo(k);
}
