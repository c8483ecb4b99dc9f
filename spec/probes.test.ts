/** Probes: what they read, by definitions of their own; and that a run with them has the bits of one without. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { DataLoader, pointExamples, spirals } from "../core/data/index.ts";
import {
  assign,
  crossEntropy,
  grad,
  scope,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { fingerprint } from "../core/io/index.ts";
import { assemble, BatchNorm1d, Dropout, Linear, ReLU, Sequential, Tanh } from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import {
  deadUnits,
  distributionOf,
  gradientNoise,
  probeLayers,
  probeUpdates,
  untouched,
} from "../research/probes/index.ts";
import { trainLoop } from "../research/training/train-loop.ts";
import { bitsOf, f64, messageOf, noise, numbers } from "./plain.ts";

const many = { seed: 1, numRuns: 100 };
const loss = (outputs: Tensor, { y }: { readonly y: Tensor }): Tensor => crossEntropy(outputs, y);

/** Normalization, dropout, and two ReLU layers of one name. */
const makeNet = () =>
  assemble(
    new Sequential([
      new Linear(2, 12),
      new BatchNorm1d(12),
      new ReLU(),
      new Dropout(0.3),
      new Linear(12, 12),
      new ReLU(),
      new Linear(12, 3),
    ]),
    { seed: 4 },
  );
const points = pointExamples(spirals({ count: 60, seed: 2 }));
const makeLoader = () => new DataLoader(points, { batchSize: 12, seed: 5 });

describe("a run with every probe", () => {
  const run = (isProbed: boolean) => {
    const net = makeNet();
    const loader = makeLoader();
    const optimizer = sgd(net.parameters(), { learningRate: 0.1, momentum: 0.9 });
    const probe = isProbed ? probeLayers(net) : null;
    const updates = isProbed ? probeUpdates(net) : null;
    const seen: unknown[] = [];
    trainLoop({
      net,
      loader,
      optimizer,
      loss,
      epochs: 2,
      on: {
        batch: () => {
          if (isProbed) seen.push(probe?.take(), updates?.take());
        },
        epoch: () => {
          if (isProbed) seen.push(gradientNoise(net, makeLoader(), loss), deadUnits(net, loader));
        },
      },
    });
    probe?.stop();
    const streams = JSON.stringify(net.state()["streams"]);
    const bits = fingerprint({ ...net.namedParameters(), ...net.namedBuffers() });
    return { outcome: [bits, streams, JSON.stringify(loader.state())], seen };
  };

  test("has the bits, the places in streams and the batches of a run without", () => {
    const [bare, probed] = [run(false), run(true)];
    expect(probed.outcome).toEqual(bare.outcome);
    expect(probed.seen).toHaveLength(2 * 10 + 2 * 2);
  });

  test("reads the same twice", () => {
    expect(JSON.stringify(run(true).seen)).toBe(JSON.stringify(run(true).seen));
  });
});

