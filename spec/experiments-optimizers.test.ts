/** Experiments on first weights, optimisers and rates: that they run, and that each verdict can come out negative. */
import { describe, expect, test } from "vitest";
import { RandomSource } from "../core/index.ts";
import type { Experiment, Run, Value, Values } from "../research/engine/index.ts";
import { experiments } from "../research/experiments/index.ts";
import { layerOracles, noteNets } from "../research/experiments/parts/six-layers-oracle.ts";
import { falseShares, nullProfiles, redrawn } from "./experiments/null-runs.ts";
import { tinyRuns } from "./experiments/tiny-runs.ts";

/** Values for keys. */
type Overrides = Readonly<Record<string, readonly Value[]>>;
/** So small that a run takes milliseconds. */
const small: Overrides = { steps: [6], train: [64], test: [64], width: [4], batch: [8] };
/** Those that chance decides, with the arm whose runs stand for all arms where there is no difference. */
const nullArms: Readonly<Record<string, Overrides>> = {
  "init-relu-depth": { ...small, steps: [30], depth: [6], init: ["kaiming"], rate: [0.1] },
  "init-small-nets": { ...small, steps: [30], depth: [2], init: ["xavier"] },
  "opt-adam": { ...small, optimizer: ["adam"], rate: [0.01], schedule: ["constant"] },
  "opt-bias-correction": {
    ...small,
    beta1: [0],
    beta2: [0.9999],
    rate: [0.01],
    biasCorrection: [false],
  },
  "adamw-decay": { ...small, mode: ["coupled"], rate: [0.01], decay: [0.01] },
  "lr-range": { ...small, optimizer: ["sgd"], rate: [0.1] },
};
const many = Array.from({ length: 16 }, (_, seed) => seed);

function experimentOf(id: string): Experiment {
  const found = experiments.find((experiment) => experiment.id === id);
  if (found === undefined) throw new Error(`no experiment ${id}`);
  return found;
}

/** Tiny runs of the experiment called so. */
function makeRuns(id: string, overrides: Overrides, seeds: readonly number[]): readonly Run[] {
  return tinyRuns(experimentOf(id), overrides, seeds);
}

function verdictOf(id: string, runs: readonly Run[]): string {
  const [verdict] = Object.values(experimentOf(id).verdict(runs, { profile: "quick", seeds: 1 }));
  return verdict?.verdict ?? "none";
}

/** That there is a verdict for each claim, and something to see in each figure. */
function expectWhole(experiment: Experiment, runs: readonly Run[], seeds: number): void {
  const verdicts = experiment.verdict(runs, { profile: "custom", seeds });
  expect(Object.keys(verdicts)).toEqual(experiment.claims);
  const figures = experiment.figures(runs);
  expect(figures.length).toBeGreaterThan(0);
  for (const figure of figures) {
    if (figure.kind !== "lines") continue;
    expect(figure.series.flatMap(({ points }) => points).length).toBeGreaterThan(0);
  }
}

test.each([
  ["init-six-layers", { width: [24], depth: [3], batch: [4] }, [0, 1]],
  ["opt-zigzag", { steps: [20] }, [0]],
  ["opt-saddle", { steps: [20] }, [0]],
  ["opt-critical-points", { inputs: [2, 4] }, [0]],
] as const)("%s runs with every arm, and gives verdicts and figures", (id, overrides, seeds) => {
  expectWhole(experimentOf(id), makeRuns(id, overrides, seeds), seeds.length);
});

describe.each(Object.keys(nullArms))("%s, with arms that do not differ,", (id) => {
  const pool = makeRuns(id, nullArms[id] ?? {}, many);

  test("has runs that differ by seed, verdicts and figures", () => {
    expect(new Set(pool.map(({ result }) => JSON.stringify(result))).size).toBe(many.length);
    const stream = new RandomSource(8).stream("figures");
    const experiment = experimentOf(id);
    const runs = redrawn(experiment, pool, { profile: "quick" }, stream);
    expectWhole(experiment, runs, experiment.profiles.quick.seeds);
  });

  test.each(nullProfiles)("%s profile: is reproduced in 10 of 200 studies at most", (profile) => {
    const shares = Object.values(falseShares(experimentOf(id), pool, profile));
    expect(Math.max(...shares)).toBeLessThanOrEqual(0.05);
  });
});

