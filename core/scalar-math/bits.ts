/**
 * The bits of a float64: its exponent, its neighbour, and exact scaling by powers of two.
 * Rests on nothing. A float64 is written and its words are read in one byte order, whatever the machine's.
 */

const float64 = new DataView(new ArrayBuffer(8));

/** The powers 2^-1074 … 2^1023, subnormal ones included; the entry of n stands at n + 1074. */
const powers: Float64Array = (() => {
  const table = new Float64Array(2098);
  table[1074] = 1;
  for (let n = 1, power = 2; n <= 1023; n++, power *= 2) table[1074 + n] = power;
  for (let n = 1, power = 0.5; n <= 1074; n++, power *= 0.5) table[1074 - n] = power;
  return table;
})();

/** The upper 32 bits of `x` as a signed integer: sign, 11 bits of exponent, 20 of mantissa. */
export function highWord(x: number): number {
  float64.setFloat64(0, x);
  return float64.getInt32(0);
}

/** The lower 32 bits of `x` as a signed integer. */
export function lowWord(x: number): number {
  float64.setFloat64(0, x);
  return float64.getInt32(4);
}

/** 2^n exactly. n: integer in [-1074, 1023]; NaN outside that range. */
export function powerOfTwo(n: number): number {
  return powers[n + 1074] ?? Number.NaN;
}

/**
 * x · 2^n, rounded once: correct also where the result is subnormal, infinity where it overflows.
 * x: any float64. n: any integer.
 */
export function scaleByPowerOfTwo(x: number, n: number): number {
  if (n >= -1022 && n <= 1023) return x * powerOfTwo(n);
  let scaled = x;
  let left = n;
  if (n > 0) {
    for (let step = 0; step < 2 && left > 1023; step++) {
      scaled *= powerOfTwo(1023);
      left -= 1023;
    }
    return scaled * powerOfTwo(Math.min(left, 1023));
  }
  // 2^-969 keeps 53 bits above the smallest normal, so only the last factor can round.
  for (let step = 0; step < 2 && left < -1022; step++) {
    scaled *= powerOfTwo(-969);
    left += 969;
  }
  return scaled * powerOfTwo(Math.max(left, -1022));
}

/** The next float64 above `x` (towards +∞). NaN and +∞ stay; -0 and 0 both go to 2^-1074. */
export function nextUp(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x === 0) return Number.MIN_VALUE;
  // The bits of a float64, read as an integer, grow with its size.
  float64.setFloat64(0, x);
  float64.setBigInt64(0, float64.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return float64.getFloat64(0);
}

/** The next float64 below `x` (towards -∞). */
export function nextDown(x: number): number {
  return -nextUp(-x);
}

/**
 * The spacing of float64 numbers at `x`: one unit in the last place, the measure of every error bound here.
 * x: finite. 2^-1074 for 0 and subnormal numbers.
 */
export function ulp(x: number): number {
  const exponent = (highWord(x) >>> 20) & 0x7ff;
  return powerOfTwo(Math.max(exponent, 1) - 1075);
}
