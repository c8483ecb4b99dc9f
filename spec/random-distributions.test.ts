/**
 * Distributions: every kind of draw against its distribution function, its formula in high precision, and a
 * second implementation. Every draw is seeded, so every test is deterministic; a false-alarm rate says how often
 * a right implementation would fail if the seed were chosen afresh.
 */
import { fc, test } from "@fast-check/vitest";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect } from "vitest";
import {
  blocksForBernoulli,
  blocksForIntegers,
  blocksForNormal,
  blocksForTruncatedNormal,
  blocksForUniform,
  type FloatArray,
  fillBernoulli,
  fillIntegers,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  integers,
  normals,
  permutation,
  philox4x32,
  RandomSource,
  type Stream,
  uniforms,
} from "../core/random/index.ts";
import { erfc } from "../core/scalar-math/index.ts";

const conv1 = (): Stream => new RandomSource(0).stream("init/conv1");

type Fill = (out: FloatArray, stream: Stream, position: number) => void;
const floatFills: Record<string, Fill> = {
  fillUniform: (out, { key }, at) => fillUniform(out, key, at, -2, 5),
  fillNormal: (out, { key }, at) => fillNormal(out, key, at, 3, 2),
  fillTruncatedNormal: (out, { key }, at) => fillTruncatedNormal(out, key, at, 1, 2, -1, 6),
};
const draw = (fill: Fill, n: number, stream: Stream): Float64Array => {
  const out = new Float64Array(n);
  fill(out, stream, 0);
  return out;
};

describe("elements of a draw", () => {
  const everyFill: Record<string, (n: number, at: number) => ArrayLike<number>> = {
    fillIntegers: (n, at) => {
      const out = new Int32Array(n);
      fillIntegers(out, conv1().key, at, -5, 12);
      return out;
    },
    fillBernoulli: (n, at) => {
      const out = new Uint8Array(n);
      fillBernoulli(out, conv1().key, at, 0.5);
      return out;
    },
  };
  for (const [name, fill] of Object.entries(floatFills)) {
    everyFill[name] = (n, at) => {
      const out = new Float64Array(n);
      fill(out, conv1(), at);
      return out;
    };
  }
  for (const [name, fill] of Object.entries(everyFill)) {
    test.prop([fc.nat(30), fc.nat(30), fc.nat(2 ** 33)], { seed: 3, numRuns: 50 })(
      `element i of ${name} depends on neither the draw's length nor where the fill starts`,
      (n, start, position) => {
        const whole = Array.from(fill(2 * start + n + 1, position));
        expect(Array.from(fill(2 * start + n, position))).toEqual(whole.slice(0, -1));
        expect(Array.from(fill(n, position + start))).toEqual(whole.slice(2 * start, -1));
      },
    );
  }
  for (const [name, fill] of Object.entries(floatFills)) {
    test(`float32 elements of ${name} are the float64 ones, rounded`, () => {
      const single = new Float32Array(1000);
      fill(single, conv1(), 0);
      expect(single).toEqual(Float32Array.from(draw(fill, 1000, conv1())));
    });
  }
  test("every kind of draw holds two elements in a block", () => {
    const counts = [blocksForUniform, blocksForNormal, blocksForTruncatedNormal];
    for (const count of [...counts, blocksForIntegers, blocksForBernoulli]) {
      expect([0, 1, 2, 3, 2 ** 53].map(count)).toEqual([0, 1, 1, 2, 2 ** 52]);
    }
  });
  // From 60-digit arithmetic on the committed blocks. Absolute errors: 2πu is off by up to 7e-16 (π itself by
  // 2.4e-16 and a rounding of 4.4e-16), times a radius of 2.3 here, and 2 ulp of a value below 2.3 for the rest.
  test("normals and truncated normals equal their formulas in high precision", () => {
    const expected = {
      normal: [-2.241320346643123, -0.1477138861331455, -0.07558493739061511, -1.5866048764959977],
      truncated: [-1.28529751826981, 0.02506231206066576, -0.5443852184346112, 0.6170324454535089],
    };
    const truncated = new Float64Array(4);
    fillTruncatedNormal(truncated, conv1().key, 0, 0, 1, -2, 2);
    const error = (got: Float64Array, want: number[]) =>
      Math.max(...want.map((value, i) => Math.abs((got[i] ?? Number.NaN) - value)));
    expect(error(normals(conv1(), 4), expected.normal)).toBeLessThan(2.5e-15);
    expect(error(truncated, expected.truncated)).toBeLessThan(2.5e-15);
  });
});

