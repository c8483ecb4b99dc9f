/** Experiments on data, noise, epochs and fit: they run, their verdicts follow the runs, and chance alone rarely pleases them. */
import { describe, expect, test } from "vitest";
import {
  type ChannelStatistics,
  channelStatistics,
  shapes,
  takeFirst,
} from "../core/data/index.ts";
import { RandomSource } from "../core/index.ts";
import { normals } from "../core/random/index.ts";
import {
  type Experiment,
  imageLoaders,
  type Run,
  type Value,
  type Values,
} from "../research/engine/index.ts";
import dataCentering from "../research/experiments/data-centering.ts";
import dataInformation from "../research/experiments/data-information.ts";
import dataPerChannel from "../research/experiments/data-per-channel.ts";
import dataSensitivity from "../research/experiments/data-sensitivity.ts";
import fitDeeperWider from "../research/experiments/fit-deeper-wider.ts";
import fitRegimes from "../research/experiments/fit-regimes.ts";
import loopSgd from "../research/experiments/loop-sgd.ts";
import lrEpochs from "../research/experiments/lr-epochs.ts";
import optNoise from "../research/experiments/opt-noise.ts";
import { dealt, falseShares, nullProfiles } from "./experiments/null-runs.ts";
import { tinyRuns } from "./experiments/tiny-runs.ts";

type Overrides = Readonly<Record<string, readonly Value[]>>;
type ResultOf = (config: Values, seed: number) => Values;

/** What differs from seed to seed: no two alike, and the same for all arms. */
const jitter = (seed: number): number => ((seed * 7) % 5) / 10;

interface Case {
  readonly experiment: Experiment;
  /** Small values for keys, for runs that take no time. */
  readonly small: Overrides;
  /** Of them, one arm whose runs stand for all. */
  readonly arm: Overrides;
  /** Results as the claim has them. */
  readonly asClaimed: ResultOf;
  /** What such results look like where nothing is to the claim, or something else is broken; by what is wrong. */
  readonly otherwise: Readonly<Record<string, ResultOf>>;
}

