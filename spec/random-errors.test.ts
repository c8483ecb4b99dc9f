/**
 * What random streams and draws refuse, word by word.
 */
import { describe, expect, test } from "vitest";
import { ValueError } from "../core/errors.ts";
import {
  blocksForNormal,
  fillBernoulli,
  fillIntegers,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  integers,
  observeReservations,
  permutation,
  philox4x32,
  RandomSource,
  rewinding,
  Stream,
  uniforms,
} from "../core/random/index.ts";

describe("errors", () => {
  const source = new RandomSource(0);
  const stream = source.stream("a");
  const { key } = stream;
  const two = new Float64Array(2);
  const single = new Float32Array(2);
  const full = new Stream(0, "a", 2 ** 53 - 1);
  const cases: [string, () => unknown][] = [
    [
      "philox4x32: expected out to hold at least 4 words, got 3. Give a new Uint32Array(4).",
      () => philox4x32(0, 0, 0, 0, 0, 0, new Uint32Array(3)),
    ],
    [
      "RandomSource: expected seed to be an integer in [0, 2^53 - 1], got 9007199254740992. Give a whole number, say 0.",
      () => new RandomSource(2 ** 53),
    ],
    [
      "Stream: expected seed to be an integer in [0, 2^53 - 1], got 0.5. Give a whole number, say 0.",
      () => new Stream(0.5, "a"),
    ],
    [
      'RandomSource.stream: expected name to be a non-empty string, got "". Name the stream, say "init/conv1".',
      () => source.stream(""),
    ],
    [
      'stream.child: expected name to be well-formed Unicode, got "\\ud800". Remove the lone surrogate.',
      () => stream.child("\ud800"),
    ],
    [
      "stream.position: expected position to be an integer in [0, 2^53], got -1. Positions count blocks from the start of the stream.",
      () => {
        stream.position = -1;
      },
    ],
    [
      "Stream.restore: expected position to be an integer in [0, 2^53], got NaN. Positions count blocks from the start of the stream.",
      () => Stream.restore({ seed: 0, name: "a", position: Number.NaN }),
    ],
    [
      "stream.reserve: expected blocks to be an integer in [0, 2^53], got -1. Give a whole number.",
      () => stream.reserve(-1),
    ],
    [
      "stream.reserve: expected blocks to be at most the 1 that the stream has left, got 2. Draw from a stream of another name.",
      () => full.reserve(2),
    ],
    [
      "observeReservations: expected body to have ended when it returns, got a Promise. Draw in a synchronous function: draws after an await would be missed.",
      () =>
        observeReservations(
          () => {},
          async () => {},
        ),
    ],
    [
      "rewinding: expected body to have ended when it returns, got a Promise. Draw in a synchronous function: draws after an await would be missed.",
      () => rewinding([], () => Promise.resolve(1)),
    ],
    [
      "fillUniform: expected high to be greater than low 1, got 1. Give low < high.",
      () => fillUniform(two, key, 0, 1, 1),
    ],
    [
      "fillUniform: expected low to be a finite float32, got -1e+39. Give a number that float32 can hold.",
      () => fillUniform(single, key, 0, -1e39, 1),
    ],
    [
      "fillUniform: expected high to be less than 2^1024 above low -1.5e+308, got 1.5e+308. Narrow the interval.",
      () => fillUniform(two, key, 0, -1.5e308, 1.5e308),
    ],
    [
      "fillUniform: expected position to be at most 9007199254740991, 2 elements before the end of the stream, got 9007199254740992. Draw from a stream of another name.",
      () => fillUniform(two, key, 2 ** 53, 0, 1),
    ],
    [
      "fillNormal: expected std to be at least 0, got -1. Give the standard deviation.",
      () => fillNormal(two, key, 0, 0, -1),
    ],
    [
      "fillNormal: expected mean to be a finite float64, got NaN. Give a number that float64 can hold.",
      () => fillNormal(two, key, 0, Number.NaN, 1),
    ],
    [
      "fillTruncatedNormal: expected std to be greater than 0, got 0. Give the standard deviation.",
      () => fillTruncatedNormal(two, key, 0, 0, 0, -1, 1),
    ],
    [
      "fillTruncatedNormal: expected low to be a number, got NaN. Give the lower bound.",
      () => fillTruncatedNormal(two, key, 0, 0, 1, Number.NaN, 1),
    ],
    [
      "fillTruncatedNormal: expected high to be greater than low 2, got 1. Give low < high.",
      () => fillTruncatedNormal(two, key, 0, 0, 1, 2, 1),
    ],
    [
      "fillTruncatedNormal: expected mean to leave [40, 50] a probability of at least 1e-300 with std 1, got 0. Move the bounds towards the mean.",
      () => fillTruncatedNormal(two, key, 0, 0, 1, 40, 50),
    ],
    [
      "fillIntegers: expected low to be an int32, got 0.5. Give an integer in [-2^31, 2^31 - 1].",
      () => fillIntegers(new Int32Array(2), key, 0, 0.5, 3),
    ],
    [
      "integers: expected high to be an integer of at most 2^31, got 2147483649. high itself is never drawn.",
      () => integers(stream, 2, 0, 2 ** 31 + 1),
    ],
    [
      "integers: expected high to be greater than low 3, got 3. Give low < high.",
      () => integers(stream, 2, 3, 3),
    ],
    [
      "fillBernoulli: expected probability to be in [0, 1], got 1.5. Give the share of ones.",
      () => fillBernoulli(new Uint8Array(2), key, 0, 1.5),
    ],
    [
      "blocksForNormal: expected n to be an integer in [0, 2^53], got 1.5. Give a whole number.",
      () => blocksForNormal(1.5),
    ],
    [
      "uniforms: expected n to be an integer in [0, 2^53], got -1. Give a whole number.",
      () => uniforms(stream, -1),
    ],
    [
      "permutation: expected n to be at most 2^31, got 2147483649. Entries are int32: permute fewer.",
      () => permutation(stream, 2 ** 31 + 1),
    ],
  ];
  test.each(cases)("%s", (message, call) => {
    const caught = (() => {
      try {
        call();
      } catch (error) {
        return error;
      }
      return undefined;
    })();
    expect(caught).toBeInstanceOf(ValueError);
    expect(caught).toHaveProperty("message", message);
  });

  test("a refused draw takes nothing from the stream", () => {
    const untouched = new Stream(0, "a", 7);
    expect(() => integers(untouched, 2, 3, 3)).toThrow(ValueError);
    expect(() => uniforms(untouched, -1)).toThrow(ValueError);
    expect(() => untouched.reserve(2 ** 53)).toThrow(ValueError);
    expect(untouched.position).toBe(7);
  });
});
