/**
 * Double-double helpers: the rounding errors of one sum and one product, exactly, without allocation.
 * Rests on nothing. A pair (s, e) with s = fl(a + b) and e the error stands for a + b unrounded.
 */

/** high + low, unevaluated. Functions whose result is a pair fill one that they are given: none is allocated. */
export interface DoubleDouble {
  high: number;
  low: number;
}

/**
 * The error of `sum` = fl(a + b): a + b = sum + sumError(a, b, sum) exactly, barring overflow.
 * Any order of magnitudes. Knuth 1969, TAOCP volume 2, section 4.2.2, theorem B.
 */
export function sumError(a: number, b: number, sum: number): number {
  const bPart = sum - a;
  return a - (sum - bPart) + (b - bPart);
}

/** The same for |a| ≥ |b| or a = 0, in two operations. Dekker 1971. */
export function orderedSumError(a: number, b: number, sum: number): number {
  return b - (sum - a);
}

/** 2^27 + 1: multiplying by it splits 53 bits into two halves of 26. Veltkamp 1968. */
const splitter = 134217729;

/**
 * The error of `product` = fl(a · b): a · b = product + productError(a, b, product) exactly,
 * for |a|, |b| < 2^995 and |a · b| > 2^-967 (beyond, halves overflow or the error is subnormal). Dekker 1971.
 */
export function productError(a: number, b: number, product: number): number {
  const aScaled = splitter * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = splitter * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}
