/** Statistics over seeds: laws, values of SciPy and statsmodels, and refusals. (How often they err: statistics-rates.) */
import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ValueError } from "../core/index.ts";
import {
  type Alternative,
  centralQuantile,
  centralShare,
  comparePaired,
  effectSize,
  holm,
  oracleScore,
  pairedPower,
  seedsNeeded,
  signFlipTest,
  tInterval,
  trendTest,
} from "../research/statistics/index.ts";
import { messageOf } from "./plain.ts";

const many = { seed: 1, numRuns: 200 };

type Triple = readonly [number, number, number];
const golden: {
  readonly shares: readonly Triple[];
  readonly quantiles: readonly Triple[];
  readonly intervals: readonly {
    readonly values: readonly number[];
    readonly confidence: number;
    readonly low: number;
    readonly high: number;
    readonly p: number;
    readonly t: number;
    readonly dz: number;
    readonly g: number | null;
  }[];
  readonly flips: readonly {
    readonly values: readonly number[];
    readonly alternative: Alternative;
    readonly p: number;
  }[];
  readonly trends: readonly {
    readonly values: readonly number[];
    readonly alternative: Alternative;
    readonly tau: number;
    readonly p: number;
  }[];
  readonly families: readonly {
    readonly p: readonly number[];
    readonly adjusted: readonly number[];
  }[];
  readonly powers: readonly {
    readonly seeds: number;
    readonly effect: number;
    readonly level: number;
    readonly sides: 1 | 2;
    readonly power: number;
  }[];
  readonly needed: readonly {
    readonly effect: number;
    readonly power: number;
    readonly level: number;
    readonly sides: 1 | 2;
    readonly seeds: number;
  }[];
} = JSON.parse(readFileSync(new URL("golden/statistics.json", import.meta.url), "utf8"));

/** Both sides promise about 1e-13; a quantile divides an error of its share by a density, 1e-5 and more here. */
const share = 1e-12;
const quantile = 1e-9;

function expectNear(found: number, expected: number, tolerance: number): void {
  const slack = tolerance * Math.max(1, Math.abs(expected));
  expect(Math.abs(found - expected), `${found} against ${expected}`).toBeLessThanOrEqual(slack);
}

/** Numbers on a grid: ties and sums that cancel are common. */
const grid = fc.integer({ min: -40, max: 40 }).map((k) => k / 10);
const samples = fc.array(grid, { minLength: 2, maxLength: 9 });
const orders = samples.chain((values) =>
  fc.tuple(
    fc.constant(values),
    fc.shuffledSubarray(values, { minLength: values.length, maxLength: values.length }),
  ),
);

describe("beside SciPy and statsmodels", () => {
  test("shares and quantiles of Student's t agree", () => {
    for (const [t, degrees, expected] of golden.shares) {
      expectNear(centralShare(t, degrees), expected, share);
    }
    for (const [p, degrees, expected] of golden.quantiles) {
      expectNear(centralQuantile(p, degrees), expected, quantile);
    }
  });

  test.each(golden.intervals)("intervals, scores and effects agree: $values", (row) => {
    const { low, high } = tInterval(row.values, row);
    expectNear(low, row.low, quantile);
    expectNear(high, row.high, quantile);
    const { z, p } = oracleScore(row.values, 0);
    expectNear(z, row.t, share);
    expectNear(p, row.p, share);
    const { dz, g } = effectSize(row.values);
    expectNear(dz, row.dz, share);
    expectNear(g, row.g ?? 0, share);
  });

  test.each(golden.flips)("exact sign flips agree: $alternative $values", (row) => {
    const { p, method, by } = signFlipTest(row.values, row);
    expect([p, method, by]).toEqual([row.p, "exact", "sum"]);
  });

  test.each(golden.trends)("Kendall's trend of one row agrees: $alternative $values", (row) => {
    const { p, meanTau } = trendTest([row.values], row);
    expectNear(p, row.p, share);
    expectNear(meanTau, row.tau, share);
  });

  test.each(golden.families)("Holm's correction agrees: $p", ({ p, adjusted }) => {
    holm(p).forEach((found, i) => {
      expectNear(found, adjusted[i] ?? Number.NaN, share);
    });
  });

  test.each(golden.powers)(
    "power agrees: $seeds seeds, effect $effect, level $level, sides $sides",
    (row) => {
      expectNear(pairedPower(row.seeds, row), row.power, 1e-8); // Simpson's rule there and quadrature here
    },
  );

  test.each(golden.needed)(
    "seeds needed agree: effect $effect, power $power, level $level, sides $sides",
    (row) => {
      expect(seedsNeeded(row)).toBe(Math.ceil(row.seeds));
    },
  );
});

