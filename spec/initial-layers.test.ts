/** Initializers that need a net: zero γ makes a residual block the identity, LSUV gives every layer unit variance. */
import { fc } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  buffer,
  parameter,
  RandomSource,
  type Tensor,
  ValueError,
  variance,
  vjp,
} from "../core/index.ts";
import { type LsuvLayer, lsuv, orthogonal, zeroLastGamma } from "../init/index.ts";
import { initRegistry } from "../init/registry.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  type Layer,
  Linear,
  ReLU,
  Residual,
  Sequential,
} from "../layers/index.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { bitsOf, f64, messageOf, noise, numbers } from "./plain.ts";

const dtype = "float64";

describe.each(initRegistry)("$name", ({ shapes, sample }) => {
  test("fills the weight of a layer with what it draws from the layer's own stream", () => {
    const [drawn] = fc.sample(fc.gen(), { seed: 1, numRuns: 1 });
    if (drawn === undefined) throw new Error("nothing was drawn");
    const { initializer: init } = sample(samplerFrom(drawn));
    const layer: Layer =
      shapes === "kernel"
        ? assemble(new Conv2d(3, 4, { kernel: 3, init }), { seed: 5, dtype })
        : assemble(new Linear(3, 4, { init }), { seed: 5, dtype });
    const { weight } = layer.assembly.parameters;
    if (weight === undefined) throw new Error("the layer has no weight");
    const stream = new RandomSource(5).stream(`init/${layer.assembly.name}`).child("weight");
    expect(bitsOf(weight)).toBe(bitsOf(init(weight.shape, { stream, dtype })));
  });
});

describe("zeroLastGamma", () => {
  const block = (): Residual =>
    assemble(
      new Residual(
        new Sequential([
          new Conv2d(3, 3, { kernel: 3, padding: 1, bias: false }),
          new BatchNorm(3),
          new ReLU(),
          new Conv2d(3, 3, { kernel: 3, padding: 1, bias: false }),
          new BatchNorm(3),
        ]),
      ),
      { seed: 1, dtype },
    );

  test("fit-skip: a residual block is the identity bit for bit, and passes the gradient unchanged", () => {
    const [x, c] = [noise([4, 3, 5, 5], 1), noise([4, 3, 5, 5], 2)];
    const net = block();
    expect(bitsOf(net.forward(x))).not.toBe(bitsOf(x));
    expect(zeroLastGamma(net.body)).toBe("batchNorm2.gamma");
    for (const mode of [net.train(), net.evaluate()]) {
      expect(bitsOf(mode.forward(x))).toBe(bitsOf(x));
      expect(numbers(vjp((z: Tensor) => mode.forward(z), x).pull(c))).toEqual(numbers(c));
    }
    const { "batchNorm1.gamma": first, "batchNorm2.gamma": last } = net.namedParameters();
    expect([first, last].map((gamma) => gamma && numbers(gamma))).toEqual([
      [1, 1, 1],
      [0, 0, 0],
    ]);
  });

  test("refuses a branch without γ", () => {
    const names = ["conv1.weight", "gammas"].map((name) => [name, parameter(f64([1]))] as const);
    const branch = { namedParameters: () => Object.fromEntries(names) };
    expect(messageOf(() => zeroLastGamma(branch), ValueError)).toBe(
      "zeroLastGamma: expected branch to have a parameter called gamma, got conv1.weight, gammas. End the branch with a normalization such as BatchNorm.",
    );
    expect(messageOf(() => zeroLastGamma({ namedParameters: () => ({}) }), ValueError)).toContain(
      "got no parameters",
    );
  });

  test("refuses a branch that goes on after its last γ, and leaves this as it is", () => {
    const net = assemble(
      new Sequential([new BatchNorm(3), new Conv2d(3, 3, { kernel: 1 }), new ReLU()]),
      { seed: 1, dtype },
    );
    expect(messageOf(() => zeroLastGamma(net), ValueError)).toBe(
      "zeroLastGamma: expected branch to end with batchNorm1.gamma and its β, got conv1.weight, conv1.bias after it. End the branch with a normalization such as BatchNorm.",
    );
    const { "batchNorm1.gamma": gamma } = net.namedParameters();
    expect(gamma && numbers(gamma)).toEqual([1, 1, 1]);
  });
});