const normalCdf = (x: number): number => 0.5 * erfc(-x * Math.SQRT1_2);

describe("distributions", () => {
  const n = 100_000;
  /** Two-sided normal quantile and √(½ ln(2 / rate)), both for a false-alarm rate of 1e-6. */
  const standardErrors = 4.8916;
  const dvoretzkyKiefer = 2.6934;

  /** Moments by quadrature of the distribution function on [a, b]: E x = b − ∫F, E (x−c)^k likewise. */
  function centralMoment(
    cdf: (x: number) => number,
    a: number,
    b: number,
    c: number,
    k: number,
  ): number {
    const steps = 20_000;
    let integral = 0;
    for (let i = 0; i < steps; i++) {
      const x = a + ((b - a) * (i + 0.5)) / steps;
      let slope = k;
      for (let j = 1; j < k; j++) slope *= x - c;
      integral += slope * cdf(x) * ((b - a) / steps);
    }
    let end = 1;
    for (let j = 0; j < k; j++) end *= b - c;
    return end - integral;
  }

  const truncatedCdf = (mean: number, std: number, low: number, high: number) => (x: number) => {
    // From the upper tail: the rows above the mean would cancel in 1 − Φ.
    const above = (y: number): number => normalCdf(-(y - mean) / std);
    return (above(low) - above(x)) / (above(low) - above(high));
  };
  const truncated =
    (mean: number, std: number, low: number, high: number): Fill =>
    (out, { key }, at) =>
      fillTruncatedNormal(out, key, at, mean, std, low, high);

  test.each<[string, Fill, (x: number) => number, number, number]>([
    [
      "uniform on [-2, 5)",
      (out, { key }, at) => fillUniform(out, key, at, -2, 5),
      (x) => (x + 2) / 7,
      -2,
      5,
    ],
    [
      "normal, mean 3 std 2",
      (out, { key }, at) => fillNormal(out, key, at, 3, 2),
      (x) => normalCdf((x - 3) / 2),
      -17,
      23,
    ],
    ["truncated, both sides", truncated(1, 2, -1, 6), truncatedCdf(1, 2, -1, 6), -1, 6],
    [
      "truncated, 9 to 10 std above the mean",
      truncated(-1, 0.5, 3.5, 4),
      truncatedCdf(-1, 0.5, 3.5, 4),
      3.5,
      4,
    ],
    [
      "truncated, open above",
      truncated(0, 1, 0.5, Infinity),
      truncatedCdf(0, 1, 0.5, Infinity),
      0.5,
      12,
    ],
    [
      "truncated, open below",
      truncated(0, 1, -Infinity, 0.5),
      truncatedCdf(0, 1, -Infinity, 0.5),
      -12,
      0.5,
    ],
  ])(
    "%s: mean, variance and Kolmogorov-Smirnov distance are within bounds of rate 1e-6",
    (name, fill, cdf, a, b) => {
      const x = draw(fill, n, new RandomSource(1).stream(name)).sort();
      const mean = x.reduce((sum, value) => sum + value, 0) / n;
      const trueMean = centralMoment(cdf, a, b, 0, 1);
      const variance =
        x.reduce((sum, value) => sum + (value - trueMean) * (value - trueMean), 0) / n;
      const trueVariance = centralMoment(cdf, a, b, trueMean, 2);
      const fourth = centralMoment(cdf, a, b, trueMean, 4);
      expect(Math.abs(mean - trueMean)).toBeLessThan(standardErrors * Math.sqrt(trueVariance / n));
      expect(Math.abs(variance - trueVariance)).toBeLessThan(
        standardErrors * Math.sqrt((fourth - trueVariance * trueVariance) / n),
      );
      // Massart 1990: P(distance > ε) ≤ 2 exp(−2nε²) for every n.
      const distance = x.reduce((most, value, i) => {
        const f = cdf(value);
        return Math.max(most, (i + 1) / n - f, f - i / n);
      }, 0);
      expect(distance).toBeLessThan(dvoretzkyKiefer / Math.sqrt(n));
    },
  );

  test("neighbouring normals, of one block or of two, are uncorrelated to a bound of rate 1e-6", () => {
    const x = normals(new RandomSource(1).stream("correlation"), n);
    for (const [start, lag] of [
      [0, 1],
      [1, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      let [sum, squares, count] = [0, 0, 0];
      for (let i = start; i + lag < n; i += 2) {
        const [a, b] = [x[i] ?? 0, x[i + lag] ?? 0];
        sum += a * b;
        squares += (a * a - 1) * (b * b - 1);
        count++;
      }
      expect(Math.abs(sum / count)).toBeLessThan(standardErrors / Math.sqrt(count));
      // The squares share Box & Muller's radius: Var (z² − 1) = 2, so a product of two has variance 4.
      expect(Math.abs(squares / count)).toBeLessThan((standardErrors * 2) / Math.sqrt(count));
    }
  });

  test("uniforms stay in [low, high] where an interval is a few ulp wide", () => {
    const out = new Float64Array(2000);
    const high = 1 + 3 * Number.EPSILON;
    fillUniform(out, conv1().key, 0, 1, high);
    expect([...new Set(out)].sort()).toEqual([0, 1, 2, 3].map((ulps) => 1 + ulps * Number.EPSILON));
  });

  test("truncated normals stay in bounds that are a few ulp apart", () => {
    const out = new Float64Array(2000);
    for (const low of [1, 2.5, -7]) {
      const high = low + 8 * Number.EPSILON;
      fillTruncatedNormal(out, conv1().key, 0, 0.1, 0.3, low * 0.3, high * 0.3);
      expect(Math.min(...out)).toBeGreaterThanOrEqual(low * 0.3);
      expect(Math.max(...out)).toBeLessThanOrEqual(high * 0.3);
    }
  });

  const bound = fc.integer({ min: -600, max: 600 }).map((k) => k / 20);
  test.prop([bound, bound, fc.integer({ min: 1, max: 60 }).map((k) => k / 20)], {
    seed: 4,
    numRuns: 300,
  })("truncated normals never leave their bounds", (mean, low, width) => {
    const out = new Float64Array(20);
    fillTruncatedNormal(out, conv1().key, 0, mean / 5, 2, low / 2, low / 2 + width);
    expect(out.every((x) => x >= low / 2 && x <= low / 2 + width)).toBe(true);
  });
});

describe("discrete draws", () => {
  const int = fc.integer({ min: -(2 ** 31), max: 2 ** 31 });
  test.prop([int, int, fc.nat(1000)], { seed: 5, numRuns: 500 })(
    "an integer is low + ⌊width·K / 2^64⌋ exactly",
    (a, b, position) => {
      const [low, high] = [Math.min(a, b), a === b ? a + 1 : Math.max(a, b)];
      fc.pre(low < 2 ** 31);
      const out = new Int32Array(2);
      fillIntegers(out, conv1().key, position, low, high);
      const block = new Uint32Array(4);
      philox4x32(position, 0, 0, 0, conv1().key[0], conv1().key[1], block);
      const [w0 = 0n, w1 = 0n, w2 = 0n, w3 = 0n] = Array.from(block, BigInt);
      const pick = (bits: bigint): number => low + Number((BigInt(high - low) * bits) >> 64n);
      expect([...out]).toEqual([pick((w0 << 32n) | w1), pick((w2 << 32n) | w3)]);
    },
  );

  test("integers reach both ends of int32", () => {
    const out = integers(new RandomSource(3).stream("ends"), 10_000, -(2 ** 31), 2 ** 31);
    // All 10,000 miss an outer 1/512 of the range with probability (511/512)^10000 = 3e-9.
    expect(Math.min(...out)).toBeLessThan(-(2 ** 31) + 2 ** 23);
    expect(Math.max(...out)).toBeGreaterThan(2 ** 31 - 2 ** 23);
  });

  /** Σ (observed − expected)² / expected over equally likely cells. */
  const chiSquare = (counts: readonly number[], draws: number): number =>
    counts.reduce((sum, count) => {
      const miss = count - draws / counts.length;
      return sum + (miss * miss * counts.length) / draws;
    }, 0);

  test("17 integers are equally frequent: χ² of 16 degrees of freedom below its 1 - 1e-6 quantile", () => {
    const counts: number[] = new Array(17).fill(0);
    for (const value of integers(new RandomSource(1).stream("dice"), 100_000, -5, 12)) {
      counts[value + 5] = (counts[value + 5] ?? Number.NaN) + 1;
    }
    expect(chiSquare(counts, 100_000)).toBeLessThan(58.32);
  });

  test("a flip is 1 exactly where its uniform is below the probability", () => {
    const out = new Uint8Array(100);
    const u = uniforms(conv1(), 100);
    u.forEach((probability, i) => {
      fillBernoulli(out, conv1().key, 0, probability);
      expect([...out]).toEqual(Array.from(u, (x) => (x < probability ? 1 : 0)));
      fillBernoulli(out, conv1().key, 0, probability + 1 / 2 ** 53);
      expect(out[i]).toBe(1);
    });
  });

  test("the share of ones is the probability, to 4.8916 standard errors: rate 1e-6", () => {
    const out = new Uint8Array(100_000);
    const share = (probability: number): number => {
      fillBernoulli(out, conv1().key, 0, probability);
      return out.reduce((sum, value) => sum + value, 0) / out.length;
    };
    expect([share(0), share(1)]).toEqual([0, 1]);
    for (const p of [0.01, 0.3, 0.9]) {
      expect(Math.abs(share(p) - p)).toBeLessThan(4.8916 * Math.sqrt((p * (1 - p)) / out.length));
    }
  });

  test.prop([fc.nat(300), fc.nat(1000)], { seed: 6 })(
    "a permutation holds each of 0 … n - 1 once",
    (n, seed) => {
      const order = permutation(new RandomSource(seed).stream("shuffle"), n);
      expect(order.sort()).toEqual(Int32Array.from({ length: n }, (_, i) => i));
    },
  );

  test("the 6 orders of 3 are equally frequent: χ² of 5 degrees of freedom below its 1 - 1e-6 quantile", () => {
    const stream = new RandomSource(1).stream("orders");
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = permutation(stream, 3).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    expect(chiSquare([...counts.values()], 12_000)).toBeLessThan(35.88);
  });

  test("a permutation of n takes ⌈(n - 1) / 4⌉ blocks where no word is rejected", () => {
    const taken = [0, 1, 2, 5, 6, 9, 10].map((n) => {
      const stream = conv1();
      permutation(stream, n);
      return stream.position;
    });
    expect(taken).toEqual([0, 0, 1, 1, 2, 2, 3]);
  });

  // Made by an implementation in Python; in the long one 6 words are rejected, which takes 2 blocks beyond 75,000.
  test("permutations are as committed, rejected words included", () => {
    const shuffle = () => new RandomSource(0).stream("shuffle/epoch3");
    expect([...permutation(shuffle(), 12)]).toEqual([0, 9, 7, 5, 2, 4, 3, 6, 1, 8, 10, 11]);
    const stream = shuffle();
    const bytes = new DataView(new ArrayBuffer(4 * 300_000));
    permutation(stream, 300_000).forEach((value, i) => {
      bytes.setInt32(4 * i, value, true);
    });
    expect(bytesToHex(sha256(new Uint8Array(bytes.buffer)))).toBe(
      "9e823132bdc8f6469dab3e6c8f87ece7387e9ceb5305d0bf4ae29c060576b511",
    );
    expect(stream.position).toBe(75_002);
  });
});