describe("Student's t", () => {
  test.prop([fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 998 })], many)(
    "a quantile is the least number whose share is no less",
    (degrees, thousandths) => {
      const p = thousandths / 1000;
      const t = centralQuantile(p, degrees);
      expect(centralShare(t, degrees)).toBeGreaterThanOrEqual(p);
      expect(centralShare(t * (1 - 1e-11), degrees)).toBeLessThan(p);
    },
  );

  test("of one degree is Cauchy's: half of it lies within 1; of all degrees, all within infinity", () => {
    expectNear(centralQuantile(0.5, 1), 1, share);
    expect([1, 2, 9].map((degrees) => centralShare(Infinity, degrees))).toEqual([1, 1, 1]);
    expect(centralShare(1e308, 1)).toBe(1);
  });
});

describe("tInterval", () => {
  test.prop([orders], many)("does not care for the order of the seeds, to the bit", ([a, b]) => {
    expect(tInterval(b)).toEqual(tInterval(a));
  });

  test.prop([samples, fc.integer({ min: -40, max: 40 })], many)(
    "scales with its numbers, to the bit for powers of two",
    (values, k) => {
      const [one, other] = [tInterval(values), tInterval(values.map((x) => x * 2 ** k))];
      expect([other.low, other.high]).toEqual([one.low * 2 ** k, one.high * 2 ** k]);
    },
  );

  test("of tiny and of huge numbers has the width it should have", () => {
    for (const unit of [1e-250, 1e250]) {
      const { std } = tInterval([unit, 3 * unit]);
      expectNear(std / unit, Math.SQRT2, share);
    }
  });
});

describe("the sign-flip test", () => {
  /** All sums over all signs, in whole tenths: nothing is rounded. */
  const brute = (values: readonly number[], isFar: (sum: number, own: number) => boolean) => {
    const tenths = values.map((x) => Math.round(10 * x));
    const own = tenths.reduce((a, b) => a + b, 0);
    const sums = tenths.reduce((all, x) => all.flatMap((s) => [s + x, s - x]), [0]);
    return sums.filter((sum) => isFar(sum, own)).length / sums.length;
  };

  test.prop([samples], many)(
    "is the share of signs with as large a sum, ties told as ties",
    (values) => {
      const p = (alternative: Alternative) => signFlipTest(values, { alternative }).p;
      expect(p("greater")).toBe(brute(values, (sum, own) => sum >= own));
      expect(p("less")).toBe(brute(values, (sum, own) => sum <= own));
      expect(p("two-sided")).toBe(brute(values, (sum, own) => Math.abs(sum) >= Math.abs(own)));
    },
  );

  test.prop([orders], many)("does not care for the order of the seeds", ([a, b]) => {
    expect(signFlipTest(b)).toEqual(signFlipTest(a));
  });

  test("reaches its least p, and not less, where all signs are one", () => {
    for (const n of [2, 5, 16]) {
      const { p, least } = signFlipTest(Array.from({ length: n }, (_, i) => 1 + i / 8));
      expect([p, least]).toEqual([2 / 2 ** n, 2 / 2 ** n]);
    }
    const many = signFlipTest(new Array(40).fill(1));
    expect(many).toEqual({ p: 1e-4, least: 1e-4, by: "sum", method: "sampled", n: 40 });
  });

  test("by sampled flips comes near the exact one, and is the same for the same seed", () => {
    const values = Array.from({ length: 16 }, (_, i) => ((7 * i) % 16) / 8 - 0.8);
    const exact = signFlipTest([...values]).p;
    const sampled = signFlipTest([...values, 0], { seed: 3 }); // a zero changes no sum
    // Hoeffding: a mean of 9999 draws is off by 0.03 with probability 2·exp(-2·9999·0.03²) = 3e-8.
    expectNear(sampled.p, exact, 0.03);
    expect([exact > 0.05, sampled.method]).toEqual([true, "sampled"]);
    expect(signFlipTest([...values, 0], { seed: 3 }).p).toBe(sampled.p);
    for (const alternative of ["greater", "less"] as const) {
      const one = signFlipTest(values, { alternative }).p;
      expectNear(signFlipTest([...values, 0], { alternative }).p, one, 0.03);
    }
  });

  test("orders a run that diverged: beyond all others, however far they are", () => {
    const ranks = [-3, 1, 2, 4];
    const diverged = signFlipTest([-0.3, 0.1, 0.2, Infinity]);
    expect(diverged).toMatchObject({ by: "ranks", p: signFlipTest(ranks).p });
    expect(signFlipTest([Infinity, Infinity, Infinity]).p).toBe(0.25);
    expect(signFlipTest([Infinity, -Infinity]).p).toBe(1);
  });
});

