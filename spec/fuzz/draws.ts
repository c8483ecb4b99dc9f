/**
 * Draws: the random choices of one case, a function of what is fuzzed, the seed and the case's number alone, so that any
 * case can be made again without those before it. Rests on core's streams.
 */
import { RandomSource } from "../../core/index.ts";
import { philox4x32, type Stream } from "../../core/random/index.ts";

export class Draws {
  readonly #stream: Stream;
  readonly #words = new Uint32Array(4);
  #used = 4;

  constructor(format: string, seed: number, number: number) {
    this.#stream = new RandomSource(seed).stream(`fuzz/${format}/${number}`);
  }

  /** 32 random bits. */
  word(): number {
    if (this.#used === 4) {
      const block = this.#stream.reserve(1);
      const [key0, key1] = this.#stream.key;
      philox4x32(block, 0, 0, 0, key0, key1, this.#words);
      this.#used = 0;
    }
    return this.#words[this.#used++] ?? 0;
  }

  /** An integer in [0, n), each nearly as likely; 0 where n is 0. */
  below(n: number): number {
    return Math.floor((this.word() / 4294967296) * n);
  }

  /** One of `choices`. */
  of<T>(choices: readonly T[]): T {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new Error("there is nothing to choose from");
    return choice;
  }
}