const cases: readonly Case[] = [
  {
    experiment: loopSgd,
    small: { train: [64], test: [20], glance: [10], batch: [16], epochs: [1] },
    arm: { net: ["cnn"] },
    asClaimed: ({ net }, seed) => ({ error: (net === "cnn" ? 3 : 10) + jitter(seed) }),
    otherwise: {
      "no net is trained": (_, seed) => ({ error: 90 + jitter(seed) }),
      "the CNN stays at chance": ({ net }, seed) => ({
        error: (net === "cnn" ? 90 : 10) + jitter(seed),
      }),
    },
  },
  {
    experiment: dataCentering,
    small: { train: [20], test: [20], hidden: [4], steps: [4], target: [2.5] },
    arm: { inputs: ["centred"], rate: [0.1] },
    asClaimed: centring({ positive: [20, 10, 0], centred: [10, 5, 0], negative: [90, 50, 80] }),
    otherwise: {
      "positive inputs are as fast": centring({
        positive: [10, 10, 0],
        centred: [10, 5, 0],
        negative: [90, 50, 80],
      }),
      "positive inputs go as straight": centring({
        positive: [20, 5, 0],
        centred: [10, 5.5, 0],
        negative: [90, 50, 80],
      }),
      "negative inputs kill nothing": centring({
        positive: [20, 10, 0],
        centred: [10, 5, 0],
        negative: [90, 50, 0],
      }),
    },
  },
  {
    experiment: dataSensitivity,
    small: { train: [32], test: [20], hidden: [4], epochs: [1], draws: [2], noises: [[0.01, 0.1]] },
    arm: { inputs: ["unit"] },
    asClaimed: ({ inputs, noises }, seed) =>
      rises(noises, (inputs === "bytes" ? 1 : 0.1) * (1 + jitter(seed))),
    otherwise: {
      "normalised inputs are the more sensitive": ({ inputs, noises }, seed) =>
        rises(noises, (inputs === "bytes" ? 0.1 : 1) * (1 + jitter(seed))),
    },
  },
  {
    experiment: dataInformation,
    small: { train: [40], test: [20], size: [8], hidden: [4], steps: [3] },
    arm: { place: ["scale"], normalised: [false] },
    asClaimed: ({ place, normalised }, seed) => ({
      accuracy: (place === "scale" && normalised === true ? 25 : 95) + jitter(seed),
    }),
    otherwise: {
      "nothing is lost": (_, seed) => ({ accuracy: 95 + jitter(seed) }),
      "what is lost is in the pattern": ({ place, normalised }, seed) => ({
        accuracy: (place === "pattern" && normalised === true ? 25 : 95) + jitter(seed),
      }),
    },
  },
  {
    experiment: dataPerChannel,
    small: { train: [32], test: [12], size: [8], width: [2], steps: [3] },
    arm: { depth: [2], prepared: ["mean"], rate: [0.02] },
    asClaimed: channels(({ deep, none }) => (none ? (deep ? 1.5 : 0.7) : 0.5)),
    otherwise: {
      "depth changes nothing": channels(({ none }) => (none ? 0.7 : 0.5)),
      "the shallow net gains more": channels(({ deep, none }) => (none && !deep ? 1.5 : 0.5)),
    },
  },
  {
    experiment: optNoise,
    small: { images: [16], sizes: [[2, 4, 8]], batches: [8], hidden: [3], after: [0, 2] },
    arm: { after: [0] },
    asClaimed: ({ sizes }, seed) => noisy(sizes, () => 0.95 + jitter(seed) / 5),
    otherwise: {
      "an example may come twice": ({ sizes }, seed) =>
        noisy(sizes, (size) => (0.95 + jitter(seed) / 5) / (1 - size / 256)),
      "the variance falls as 1/√B": ({ sizes }, seed) =>
        noisy(sizes, (size) => (0.95 + jitter(seed) / 5) * Math.sqrt(size)),
      "one example tells the gradient": ({ sizes }) => ({ ...noisy(sizes, () => 1), noise: 0.5 }),
    },
  },
  {
    experiment: lrEpochs,
    small: { train: [64], test: [20], hidden: [4] },
    arm: { parts: [1], batch: [16] },
    asClaimed: ({ parts }, seed) => ({ error: 8 + Number(parts) + jitter(seed) }),
    otherwise: {
      "more data are no better": (_, seed) => ({ error: 8 + jitter(seed) }),
    },
  },
  {
    experiment: fitRegimes,
    small: { train: [32], test: [20], epochs: [1] },
    arm: { hidden: [8], rate: [0.05] },
    asClaimed: regimes({ small: [70, 72], slow: [40, 45], large: [0, 30] }),
    otherwise: {
      "the small net fits too": regimes({ small: [0, 0], slow: [40, 45], large: [0, 30] }),
      "the slow net fits too": regimes({ small: [70, 72], slow: [0, 30], large: [0, 30] }),
      "the large net has no gap": regimes({ small: [70, 72], slow: [40, 45], large: [0, 2] }),
    },
  },
  {
    experiment: fitDeeperWider,
    small: { train: [64], test: [50], steps: [4] },
    arm: { parameters: [300], depth: [1], rate: [0.01] },
    asClaimed: ({ depth }, seed) => ({ ...sized, error: (depth === 3 ? 2 : 3) + jitter(seed) }),
    otherwise: {
      "wider is better": ({ depth }, seed) => ({
        ...sized,
        error: (depth === 3 ? 3 : 2) + jitter(seed),
      }),
    },
  },
];

const sized = { width: 4, parameters: 7000 };

function centring(of: Readonly<Record<string, readonly [number, number, number]>>): ResultOf {
  return ({ inputs }, seed) => {
    const [steps = 0, way = 0, dead = 0] = of[String(inputs)] ?? [];
    return { steps: steps + (seed % 2), way: way + jitter(seed), dead: dead + jitter(seed) };
  };
}

function rises(noises: Value | undefined, size: number): Values {
  const changes = Array.isArray(noises) ? noises.map((noise) => Number(noise) * size) : [];
  return { before: 0.2, changes };
}

function channels(
  loss: (arm: { readonly deep: boolean; readonly none: boolean }) => number,
): ResultOf {
  return ({ depth, prepared }, seed) => ({
    loss: loss({ deep: depth === 6, none: prepared === "none" }) * (1 + jitter(seed) / 10),
    error: 10,
  });
}

function noisy(sizes: Value | undefined, ratio: (size: number) => number): Values {
  const ratios = Array.isArray(sizes) ? sizes.map((size) => ratio(Number(size))) : [];
  return { ratios, scale: 100, noise: 4 };
}

function regimes(
  of: Readonly<Record<"small" | "slow" | "large", readonly [train: number, validation: number]>>,
): ResultOf {
  return ({ hidden, rate }, seed) => {
    const [train, validation] = of[hidden !== 128 ? "small" : rate === 0.05 ? "large" : "slow"];
    return { train, validation: validation + jitter(seed) };
  };
}

