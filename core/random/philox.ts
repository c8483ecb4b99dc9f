/**
 * Philox4x32-10: a counter and a key in, four random 32-bit words out, no state in between.
 * Rests on errors.
 */
import { ValueError } from "../errors.ts";

// The round multipliers and the key increments (golden ratio, √3 − 1): Salmon et al. 2011, table 2 and § 4.3.
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const increment0 = 0x9e3779b9;
const increment1 = 0xbb67ae85;
const rounds = 10;

/**
 * The upper 32 bits of the 64-bit product a·b; `Math.imul(a, b)` has the lower ones.
 * a, b: integers, read modulo 2^32. Returns an integer in [0, 2^32).
 *
 * @example multiplyHigh(0x80000000, 6) // 3
 */
export function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  // a·b = aHigh·bHigh·2^32 + (aHigh·bLow + aLow·bHigh)·2^16 + aLow·bLow. The middle sum below is at
  // most (2^16−1)² + 2·(2^16−1) = 2^32 − 1, so it cannot wrap.
  const cross = Math.imul(aLow, bHigh);
  const middle = Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16) + (cross & 0xffff);
  return (Math.imul(aHigh, bHigh) + (cross >>> 16) + (middle >>> 16)) >>> 0;
}

/**
 * One block of Philox4x32-10, written to out[0 … 3]. Nothing is allocated, nothing remembered.
 * Counter and key words: integers, read modulo 2^32; word 0 is the least significant.
 * out: at least 4 words, those after the fourth are left alone. Throws ValueError if it is shorter.
 * Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3", § 4.3.
 *
 * @example philox4x32(0, 0, 0, 0, 0, 0, out) // out: 6627e8d5 e169c58d bc57ac4c 9b00dbd8
 */
export function philox4x32(
  counter0: number,
  counter1: number,
  counter2: number,
  counter3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  if (out.length < 4) {
    throw new ValueError({
      where: "philox4x32",
      argument: "out",
      expected: "to hold at least 4 words",
      got: String(out.length),
      fix: "Give a new Uint32Array(4)",
    });
  }
  let a = counter0 | 0;
  let b = counter1 | 0;
  let c = counter2 | 0;
  let d = counter3 | 0;
  let k0 = key0 | 0;
  let k1 = key1 | 0;
  for (let round = 0; round < rounds; round++) {
    const lowA = Math.imul(multiplier0, a);
    const lowC = Math.imul(multiplier1, c);
    const highA = multiplyHigh(multiplier0, a);
    a = multiplyHigh(multiplier1, c) ^ b ^ k0;
    b = lowC;
    c = highA ^ d ^ k1;
    d = lowA;
    k0 = (k0 + increment0) | 0;
    k1 = (k1 + increment1) | 0;
  }
  out[0] = a;
  out[1] = b;
  out[2] = c;
  out[3] = d;
}
