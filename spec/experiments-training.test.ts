/** Experiments on rates, depth and normalization: that each runs, and that its verdict can come out either way. */
import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { RandomSource } from "../core/index.ts";
import { normals } from "../core/random/index.ts";
import type { Experiment, Run, Value, Values, Verdict } from "../research/engine/index.ts";
import bnOrder from "../research/experiments/bn-order.ts";
import bnShift from "../research/experiments/bn-shift.ts";
import bnSmallBatch from "../research/experiments/bn-small-batch.ts";
import bnSpeed from "../research/experiments/bn-speed.ts";
import bnTest from "../research/experiments/bn-test.ts";
import fitSkip from "../research/experiments/fit-skip.ts";
import lrScaling from "../research/experiments/lr-scaling.ts";
import lrSchedules from "../research/experiments/lr-schedules.ts";
import lrWarmup from "../research/experiments/lr-warmup.ts";
import { updatesTo } from "../research/experiments/parts/training.ts";
import sgdr from "../research/experiments/sgdr.ts";
import { dealt, falseShares, nullProfiles } from "./experiments/null-runs.ts";
import { tinyRuns } from "./experiments/tiny-runs.ts";

const seed = 20260805;

/** Small values for the keys of an experiment. */
type Small = Readonly<Record<string, readonly Value[]>>;

/** The result of a run whose scores are `at(0)`, `at(1)`, …: mean 0.2, standard deviation 0.005. */
type Made = (at: (index: number) => number) => Values;

/** By how much the score `index` of an arm is higher, in units that a test chooses. */
type Effect = (config: Values, index: number) => number;

interface Case {
  readonly experiment: Experiment;
  readonly small: Small;
  /** Of them, one arm whose runs stand for all. */
  readonly arm: Small;
  readonly made: Made;
  /** 1 for arms that are worse, in the unit of the scores, where the claim holds; else 0. */
  readonly effect: Effect;
  /** Which arms are worse where the opposite of the claim holds; default: the same arms are better. */
  readonly contrary?: Effect;
  /** Effects that are half of what the claim says. */
  readonly halves?: readonly Effect[];
}

const seedsOfPool = Array.from({ length: 12 }, (_, of) => of);
const tiny = { train: [64], test: [32] };
const error: Made = (at) => ({ error: at(0), trainError: at(0) });
const isOne = (value: Value | undefined, of: readonly Value[]): boolean =>
  value !== undefined && of.includes(value);