describe("init-six-layers", () => {
  const config = { width: 4096, depth: 6, batch: 16 };
  /** Runs whose stds are those of a net of infinite width, its first weights `scale` times as large, with a scatter of 1e-3. */
  const ideal = (scale: number): readonly Run[] =>
    Object.entries(noteNets).flatMap(([init, net]) => {
      const wrong = { ...net, variance: (fanIn: number) => scale * scale * net.variance(fanIn) };
      const layers = layerOracles(wrong, config, 3);
      return [0, 1, 2].map((seed): Run => {
        const scatter = 1 + (seed - 1) * 1e-3;
        const result = {
          stds: layers.map(({ std }) => std * scatter),
          saturated: layers.map(() => (init === "large" ? 0.51 : 0)),
          gradients: layers.map(({ gradient }) => gradient * scatter),
        };
        return {
          ...{ key: `${init}-${seed}`, seed, outcome: "finished", divergence: null, metrics: [] },
          ...{ fingerprint: "", result, config: { init, scale: 1, ...config } },
        };
      });
    });
  const right = ideal(1);
  const conclusions = (runs: readonly Run[]): readonly string[] =>
    Object.values(
      experimentOf("init-six-layers").verdict(runs, { profile: "quick", seeds: 3 }),
    ).map(({ verdict }) => verdict);

  test("is reproduced by the oracle itself, in all five nets", () => {
    expect(new Set(conclusions(right))).toEqual(new Set(["reproduced"]));
  });

  test.each([0.85, 1.15])(
    "is not reproduced in any net where first weights are drawn %f times as large as they should be",
    (scale) => {
      expect(new Set(conclusions(ideal(scale)))).toEqual(new Set(["not reproduced"]));
    },
  );

  test("is not reproduced in real nets where they are three times as large", () => {
    const runs = makeRuns("init-six-layers", { width: [64], scale: [3] }, [0, 1]).map((run) => ({
      ...run,
      config: { ...run.config, scale: 1 },
    }));
    expect(new Set(conclusions(runs))).toEqual(new Set(["not reproduced"]));
  });

  test("is not reproduced where gradients do not fade with std 0.01, and ReLU stands in for tanh", () => {
    const runs = right.map((run): Run => {
      const gradients = [1, 1, 1, 1, 1, 1];
      return run.config["init"] === "small"
        ? { ...run, result: { ...run.result, gradients } }
        : run;
    });
    expect(conclusions(runs)[0]).toBe("not reproduced");
    const swapped = right.map((run): Run => {
      const other = { kaiming: "xavier-relu", "xavier-relu": "kaiming" } as Record<string, string>;
      const init = String(run.config["init"]);
      return { ...run, config: { ...run.config, init: other[init] ?? init } };
    });
    expect(conclusions(swapped).slice(3)).toEqual(["not reproduced", "not reproduced"]);
  });
});

