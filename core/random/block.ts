/**
 * Blocks: the four words of block number `position`, and the two fractions of 53 bits they hold.
 * Rests on philox and checks.
 */
import { blocksPerStream, checkCount, checkPosition, refuse } from "./checks.ts";
import { philox4x32 } from "./philox.ts";
import type { StreamKey } from "./stream.ts";

/** Four words for one block; a fill runs to its end before another one starts, so one is enough. */
export const words: Uint32Array = new Uint32Array(4);

/** Writes block number `position` to `words`: the two low words of the counter, the upper two are zero. */
export function drawBlock(key: StreamKey, position: number): void {
  philox4x32(position >>> 0, Math.floor(position / 4294967296), 0, 0, key[0], key[1], words);
}

/** 2^-53, the step between fractions. */
export const fractionStep: number = 1 / 9007199254740992;

/** The integer k in [0, 2^53) in words `at` and `at + 1`: 27 bits of the first above 26 of the second. */
export function bits53(at: 0 | 2): number {
  return ((words[at] ?? 0) >>> 5) * 67108864 + ((words[at + 1] ?? 0) >>> 6);
}

/** Blocks that hold n elements, two in each. Throws ValueError unless n is an integer in [0, 2^53]. */
export function blocksForPairs(where: string, n: number): number {
  checkCount(where, "n", n);
  return Math.ceil(n / 2);
}

/** Throws ValueError unless `length` elements can be filled from `position` on. */
export function checkSpan(where: string, length: number, position: number): void {
  checkPosition(where, position);
  const last = blocksPerStream - Math.ceil(length / 2);
  if (position > last) {
    const expected = `to be at most ${last}, ${length} elements before the end of the stream`;
    refuse(where, "position", expected, position, "Draw from a stream of another name");
  }
}