const cases: readonly Case[] = [
  {
    experiment: lrSchedules,
    small: {
      ...tiny,
      steps: [10],
      batch: [16],
      schedule: [
        "constant",
        "low",
        "step",
        "cosine",
        "linear",
        "one-cycle",
        "inverse-root",
        "exponential",
      ],
      width: [4],
    },
    arm: { schedule: ["cosine"] },
    made: error,
    effect: ({ schedule }) => (isOne(schedule, ["constant", "low"]) ? 1 : 0),
  },
  {
    experiment: sgdr,
    small: { ...tiny, cycle: [1], batch: [16], width: [4] },
    arm: { schedule: ["step"] },
    made: (at) => ({ errors: [at(0), at(1), at(2)] }),
    effect: ({ schedule }) => (schedule === "restarts" ? 0 : 1),
    halves: ["step", "cosine"].map(
      (name): Effect =>
        ({ schedule }) =>
          schedule === name ? 1 : 0,
    ),
  },
  {
    experiment: lrWarmup,
    small: { ...tiny, small: [8], large: [16], epochs: [2], width: [4] },
    arm: { warmup: ["none"] },
    made: (at) => ({ error: at(0), loss: at(1) }),
    effect: ({ warmup }) => (warmup === "none" ? 1 : 0),
    halves: [0, 1].map(
      (only): Effect =>
        ({ warmup }, index) =>
          warmup === "none" && index === only ? 1 : 0,
    ),
  },
  {
    experiment: lrScaling,
    small: { ...tiny, epochs: [1], batch: [32, 64], width: [4] },
    arm: { batch: [32] },
    made: error,
    effect: ({ rule, batch }) => (rule === "linear" || batch === 32 ? 0 : 1),
    contrary: ({ rule, batch }) => (rule === "linear" && batch !== 32 ? -1 : 0),
    halves: ["kept", "sqrt"].map(
      (name): Effect =>
        ({ rule, batch }) =>
          rule === name && batch !== 32 ? 1 : 0,
    ),
  },
  {
    experiment: fitSkip,
    small: { ...tiny, depth: [8], width: [1], steps: [4], batch: [16] },
    arm: { kind: ["plain"] },
    made: error,
    effect: ({ kind, depth }) => (kind === "plain" && depth === 32 ? 1 : 0),
    halves: [({ kind }) => (kind === "plain" ? 1 : 0), ({ depth }) => (depth === 32 ? 1 : 0)],
  },
  {
    experiment: bnShift,
    small: { ...tiny, steps: [4], every: [2], batch: [16], width: [8], units: [3] },
    arm: { norm: ["none"] },
    made: (at) => ({ drift: at(0) }),
    effect: ({ norm }) => (norm === "none" ? 1 : 0),
  },
  {
    experiment: bnSpeed,
    small: {
      ...tiny,
      steps: [3],
      batch: [16],
      width: [8],
      depth: [2],
      rate: [0.1],
      scale: [0.3, 1],
    },
    arm: { norm: ["none"], scale: [1] },
    made: (at) => ({
      updates: 100 * at(0),
      reached: at(1) < 0.2,
      gap: 0,
      fade: at(2),
      gradients: [1],
    }),
    effect: ({ norm }) => (norm === "none" ? 1 : 0),
    halves: [0, 1, 2].map(
      (but): Effect =>
        ({ norm }, index) =>
          norm === "none" && index !== but ? 1 : 0,
    ),
  },
  {
    experiment: bnSmallBatch,
    small: { ...tiny, batch: [32, 2], train: [32], width: [4] },
    arm: { norm: ["group"], batch: [2] },
    made: error,
    effect: ({ norm, batch }) => (norm === "batch" && batch === 2 ? 1 : 0),
    halves: ["group", "layer"].map(
      (other): Effect =>
        ({ norm, batch }) =>
          isOne(norm, ["batch", other]) && batch === 2 ? 1 : 0,
    ),
  },
  {
    experiment: bnOrder,
    small: { ...tiny, steps: [3], batch: [16], width: [8] },
    arm: { order: ["none"], rate: [0.1] },
    made: error,
    effect: ({ order }) => (order === "after" ? 1 : 0),
  },
];

/** Scores of mean 0.2 with the noise of `stream`. */
function scores(stream: ReturnType<RandomSource["stream"]>): (at: number) => number {
  const noise = normals(stream, 8);
  return (at) => 0.2 + 0.005 * (noise[at] ?? 0);
}

function verdictOf(experiment: Experiment, runs: readonly Run[], seeds: number): Verdict {
  const [claim = ""] = experiment.claims;
  const verdict = experiment.verdict(runs, { profile: seeds < 8 ? "quick" : "full", seeds })[claim];
  if (verdict === undefined) throw new RangeError("no verdict");
  return verdict;
}

describe.each(cases.map((one) => [one.experiment.id, one] as const))("%s", (_, one) => {
  const { experiment, small, arm, made, effect, contrary = effect, halves = [] } = one;
  /** Runs of all arms: those of which the claim says that they are worse have `size` more, or less where it is negative. */
  const shifted = (size: number, seeds: number, worseIn = effect): readonly Run[] =>
    dealt(experiment, seeds, (config, run) => {
      const stream = new RandomSource(run).stream(`${experiment.id}/${JSON.stringify(config)}`);
      const at = scores(stream);
      return made((index) => at(index) + size * worseIn(config, index));
    });

  test("runs from data to figures, every number of its results finite", () => {
    const runs = tinyRuns(experiment, small, [0, 1]);
    const results = runs.map(({ result }) => JSON.stringify(result));
    expect(results.filter((text) => /null|NaN|Infinity/.test(text))).toEqual([]);
    const figures = experiment.figures(runs);
    expect(figures.length).toBeGreaterThan(0);
    expect(JSON.stringify(figures)).not.toMatch(/"points":\[\]/);
  });

  test.each([3, 12])("is reproduced where the effect is there, with %i seeds", (seeds) => {
    expect(verdictOf(experiment, shifted(0.5, seeds), seeds).verdict).toBe("reproduced");
  });

  test.each([3, 12])("is not reproduced where the opposite is, with %i seeds", (seeds) => {
    expect(verdictOf(experiment, shifted(-0.15, seeds, contrary), seeds).verdict).toBe(
      "not reproduced",
    );
  });

  test.runIf(halves.length > 0)("is not reproduced by half of what it says", () => {
    const verdicts = halves.map(
      (half) => verdictOf(experiment, shifted(0.5, 12, half), 12).verdict,
    );
    expect(verdicts).not.toContain("reproduced");
  });

  test.each(nullProfiles)(
    "%s profile: calls one in twenty null comparisons reproduced at most, of runs of one arm",
    (profile) => {
      const real = tinyRuns(experiment, { ...small, ...arm }, seedsOfPool);
      expect(new Set(real.map(({ result }) => JSON.stringify(result))).size).toBeGreaterThan(3);
      const shares = Object.values(falseShares(experiment, real, profile));
      expect(Math.max(...shares)).toBeLessThanOrEqual(0.05);
    },
  );
});