describe("distributionOf", () => {
  const values = fc.array(
    fc.integer({ min: -50, max: 50 }).map((k) => k / 8),
    {
      minLength: 1,
      maxLength: 40,
    },
  );
  test.prop([values, fc.integer({ min: 1, max: 7 })], many)(
    "counts every number once, and its percentiles divide them so",
    (x, bins) => {
      const found = distributionOf(x, { bins, percentiles: [0, 25, 50, 100] });
      const { histogram, percentiles, min, max } = found;
      expect(histogram.counts.reduce((a, b) => a + b, 0)).toBe(x.length);
      const sorted = [...x].sort((a, b) => a - b);
      expect([min, max]).toEqual([sorted[0], sorted.at(-1)]);
      expect([percentiles["0"], percentiles["100"]]).toEqual([min, max]);
      const median = percentiles["50"] ?? Number.NaN;
      expect(x.filter((each) => each < median).length).toBeLessThanOrEqual(x.length / 2);
      expect(x.filter((each) => each > median).length).toBeLessThanOrEqual(x.length / 2);
      const mean = x.reduce((a, b) => a + b, 0) / x.length;
      expect(found.mean).toBe(mean); // eighths: no sum is rounded
      // Two roundings a term and two after: 1e-12 of squares up to 150 is far above.
      const variance = x.reduce((a, b) => a + (b - mean) ** 2, 0) / x.length;
      expect(Math.abs(found.std ** 2 - variance)).toBeLessThanOrEqual(1e-12 * 150);
      expect(found.zeros).toBe(x.filter((each) => each === 0).length / x.length);
      const width = (max - min) / bins;
      histogram.counts.slice(0, -1).forEach((count, k) => {
        if (width === 0) return;
        const inside = (each: number): boolean => {
          const place = ((each - min) / (max - min)) * bins;
          return place >= k && place < k + 1;
        };
        expect(count).toBe(x.filter(inside).length);
      });
    },
  );

  test("tells NaN and infinities apart from the numbers, and those outside a range from those in it", () => {
    const found = distributionOf([Number.NaN, 1, Infinity, 3, -7, 2], { bins: 2, range: [1, 2] });
    expect(found).toMatchObject({ count: 6, nonFinite: 2, mean: -0.25, min: -7, max: 3 });
    expect(found.histogram).toEqual({ low: 1, high: 2, counts: [1, 1], below: 1, above: 1 });
    const none = distributionOf([Number.NaN]);
    expect(none).toMatchObject({ count: 1, nonFinite: 1, mean: Number.NaN, max: Number.NaN });
    expect(distributionOf([4, 4]).histogram.counts[0]).toBe(2);
  });

  test("its percentiles between two numbers lie on a straight line", () => {
    expect(distributionOf([10, 20, 40], { percentiles: [25, 62.5] }).percentiles).toEqual({
      "25": 15,
      "62.5": 25,
    });
  });

  test.each([
    [{ bins: 0 }, "bins to be an integer ≥ 1, got 0"],
    [{ range: [1, 1] as const }, "range to be two finite numbers, the lower first, got [1, 1]"],
    [{ percentiles: [50, 101] }, "percentiles[1] to be in [0, 100], got 101"],
  ])("refuses %j", (options, message) => {
    expect(messageOf(() => distributionOf([1], options), ValueError)).toContain(message);
  });
});

