/** Averages of weights: what they are, that they swap in and out, and that they resume. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  assign,
  buffer,
  multiply,
  parameter,
  square,
  sum,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import { sgd, weightAverage } from "../optim/index.ts";
import { bitsOf, countingMemory, f64, item, messageOf, noise, numbers } from "./plain.ts";

/** Weights drawn one after another, and what the average makes of them. */
function walked(decay: number | ((t: number) => number), seed: number, steps: number) {
  const draws = Array.from({ length: steps + 1 }, (_, i) => noise([3], seed + i));
  const w = parameter(draws[0] ?? f64([0]), { name: "w" });
  const average = weightAverage([w], { decay });
  for (const draw of draws.slice(1)) {
    assign(w, draw);
    average.update();
  }
  return { draws: draws.map(numbers), average, w };
}

test("averages go by the names of their cells, or by their places", () => {
  const [w, nameless] = [parameter(f64([1]), { name: "w" }), parameter(f64([2]))];
  expect(Object.keys(weightAverage([nameless, w]).namedAverages())).toEqual(["#0", "w"]);
});

const near = (got: readonly number[], wanted: readonly number[]): void => {
  // At most twelve sums of numbers of about 1.
  got.forEach((x, i) => {
    expect(Math.abs(x - (wanted[i] ?? Number.NaN))).toBeLessThan(1e-14);
  });
};

describe("an average", () => {
  test.prop([fc.nat(1e6), fc.constantFrom(0, 0.5, 0.9)], { seed: 1, numRuns: 20 })(
    "is β^n of the start and (1 - β)·β^(n-k) of the weights after each step",
    (seed, decay) => {
      const { draws, average } = walked(decay, seed, 6);
      const wanted = [0, 1, 2].map((i) =>
        draws.reduce((total, draw, k) => {
          const share = k === 0 ? decay ** 6 : (1 - decay) * decay ** (6 - k);
          return total + share * (draw[i] ?? 0);
        }, 0),
      );
      near(numbers(average.namedAverages()["w"] ?? f64([0])), wanted);
      expect(average.updates).toBe(6);
    },
  );

  test("with β = t/(t + 1) is the mean of all weights since the first update", () => {
    const { draws, average } = walked((t) => t / (t + 1), 2, 10);
    const wanted = [0, 1, 2].map(
      (i) => draws.slice(1).reduce((total, draw) => total + (draw[i] ?? 0), 0) / 10,
    );
    near(numbers(average.namedAverages()["w"] ?? f64([0])), wanted);
  });

  test("of noisy steps about a minimum is nearer to it than the weights are", () => {
    const w = parameter(f64([0]), { name: "w" });
    const optimizer = sgd([w], { learningRate: 0.5 });
    const average = weightAverage([w], { decay: 0.98 });
    const distances = { weights: 0, average: 0 };
    for (let t = 0; t < 400; t++) {
      const target = noise([1], 1000 + t); // mean 0
      optimizer.step(() => sum(multiply(square(w.subtract(target)), 0.5)));
      average.update();
      if (t < 200) continue;
      distances.weights += Math.abs(numbers(w)[0] ?? 0);
      distances.average += Math.abs(numbers(average.namedAverages()["w"] ?? w)[0] ?? 0);
    }
    // The weights' variance is α/(2 - α) = 1/3 of the noise's, the average's about 1/100: 5.8 times as far on average.
    expect(distances.average).toBeLessThan(distances.weights / 2);
  });
});

describe("names", () => {
  test("that read as numbers leave each average with its own cell", () => {
    const cells = ["1", "0"].map((name, i) => parameter(f64([10 * i]), { name }));
    const [one, zero] = cells;
    const average = weightAverage(cells, { decay: 0.5 });
    if (one) assign(one, f64([2]));
    average.update();
    expect(average.averaged(() => [one, zero].map((cell) => cell && numbers(cell)))).toEqual([
      [1],
      [10],
    ]);
    const named = average.namedAverages();
    expect(["1", "0"].map((name) => named[name] && numbers(named[name]))).toEqual([[1], [10]]);
  });
});

