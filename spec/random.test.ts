/**
 * Random streams: Philox against its published vectors, keys and blocks against an independent implementation,
 * state, observation and rewinding. Every draw is seeded.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  multiplyHigh,
  normals,
  observeReservations,
  permutation,
  philox4x32,
  RandomSource,
  type Reservation,
  rewinding,
  Stream,
  uniforms,
} from "../core/random/index.ts";

const hex = (words: Iterable<number>): string =>
  Array.from(words, (word) => word.toString(16).padStart(8, "0")).join(" ");

/** The words of `count` blocks of a stream, from `position` on. */
function blocks({ key }: Stream, position: number, count: number): string[] {
  const out = new Uint32Array(4);
  return Array.from({ length: count }, (_, i) => {
    const at = position + i;
    philox4x32(at % 2 ** 32, Math.floor(at / 2 ** 32), 0, 0, key[0], key[1], out);
    return hex(out);
  });
}

const bitsOf = (values: Float64Array): string[] =>
  Array.from(values, (value) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return view.getBigUint64(0).toString(16).padStart(16, "0");
  });

const conv1 = (): Stream => new RandomSource(0).stream("init/conv1");

describe("Philox4x32-10", () => {
  // Random123, tests/kat_vectors, the lines "philox4x32 10": counter, key, block.
  test.each([
    [
      "00000000 00000000 00000000 00000000 00000000 00000000",
      "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ],
    [
      "ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff",
      "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ],
    [
      "243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0",
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    ],
  ])("the block of %s is the published %s", (input, block) => {
    const [a = 0, b = 0, c = 0, d = 0, k0 = 0, k1 = 0] = input
      .split(" ")
      .map((word) => Number.parseInt(word, 16));
    const out = new Uint32Array(5).fill(7);
    philox4x32(a, b, c, d, k0, k1, out);
    expect(hex(out)).toBe(`${block} 00000007`);
  });

  const word = fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constantFrom(0, 2 ** 32 - 1));
  test.prop([word, word], { seed: 1, numRuns: 500 })(
    "multiplyHigh is the exact upper half",
    (a, b) => {
      expect(BigInt(multiplyHigh(a, b))).toBe((BigInt(a) * BigInt(b)) >> 32n);
    },
  );
});

describe("streams", () => {
  // Made by an implementation in Python: hashlib, struct and unbounded integers.
  test("seed 0, init/conv1 has the committed key, blocks and uniforms", () => {
    expect(hex(conv1().key)).toBe("3f964d99 9d5426f3");
    expect(blocks(conv1(), 0, 2)).toEqual([
      "148af346 729e30cd 82ae6b7c eafd24a6",
      "48816d1b 444cb3e1 be0f7a66 6004cf95",
    ]);
    expect(blocks(conv1(), 2 ** 53 - 1, 1)).toEqual(["af301d12 268c0093 be83e11e aa496363"]);
    expect(bitsOf(uniforms(conv1(), 4))).toEqual([
      "3fb48af34e53c618",
      "3fe055cd6fabf492",
      "3fd2205b4222659e",
      "3fe7c1ef4d80133e",
    ]);
  });

  // That they are right is shown in high precision elsewhere; here their last bits may not move unannounced.
  test("seed 0, init/conv1 has the committed normals, bit for bit", () => {
    expect(bitsOf(normals(conv1(), 4))).toEqual([
      "c001ee395ca58864",
      "bfc2e849e30dafbb",
      "bfb35988d229b402",
      "bff962bbcb839743",
    ]);
  });

  test("the largest seed, a name beyond ASCII and a carry into the second counter word are as committed", () => {
    const stream = new RandomSource(2 ** 53 - 1).stream("é/🎲");
    expect(hex(stream.key)).toBe("1a063cd2 2409ce99");
    stream.position = 2 ** 32 - 1;
    expect(bitsOf(uniforms(stream, 4))).toEqual([
      "3fec6b39ffa5e78c",
      "3f93ea7f59bb06e0",
      "3fe9127633c0eb0e",
      "3fd4bf852aeaf77a",
    ]);
  });

  test("streams of different names or seeds share no block", () => {
    const seeds = [0, 1, 11, 256, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    const names = ["a", "b", "ab", "a/b", "a/", "A", "1", "11", "a\0", "init/conv1", "init/conv2"];
    const seen = seeds.flatMap((seed) =>
      names.flatMap((name) => blocks(new RandomSource(seed).stream(name), 0, 50)),
    );
    expect(new Set(seen).size).toBe(seeds.length * names.length * 50);
  });

  test("a stream asked for again starts again, and a child is the stream of the joined name", () => {
    const source = new RandomSource(5);
    const first = source.stream("init");
    uniforms(first, 9);
    expect(first.position).toBe(5);
    expect(source.stream("init").state()).toEqual({ seed: 5, name: "init", position: 0 });
    expect(first.child("conv1").state()).toEqual({ seed: 5, name: "init/conv1", position: 0 });
    expect(first.child("conv1").key).toEqual(source.stream("init/conv1").key);
  });

  test.prop(
    [fc.nat(40), fc.nat(40), fc.integer({ min: 0, max: 2 ** 53 - 1 }), fc.string({ minLength: 1 })],
    {
      seed: 2,
    },
  )(
    "a stream restored from its state continues with the very same draws",
    (before, after, seed, name) => {
      const stream = new RandomSource(seed).stream(name);
      normals(stream, before);
      const restored = Stream.restore(JSON.parse(JSON.stringify(stream.state())));
      expect(uniforms(restored, after)).toEqual(uniforms(stream, after));
      expect(restored.state()).toEqual(stream.state());
    },
  );

  test("a draw takes whole blocks, and nothing is drawn twice", () => {
    const stream = conv1();
    const parts = [uniforms(stream, 3), uniforms(stream, 0), uniforms(stream, 2)];
    expect(stream.position).toBe(3);
    const whole = uniforms(conv1(), 6);
    expect(parts.flatMap((part) => [...part])).toEqual([0, 1, 2, 4, 5].map((i) => whole[i]));
  });
});

describe("observation", () => {
  const record = (log: Reservation[]) => (stream: Stream, position: number, count: number) => {
    log.push({ stream, position, blocks: count });
  };

  test("every reservation in the body is heard in order, by the innermost observer first, and none after it", () => {
    const [a, b] = [new Stream(1, "a", 10), new Stream(1, "b")];
    const heard: string[] = [];
    const hear = (who: string) => (stream: Stream, position: number, count: number) =>
      heard.push(`${who} ${stream.name} ${position}+${count}`);
    const result = observeReservations(hear("outer"), () => {
      a.reserve(2);
      observeReservations(hear("inner"), () => uniforms(b, 5));
      return a.reserve(1);
    });
    a.reserve(1);
    expect(result).toBe(12);
    expect(heard).toEqual(["outer a 10+2", "inner b 0+3", "outer b 0+3", "outer a 12+1"]);
  });

  test("an observer stops listening when its body throws", () => {
    const log: Reservation[] = [];
    const body = () => {
      conv1().reserve(1);
      throw new Error("stop");
    };
    expect(() => observeReservations(record(log), body)).toThrow("stop");
    conv1().reserve(1);
    expect(log.length).toBe(1);
  });

  test("rewinding draws the same numbers and leaves every stream where it stood, also after an exception", () => {
    const [a, b, other] = [new Stream(1, "a", 3), new Stream(1, "b"), new Stream(1, "c")];
    const log: Reservation[] = [];
    const body = () => [normals(a, 3), permutation(b, 9), uniforms(a, 2)];
    const first = observeReservations(record(log), body);
    uniforms(a, 100);
    const stood = [a.position, b.position];
    expect(rewinding(log, body)).toEqual(first);
    const interrupted = () => {
      normals(a, 3);
      other.reserve(4);
      throw new Error("stop");
    };
    expect(() => rewinding(log, interrupted)).toThrow("stop");
    expect([a.position, b.position]).toEqual(stood);
    expect(other.position).toBe(4);
  });

  test("a repeated draw is heard inside the rewinding only, so that an outer log can itself be replayed", () => {
    const [a, other] = [new Stream(1, "a"), new Stream(1, "c")];
    const innerLog: Reservation[] = [];
    const segment = () => uniforms(a, 2);
    observeReservations(record(innerLog), segment);
    const outerLog: Reservation[] = [];
    const insideLog: Reservation[] = [];
    const outer = () => {
      const again = rewinding(innerLog, () => {
        other.reserve(1);
        return observeReservations(record(insideLog), segment);
      });
      return [again, uniforms(a, 2)];
    };
    const first = observeReservations(record(outerLog), outer);
    expect(outerLog.map(({ stream, position }) => `${stream.name} ${position}`)).toEqual([
      "c 0",
      "a 1",
    ]);
    expect(insideLog.map(({ stream, position }) => `${stream.name} ${position}`)).toEqual(["a 0"]);
    expect(rewinding(outerLog, outer)).toEqual(first);
  });
});
