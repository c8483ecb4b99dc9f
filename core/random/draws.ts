/**
 * Draws: arrays straight from a stream, which moves on by the blocks they take.
 * Rests on distributions and discrete; `permutation` is Fisher & Yates' shuffle.
 */
import { drawBlock, words } from "./block.ts";
import { checkCount, refuse } from "./checks.ts";
import { blocksForIntegers, checkIntegerRange, fillIntegers } from "./discrete.ts";
import { blocksForNormal, blocksForUniform, fillNormal, fillUniform } from "./distributions.ts";
import { multiplyHigh } from "./philox.ts";
import type { Stream } from "./stream.ts";

/**
 * n uniform numbers k·2^-53 in [0, 1), [n]. n: integer ≥ 0, else ValueError.
 *
 * @example uniforms(stream, 3)
 */
export function uniforms(stream: Stream, n: number): Float64Array {
  checkCount("uniforms", "n", n);
  const out = new Float64Array(n);
  fillUniform(out, stream.key, stream.reserve(blocksForUniform(n)), 0, 1);
  return out;
}

/**
 * n standard normal numbers, [n]. n: integer ≥ 0, else ValueError.
 *
 * @example normals(stream, 3)
 */
export function normals(stream: Stream, n: number): Float64Array {
  checkCount("normals", "n", n);
  const out = new Float64Array(n);
  fillNormal(out, stream.key, stream.reserve(blocksForNormal(n)), 0, 1);
  return out;
}

/**
 * n integers of [low, high), [n]; bias below 2^-64 per value, as `fillIntegers` says.
 * n: integer ≥ 0. low, high: integers, −2^31 ≤ low < high ≤ 2^31. Throws ValueError for others.
 *
 * @example integers(stream, 5, 1, 7) // five dice
 */
export function integers(stream: Stream, n: number, low: number, high: number): Int32Array {
  checkCount("integers", "n", n);
  checkIntegerRange("integers", low, high);
  const out = new Int32Array(n);
  fillIntegers(out, stream.key, stream.reserve(blocksForIntegers(n)), low, high);
  return out;
}

/** Shares its words out one by one, and asks the stream for one block more when they run out. */
class WordReader {
  readonly #stream: Stream;
  #next: number;
  #end: number;
  #at = 0;

  constructor(stream: Stream, count: number) {
    this.#stream = stream;
    const blocks = Math.ceil(count / 4);
    this.#next = stream.reserve(blocks);
    this.#end = this.#next + blocks;
  }

  read(): number {
    if (this.#at === 0) {
      if (this.#next === this.#end) {
        this.#next = this.#stream.reserve(1);
        this.#end = this.#next + 1;
      }
      drawBlock(this.#stream.key, this.#next++);
    }
    const word = words[this.#at] ?? 0;
    this.#at = (this.#at + 1) % 4;
    return word;
  }
}

/**
 * A uniform integer in [0, width), without bias: of the 2^32 words those whose product with `width` ends
 * below 2^32 mod width are drawn again, which leaves every value ⌊2^32 / width⌋ words.
 * Lemire 2019, "Fast random integer generation in an interval", algorithm 5.
 */
function unbiased(reader: WordReader, width: number): number {
  let word = reader.read();
  let lowHalf = Math.imul(word, width) >>> 0;
  if (lowHalf < width) {
    const rejected = 4294967296 % width;
    while (lowHalf < rejected) {
      word = reader.read();
      lowHalf = Math.imul(word, width) >>> 0;
    }
  }
  return multiplyHigh(word, width);
}

/**
 * The integers 0 … n − 1 in random order, [n]; all n! orders alike, to the quality of Philox.
 * n: integer in [0, 2^31], else ValueError. Takes ⌈(n − 1) / 4⌉ blocks, and one more for every four words
 * rejected beyond those: a function of (seed, name, position, n) like all draws.
 * Fisher & Yates' shuffle from the back, Knuth, The Art of Computer Programming 2, § 3.4.2, algorithm P.
 *
 * @example permutation(source.stream("shuffle/epoch3"), 60000)
 */
export function permutation(stream: Stream, n: number): Int32Array {
  checkCount("permutation", "n", n);
  if (n > 2147483648) {
    refuse("permutation", "n", "to be at most 2^31", n, "Entries are int32: permute fewer");
  }
  const out = new Int32Array(n);
  for (let i = 0; i < n; i++) out[i] = i;
  if (n < 2) return out;
  const reader = new WordReader(stream, n - 1);
  for (let last = n - 1; last > 0; last--) {
    const pick = unbiased(reader, last + 1);
    const moved = out[last] ?? 0;
    out[last] = out[pick] ?? 0;
    out[pick] = moved;
  }
  return out;
}
