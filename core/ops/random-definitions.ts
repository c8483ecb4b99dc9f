/**
 * Random draws once more, in exact integers: the definitions that records are checked against.
 * Rests on nothing but types. Philox is written with BigInt here, independent of the one that draws.
 */
import type { DrawPosition } from "../devices/kernels.ts";
import type { Sampler } from "../sampling.ts";

const word = 0xffffffffn;

/** The four words of block `position`: Salmon et al. 2011, section 4.3, with the constants of table 2. */
function blockWords([key0, key1]: readonly [number, number], position: bigint): readonly bigint[] {
  let [a, b, c, d] = [position & word, position >> 32n, 0n, 0n];
  let [k0, k1] = [BigInt(key0), BigInt(key1)];
  for (let round = 0; round < 10; round++) {
    const left = 0xd2511f53n * a;
    const right = 0xcd9e8d57n * c;
    [a, b, c, d] = [(right >> 32n) ^ b ^ k0, right & word, (left >> 32n) ^ d ^ k1, left & word];
    k0 = (k0 + 0x9e3779b9n) & word;
    k1 = (k1 + 0xbb67ae85n) & word;
  }
  return [a, b, c, d];
}

/** Bits of element `i` of a draw: two elements share a block, 64 bits each. */
function bitsOf({ key, position }: DrawPosition, i: number): bigint {
  const words = blockWords(key, BigInt(position) + BigInt(i >> 1));
  const [high = 0n, low = 0n] = i % 2 === 0 ? words.slice(0, 2) : words.slice(2);
  return (high << 32n) | low;
}

/** k·2^-53 with 27 bits of k from the first of an element's two words and 26 from the second. */
export function fractionOf(draw: DrawPosition, i: number): number {
  const bits = bitsOf(draw, i);
  const k = ((bits >> 37n) << 26n) | ((bits & word) >> 6n);
  return Number(k) / 2 ** 53;
}

/** low + ⌊(high − low)·K/2^64⌋. */
export function integerOf(draw: DrawPosition, i: number, low: number, high: number): number {
  return low + Number((BigInt(high - low) * bitsOf(draw, i)) >> 64n);
}

/** A standard normal: Box & Muller 1958; the radius from the even element's bits, the angle from the odd's. */
export function normalOf(draw: DrawPosition, i: number): number {
  const even = i - (i % 2);
  const radius = Math.sqrt(-2 * Math.log(fractionOf(draw, even) + 2 ** -53));
  const angle = 2 * Math.PI * fractionOf(draw, even + 1);
  return radius * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
}

/** Φ(x) = ½ + φ(x)·(x + x³/3 + x⁵/(3·5) + …), for moderate x: Abramowitz & Stegun 1964, 26.2.11. */
function normalBelow(x: number): number {
  let term = x;
  let sum = 0;
  for (let n = 1; sum + term !== sum; n += 2) {
    sum += term;
    term *= (x * x) / (n + 2);
  }
  return 0.5 + (Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)) * sum;
}

/** A standard normal between `lower` and `upper`, by bisection of Φ. */
export function truncatedOf(draw: DrawPosition, i: number, lower: number, upper: number): number {
  const u = (Math.floor(fractionOf(draw, i) * 2 ** 52) + 0.5) / 2 ** 52;
  const target = normalBelow(lower) + u * (normalBelow(upper) - normalBelow(lower));
  let [below, above] = [lower, upper];
  for (let step = 0; step < 80; step++) {
    const middle = (below + above) / 2;
    if (normalBelow(middle) < target) below = middle;
    else above = middle;
  }
  return (below + above) / 2;
}

/** A random key, and a position on either side of 2^32, where the counter's second word begins. */
export function samplePosition(draw: Sampler): DrawPosition {
  return {
    key: [draw.integer(0, 4294967295), draw.integer(0, 4294967295)],
    position: draw.pick([0, 4294967294]) + draw.integer(0, 9),
  };
}
