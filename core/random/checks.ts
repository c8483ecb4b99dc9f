/**
 * Checks: what streams and draws refuse, each in the name of the function that the user called.
 * Rests on errors.
 */
import { ValueError } from "../errors.ts";

/** The number of blocks in a stream, and so the last place a stream can stand: 2^53. */
export const blocksPerStream: number = 9007199254740992;

/** Throws ValueError with the five parts; `got` is written as in a program, a string in quotes. */
export function refuse(
  where: string,
  argument: string,
  expected: string,
  got: unknown,
  fix: string,
): never {
  const written = typeof got === "string" ? JSON.stringify(got) : String(got);
  throw new ValueError({ where, argument, expected, got: written, fix });
}

/** Throws ValueError unless `seed` is an integer in [0, 2^53 − 1]. */
export function checkSeed(where: string, seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    refuse(where, "seed", "to be an integer in [0, 2^53 - 1]", seed, "Give a whole number, say 0");
  }
}

/** Throws ValueError unless `name` is a non-empty string without lone surrogates. */
export function checkName(where: string, name: string): void {
  if (typeof name !== "string" || name === "") {
    refuse(where, "name", "to be a non-empty string", name, 'Name the stream, say "init/conv1"');
  }
  // UTF-8 writes every lone surrogate as U+FFFD: two names would share one stream.
  if (/\p{Surrogate}/u.test(name)) {
    refuse(where, "name", "to be well-formed Unicode", name, "Remove the lone surrogate");
  }
}

/** Throws ValueError unless `position` is an integer in [0, 2^53]. */
export function checkPosition(where: string, position: number): void {
  if (!Number.isInteger(position) || position < 0 || position > blocksPerStream) {
    const fix = "Positions count blocks from the start of the stream";
    refuse(where, "position", "to be an integer in [0, 2^53]", position, fix);
  }
}

/** Throws ValueError unless `count` is an integer in [0, 2^53]. */
export function checkCount(where: string, argument: string, count: number): void {
  if (!Number.isInteger(count) || count < 0 || count > blocksPerStream) {
    refuse(where, argument, "to be an integer in [0, 2^53]", count, "Give a whole number");
  }
}

/** Throws ValueError unless `value`, rounded to float32 where `out` is that, is finite. */
export function checkFinite(
  where: string,
  argument: string,
  value: number,
  out: Float32Array | Float64Array,
): void {
  const single = out instanceof Float32Array;
  if (!Number.isFinite(single ? Math.fround(value) : value)) {
    const dtype = single ? "float32" : "float64";
    refuse(
      where,
      argument,
      `to be a finite ${dtype}`,
      value,
      `Give a number that ${dtype} can hold`,
    );
  }
}
