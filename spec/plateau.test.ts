/** Reduce on plateau: when the rate falls and when not, and a state that carries on bit for bit. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type State, ValueError } from "../core/index.ts";
import { type PlateauOptions, ReduceOnPlateau } from "../schedules/index.ts";
import { messageOf } from "./plain.ts";

const many = { seed: 1, numRuns: 200 };
const metrics = fc.array(
  fc.integer({ min: 0, max: 12 }).map((n) => n / 4),
  { minLength: 1, maxLength: 60 },
);
const options = fc.record({
  base: fc.constantFrom(1, 0.1),
  factor: fc.constantFrom(0.1, 0.5),
  patience: fc.nat(3),
  better: fc.constantFrom("lower" as const, "higher" as const),
  threshold: fc.constantFrom(0, 1e-4, 0.3),
  thresholdKind: fc.constantFrom("relative" as const, "absolute" as const),
  cooldown: fc.nat(3),
  minimum: fc.constantFrom(0, 0.02),
});

const rates = (plateau: ReduceOnPlateau, reports: readonly number[]): readonly number[] =>
  reports.map((metric) => plateau.report(metric));

describe("ReduceOnPlateau", () => {
  test.prop([options, metrics], many)(
    "never raises the rate, lowers it by its factor alone, and not below the minimum",
    (given, reports) => {
      const plateau = new ReduceOnPlateau(given);
      let before: number = given.base;
      for (const rate of rates(plateau, reports)) {
        if (rate !== before) expect(rate).toBe(Math.max(before * given.factor, given.minimum));
        expect(rate).toBeGreaterThanOrEqual(given.minimum);
        expect([plateau.schedule(0), plateau.schedule(1e6)]).toContain(plateau.rate);
        before = rate;
      }
    },
  );

  test.prop([options, fc.integer({ min: 1, max: 60 })], many)(
    "on a metric that stays it falls at report 1 + (patience + 1), then every patience + 1 + cooldown",
    (given, count) => {
      const { base, factor, patience, cooldown, minimum } = given;
      const plateau = new ReduceOnPlateau(given);
      rates(
        plateau,
        Array.from({ length: count }, () => 1),
      );
      const waited = count - 1 - (patience + 1);
      const falls = waited < 0 ? 0 : 1 + Math.floor(waited / (patience + 1 + cooldown));
      let rate: number = base;
      for (let i = 0; i < falls; i++) rate = Math.max(rate * factor, minimum);
      expect(plateau.rate).toBe(rate);
    },
  );

  test.prop([options, fc.integer({ min: 1, max: 60 })], many)(
    "on a metric that always gets better by more than the threshold it never falls",
    (given, count) => {
      const sign = given.better === "lower" ? -1 : 1;
      // Doubling beats any threshold drawn, relative or absolute.
      const reports = Array.from({ length: count }, (_, i) => sign * 2 ** i);
      expect(rates(new ReduceOnPlateau(given), reports)).toEqual(reports.map(() => given.base));
    },
  );

  test.prop([options, metrics], many)(
    "does with negated metrics and 'higher' what it does with metrics and 'lower'",
    (given, reports) => {
      const lower = new ReduceOnPlateau({ ...given, better: "lower" });
      const higher = new ReduceOnPlateau({ ...given, better: "higher" });
      expect(
        rates(
          higher,
          reports.map((metric) => -metric),
        ),
      ).toEqual(rates(lower, reports));
    },
  );

  test.prop([options, metrics, metrics], many)(
    "restored from a state that went through JSON it carries on as if it had never stopped",
    (given, before, after) => {
      const first = new ReduceOnPlateau(given);
      rates(first, before);
      const saved: State = JSON.parse(JSON.stringify(first.state()));
      const second = new ReduceOnPlateau(given);
      second.restore(saved);
      expect(second.state()).toEqual(first.state());
      expect(rates(second, after)).toEqual(rates(first, after));
    },
  );

  test("a threshold is a share of the best metric's size, or an amount", () => {
    const falls = (given: Partial<PlateauOptions>, second: number, first = 2): boolean => {
      const plateau = new ReduceOnPlateau({ base: 1, patience: 0, threshold: 0.25, ...given });
      return rates(plateau, [first, second])[1] !== 1;
    };
    expect([falls({}, 1.5), falls({}, 1.49)]).toEqual([true, false]);
    expect([
      falls({ thresholdKind: "absolute" }, 1.75),
      falls({ thresholdKind: "absolute" }, 1.74),
    ]).toEqual([true, false]);
    // Of a negative best PyTorch's best·(1 - threshold) lies on the wrong side: -2·0.75 = -1.5.
    expect([falls({}, -2.5, -2), falls({}, -2.51, -2), falls({}, -1.6, -2)]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("an infinite metric is worse than any other, and no better than another infinite one", () => {
    const plateau = new ReduceOnPlateau({ base: 1, factor: 0.5, patience: 1 });
    expect(rates(plateau, [Infinity, Infinity, 3, Infinity, Infinity])).toEqual([
      1, 0.5, 0.5, 0.5, 0.25,
    ]);
  });

  test("where higher is better, the lowest of all is no better than nothing", () => {
    const plateau = new ReduceOnPlateau({ base: 1, factor: 0.5, patience: 0, better: "higher" });
    expect(rates(plateau, [-Infinity, -7, -Infinity])).toEqual([0.5, 0.5, 0.25]);
  });

  test("refuses NaN, and keeps its state", () => {
    const plateau = new ReduceOnPlateau({ base: 1 });
    const before = plateau.state();
    expect(messageOf(() => plateau.report(Number.NaN), ValueError)).toBe(
      "ReduceOnPlateau.report: expected metric to be a number or an infinity, got NaN. End a run that has diverged, or turn on detectAnomalies to see where.",
    );
    expect(plateau.state()).toEqual(before);
  });

  test.each<[PlateauOptions, string]>([
    [{ base: 0 }, "base to be a finite number > 0, got 0. Give the rate to begin with."],
    [{ base: 1, factor: 1 }, "factor to be less than 1, got 1. Give a factor such as 0.1."],
    [{ base: 1, factor: 0 }, "factor to be a finite number > 0, got 0. Give a factor such as 0.1."],
    [{ base: 1, patience: -1 }, "patience to be an integer ≥ 0, got -1. Give a number of reports."],
    [
      { base: 1, cooldown: 0.5 },
      "cooldown to be an integer ≥ 0, got 0.5. Give a number of reports.",
    ],
    [
      { base: 1, threshold: -1 },
      "threshold to be in [0, Infinity], got -1. Give an amount such as 1e-4.",
    ],
    [
      { base: 1, threshold: Number.NaN },
      "threshold to be a finite number, got NaN. Give the value of the hyper-parameter.",
    ],
    [{ base: 1, minimum: 2 }, "minimum to be in [0, 1], got 2. Give a rate, or leave it out."],
  ])("refuses %o", (given, message) => {
    expect(messageOf(() => new ReduceOnPlateau(given), ValueError)).toBe(
      `ReduceOnPlateau: expected ${message}`,
    );
  });

  test.each<[State, string]>([
    [{ rate: 2, best: 1, bad: 0, cooling: 0 }, "state.rate to be in [0, 1], got 2."],
    [
      { rate: 1, best: Number.NaN, bad: 0, cooling: 0 },
      "state.best to be in [-Infinity, Infinity], got NaN.",
    ],
    [{ rate: 1, best: 1, bad: 11, cooling: 0 }, "state.bad to be in [0, 10], got 11."],
    [{ rate: 1, best: 1, bad: 0.5, cooling: 0 }, "state.bad to be an integer ≥ 0, got 0.5."],
    [{ rate: 1, best: 1, bad: 0, cooling: 1 }, "state.cooling to be in [0, 0], got 1."],
    [{ rate: "1", best: 1, bad: 0, cooling: 0 }, 'state to have a number as rate, got "1".'],
    [
      { rate: 1, best: 1, bad: 0 },
      "state to have exactly rate, best, bad, cooling, got none of cooling.",
    ],
  ])("refuses the state %o, and stays as it is", (state, message) => {
    const plateau = new ReduceOnPlateau({ base: 1 });
    rates(plateau, [3, 2, 4]);
    const before = plateau.state();
    expect(messageOf(() => plateau.restore(state), ValueError)).toContain(
      `ReduceOnPlateau.restore: expected ${message}`,
    );
    expect(plateau.state()).toEqual(before);
  });

  test("says what a state must be of that it refuses", () => {
    const plateau = new ReduceOnPlateau({ base: 1 });
    const state = { rate: 2, best: 1, bad: 0, cooling: 0 };
    expect(messageOf(() => plateau.restore(state), ValueError)).toContain(
      "Restore a state that an object with the same options gave.",
    );
  });
});