describe("bn-test", () => {
  const small = { steps: [40], every: [20], batch: [16], train: [128], test: [32], width: [4] };
  const errors = { exactError: 0.1, movingError: 0.1, evaluated: 0.1, trained: 0.1 };
  const off = (distance: number, spread: number): readonly Run[] =>
    dealt(bnTest, 6, (_config, run) => {
      const at = distance + spread * (run % 2 === 0 ? 1 : -1);
      return { ...errors, movingError: 0.1 + at, off: at };
    });

  test("measures statistics and errors that are finite", () => {
    const runs = tinyRuns(bnTest, { ...small, rho: [0.9] }, [0]);
    const text = JSON.stringify([runs.map(({ result }) => result), bnTest.figures(runs)]);
    expect(text).not.toMatch(/null|NaN|"points":\[\]/);
  });

  test("is reproduced where moving and exact statistics err alike, not where they differ by two hundredths", () => {
    expect(verdictOf(bnTest, off(0.003, 0.001), 6).verdict).toBe("reproduced");
    expect(verdictOf(bnTest, off(0.02, 0.001), 6).verdict).toBe("not reproduced");
    expect(verdictOf(bnTest, off(0.01, 0.005), 6).verdict).toBe("inconclusive");
  });

  test.each([3, 12])(
    "is reproduced in 10 of 200 draws at most where the errors differ by the margin, with %i seeds",
    (seeds) => {
      const stream = new RandomSource(seed).stream(`margin/${seeds}`);
      const verdicts = Array.from({ length: 200 }, () => {
        const runs = dealt(bnTest, seeds, () => {
          const [noise = 0] = normals(stream, 1);
          return { ...errors, off: 0.01 + 0.003 * noise };
        });
        return verdictOf(bnTest, runs, seeds).verdict;
      });
      const reproduced = verdicts.filter((verdict) => verdict === "reproduced").length;
      expect(reproduced).toBeLessThanOrEqual(10);
    },
  );

  test("is not reproduced by averages that hardly move", () => {
    const runs = tinyRuns(bnTest, { ...small, rho: [0.9999] }, [0, 1, 2, 3]);
    const asUsual = [0, 0.9, 0.99].flatMap((rho) =>
      runs.map((run) => ({ ...run, config: { ...run.config, rho } })),
    );
    expect(verdictOf(bnTest, asUsual, 4).verdict).not.toBe("reproduced");
  });
});

describe("updates to a target", () => {
  test("are those of a loss that falls on a line: the average lags by nine tenths' sum", () => {
    // Losses 1, 1, 1, 0, 0, …: the average after the k-th zero is 0.9^k.
    const losses = [1, 1, 1, 0, 0, 0, 0];
    expect(updatesTo(losses, 0.9, 7)).toBeCloseTo(4, 12);
    expect(updatesTo(losses, 0.81, 7)).toBeCloseTo(5, 12);
    expect(updatesTo(losses, 0.95, 7)).toBeCloseTo(3.5, 12);
  });

  test("are one more than all where it is never reached, also for a loss that is NaN", () => {
    expect(updatesTo([1, 1, 1], 0.5, 3)).toBe(4);
    expect(updatesTo([1, Number.NaN, 0, 0, 0], 0.5, 5)).toBe(6);
  });
});
