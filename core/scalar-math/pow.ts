/**
 * Powers: pow(x, y) for any exponent, powInteger(x, n) by repeated multiplication.
 * Rests on log, exp, double-double and errors.
 */
import { ValueError } from "../errors.ts";
import { type DoubleDouble, productError } from "./double-double.ts";
import { expTimes } from "./exp.ts";
import { logToPair } from "./log.ts";

const pair: DoubleDouble = { high: 0, low: 0 };

/** Whether a finite y is an odd integer; every float64 from 2^53 on is even. */
function isOddInteger(y: number): boolean {
  const size = Math.abs(y);
  return size < 9007199254740992 && Math.floor(size) === size && size % 2 === 1;
}

/** pow where an operand is 0, infinite or NaN, or y is 0. */
function powSpecial(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
  const size = Math.abs(x);
  if (Math.abs(y) === Infinity) {
    if (size === 1) return NaN;
    return size > 1 === y > 0 ? Infinity : 0;
  }
  const result = (size === Infinity) === y > 0 ? Infinity : 0;
  return (x < 0 || Object.is(x, -0)) && isOddInteger(y) ? -result : result;
}

/**
 * x^y = exp(y log |x|), with the sign of x where y is an odd integer.
 * x, y: any float64. NaN for a finite x < 0 and a finite y that is no integer. Special values as in ECMAScript 2024,
 * Number::exponentiate: pow(x, ±0) = 1 even for NaN, pow(±1, ±∞) = NaN (IEEE 754 has 1).
 * Error < 0.8 ulp, and integer powers of integers below 2^53 (3² = 9) come out exactly.
 */
export function pow(x: number, y: number): number {
  const size = Math.abs(x);
  if (!(size > 0 && size < Infinity && Math.abs(y) < Infinity) || y === 0) return powSpecial(x, y);
  let sign = 1;
  if (x < 0) {
    if (Math.floor(y) !== y) return NaN;
    if (isOddInteger(y)) sign = -1;
  }
  if (size === 1) return sign;
  // |log x| ≥ 2^-53 here, so such a y overflows or underflows; smaller ones can be split safely.
  if (Math.abs(y) > 1.2e19) return sign * (size > 1 === y > 0 ? Infinity : 0);
  logToPair(size, pair);
  const { high, low } = pair;
  const product = y * high;
  const productLow = productError(y, high, product) + y * low;
  return expTimes(product, productLow, sign);
}

/**
 * x^n by squaring and multiplying, from the lowest bit of n up: ⌈2 log2 |n|⌉ products in a fixed order.
 * x: any float64. n: a safe integer; x^0 = 1 for every x; for n < 0 the result is 1 / x^-n, which is 0 where x^-n
 * overflows. Relative error ≤ |n| · 2^-53 while nothing is subnormal: for large |n|, pow is the more exact.
 * Throws ValueError where n is not a safe integer.
 */
export function powInteger(x: number, n: number): number {
  if (!Number.isSafeInteger(n)) {
    throw new ValueError({
      where: "powInteger",
      argument: "n",
      expected: "to be a safe integer",
      got: String(n),
      fix: "Use pow(x, y) for other exponents",
    });
  }
  let left = Math.abs(n);
  let square = x;
  let product = 1;
  while (left > 0) {
    if (left % 2 === 1) product *= square;
    left = Math.floor(left / 2);
    if (left > 0) square *= square;
  }
  return n < 0 ? 1 / product : product;
}