describe("what is deterministic is not reproduced by a wrong implementation", () => {
  /** The runs, with those of `arm` standing where the arms of SGD should. */
  const posing = (runs: readonly Run[], optimizer: string): readonly Run[] =>
    runs
      .filter(({ config }) => config["optimizer"] === optimizer)
      .map((run) => ({ ...run, config: { ...run.config, optimizer: "sgd" } }));

  test("opt-zigzag: momentum, AdaGrad, RMSProp or Adam in the place of SGD", () => {
    const names = ["momentum", "adagrad", "rmsprop", "adam"];
    const runs = makeRuns(
      "opt-zigzag",
      { rate: [0.018], curvature: [1, 100], optimizer: ["sgd", ...names] },
      [0],
    );
    expect(verdictOf("opt-zigzag", posing(runs, "sgd"))).toBe("reproduced");
    for (const name of names)
      expect(verdictOf("opt-zigzag", posing(runs, name))).toBe("not reproduced");
  });

  test("opt-zigzag: SGD at a rate that does not overshoot", () => {
    const runs = makeRuns("opt-zigzag", { rate: [0.005], optimizer: ["sgd"] }, [0]);
    expect(verdictOf("opt-zigzag", runs)).toBe("not reproduced");
  });

  test("opt-saddle: momentum or Adam in the place of SGD, or SGD that is nudged off the ridge", () => {
    const arms = { steps: [400], offset: [0, 1e-8, 1e-2], surface: ["bowl", "saddle", "monkey"] };
    const runs = makeRuns("opt-saddle", arms, [0]);
    expect(verdictOf("opt-saddle", runs)).toBe("reproduced");
    const bowl = runs.filter(({ config }) => config["surface"] === "bowl");
    for (const name of ["momentum", "adam"]) {
      expect(verdictOf("opt-saddle", [...bowl, ...posing(runs, name)])).toBe("not reproduced");
    }
    const nudged = runs.map((run): Run => {
      if (run.config["offset"] !== 1e-8) return run;
      return { ...run, config: { ...run.config, offset: 0 } };
    });
    expect(verdictOf("opt-saddle", nudged)).toBe("not reproduced");
  });

  test("opt-critical-points: ways down are as many as the theorem counts, and Gauss and Newton's matrix sees none", () => {
    const verdict = (matrix: string): string =>
      verdictOf(
        "opt-critical-points",
        makeRuns("opt-critical-points", { inputs: [2, 4, 6], matrix: [matrix] }, [0]),
      );
    expect([verdict("hessian"), verdict("gauss-newton")]).toEqual(["reproduced", "not reproduced"]);
  });

  test("opt-critical-points: points off the critical ones, a saddle too few, or as many saddles in a larger net", () => {
    const runs = makeRuns("opt-critical-points", { inputs: [2, 4] }, [0]);
    const verdict = (change: (point: Values) => Values): string =>
      verdictOf(
        "opt-critical-points",
        runs.map((run) => {
          const { points } = run.result;
          const changed = Array.isArray(points) ? points.map(change) : [];
          return { ...run, result: { ...run.result, points: changed } };
        }),
      );
    expect(verdict((point) => point)).toBe("reproduced");
    expect(verdict((point) => ({ ...point, slope: 1e-6 }))).toBe("not reproduced");
    expect(
      verdict((point) => ({ ...point, negative: Math.min(Number(point["negative"]), 1) })),
    ).toBe("not reproduced");
    const [smaller, larger] = runs;
    const alike = [smaller, larger].flatMap((run) =>
      run === undefined || smaller === undefined ? [] : [{ ...run, result: smaller.result }],
    );
    expect(verdictOf("opt-critical-points", alike)).toBe("not reproduced");
  });

  /** The runs, as if they had been made at `rate`. */
  const mislabelled = (runs: readonly Run[], rate: number): readonly Run[] =>
    runs.map((run) => ({ ...run, config: { ...run.config, rate } }));

  test("opt-zigzag: SGD whose steps are a little shorter than its rate says", () => {
    const runs = makeRuns("opt-zigzag", { rate: [0.0179], optimizer: ["sgd"] }, [0]);
    expect(verdictOf("opt-zigzag", runs)).toBe("reproduced");
    expect(verdictOf("opt-zigzag", mislabelled(runs, 0.018))).toBe("not reproduced");
  });

  test("opt-saddle: SGD whose steps are a little longer than its rate says", () => {
    const runs = makeRuns(
      "opt-saddle",
      { rate: [0.052], optimizer: ["sgd"], offset: [0, 1e-4] },
      [0],
    );
    expect(verdictOf("opt-saddle", runs)).toBe("reproduced");
    expect(verdictOf("opt-saddle", mislabelled(runs, 0.05))).toBe("not reproduced");
  });
});