describe("trends", () => {
  const permutations = (row: readonly number[]): readonly (readonly number[])[] =>
    row.length === 0
      ? [[]]
      : row.flatMap((x, i) =>
          permutations(row.filter((_, j) => j !== i)).map((rest) => [x, ...rest]),
        );
  const scoreOf = (row: readonly number[]): number =>
    row.reduce(
      (total, x, j) => total + row.slice(0, j).reduce((sum, y) => sum + Math.sign(x - y), 0),
      0,
    );
  const rows = fc.array(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }), {
    minLength: 1,
    maxLength: 2,
  });

  test.prop([rows], { seed: 1, numRuns: 60 })(
    "with ties have the p of all orders within each row",
    (given) => {
      const all = given
        .map((row) => permutations(row).map(scoreOf))
        .reduce((a, b) => a.flatMap((x) => b.map((y) => x + y)));
      const own = given.map(scoreOf).reduce((a, b) => a + b, 0);
      const part = (isFar: (score: number) => boolean) => all.filter(isFar).length / all.length;
      const p = (alternative: Alternative) => trendTest(given, { alternative }).p;
      expectNear(
        p("greater"),
        part((score) => score >= own),
        share,
      );
      expectNear(
        p("less"),
        part((score) => score <= own),
        share,
      );
      expectNear(
        p("two-sided"),
        part((score) => Math.abs(score) >= Math.abs(own)),
        share,
      );
    },
  );

  test("three seeds of five levels that all rise are beyond doubt", () => {
    const { taus, meanTau, p } = trendTest([
      [1, 2, 3, 4, 5],
      [2, 3, 5, 7, Infinity],
      [0, 1, 8, 9, 10],
    ]);
    expect([taus, meanTau]).toEqual([[1, 1, 1], 1]);
    expectNear(p, 2 / 120 ** 3, 1e-15);
  });

  test("with all results tied there is none", () => {
    expect(trendTest([[2, 2, 2]])).toEqual({ taus: [0], meanTau: 0, p: 1 });
  });
});

describe("Holm's correction", () => {
  const family = fc.array(
    fc.integer({ min: 0, max: 100 }).map((k) => k / 100),
    { maxLength: 8 },
  );
  test.prop([family], many)("is the least p that no rejection in steps contradicts", (p) => {
    const adjusted = holm(p);
    // Rejecting in steps, straight from the definition: the smallest against level/m, the next against level/(m - 1), …
    for (const level of [0.011, 0.052, 0.33]) {
      const order = [...p.keys()].sort((i, j) => (p[i] ?? 0) - (p[j] ?? 0));
      const stop = order.findIndex((index, k) => (p[index] ?? 0) * (p.length - k) > level);
      const rejected = new Set(stop < 0 ? order : order.slice(0, stop));
      const low = p.map((_, i) => (adjusted[i] ?? 1) <= level);
      expect(low).toEqual(p.map((_, i) => rejected.has(i)));
    }
  });
});

describe("a paired comparison", () => {
  const lower = { better: "lower" } as const;
  test("gives interval, test and effect of a - b, and who wins how often", () => {
    const a = [0.3, 0.2, 0.6, 0.5];
    const b = [0.4, 0.5, 0.5, 0.5];
    const differences = a.map((x, i) => x - (b[i] ?? 0));
    expect(comparePaired(a, b, lower)).toEqual({
      n: 4,
      better: "lower",
      differences,
      diverged: { a: 0, b: 0 },
      wins: { a: 2, b: 1, ties: 1 },
      interval: tInterval(differences),
      effect: effectSize(differences),
      test: signFlipTest(differences),
    });
    expect(comparePaired(a, b, { better: "higher" }).wins).toEqual({ a: 1, b: 2, ties: 1 });
  });

  test("counts a run that diverged as worse than any other, whichever way is better", () => {
    for (const [better, worst] of [
      ["lower", Infinity],
      ["higher", -Infinity],
    ] as const) {
      const found = comparePaired([1, 2, 3, "diverged"], ["diverged", 2, "diverged", "diverged"], {
        better,
      });
      expect(found.differences).toEqual([-worst, 0, -worst, 0]);
      expect(found).toMatchObject({
        diverged: { a: 1, b: 3 },
        wins: { a: 2, b: 0, ties: 2 },
        interval: null,
        effect: null,
        test: { by: "ranks", p: 0.5 },
      });
    }
    expect(comparePaired(["diverged", 1], ["diverged", 1], lower).interval).toBeNull();
  });

  test.prop([samples, samples], many)(
    "turned about, turns its signs and keeps its p",
    (one, two) => {
      const n = Math.min(one.length, two.length);
      const [a, b] = [one.slice(0, n), two.slice(0, n)];
      const [there, back] = [comparePaired(a, b, lower), comparePaired(b, a, lower)];
      expect(back.test).toEqual(there.test);
      expect(back.interval?.low).toBe(0 - (there.interval?.high ?? 0));
      expect([back.wins.a, back.wins.b]).toEqual([there.wins.b, there.wins.a]);
    },
  );
});

