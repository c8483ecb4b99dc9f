/** Schedules beside PyTorch's schedulers, from values that spec/golden/make-schedules.py wrote. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as schedules from "../schedules/index.ts";
import {
  cosine,
  exponential,
  multiStep,
  type PlateauOptions,
  product,
  ReduceOnPlateau,
  type Schedule,
  warmup,
} from "../schedules/index.ts";

/** PyTorch's rate at the iterations 0, 1, 2, … */
interface Case {
  readonly schedule: string;
  readonly options: never;
  readonly rates: readonly number[];
}

/** PyTorch's rate after each metric. */
interface PlateauCase {
  readonly options: PlateauOptions;
  readonly metrics: readonly number[];
  readonly rates: readonly number[];
}

const golden: {
  readonly torch: string;
  readonly schedules: readonly Case[];
  readonly plateaus: readonly PlateauCase[];
  readonly differences: {
    readonly cosineBeyondTheEnd: readonly number[];
    readonly plateauOfNegativeMetrics: PlateauCase;
  };
} = JSON.parse(readFileSync(new URL("golden/schedules.json", import.meta.url), "utf8"));

/** Those made of several schedules, by the name of their case. */
const combined: Readonly<Record<string, (options: never) => Schedule>> = {
  constant: ({ base }: { readonly base: number }) => schedules.constant(base),
  warmupCosine: (options: {
    readonly base: number;
    readonly steps: number;
    readonly start: number;
    readonly totalSteps: number;
  }) => warmup(cosine(options), options),
  exponentialTimesSteps: (options: {
    readonly base: number;
    readonly factor: number;
    readonly milestones: readonly number[];
  }) =>
    product(
      exponential(options),
      multiStep({ base: 1, milestones: options.milestones, factor: 0.5 }),
    ),
};

/** PyTorch multiplies rates step by step: an ulp or two a step, of 100 at most, and 1e-12 is 4,500 ulp. */
const tolerance = 1e-12;

function expectRates(got: readonly number[], want: readonly number[]): void {
  const largest = Math.max(...want);
  const wrong = got.filter(
    (rate, t) => !(Math.abs(rate - (want[t] ?? Number.NaN)) <= tolerance * largest),
  );
  expect(wrong).toEqual([]);
  expect(got.length).toBeGreaterThan(20);
}

describe("PyTorch's schedulers", () => {
  test.each(golden.schedules)(
    "lr-schedules: $schedule of $options has their rates",
    ({ schedule, options, rates }) => {
      const makers: Readonly<Record<string, unknown>> = { ...schedules, ...combined };
      const make = makers[schedule];
      if (typeof make !== "function") throw new Error(`there is no schedule ${schedule}`);
      const value: Schedule = make(options);
      expectRates(
        rates.map((_, t) => value(t)),
        rates,
      );
    },
  );

  test.each(golden.plateaus)(
    "lr-schedules: ReduceOnPlateau of $options has their rates",
    ({ options, metrics, rates }) => {
      const plateau = new ReduceOnPlateau(options);
      expectRates(
        metrics.map((metric) => plateau.report(metric)),
        rates,
      );
      expect(new Set(rates).size).toBeGreaterThan(1);
    },
  );

  test("are 18 schedules, each kind of them at least once, of PyTorch 2.13", () => {
    expect(golden.torch).toMatch(/^2\.13/);
    expect(golden.schedules).toHaveLength(18);
    expect(golden.plateaus).toHaveLength(7);
  });

  test("go up again where a cosine here stays at its end", () => {
    const theirs = golden.differences.cosineBeyondTheEnd;
    const ours = cosine({ base: 0.3, totalSteps: 20 });
    expectRates([...theirs.keys()].map(ours).slice(0, 21), theirs.slice(0, 21));
    expect([ours(40), (theirs[40] ?? 0) / 0.3]).toEqual([0, expect.closeTo(1, 12)]);
  });

  test("take a relative threshold of a negative metric to the other side: -1.6 is better than -2 there", () => {
    const { options, metrics, rates } = golden.differences.plateauOfNegativeMetrics;
    const plateau = new ReduceOnPlateau(options);
    expect(metrics).toEqual([-2, -1.6, -1.6]);
    expect(rates).toEqual([0.3, 0.3, 0.3]); // -1.6 < -2·0.75, and again -1.6 < -1.6·0.75
    expect(metrics.map((metric) => plateau.report(metric))).toEqual([0.3, 0.15, 0.075]);
  });
});
