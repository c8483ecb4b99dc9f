/** reestimate: after it BatchNorm holds the statistics of all examples, as evaluation meets them. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { concat, keep, memory, type Tensor, ValueError } from "../core/index.ts";
import {
  assemble,
  BatchNorm1d,
  BatchNorm2d,
  cifarResNet,
  Dropout,
  Layer,
  LayerNorm,
  Linear,
  reestimate,
  Sequential,
  Tanh,
} from "../layers/index.ts";
import { bitsOf, expectClose, messageOf, noise } from "./plain.ts";

const float64 = { dtype: "float64" } as const;

/** `total` examples of a shape, cut into batches of `size`. */
function batches(shape: readonly number[], total: number, size: number): { x: Tensor }[] {
  const whole = noise([total, ...shape], 5);
  return Array.from({ length: Math.ceil(total / size) }, (_, index) => ({
    x: whole.slice([[index * size, Math.min((index + 1) * size, total)]]),
  }));
}

/** What each BatchNorm of `net` is given for `x` in evaluation mode, by name. */
function inputsOf(net: Layer, x: Tensor): Map<string, Tensor> {
  const inputs = new Map<string, Tensor>();
  const stop = net.observe({
    activation: ({ layer, name, input }) => {
      if (layer.kind === "batchNorm") inputs.set(name, keep(input));
    },
  });
  net.evaluate().forward(x);
  stop();
  return inputs;
}

describe("reestimate", () => {
  test.prop([fc.integer({ min: 1, max: 14 })], { seed: 1, numRuns: 6 })(
    "gives each BatchNorm of a ResNet mean and variance of what it meets in evaluation, whatever the batches",
    (size) => {
      const net = assemble(cifarResNet({ depth: 8, width: 2, shortcut: "projection" }), {
        seed: 1,
        ...float64,
      });
      const examples = batches([3, 8, 8], 14, size);
      for (const { x } of examples.slice(0, 2)) if (size > 1) net.forward(x);
      reestimate(net, examples);
      expect([...net.walk()].every(({ training }) => training)).toBe(true);
      const inputs = inputsOf(net, concat(examples.map(({ x }) => x)));
      expect(inputs.size).toBe(9);
      const buffers = net.namedBuffers();
      for (const [name, x] of inputs) {
        const { mean, variance } = x.batchNorm(null, null);
        // A thousand terms; the values come through up to nine layers whose statistics are rounded themselves.
        expectClose(buffers[`${name}.movingMean`] ?? x, mean, 1e-11);
        expectClose(buffers[`${name}.movingVariance`] ?? x, variance, 1e-11);
      }
    },
  );

  test("follows the order of the forward pass, not that of the layers' properties", () => {
    class Reversed extends Layer {
      readonly kind = "reversed";
      readonly last = new BatchNorm1d(3);
      readonly between = new Tanh();
      readonly first = new BatchNorm1d(3);
      override forward(x: Tensor): Tensor {
        return this.last.forward(this.between.forward(this.first.forward(x)));
      }
    }
    const net = assemble(new Reversed(), float64);
    const examples = batches([3], 12, 5);
    reestimate(net, examples);
    const [given] = [inputsOf(net, concat(examples.map(({ x }) => x))).get("batchNorm1")];
    if (!given) throw new Error("what the last layer is given");
    const { mean, variance } = given.batchNorm(null, null);
    expectClose(net.last.assembly.buffers["movingMean"] ?? given, mean, 1e-13);
    expectClose(net.last.assembly.buffers["movingVariance"] ?? given, variance, 1e-13);
  });

  test("keeps modes, draws nothing, and keeps to each layer's own options", () => {
    const frozen = new BatchNorm1d(3);
    const net = assemble(
      new Sequential([
        new Linear(3, 3),
        frozen,
        new Dropout(0.5),
        new BatchNorm1d(3, { unbiased: true, average: "cumulative" }),
        new BatchNorm1d(3, { track: false }),
      ]),
      float64,
    );
    frozen.evaluate();
    const modes = () => [...net.walk()].map(({ training }) => training);
    const before = { modes: modes(), streams: net.state()["streams"] };
    const examples = batches([3], 10, 4);
    reestimate(net, examples);
    expect({ modes: modes(), streams: net.state()["streams"] }).toEqual(before);
    const given = inputsOf(net, concat(examples.map(({ x }) => x))).get("batchNorm2");
    if (!given) throw new Error("what the second layer is given");
    const buffers = net.namedBuffers();
    const { variance } = given.batchNorm(null, null);
    expectClose(buffers["batchNorm2.movingVariance"] ?? given, variance.multiply(10 / 9), 1e-13);
    expect(buffers["batchNorm2.batches"]?.item()).toBe(3);
  });

  test("in float32 sums in float64: a mean far from 0 loses no digits", () => {
    const net = assemble(new BatchNorm2d(1));
    const x = noise([64, 1, 8, 8], 1).add(1000).cast("float32");
    reestimate(
      net,
      Array.from({ length: 64 }, (_, i) => ({ x: x.slice([[i, i + 1]]) })),
    );
    const { mean, variance } = x.cast("float64").batchNorm(null, null);
    const buffers = net.namedBuffers();
    expect(buffers["batchNorm1.movingMean"]?.item()).toBe(Math.fround(mean.item()));
    expect(buffers["batchNorm1.movingVariance"]?.item()).toBe(Math.fround(variance.item()));
  });

  test("leaves all statistics as they were after an error", () => {
    const net = assemble(new Sequential([new BatchNorm1d(3), new BatchNorm1d(3)]), float64);
    const bits = () => Object.values(net.namedBuffers()).map(bitsOf);
    const before = bits();
    let passes = 0;
    const twice = {
      *[Symbol.iterator]() {
        passes += 1;
        yield { x: noise([4, passes < 3 ? 3 : 2], 1) }; // wrong in the pass for the second layer
      },
    };
    expect(() => reestimate(net, twice)).toThrow("BatchNorm1d: expected x to be [N, 3]");
    expect(passes).toBe(3);
    expect(bits()).toEqual(before);
    expect([...net.walk()].every(({ training }) => training)).toBe(true);
  });

  test("keeps no memory, whether it succeeds or throws", () => {
    const net = assemble(new Sequential([new BatchNorm1d(3), new Linear(3, 2)]));
    const given = batches([3], 4, 2).map(({ x }) => ({ x: x.cast("float32") }));
    const wrong = [{ x: noise([4, 2], 1) }];
    const before = memory().live;
    for (let call = 0; call < 3; call++) {
      reestimate(net, given);
      expect(() => reestimate(net, wrong)).toThrow("to be [N, 3]");
    }
    expect(memory().live).toEqual(before);
  });

  test("refuses a net without BatchNorm, no batches, and what can be iterated once only", () => {
    const net = assemble(new BatchNorm1d(3), float64);
    expect(messageOf(() => reestimate(assemble(new LayerNorm(3)), []), ValueError)).toBe(
      "reestimate: expected net to hold a BatchNorm that tracks statistics, got none. Other layers have nothing to estimate.",
    );
    expect(messageOf(() => reestimate(net, []), ValueError)).toBe(
      "reestimate: expected batches to give at least one batch, got none. Give what can be iterated again and again, such as a loader or an array.",
    );
    const once = batches([3], 4, 2)[Symbol.iterator]();
    expect(messageOf(() => reestimate(net, once), ValueError)).toBe(
      "reestimate: expected batches to give 2 batches in every pass, got 0. Give what can be iterated again and again, such as a loader or an array.",
    );
  });
});
