/**
 * The bits of a float64: its exponent, its neighbour, and exact scaling by powers of two.
 * Rests on nothing. Words are read through views of one buffer in little-endian order, the order of every
 * machine that the JavaScript engines of today run on; a big-endian one would give wrong values.
 */

const value = new Float64Array(1);
const words = new Int32Array(value.buffer);

/** The powers 2^-1074 … 2^1023, subnormal ones included; the entry of n stands at n + 1074. */
const powers: Float64Array = (() => {
  const table = new Float64Array(2098);
  table[1074] = 1;
  for (let n = 1; n <= 1023; n++) table[1074 + n] = 2 * (table[1073 + n] as number);
  for (let n = 1; n <= 1074; n++) table[1074 - n] = 0.5 * (table[1075 - n] as number);
  return table;
})();

/** The upper 32 bits of `x` as a signed integer: sign, 11 bits of exponent, 20 of mantissa. */
export function highWord(x: number): number {
  value[0] = x;
  return words[1] as number;
}

/** The lower 32 bits of `x` as a signed integer. */
export function lowWord(x: number): number {
  value[0] = x;
  return words[0] as number;
}

/** The float64 with these upper and lower 32 bits. */
export function fromWords(high: number, low: number): number {
  words[1] = high;
  words[0] = low;
  return value[0] as number;
}

/** 2^n exactly. n: integer in [-1074, 1023]; outside that range the result is undefined. */
export function powerOfTwo(n: number): number {
  return powers[n + 1074] as number;
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
  value[0] = x;
  const low = words[0] as number;
  if (x > 0) {
    words[0] = low + 1;
    if (low === -1) words[1] = (words[1] as number) + 1;
  } else {
    words[0] = low - 1;
    if (low === 0) words[1] = (words[1] as number) - 1;
  }
  return value[0] as number;
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
