/**
 * How often the statistics over seeds err, by simulation: coverage, false alarms, power. A rate over N simulations lies in
 * the interval that tail-bounds gives for its expectation; all checks of a run together raise a false alarm once in a million.
 */
import { describe, expect, test } from "vitest";
import { RandomSource } from "../core/index.ts";
import { normals, uniforms } from "../core/random/index.ts";
import {
  comparePaired,
  holm,
  pairedPower,
  type Score,
  seedsNeeded,
  signFlipTest,
  tInterval,
  trendTest,
} from "../research/statistics/index.ts";
import { shareInterval, tailExponent } from "./laws/tail-bounds.ts";

/** No more than this many rates are checked below. */
const checks = 40;
const x = tailExponent(checks);
const runs = 2000;
const source = new RandomSource(11);

/** The share of `runs` simulations in which `isHit` holds of fresh normal numbers, `size` of them. */
function rateOf(name: string, size: number, isHit: (draw: readonly number[]) => boolean): number {
  const numbers = normals(source.stream(name), size * runs);
  let hits = 0;
  for (let run = 0; run < runs; run++) {
    if (isHit([...numbers.subarray(run * size, (run + 1) * size)])) hits += 1;
  }
  return hits / runs;
}

/** Where the rate of an event of probability p lies. */
function around(p: number): readonly [number, number] {
  return shareInterval({ mean: p, meanSquare: p, std: Math.sqrt(p * (1 - p)) }, runs, x);
}

function expectRate(found: number, p: number): void {
  const [low, high] = around(p);
  expect(found, `at least ${low}`).toBeGreaterThanOrEqual(low);
  expect(found, `at most ${high}`).toBeLessThanOrEqual(high);
}

const seeds = [3, 5, 8] as const;
const level = 0.05;

describe("t intervals", () => {
  test.each(seeds)("of %i normal seeds miss the mean as often as they say", (n) => {
    const miss = (draw: readonly number[]): boolean => {
      const { low, high } = tInterval(draw.map((z) => 3 + 0.1 * z));
      return low > 3 || high < 3;
    };
    expectRate(rateOf(`coverage/${n}`, n, miss), level);
  });

  test("would miss it far more often with a normal quantile, or with a percentile bootstrap", () => {
    const normal = (draw: readonly number[]): boolean => {
      const { mean, std } = tInterval(draw);
      return Math.abs(mean) > (1.96 * std) / Math.sqrt(3);
    };
    expect(rateOf("coverage/3", 3, normal)).toBeGreaterThan(around(level)[1]);
    // Each of 27 resamples of three has 1/27 > 2.5 %, so the bootstrap's interval is [least, greatest].
    const bootstrap = (draw: readonly number[]): boolean =>
      Math.min(...draw) > 0 || Math.max(...draw) < 0;
    expectRate(rateOf("coverage/3", 3, bootstrap), 1 / 4);
  });
});

describe("the sign-flip test", () => {
  /** The largest p that so many signs can give at or below the level: all their p are multiples of 2/2^n. */
  const reachable = (n: number): number => (Math.floor((level * 2 ** n) / 2) * 2) / 2 ** n;

  test.each(seeds)("of %i seeds without a difference alarms as often as its steps allow", (n) => {
    const rate = rateOf(`null/${n}`, n, (draw) => signFlipTest(draw).p <= level);
    expectRate(rate, reachable(n));
    expect(reachable(3)).toBe(0); // at three seeds the least p is 1/4: it cannot alarm
  });

  test.each(["greater", "less"] as const)(
    "claimed beforehand to be %s, likewise",
    (alternative) => {
      const isHit = (draw: readonly number[]): boolean =>
        signFlipTest(draw, { alternative }).p <= level;
      expectRate(rateOf(`null/${alternative}`, 6, isHit), 3 / 64); // 3.2 of 64 signs are 5 %
    },
  );

  test("stays below its level where differences tie, are 0, or lie about 0 with heavy tails", () => {
    const [, high] = around(level);
    const coarse = (draw: readonly number[]): boolean =>
      signFlipTest(draw.map(Math.round)).p <= level;
    const heavy = (draw: readonly number[]): boolean =>
      signFlipTest(draw.map((z) => z * z * z * z * z)).p <= level;
    expect(rateOf("null/coarse", 7, coarse)).toBeLessThanOrEqual(high);
    expect(rateOf("null/heavy", 7, heavy)).toBeLessThanOrEqual(high);
  });

  test("by sampled flips alarms at its level too", () => {
    const isHit = (draw: readonly number[]): boolean =>
      signFlipTest(draw, { draws: 39 }).p <= level;
    expectRate(rateOf("null/sampled", 17, isHit), level); // 2/40: an exact multiple
  });
});