describe.each(cases)("$experiment.id", ({ experiment, small, arm, asClaimed, otherwise }) => {
  const verdictsOf = (runs: readonly Run[], seeds: number): readonly string[] =>
    Object.values(experiment.verdict(runs, { profile: "full", seeds })).map(
      ({ verdict }) => verdict,
    );

  test("a small study gives figures with points and a verdict for each claim", () => {
    const runs = tinyRuns(experiment, small, [0, 1]);
    const verdicts = experiment.verdict(runs, { profile: "custom", seeds: 2 });
    const figures = experiment.figures(runs);
    expect(Object.keys(verdicts)).toEqual(experiment.claims);
    expect(figures.length).toBeGreaterThan(0);
    for (const figure of figures) {
      const marks =
        figure.kind === "lines"
          ? figure.series.map(({ points }) => points.length)
          : figure.kind === "bars"
            ? [figure.bars.length]
            : figure.kind === "table"
              ? [figure.rows.length]
              : [];
      expect(marks, figure.title).not.toEqual([]);
      expect(Math.min(...marks), figure.title).toBeGreaterThan(0);
    }
  });

  test("results as claimed are reproduced, with eight seeds and with four", () => {
    for (const seeds of [4, 8]) {
      expect(verdictsOf(dealt(experiment, seeds, asClaimed), seeds)).toEqual(["reproduced"]);
    }
  });

  test.each(Object.keys(otherwise))("not reproduced where %s", (wrong) => {
    const resultOf = otherwise[wrong] ?? asClaimed;
    expect(verdictsOf(dealt(experiment, 8, resultOf), 8)).toEqual(["not reproduced"]);
  });

  // Of the noise no two arms are compared: its null stands below.
  if (experiment === optNoise) return;
  test("runs of one arm given out as all arms are reproduced once in twenty of 200 draws at most", () => {
    const seeds = [0, 1, 2, 3, 4, 5, 6, 7];
    const pool = tinyRuns(experiment, { ...small, ...arm }, seeds);
    expect(new Set(pool.map(({ result }) => JSON.stringify(result))).size).toBeGreaterThan(4);
    for (const profile of nullProfiles) {
      const shares = Object.values(falseShares(experiment, pool, profile));
      expect(Math.max(...shares)).toBeLessThanOrEqual(0.05);
    }
  });
});

test.each([4, 8])(
  "opt-noise: a variance that is off by a third is reproduced in 10 of 200 draws at most, with %i seeds",
  (seeds) => {
    const stream = new RandomSource(7).stream(`off/${seeds}`);
    let reproduced = 0;
    for (let draw = 0; draw < 200; draw++) {
      const runs = dealt(optNoise, seeds, ({ sizes }) => {
        const [noise = 0] = normals(stream, 1);
        return noisy(sizes, (size) => (size === 8 ? 4 / 3 + 0.05 * noise : 1 + 0.01 * noise));
      });
      const { verdict } = optNoise.verdict(runs, { profile: "full", seeds })["opt-noise"] ?? {};
      if (verdict === "reproduced") reproduced += 1;
    }
    expect(reproduced).toBeLessThanOrEqual(10);
  },
);

test("opt-noise: batches drawn with replacement are found out", () => {
  const overrides = { images: [32], sizes: [[2, 16]], batches: [64], hidden: [3], after: [0] };
  const verdictOf = (replacement: boolean): string | undefined => {
    const runs = tinyRuns(optNoise, { ...overrides, replacement: [replacement] }, [0, 1, 2, 3]);
    return optNoise.verdict(runs, { profile: "custom", seeds: 4 })["opt-noise"]?.verdict;
  };
  expect([verdictOf(false), verdictOf(true)]).toEqual(["reproduced", "not reproduced"]);
});

test("imageLoaders: statistics of one's own are given the training part's, and used for both halves", () => {
  const set = shapes({ count: 30, size: 8, channels: 3, seed: 4 });
  const sets = { train: takeFirst(set, 20), test: set };
  const given: ChannelStatistics[] = [];
  const { train, test: rest } = imageLoaders(sets, {
    ...{ train: 20, test: 30, batch: 20, seed: 0 },
    statistics: (measured) => {
      given.push(measured);
      return { mean: [0.5, 0, 0], std: [1, 2, 1] };
    },
  });
  expect(given).toEqual([channelStatistics(sets.train)]);
  for (const { dataset } of [train, rest]) {
    const [red = 0, green = 0] = [set.images[0], set.images[64]].map((byte = 0) => byte / 255);
    const elements = dataset.batch(Int32Array.of(0)).x.elements();
    expect([elements[0], elements[64]]).toEqual([Math.fround(red - 0.5), Math.fround(green / 2)]);
  }
});