describe("lsuv", () => {
  const x = noise([32, 20], 3).multiply(7).add(1);

  /** A net of linear layers and ReLUs, with what LSUV needs of each linear one. */
  function net(bias = true): { readonly layers: readonly LsuvLayer[]; forward(): Tensor } {
    const parts: Layer[] = [20, 30, 30, 10].flatMap((width, i, widths) =>
      i === 0
        ? []
        : [new Linear(widths[i - 1] ?? 0, width, { init: orthogonal(), bias }), new ReLU()],
    );
    const sequential = assemble(new Sequential(parts), { seed: 2, dtype });
    const upTo = (count: number): Tensor =>
      parts.slice(0, count).reduce((signal, part) => part.forward(signal), x);
    const layers = parts.flatMap((part, i) => {
      const { weight } = part.assembly.parameters;
      if (weight === undefined) return [];
      return [{ name: part.assembly.name, weight, output: () => upTo(i + 1) }];
    });
    return { layers, forward: () => sequential.forward(x) };
  }

  const varianceOf = (layer: LsuvLayer): number => variance(layer.output()).item();

  test("gives every layer an output of variance 1 within its tolerance, by one division where there is no bias", () => {
    for (const tolerance of [0.1, 1e-9]) {
      const { layers } = net(false);
      const results = lsuv(layers, { tolerance });
      for (const [i, layer] of layers.entries()) {
        expect(Math.abs(varianceOf(layer) - 1)).toBeLessThanOrEqual(tolerance);
        expect(results[i]).toMatchObject({ name: `linear${i + 1}`, after: varianceOf(layer) });
      }
      expect(results[0]?.before).toBeGreaterThan(10);
      expect(results.map(({ attempts }) => attempts)).toEqual(
        results.map(({ before }) => (Math.abs(before - 1) > tolerance ? 1 : 0)),
      );
    }
  });

  test("divides weights by numbers and leaves their directions", () => {
    const { layers } = net();
    const before = layers.map(({ weight }) => numbers(weight));
    lsuv(layers);
    layers.forEach(({ weight }, i) => {
      const ratios = numbers(weight).map((w, at) => w / (before[i]?.[at] ?? Number.NaN));
      // One rounding for each of a few divisions.
      expect(Math.max(...ratios) / Math.min(...ratios) - 1).toBeLessThan(16 * Number.EPSILON);
    });
  });

  test("stops after as many attempts as it is given", () => {
    // An output that weights do not reach in full: its variance is (w² + 3)/4, and never 1 by one division.
    const weight = parameter(f64([5]));
    const output = (): Tensor => f64([-1, 1]).multiply(weight.square().add(3).sqrt().divide(2));
    const [result] = lsuv([{ name: "half", weight, output }], { attempts: 3, tolerance: 1e-9 });
    expect(result).toMatchObject({ name: "half", before: expect.closeTo(7, 12), attempts: 3 });
    expect(result?.after).toBeGreaterThan(0.75);
  });

  test("leaves a layer whose variance is as far from 1 as is allowed", () => {
    const weight = buffer(f64([1]));
    const output = (): Tensor => f64([0, 0, 0, 1, -1, 2, -2, 2, -2, -3, 3, 0]).multiply(weight);
    const before = varianceOf({ name: "far", weight, output });
    expect(before).toBe(3);
    expect(lsuv([{ name: "far", weight, output }], { tolerance: 2 })).toEqual([
      { name: "far", before, after: before, attempts: 0 },
    ]);
  });

  test("refuses an output without variance, and options out of range", () => {
    const dead = { name: "dead", weight: buffer(f64([0])), output: () => f64([2, 2]) };
    expect(messageOf(() => lsuv([dead]), ValueError)).toBe(
      "lsuv: expected dead to give outputs of a finite variance > 0, got 0. Give a batch of data that differ, and weights that are finite and not 0.",
    );
    const endless = { ...dead, name: "endless", output: () => f64([1e200, -1e200]) };
    expect(messageOf(() => lsuv([endless]), ValueError)).toContain(
      "lsuv: expected endless to give outputs of a finite variance > 0, got Infinity.",
    );
    expect(messageOf(() => lsuv([], { tolerance: 0 }), ValueError)).toBe(
      "lsuv: expected tolerance to be a finite number > 0, got 0. Give a distance from 1 such as 0.01.",
    );
    expect(messageOf(() => lsuv([], { attempts: 0 }), ValueError)).toBe(
      "lsuv: expected attempts to be an integer ≥ 1, got 0. Give a number of times such as 10.",
    );
  });
});
