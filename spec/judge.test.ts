/** Judging paired runs: what is reproduced, what is not, and how rarely chance alone is. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { RandomSource } from "../core/index.ts";
import { normals } from "../core/random/index.ts";
import {
  bySeed,
  judgeAll,
  judgePaired,
  leastOf,
  minus,
  type Outcome,
  type PairedClaim,
  type Run,
  scoresOf,
  seedsBar,
} from "../research/engine/index.ts";
import type { Score } from "../research/statistics/index.ts";

const claim: PairedClaim = { name: "error (%)", better: "lower", margin: 0, reason: "A test" };
const full = { profile: "full" } as const;
const quick = { profile: "quick" } as const;

/** Eighths in [-4, 4]: differences of them are exact. */
const eighth = fc.integer({ min: -32, max: 32 }).map((n) => n / 8);
const pairs = fc.array(fc.tuple(eighth, eighth), { minLength: 2, maxLength: 12 });

describe("judgePaired", () => {
  test.prop([pairs], { seed: 1 })(
    "of two arms at most one is reproduced as the better",
    (scores) => {
      const [a, b] = [scores.map(([score]) => score), scores.map(([, score]) => score)];
      const verdicts = [judgePaired(a, b, claim, full), judgePaired(b, a, claim, full)];
      const reproduced = verdicts.filter(({ verdict }) => verdict === "reproduced").length;
      expect(reproduced).toBeLessThanOrEqual(1);
      if (reproduced === 1)
        expect(verdicts.map(({ verdict }) => verdict)).toContain("not reproduced");
    },
  );

  test.prop([pairs], { seed: 2 })(
    "higher is better is lower is better of negated scores",
    (scores) => {
      const [a, b] = [scores.map(([score]) => score), scores.map(([, score]) => score)];
      const negated = (list: readonly number[]): readonly number[] =>
        list.map((score) => 0 - score);
      const { verdict, effect, p } = judgePaired(
        negated(a),
        negated(b),
        { ...claim, better: "higher" },
        full,
      );
      const { verdict: same, effect: sameEffect, p: sameP } = judgePaired(a, b, claim, full);
      expect([verdict, effect, p]).toEqual([same, sameEffect, sameP]);
    },
  );

  test("eight seeds of one sign are enough, though their interval be wide", () => {
    const other: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 1000];
    const { verdict, p, effect } = judgePaired(
      other.map(() => 0),
      other,
      claim,
      full,
    );
    expect([verdict, p]).toEqual(["reproduced", 2 / 256]);
    expect(effect?.low).toBeLessThan(0);
  });

  test("with fewer seeds the interval decides, no p is given, and quick says that it is quick", () => {
    const wide = judgePaired([0, 0, 0], [1, 2, 9], claim, quick);
    expect(wide.verdict).toBe("inconclusive");
    expect(wide.p).toBeUndefined();
    expect(wide.reason).toContain("(quick)");
    expect(judgePaired([0, 0, 0], [5, 6, 7], claim, quick).verdict).toBe("reproduced");
  });

  test("a gain that is surely smaller than the margin is not reproduced", () => {
    const [a, b] = [
      [0, 0, 0, 0],
      [0.1, 0.11, 0.1, 0.11],
    ];
    expect(judgePaired(a, b, { ...claim, margin: 0.2 }, quick).verdict).toBe("not reproduced");
    expect(judgePaired(a, b, { ...claim, margin: 0.05 }, quick).verdict).toBe("reproduced");
  });

  test("a run that diverged is worse than any other, and leaves no interval", () => {
    const diverged: readonly Score[] = Array.from({ length: 8 }, () => "diverged");
    const finished = [1, 2, 3, 4, 5, 6, 7, 8];
    const better = judgePaired(finished, diverged, claim, full);
    expect([better.verdict, better.effect]).toEqual(["reproduced", undefined]);
    expect(judgePaired(diverged, finished, claim, full).verdict).toBe("not reproduced");
    expect(judgePaired(diverged, diverged, claim, full).verdict).toBe("inconclusive");
    expect(better.measured).toContain("8 of 8 diverged");
  });

  test.each([3, 4, 8])(
    "chance alone is reproduced once in twenty draws at most, with %i seeds",
    (seeds) => {
      const stream = new RandomSource(seeds).stream("null");
      let reproduced = 0;
      for (let draw = 0; draw < 1000; draw++) {
        const [a, b] = [[...normals(stream, seeds)], [...normals(stream, seeds)]];
        if (judgePaired(a, b, claim, full).verdict === "reproduced") reproduced += 1;
      }
      // 2.5 % by design; at 1000 draws more than 5 % has a chance of 2e-6. None at all would be no test.
      expect(reproduced).toBeLessThanOrEqual(50);
      expect(reproduced).toBeGreaterThan(0);
    },
  );
});

