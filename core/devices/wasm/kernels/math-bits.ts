/**
 * What all transcendental functions rest on: bits and exact errors of float64, and the passage between four float32
 * lanes and two pairs of float64 lanes. The float64 half is core/scalar-math's bits and double-double, operation for operation.
 */

/** The upper 32 bits of a float64. */
// @ts-ignore: decorator
@inline
export function highWord(x: f64): i32 {
  return <i32>(reinterpret<u64>(x) >> 32);
}

/** 2^n exactly, for -1074 ≤ n ≤ 1023. */
// @ts-ignore: decorator
@inline
export function powerOfTwo(n: i32): f64 {
  return reinterpret<f64>(n >= -1022 ? <u64>(n + 1023) << 52 : <u64>1 << (n + 1074));
}

/** x · 2^n, rounded once. */
export function scaleByPowerOfTwo(x: f64, n: i32): f64 {
  if (n >= -1022 && n <= 1023) return x * powerOfTwo(n);
  let scaled = x;
  let left = n;
  if (n > 0) {
    for (let step = 0; step < 2 && left > 1023; step++) {
      scaled *= powerOfTwo(1023);
      left -= 1023;
    }
    return scaled * powerOfTwo(min(left, 1023));
  }
  // 2^-969 keeps 53 bits above the smallest normal, so only the last factor can round.
  for (let step = 0; step < 2 && left < -1022; step++) {
    scaled *= powerOfTwo(-969);
    left += 969;
  }
  return scaled * powerOfTwo(max(left, -1022));
}

/** a + b = sum + sumError(a, b, sum) exactly, for sum = fl(a + b). Knuth 1969, section 4.2.2, theorem B. */
// @ts-ignore: decorator
@inline
export function sumError(a: f64, b: f64, sum: f64): f64 {
  const bPart = sum - a;
  return a - (sum - bPart) + (b - bPart);
}

/** The same for |a| ≥ |b| or a = 0. Dekker 1971. */
// @ts-ignore: decorator
@inline
export function orderedSumError(a: f64, b: f64, sum: f64): f64 {
  return b - (sum - a);
}

/** 2^27 + 1: multiplying by it splits 53 bits into two halves of 26. Veltkamp 1968. */
const splitter: f64 = 134217729.0;

/** a · b = product + productError(a, b, product) exactly, for product = fl(a · b) in the middle range. Dekker 1971. */
export function productError(a: f64, b: f64, product: f64): f64 {
  const aScaled = splitter * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = splitter * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/** Lanes 0 and 1 of a float32 vector in float64, exactly. */
// @ts-ignore: decorator
@inline
export function lowPair(x: v128): v128 {
  return f64x2.promote_low_f32x4(x);
}

/** Lanes 2 and 3 of a float32 vector in float64, exactly. */
// @ts-ignore: decorator
@inline
export function highPair(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 1));
}

/** Two pairs of float64 rounded to float32: lanes 0, 1 from `low` and 2, 3 from `high`. */
// @ts-ignore: decorator
@inline
export function joinPairs(low: v128, high: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
}

/** Float32 constant number `i` of a table, in all lanes. A load costs one operation; engines make three of a v128.const. */
// @ts-ignore: decorator
@inline
export function each32(table: usize, i: i32): v128 {
  return v128.load32_splat(table + (<usize>i << 2));
}

/** Float64 constant number `i` of a table, in both lanes. */
// @ts-ignore: decorator
@inline
export function each64(table: usize, i: i32): v128 {
  return v128.load64_splat(table + (<usize>i << 3));
}

/** Horner's step a · b + constant `i` of the table, in two roundings, float32. */
// @ts-ignore: decorator
@inline
export function step32(a: v128, b: v128, table: usize, i: i32): v128 {
  return f32x4.add(f32x4.mul(a, b), each32(table, i));
}

/** Horner's step a · b + constant `i` of the table, in two roundings, float64. */
// @ts-ignore: decorator
@inline
export function step64(a: v128, b: v128, table: usize, i: i32): v128 {
  return f64x2.add(f64x2.mul(a, b), each64(table, i));
}

const signs: usize = memory.data<f32>([-0.0], 16);

/** The sign bits of four float32 lanes. */
// @ts-ignore: decorator
@inline
export function signBits(x: v128): v128 {
  return v128.and(x, each32(signs, 0));
}

/** `size` with the sign of `x`, for a `size` that is ≥ 0, NaN, or of that sign already. */
// @ts-ignore: decorator
@inline
export function withSign(size: v128, x: v128): v128 {
  return v128.or(size, signBits(x));
}

/** `ifTrue` where the mask's bits are set, else `ifFalse`. */
// @ts-ignore: decorator
@inline
export function choose(mask: v128, ifTrue: v128, ifFalse: v128): v128 {
  return v128.bitselect(ifTrue, ifFalse, mask);
}

/**
 * Float32 lanes below `low` or above `high` brought there. NaN stays: pmin and pmax take their first operand unless the
 * second is beyond it.
 */
// @ts-ignore: decorator
@inline
export function within32(x: v128, low: v128, high: v128): v128 {
  return f32x4.pmax(f32x4.pmin(x, high), low);
}

/** The same for float64 lanes. */
// @ts-ignore: decorator
@inline
export function within64(x: v128, low: v128, high: v128): v128 {
  return f64x2.pmax(f64x2.pmin(x, high), low);
}
