/**
 * Discrete draws: integers and coin flips. Element i is a function of (key, position, i) alone, so a part
 * that starts at an even element e can be filled by itself: from position + e / 2 on.
 * Rests on block and philox.
 */
import { bits53, blocksForPairs, checkSpan, drawBlock, fractionStep, words } from "./block.ts";
import { refuse } from "./checks.ts";
import { multiplyHigh } from "./philox.ts";
import type { StreamKey } from "./stream.ts";

/** Blocks that n integers take: ⌈n / 2⌉. n: integer in [0, 2^53], else ValueError. */
export function blocksForIntegers(n: number): number {
  return blocksForPairs("blocksForIntegers", n);
}

/** Blocks that n coin flips take: ⌈n / 2⌉. n: integer in [0, 2^53], else ValueError. */
export function blocksForBernoulli(n: number): number {
  return blocksForPairs("blocksForBernoulli", n);
}

/** Throws ValueError unless [low, high) holds at least one int32 and nothing else. */
export function checkIntegerRange(where: string, low: number, high: number): void {
  if (!Number.isInteger(low) || low < -2147483648 || low > 2147483647) {
    refuse(where, "low", "to be an int32", low, "Give an integer in [-2^31, 2^31 - 1]");
  }
  if (!Number.isInteger(high) || high > 2147483648) {
    refuse(where, "high", "to be an integer of at most 2^31", high, "high itself is never drawn");
  }
  if (high <= low) {
    refuse(where, "high", `to be greater than low ${low}`, high, "Give low < high");
  }
}

/**
 * ⌊width·K / 2^64⌋ of the 64-bit integer K in words `at` (upper half) and `at + 1`, exactly.
 * width: integer in [1, 2^32].
 */
function scaledBits64(at: 0 | 2, width: number): number {
  const upper = words[at] ?? 0;
  if (width === 4294967296) return upper;
  const lowHalf = Math.imul(upper, width) >>> 0;
  const carry = lowHalf + multiplyHigh(words[at + 1] ?? 0, width) >= 4294967296 ? 1 : 0;
  return multiplyHigh(upper, width) + carry;
}

/**
 * Fills `out` with integers of [low, high): low + ⌊(high − low)·K / 2^64⌋, K uniform in [0, 2^64).
 * low, high: integers, −2^31 ≤ low < high ≤ 2^31. One product per element and no rejection, so that elements
 * stay independent: each value has ⌊2^64/width⌋ or ⌈2^64/width⌉ of the K, so its probability is off
 * 1/width by less than 2^-64, which is at most 2^-32 of it; exact where the width is a power of 2.
 * Throws ValueError for other bounds or where the stream ends.
 *
 * @example fillIntegers(labels, stream.key, stream.reserve(blocksForIntegers(n)), 0, 10);
 */
export function fillIntegers(
  out: Int32Array,
  key: StreamKey,
  position: number,
  low: number,
  high: number,
): void {
  checkIntegerRange("fillIntegers", low, high);
  checkSpan("fillIntegers", out.length, position);
  const width = high - low;
  for (let i = 0; i < out.length; i += 2) {
    drawBlock(key, position + i / 2);
    out[i] = low + scaledBits64(0, width);
    if (i + 1 < out.length) out[i + 1] = low + scaledBits64(2, width);
  }
}

/**
 * Fills `out` with 1 where k·2^-53 < probability, k uniform in [0, 2^53), and 0 elsewhere.
 * probability: in [0, 1]; it is met exactly where it is a multiple of 2^-53, else exceeded by less than that.
 * Throws ValueError for another probability or where the stream ends.
 *
 * @example fillBernoulli(mask, stream.key, stream.reserve(blocksForBernoulli(n)), 0.9);
 */
export function fillBernoulli(
  out: Uint8Array,
  key: StreamKey,
  position: number,
  probability: number,
): void {
  if (!(probability >= 0 && probability <= 1)) {
    const fix = "Give the share of ones";
    refuse("fillBernoulli", "probability", "to be in [0, 1]", probability, fix);
  }
  checkSpan("fillBernoulli", out.length, position);
  for (let i = 0; i < out.length; i += 2) {
    drawBlock(key, position + i / 2);
    out[i] = bits53(0) * fractionStep < probability ? 1 : 0;
    if (i + 1 < out.length) out[i + 1] = bits53(2) * fractionStep < probability ? 1 : 0;
  }
}