describe("averaged", () => {
  test("evaluates with the averages, and gives the weights back bit for bit", () => {
    const { average, w } = walked(0.5, 3, 4);
    const before = bitsOf(w);
    const inside = average.averaged(() => [bitsOf(w), item(sum(w)), w.requiresGrad]);
    const a = average.namedAverages()["w"] ?? w;
    expect(inside).toEqual([bitsOf(a), item(sum(a)), true]);
    expect(bitsOf(w)).toBe(before);
  });

  test("gives tensors out that outlive it", () => {
    const { average, w } = walked(0.5, 3, 4);
    const doubled = average.averaged(() => multiply(w, 2));
    const a = numbers(average.namedAverages()["w"] ?? w);
    expect(numbers(doubled)).toEqual(a.map((x) => 2 * x));
  });

  test("gives the weights back after an error, one within another too", () => {
    const { average, w } = walked(0.5, 4, 4);
    const before = bitsOf(w);
    expect(() =>
      average.averaged(() =>
        average.averaged(() => {
          throw new RangeError("mine");
        }),
      ),
    ).toThrow(RangeError);
    expect(bitsOf(w)).toBe(before);
  });

  test("leaves no memory behind, and does not disturb training", () => {
    const path = (evaluates: boolean): string => {
      const w = parameter(noise([4], 5), { name: "w" });
      const [optimizer, average] = [
        sgd([w], { learningRate: 0.1, momentum: 0.9 }),
        weightAverage([w]),
      ];
      for (let t = 0; t < 5; t++) {
        optimizer.step(() => sum(square(w)));
        average.update();
        if (evaluates) average.averaged(() => item(sum(w)));
      }
      return bitsOf(w);
    };
    expect(path(true)).toBe(path(false));
    countingMemory((count) => {
      const { average, w } = walked(0.5, 6, 1);
      const blocks = count.blocks;
      for (let t = 0; t < 3; t++) {
        average.update();
        average.averaged(() => numbers(w));
      }
      expect(count.blocks).toBe(blocks);
    });
  });

  test("takes buffers along where they are given, such as moving statistics", () => {
    const [w, statistic] = [parameter(f64([4]), { name: "w" }), buffer(f64([8]), { name: "s" })];
    const average = weightAverage([w, statistic], { decay: 0.5 });
    assign(w, f64([2]));
    assign(statistic, f64([0]));
    average.update();
    const both = (): readonly number[] => [w, statistic].flatMap(numbers);
    expect(average.averaged(both)).toEqual([3, 4]);
    expect(both()).toEqual([2, 0]);
  });
});

describe("a state", () => {
  test("resumes with the bits of a run that never stopped, a schedule of the decay too", () => {
    const decay = (t: number): number => Math.min(0.9, (1 + t) / (10 + t));
    const whole = walked(decay, 9, 8);
    const half = walked(decay, 9, 4);
    const w = parameter(f64([0, 0, 0]), { name: "w" });
    const resumed = weightAverage([w], { decay });
    resumed.restore(half.average.state());
    for (const draw of whole.draws.slice(5)) {
      assign(w, f64([...draw]));
      resumed.update();
    }
    const bits = (of: typeof resumed): string => bitsOf(of.namedAverages()["w"] ?? w);
    expect([bits(resumed), resumed.updates]).toEqual([bits(whole.average), 8]);
  });

  test("that does not fit is refused, and nothing changes", () => {
    const { average, w } = walked(0.5, 10, 2);
    const before = [bitsOf(average.namedAverages()["w"] ?? w), average.updates];
    const states = [
      ["weightAverage.restore: expected state to have exactly updates, averages", {}],
      ["an integer ≥ 0 as updates, got -1", { updates: -1, averages: { w: f64([1, 2, 3]) } }],
      ["w to have shape [3], got [1]", { updates: 1, averages: { w: f64([1]) } }],
    ] as const;
    for (const [message, state] of states) {
      expect(() => average.restore(state)).toThrow(message);
      expect([bitsOf(average.namedAverages()["w"] ?? w), average.updates]).toEqual(before);
    }
  });
});

describe("refusals", () => {
  const w = parameter(f64([1]), { name: "w" });

  test("a decay outside [0, 1), given or scheduled", () => {
    const fix = "Give the share that is kept from one step to the next, such as 0.9.";
    expect(messageOf(() => weightAverage([w], { decay: 1 }), ValueError)).toBe(
      `weightAverage: expected decay to be in [0, 1), got 1. ${fix}`,
    );
    const late = weightAverage([w], { decay: () => -1 });
    expect(messageOf(() => late.update(), ValueError)).toContain("got -1");
    expect(late.updates).toBe(0);
  });

  test("what cannot be written, what is no float, and a Promise", () => {
    expect(messageOf(() => weightAverage([f64([1])]), ValueError)).toBe(
      "weightAverage: expected cells to be parameters or buffers, got the value [1] float64. Pass net.parameters().",
    );
    const counts = buffer(f64([1]).cast("int32"));
    expect(() => weightAverage([counts])).toThrow(
      "weightAverage: expected cells to be float32 or float64",
    );
    const before = bitsOf(w);
    const asynchronous = async (): Promise<Tensor> => sum(w);
    expect(messageOf(() => weightAverage([w]).averaged(asynchronous), ValueError)).toBe(
      "averaged: expected body to return a value, got a Promise. Await data before, and evaluate inside.",
    );
    expect(bitsOf(w)).toBe(before);
  });
});