describe("the number of seeds", () => {
  test("is the least whose power is enough, and never too few for the sign-flip test", () => {
    for (const effect of [0.6, 1.3, 30]) {
      for (const sides of [1, 2] as const) {
        const options = { effect, sides, power: 0.9, level: 0.02 };
        const seeds = seedsNeeded(options);
        expect(pairedPower(seeds, options)).toBeGreaterThanOrEqual(0.9);
        const floor = sides === 1 ? 6 : 7; // 1/64 and 2/128 are the first p below 0.02
        if (seeds > floor) expect(pairedPower(seeds - 1, options)).toBeLessThan(0.9);
        else expect(seeds).toBe(floor);
      }
    }
  });
});

describe("what is refused", () => {
  const refusals: readonly (readonly [string, () => unknown, string])[] = [
    [
      "one seed",
      () => tInterval([1]),
      "tInterval: expected values to hold two numbers or more, got 1. Run more seeds",
    ],
    [
      "NaN",
      () => signFlipTest([1, Number.NaN]),
      "signFlipTest: expected differences[1] to be a number, got NaN. A run that diverged is a result",
    ],
    [
      "a mean of runs that diverged",
      () => tInterval([1, Infinity]),
      "tInterval: expected values[1] to be finite, and no larger than 1e300, got Infinity. Runs that diverged have no mean",
    ],
    [
      "an effect of them",
      () => effectSize([1, Infinity]),
      "effectSize: expected differences[1] to be finite",
    ],
    [
      "a confidence of 1",
      () => tInterval([1, 2], { confidence: 1 }),
      "tInterval: expected confidence to be in",
    ],
    [
      "an oracle that is none",
      () => oracleScore([1, 2], Number.NaN),
      "oracleScore: expected oracle to be a finite number, got NaN",
    ],
    [
      "arms of different lengths",
      () => comparePaired([1, 2], [1], { better: "lower" }),
      "comparePaired: expected b to hold 2 scores, one for each of a, got 1. Run both arms with the same seeds",
    ],
    [
      "a score of NaN",
      () => comparePaired([1, Number.NaN], [1, 2], { better: "lower" }),
      'comparePaired: expected a[1] to be a finite number or "diverged", got NaN',
    ],
    ["a p above 1", () => holm([0.1, 1.2]), "holm: expected pValues[1] to be in [0, 1], got 1.2"],
    [
      "half a draw",
      () => signFlipTest([1, 2], { draws: 0.5 }),
      "signFlipTest: expected draws to be an integer ≥ 1, got 0.5",
    ],
    [
      "rows of different lengths",
      () => trendTest([[1, 2], [1]]),
      "trendTest: expected rows[1] to hold 2 results, as the first row, got 1",
    ],
    [
      "no rows",
      () => trendTest([]),
      "trendTest: expected rows to hold two levels or more in a row, got no row",
    ],
    [
      "a row with NaN",
      () => trendTest([[1, Number.NaN]]),
      "trendTest: expected rows[0][1] to be a number, got NaN",
    ],
    [
      "no effect",
      () => seedsNeeded({ effect: 0 }),
      "seedsNeeded: expected effect not to be 0, got 0",
    ],
    [
      "an effect that nobody can see",
      () => seedsNeeded({ effect: 1e-9 }),
      "seedsNeeded: expected effect to show with 1000000 seeds",
    ],
    [
      "one seed to find an effect with",
      () => pairedPower(1, { effect: 1 }),
      "pairedPower: expected seeds to be an integer ≥ 2, got 1",
    ],
    [
      "half a degree of freedom",
      () => centralShare(1, 0.5),
      "centralShare: expected degrees to be an integer ≥ 1, got 0.5",
    ],
  ];
  test.each(refusals)("%s", (_, run, message) => {
    expect(messageOf(run, ValueError)).toContain(message);
  });
});
