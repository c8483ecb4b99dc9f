/**
 * pow(x, y) = exp(y log |x|), with the sign of x where y is an odd integer; special values as in core/scalar-math/pow.ts.
 * Rests on math-bits, math-exp and math-log. Scalars: core/scalar-math/pow.ts, operation for operation.
 */
import { choose, each32, each64, highPair, joinPairs, lowPair, productError, signBits, within64 } from "./math-bits";
import { expPair, expTimes } from "./math-exp";
import { logLow, logPair, logToPair64 } from "./math-log";

/** Float64: 0 ∞, 1 -∞, 2 and 3 the borders of the exponential. */
const table64: usize = memory.data<f64>([Infinity, -Infinity, -160.0, 160.0], 16);
/** Float32: 0 1, 1 1/2, 2 NaN, 3 -∞. */
const table32: usize = memory.data<f32>([1.0, 0.5, NaN, -Infinity], 16);

/** exp(y log x) for x ≥ 0, with log(0) = -∞ and log(∞) = ∞. */
// @ts-ignore: decorator
@inline
function powPair(x: v128, y: v128): v128 {
  const finite = choose(f64x2.lt(x, each64(table64, 0)), logPair(x), x);
  const log = choose(f64x2.eq(x, f64x2.splat(0)), each64(table64, 1), finite);
  return expPair(within64(f64x2.mul(y, log), each64(table64, 2), each64(table64, 3)));
}

/** pow in four float32 lanes. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function pow32(x: v128, y: v128): v128 {
  const zero = f32x4.splat(0);
  const size = f32x4.abs(x);
  const power = joinPairs(powPair(lowPair(size), lowPair(y)), powPair(highPair(size), highPair(y)));
  const fractional = f32x4.ne(f32x4.floor(y), y);
  const half = f32x4.mul(y, each32(table32, 1));
  const odd = v128.andnot(f32x4.ne(f32x4.floor(half), half), fractional);
  const signed = v128.or(power, v128.and(signBits(x), odd));
  const finiteNegative = v128.and(f32x4.lt(x, zero), f32x4.gt(x, each32(table32, 3)));
  const real = choose(v128.and(finiteNegative, fractional), each32(table32, 2), signed);
  return choose(f32x4.eq(y, zero), each32(table32, 0), real);
}

/** Whether a finite y is an odd integer. */
function isOddInteger(y: f64): bool {
  const size = abs<f64>(y);
  if (!(size < 9007199254740992.0) || floor<f64>(size) != size) return false;
  return floor<f64>(size * 0.5) * 2.0 != size;
}

/** pow where an operand is 0, infinite or NaN, or y is 0. */
function powSpecial(x: f64, y: f64): f64 {
  if (y == 0.0) return 1.0;
  if (x != x || y != y) return NaN;
  const size = abs<f64>(x);
  if (abs<f64>(y) == Infinity) {
    if (size == 1.0) return NaN;
    return (size > 1.0) == (y > 0.0) ? Infinity : 0.0;
  }
  const result: f64 = (size == Infinity) == (y > 0.0) ? Infinity : 0.0;
  return reinterpret<i64>(x) < 0 && isOddInteger(y) ? -result : result;
}

/** pow in float64. */
export function pow64(x: f64, y: f64): f64 {
  const size = abs<f64>(x);
  if (!(size > 0.0 && size < Infinity && abs<f64>(y) < Infinity) || y == 0.0) return powSpecial(x, y);
  let sign: f64 = 1.0;
  if (x < 0.0) {
    if (floor<f64>(y) != y) return NaN;
    if (isOddInteger(y)) sign = -1.0;
  }
  if (size == 1.0) return sign;
  if (abs<f64>(y) > 1.2e19) return sign * ((size > 1.0) == (y > 0.0) ? Infinity : 0.0);
  const high = logToPair64(size);
  const product = y * high;
  const productLow = productError(y, high, product) + y * logLow;
  return expTimes(product, productLow, sign);
}