test("judgeAll gives the worst verdict, the largest p, and what all papers say", () => {
  const of = (verdict: "reproduced" | "not reproduced" | "inconclusive", p: number) =>
    ({ verdict, p, threshold: "t", reason: `as ${verdict}`, measured: verdict }) as const;
  const [yes, no, open] = [
    of("reproduced", 0.01),
    of("not reproduced", 0.9),
    of("inconclusive", 0.2),
  ];
  expect([judgeAll([yes, yes]).verdict, judgeAll([yes, open]).verdict]).toEqual([
    "reproduced",
    "inconclusive",
  ]);
  const worst = judgeAll([open, { ...yes, paper: "24 %" }, { ...no, paper: "25 %" }]);
  expect([worst.verdict, worst.p, worst.threshold]).toEqual(["not reproduced", 0.9, "t"]);
  expect([worst.paper, judgeAll([yes, open]).paper]).toEqual(["24 %; 25 %", undefined]);
  expect(worst.reason).toBe("As inconclusive. As reproduced. As not reproduced");
});

/** A run with one number as its result; `rate` is what its arm is. */
function run(seed: number, value: number, outcome: Outcome = "finished", rate = 1): OneNumber {
  const rest = { key: "", divergence: null, metrics: [], fingerprint: "" };
  return { ...rest, seed, outcome, config: { rate }, result: { value } };
}
type OneNumber = Run<{ readonly rate: number }, { readonly value: number }>;
const numberOf = ({ result: { value } }: OneNumber): number => value;

test("scores stand in the order of seeds, and what is not finite has diverged", () => {
  const runs = [run(2, 5), run(0, Number.NaN), run(1, 7), run(3, 1, "diverged")];
  expect(scoresOf(runs, {}, numberOf)).toEqual(["diverged", 7, 5, "diverged"]);
  expect(scoresOf([run(0, Number.POSITIVE_INFINITY)], {}, numberOf)).toEqual(["diverged"]);
});

test("several runs of a seed come to their mean or their least, of those with the values asked for", () => {
  const of = [run(1, 5), run(0, 4), run(1, 1, "diverged"), run(0, 2), run(2, 0, "diverged")];
  const runs = [...of, run(0, 100, "finished", 2), run(1, 300, "finished", 2)];
  expect(scoresOf(runs, { rate: 1 }, numberOf, leastOf)).toEqual([2, 5, "diverged"]);
  expect(scoresOf(runs, { rate: 1 }, numberOf)).toEqual([3, "diverged", "diverged"]);
  expect(bySeed(runs, { rate: 1 }, numberOf)).toEqual([3, 3, 0]);
  expect(minus(bySeed(runs, { rate: 2 }, numberOf), [1, 2])).toEqual([99, 298]);
  expect(() => bySeed(runs, { rate: 3 }, numberOf)).toThrow("runsWhere: expected values");
});

test("a bar has an interval from two finite numbers on", () => {
  expect(seedsBar("g", "s", [3, Number.NaN])).toEqual({ group: "g", series: "s", y: 3 });
  const { y, low, high } = seedsBar("g", "s", [1, 3]);
  // t of one degree of freedom at 95 % is 12.7062; std/√n is 1.
  expect([y, low, high]).toEqual([2, expect.closeTo(-10.7062, 3), expect.closeTo(14.7062, 3)]);
});
