/**
 * Streams: a seed and a name give a sequence of Philox blocks that no other seed or name shares.
 * Rests on checks, SHA-256 and observation.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import {
  blocksPerStream,
  checkCount,
  checkName,
  checkPosition,
  checkSeed,
  refuse,
} from "./checks.ts";
import { announceReservation } from "./observation.ts";

/** The 64-bit Philox key of a stream, least significant word first. */
export type StreamKey = readonly [number, number];

/** All there is to know of a stream; plain data, fit for JSON. */
export interface StreamState {
  readonly seed: number;
  readonly name: string;
  readonly position: number;
}

/** Set apart from every other use of the same hash; the 1 counts versions of the encoding. */
const domain = "bitgrad stream 1";

/**
 * The first 8 bytes, as two little-endian words, of the SHA-256 of three fields: domain, seed (8 bytes,
 * little-endian) and name (UTF-8), each after its length in bytes (4, little-endian). With the lengths, no two
 * (seed, name) encode alike; two keys are equal by chance with probability 2^-64 per pair.
 */
function streamKey(seed: number, name: string): StreamKey {
  const seedBytes = new Uint8Array(8);
  const seedView = new DataView(seedBytes.buffer);
  seedView.setUint32(0, seed >>> 0, true);
  seedView.setUint32(4, Math.floor(seed / 4294967296), true);
  const hash = sha256.create();
  for (const field of [utf8.encode(domain), seedBytes, utf8.encode(name)]) {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, field.length, true);
    hash.update(length).update(field);
  }
  const digest = hash.digest();
  const view = new DataView(digest.buffer, digest.byteOffset);
  return [view.getUint32(0, true), view.getUint32(4, true)];
}

const utf8 = new TextEncoder();

/**
 * A named sequence of 2^53 Philox blocks and a place in it. Block number p has the counter (p mod 2^32,
 * ⌊p / 2^32⌋, 0, 0), so any element of any draw can be computed alone, in any order.
 * seed: integer in [0, 2^53 − 1]. name: non-empty string, compared by its UTF-8 bytes; "/" separates levels.
 * Throws ValueError for another seed, name or position.
 *
 * @example const stream = new RandomSource(0).stream("init/conv1");
 */
export class Stream {
  readonly seed: number;
  readonly name: string;
  /** Decides, with the position, every number drawn. */
  readonly key: StreamKey;
  #position: number;

  constructor(seed: number, name: string, position = 0) {
    checkSeed("Stream", seed);
    checkName("Stream", name);
    checkPosition("Stream", position);
    this.seed = seed;
    this.name = name;
    this.key = Object.freeze(streamKey(seed, name));
    this.#position = position;
  }

  /** Blocks drawn so far: an integer in [0, 2^53]. Writing it jumps there; no observer is told. */
  get position(): number {
    return this.#position;
  }

  set position(position: number) {
    checkPosition("stream.position", position);
    this.#position = position;
  }

  /**
   * Takes the next `blocks` blocks and returns the position of the first.
   * blocks: integer ≥ 0. Throws ValueError if fewer are left of the 2^53; then nothing is taken.
   *
   * @example fillNormal(out, stream.key, stream.reserve(blocksForNormal(out.length)), 0, 1);
   */
  reserve(blocks: number): number {
    checkCount("stream.reserve", "blocks", blocks);
    const first = this.#position;
    const left = blocksPerStream - first;
    if (blocks > left) {
      const expected = `to be at most the ${left} that the stream has left`;
      refuse("stream.reserve", "blocks", expected, blocks, "Draw from a stream of another name");
    }
    this.#position = first + blocks;
    announceReservation(this, first, blocks);
    return first;
  }

  /**
   * The stream of the same seed named `${this.name}/${name}`, at its start; this one does not move.
   * Throws ValueError for an empty name.
   *
   * @example source.stream("init").child("conv1") // the stream "init/conv1"
   */
  child(name: string): Stream {
    checkName("stream.child", name);
    return new Stream(this.seed, `${this.name}/${name}`);
  }

  /** Seed, name and position, from which `Stream.restore` continues with the very same draws. */
  state(): StreamState {
    return { seed: this.seed, name: this.name, position: this.#position };
  }

  /** A stream that stands where `state` was taken. Throws ValueError for a seed, name or position out of range. */
  static restore(state: StreamState): Stream {
    checkSeed("Stream.restore", state.seed);
    checkName("Stream.restore", state.name);
    checkPosition("Stream.restore", state.position);
    return new Stream(state.seed, state.name, state.position);
  }
}

/**
 * All streams of one seed. seed: integer in [0, 2^53 − 1], else ValueError.
 *
 * @example const source = new RandomSource(7);
 */
export class RandomSource {
  readonly seed: number;

  constructor(seed: number) {
    checkSeed("RandomSource", seed);
    this.seed = seed;
  }

  /**
   * The stream called `name`, at its start: asked again, the same numbers again, whatever was drawn before.
   * name: non-empty string, else ValueError.
   *
   * @example new RandomSource(0).stream("shuffle/epoch3")
   */
  stream(name: string): Stream {
    checkName("RandomSource.stream", name);
    return new Stream(this.seed, name);
  }
}