describe("probeLayers", () => {
  test("reads what each layer gives and the gradient that reaches it, each under a name of its own", () => {
    const net = assemble(
      new Sequential([new Linear(3, 4), new ReLU(), new Linear(4, 2), new ReLU()]),
      { seed: 1, dtype: "float64" },
    );
    const x = noise([5, 3], 3);
    const probe = probeLayers(net);
    scope(() => sum(net.forward(x).square()).backward());
    probe.stop();
    scope(() => net.forward(x)); // unheard
    const readings = probe.take();
    expect(readings.map(({ layer, signal }) => `${signal} ${layer}`)).toEqual([
      ...["linear1", "relu#1", "linear2", "relu#2"].map((name) => `activation ${name}`),
      ...["relu#2", "linear2", "relu#1", "linear1"].map((name) => `gradient ${name}`),
    ]);
    const [first, second] = net.layers;
    if (!first || !second) throw new Error("two layers");
    const hidden = second.forward(first.forward(x));
    expect(readings[1]?.values).toEqual(distributionOf(numbers(hidden)));
    const tail = (at: Tensor) =>
      sum(
        net.layers
          .slice(2)
          .reduce((h, l) => l.forward(h), at)
          .square(),
      );
    expect(readings[6]?.values).toEqual(distributionOf(numbers(grad(tail)(hidden))));
    expect(readings.map(({ dead }) => dead !== null)).toEqual([
      false,
      true,
      false,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(probe.take()).toEqual([]);
  });

  test("looks only when it is asked to, at the layers it is asked for, and tells the mode", () => {
    const net = makeNet();
    let isLooking = false;
    const probe = probeLayers(net, {
      when: () => isLooking,
      layers: (layer) => layer instanceof BatchNorm1d,
    });
    const { x } = points.batch(Int32Array.of(0, 1, 2, 3));
    scope(() => net.forward(x));
    expect(probe.take()).toEqual([]);
    isLooking = true;
    scope(() => net.evaluate().forward(x));
    expect(probe.take()).toMatchObject([
      { layer: "batchNorm1", signal: "activation", training: false, dead: null },
    ]);
    probe.stop();
  });

  test("of a ReLU layer tells the share of channels that are 0 at every position of every example", () => {
    const net = new Sequential([new ReLU()]);
    const probe = probeLayers(assemble(net));
    // Channel 0 lives at one position of one example, channel 1 nowhere.
    net.forward(
      tensor([
        [[[-1, -2]], [[-1, -1]]],
        [[[-1, 3]], [[0, -5]]],
      ]),
    );
    expect(probe.take()[0]?.dead).toBe(0.5);
    net.forward(
      tensor([
        [1, -1, -1, 0],
        [-1, -2, -3, -4],
      ]),
    );
    expect(probe.take()[0]?.dead).toBe(0.75);
    probe.stop();
  });
});

describe("deadUnits", () => {
  test("finds the units that a bias has shut, over all batches, and no other", () => {
    const net = makeNet();
    const [bias] = Object.entries(net.namedParameters()).flatMap(([name, cell]) =>
      name === "linear2.bias" ? [cell] : [],
    );
    if (!bias) throw new Error("a bias");
    const before = deadUnits(net, makeLoader());
    expect(before.map(({ layer, units }) => [layer, units])).toEqual([
      ["relu#1", 12],
      ["relu#2", 12],
    ]);
    const open = before[1]?.dead ?? 12;
    expect(open).toBeLessThan(4);
    const marks = bias.elements().map((_, unit) => (unit < 4 ? -100 : 0));
    scope(() => assign(bias, tensor(marks, { dtype: "float32" })));
    const [first, second] = deadUnits(net, makeLoader());
    expect(first).toEqual(before[0]);
    expect(second?.dead).toBeGreaterThanOrEqual(4);
    expect(second?.dead).toBeLessThanOrEqual(4 + open);
  });

  test("calls no unit dead that a later batch wakes", () => {
    const net = assemble(new Sequential([new ReLU()]));
    const batches = [{ x: f64([[-1, 1, -1]]) }, { x: f64([[1, -1, -1]]) }];
    expect(deadUnits(net, batches)).toEqual([{ layer: "relu", units: 3, dead: 1 }]);
  });

  test("refuses no examples", () => {
    expect(messageOf(() => deadUnits(makeNet(), []), ValueError)).toContain(
      "deadUnits: expected batches to hold at least one example, got none",
    );
  });
});

describe("probeUpdates", () => {
  test("gives the length of each step beside that of the weights, from look to look", () => {
    const net = assemble(new Sequential([new Linear(2, 1)]), { seed: 1, dtype: "float64" });
    const { weight, bias } = net.layers[0]?.assembly.parameters ?? {};
    if (!weight || !bias) throw new Error("cells");
    scope(() => assign(weight, f64([[3, 4]])));
    const probe = probeUpdates(net);
    scope(() => assign(weight, f64([[3, 4.5]])));
    const bare = { parameter: "linear1.bias", weightNorm: 0, updateNorm: 0, ratio: 0 };
    expect(probe.take()).toEqual([
      { parameter: "linear1.weight", weightNorm: 5, updateNorm: 0.5, ratio: 0.1 },
      bare,
    ]);
    scope(() => assign(bias, f64([2])));
    const [, moved] = probe.take();
    expect(moved).toEqual({ ...bare, updateNorm: 2, ratio: Infinity });
  });
});

describe("gradientNoise", () => {
  /** One weight: the gradient of ½(w - c)² is w - c, so a batch's is w less its mean. */
  const net = () =>
    assemble(new Sequential([new Linear(1, 1, { bias: false })]), { dtype: "float64" });
  const half = (outputs: Tensor, { y }: { readonly y: Tensor }): Tensor =>
    outputs.subtract(y).square().mean().multiply(0.5);
  const batchesOf = (centres: readonly number[], size: number) =>
    Array.from({ length: centres.length / size }, (_, k) => ({
      x: f64(new Array<readonly number[]>(size).fill([1])),
      y: f64(centres.slice(k * size, (k + 1) * size).map((c) => [c])),
    }));

  test("has the mean and the variance that its definition says", () => {
    const model = net();
    const w = model.parameters()[0]?.elements()[0] ?? Number.NaN;
    const centres = [1, 2, 4, 7, 5, 5, 0, 2].map((c) => w - c); // so that the gradients of examples are these
    const found = gradientNoise(model, batchesOf(centres, 2), half);
    // Batch gradients 1.5, 5.5, 5, 1: mean 3.25, Σ(g - ḡ)² = 16.25.
    const deviation = 16.25 / 3;
    const squaredGradient = 3.25 * 3.25 - deviation / 4;
    expect([found.batchSize, found.batches]).toEqual([2, 4]);
    // A few roundings of numbers near 10: 1e-13 is 50 ulp.
    for (const [a, b] of [
      [found.variance, 2 * deviation],
      [found.squaredGradient, squaredGradient],
      [found.scale, (2 * deviation) / squaredGradient],
    ] as const) {
      expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-13 * Math.abs(b));
    }
  });

  test("without noise is 0, without a gradient endless", () => {
    const model = net();
    const w = model.parameters()[0]?.elements()[0] ?? Number.NaN;
    expect(gradientNoise(model, batchesOf([5, 5, 5, 5], 2), half).scale).toBe(0);
    const drowned = gradientNoise(model, batchesOf([w + 1, w - 1], 1), half);
    expect([drowned.squaredGradient < 0, drowned.scale]).toEqual([true, Infinity]);
  });

  test("leaves frozen parameters out, and refuses one batch or unequal ones", () => {
    const model = makeNet();
    model.layers[0]?.freeze();
    const some = gradientNoise(model, makeLoader(), loss);
    const all = gradientNoise(model.unfreeze(), makeLoader(), loss);
    expect(some.variance).toBeLessThan(all.variance);
    const uneven = new DataLoader(points, { batchSize: 25 });
    expect(messageOf(() => gradientNoise(model, uneven, loss), ValueError)).toContain(
      "gradientNoise: expected batches to hold 25 examples each, as the first, got 10. Make the loader with dropLast",
    );
    const one = new DataLoader(points, { batchSize: 60 });
    expect(messageOf(() => gradientNoise(model, one, loss), ValueError)).toContain(
      "gradientNoise: expected batches to give two batches or more, got 1",
    );
  });
});

describe("untouched", () => {
  const trace = (net: Sequential) => [
    ...[...net.parameters(), ...Object.values(net.namedBuffers())].map(bitsOf),
    JSON.stringify(net.state()["streams"]),
    [...net.walk()].map(({ training }) => training),
    net
      .parameters()
      .map(({ requiresGrad, grad: g }) => [requiresGrad, g === null ? null : bitsOf(g)]),
  ];
  const withGradients = () => {
    const net = makeNet();
    net.layers[1]?.evaluate();
    const { x, y } = points.batch(Int32Array.of(0, 1, 2, 3));
    scope(() => crossEntropy(net.forward(x), y).backward());
    net.layers[4]?.freeze();
    return net;
  };

  test.each([false, true])("puts back all that training changed (after an error: %s)", (fails) => {
    const net = withGradients();
    const before = trace(net);
    const body = (): number => {
      net.train().unfreeze();
      expect(net.parameters().every((cell) => cell.grad === null)).toBe(true);
      const optimizer = sgd(net.parameters(), { learningRate: 0.1 });
      for (const batch of makeLoader()) optimizer.step(() => loss(net.forward(batch.x), batch));
      expect(trace(net)).not.toEqual(before);
      if (fails) throw new RangeError("on purpose");
      return optimizer.steps;
    };
    if (fails) expect(() => untouched(net, body)).toThrow(RangeError);
    else expect(untouched(net, body)).toBe(5);
    expect(trace(net)).toEqual(before);
  });

  test("writes no cell that did not change: a derivative taken before goes on", () => {
    const net = assemble(new Sequential([new Linear(2, 3), new Tanh(), new Linear(3, 1)]));
    const value = sum(net.forward(tensor([[1, 2]])).square()); // needs the second weight to go back
    scope(() => untouched(net, () => net.forward(tensor([[0, 1]]))));
    value.backward();
    expect(net.parameters().every((cell) => cell.grad !== null)).toBe(true);
  });
});