describe("a paired comparison", () => {
  test("of two arms that diverge equally often alarms no more than its level", () => {
    const scored = (z: number): Score => (z > 1 ? "diverged" : z);
    const isHit = (draw: readonly number[]): boolean => {
      const [a, b] = [draw.slice(0, 8).map(scored), draw.slice(8).map(scored)];
      return comparePaired(a, b, { better: "lower" }).test.p <= level;
    };
    expect(rateOf("null/diverged", 16, isHit)).toBeLessThanOrEqual(around(level)[1]);
  });

  test("sees an arm that diverges where the other does not", () => {
    const isHit = (draw: readonly number[]): boolean => {
      const a = draw.slice(0, 8).map((z): Score => (z > -1 ? "diverged" : z)); // 84 of 100
      const b = draw.slice(8);
      return comparePaired(a, b, { better: "lower", alternative: "greater" }).test.p <= level;
    };
    expect(rateOf("alternative/diverged", 16, isHit)).toBeGreaterThan(0.7);
  });
});

test("a trend over levels that do not matter alarms no more than its level, and nearly so", () => {
  const rows = (draw: readonly number[]): readonly (readonly number[])[] =>
    [0, 1, 2].map((row) => draw.slice(5 * row, 5 * row + 5));
  const rate = rateOf("null/trend", 15, (draw) => trendTest(rows(draw)).p <= level);
  expect(rate).toBeLessThanOrEqual(around(level)[1]);
  expect(rate).toBeGreaterThanOrEqual(around(level / 2)[0]); // its steps are fine: 30 pairs
  const leaning = (draw: readonly number[]): readonly (readonly number[])[] =>
    rows(draw.map((z, i) => z + (i % 5)));
  const found = rateOf("alternative/trend", 15, (draw) => trendTest(leaning(draw)).p <= level);
  expect(found).toBeGreaterThan(0.95);
});

describe("Holm's correction", () => {
  /** Whether any of the true null hypotheses is rejected. */
  const alarms = (p: readonly number[], isNull: (i: number) => boolean): boolean =>
    holm(p).some((adjusted, i) => isNull(i) && adjusted <= level);
  const ps = (name: string): readonly (readonly number[])[] => {
    const numbers = uniforms(source.stream(name), 10 * runs);
    return Array.from({ length: runs }, (_, run) => [...numbers.subarray(10 * run, 10 * run + 10)]);
  };
  const rate = (
    families: readonly (readonly number[])[],
    isHit: (p: readonly number[]) => boolean,
  ) => families.filter(isHit).length / runs;

  test("keeps ten independent tests to one chance of an alarm", () => {
    // The smallest of ten must be ≤ level/10.
    expectRate(
      rate(ps("holm"), (p) => alarms(p, () => true)),
      1 - (1 - level / 10) ** 10,
    );
    // Without it: 40 % of such families alarm.
    const uncorrected = rate(ps("holm"), (p) => p.some((each) => each <= level));
    expect(uncorrected).toBeGreaterThan(0.3);
  });

  test("keeps to it where tests hang together, and where most effects are real", () => {
    const [, high] = around(level);
    const tied = (p: readonly number[]): readonly number[] => p.map((_, i) => p[i % 3] ?? 1);
    const real = (p: readonly number[]): readonly number[] =>
      p.map((each, i) => (i < 8 ? each / 1e6 : each));
    expect(rate(ps("tied"), (p) => alarms(tied(p), () => true))).toBeLessThanOrEqual(high);
    const left = rate(ps("real"), (p) => alarms(real(p), (i) => i >= 8));
    // Only two are left, tested at level/2 and more: 1 - (1 - level/2)² at least, where Bonferroni gave 1 %.
    expect(left).toBeLessThanOrEqual(high);
    expect(left).toBeGreaterThanOrEqual(around(1 - (1 - level / 2) ** 2)[0]);
  });
});

describe("power", () => {
  test.each(seeds)("of %i seeds is the rate at which the t interval leaves 0 out", (n) => {
    const effect = 1.2;
    const isHit = (draw: readonly number[]): boolean => {
      const { low, high } = tInterval(draw.map((z) => z + effect));
      return low > 0 || high < 0;
    };
    expectRate(rateOf(`power/${n}`, n, isHit), pairedPower(n, { effect }));
  });

  test("of the seeds needed is there for the sign-flip test too, but for the steps of its p", () => {
    for (const effect of [1.1, 1.6]) {
      const n = seedsNeeded({ effect });
      const isHit = (draw: readonly number[]): boolean =>
        signFlipTest(draw.map((z) => z + effect)).p <= level;
      // Its level is the next step below 0.05, and its power that of the t test at that level less a little.
      expect(rateOf(`needed/${effect}`, n, isHit)).toBeGreaterThan(0.7);
    }
  });
});
