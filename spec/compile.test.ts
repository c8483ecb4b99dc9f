/**
 * compile: a step that is repeated from what was written down has the bits of the step run as written, and where it can
 * not be repeated it is run as written, and says why.
 */

import { fc } from "@fast-check/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import {
  assign,
  buffer,
  clearGradients,
  compile,
  conv2d,
  crossEntropy,
  multiply,
  noGrad,
  parameter,
  RandomSource,
  randomNormal,
  recompute,
  scope,
  setDevice,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { assemble, Linear, ReLU, Sequential } from "../layers/index.ts";
import { adam, type OptimizerOptions, sgd, weightAverage } from "../optim/index.ts";
import { optimizers } from "../optim/registry.ts";
import { cosine } from "../schedules/index.ts";
import {
  batchesOf,
  expectSameBits,
  kindNames,
  kindOf,
  leftBy,
  plain,
  type Step,
  steps,
  type Trained,
  trainedBy,
} from "./compile-kinds.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { bitsOf, messageOf, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

describe("a compiled training step", () => {
  const settings: readonly (readonly [string, OptimizerOptions])[] = [
    ["plain", { learningRate: 0.05 }],
    ["on a schedule", { learningRate: cosine({ base: 0.1, totalSteps: steps }) }],
    ["with decay", { learningRate: (t) => 0.1 / (t + 1), weightDecay: (t) => 0.01 * (t + 1) }],
    [
      "with decoupled decay",
      { learningRate: (t) => 0.1 / (t + 1), weightDecay: 0.1, decoupledDecay: true },
    ],
    ["clipped", { learningRate: 0.1, clipValue: 0.2, clipNorm: 0.3, weightDecay: 0.01 }],
  ];
  for (const record of optimizers) {
    test.each(settings)(
      `${record.name} %s leaves the bits of the step as written`,
      (_, options) => {
        if (options.decoupledDecay === true && record.isDecoupled) return;
        const [draw] = fc.sample(fc.gen(), { seed: 3, numRuns: 1 });
        if (draw === undefined) throw new Error("a generator");
        const hyper = record.sample(samplerFrom(draw));
        const compiled = expectSameBits(kindOf("an MLP with dropout"), (net) =>
          record.make(net.parameters(), options, hyper),
        );
        expect(compiled.report()).toMatchObject({ replayed: steps - 4, captured: 4, eager: 0 });
      },
    );
  }

  test.each(kindNames)("%s learns bit for bit, statistics and masks with it", (name) => {
    const compiled = expectSameBits(kindOf(name), (net) =>
      sgd(net.parameters(), { learningRate: 0.1, momentum: 0.9 }),
    );
    expect(compiled.report()).toMatchObject({ replayed: steps - 4, eager: 0 });
  });

  test("groups of parameters have rates of their own", () => {
    expectSameBits(kindOf("an MLP with dropout"), (net) => {
      const [first, ...rest] = net.parameters();
      if (first === undefined) throw new Error("parameters");
      return adam(
        [{ parameters: [first], learningRate: (t) => 0.1 / (t + 1) }, { parameters: rest }],
        {
          learningRate: 0.01,
        },
      );
    });
  });

  test("a short last batch is captured for itself, and both are repeated", () => {
    const sizes = [4, 4, 2, 4, 4, 2, 4, 4, 2, 4, 4, 2];
    const compiled = expectSameBits(
      kindOf("a convolutional net with batch normalization"),
      (net) => adam(net.parameters(), { learningRate: 0.01 }),
      sizes,
    );
    expect(compiled.report().routines).toHaveLength(2);
  });

  test("is captured anew after a layer was frozen, put in evaluation mode, observed, or restored", () => {
    const kind = kindOf("a convolutional net with batch normalization");
    let stop = (): void => {};
    const compiled = expectSameBits(
      kind,
      (net) => adam(net.parameters(), { learningRate: 0.01 }),
      Array.from({ length: 24 }, () => 4),
      (net, optimizer, step) => {
        if (step === 4) net.children()[0]?.freeze();
        if (step === 8) net.evaluate();
        if (step === 12) net.train().unfreeze();
        if (step === 16) stop = net.observe({ activation: () => {} });
        if (step === 18) stop();
        if (step === 20) {
          net.restore(net.state());
          optimizer.restore(optimizer.state());
        }
        if (step === 22) clearGradients(net.parameters());
      },
    );
    const { replayed, reasons } = compiled.report();
    expect(replayed).toBeGreaterThanOrEqual(8);
    expect(reasons.every((reason) => reason.includes("observed"))).toBe(true);
  });

  test("steps as written in between change nothing", () => {
    const kind = kindOf("an MLP with dropout");
    const mixed = (wrap: (step: Step) => Step): Trained =>
      trainedBy(
        kind,
        (net) => sgd(net.parameters(), { learningRate: 0.1, momentum: 0.5 }),
        (step) => {
          const other = wrap(step);
          let calls = 0;
          return (x, y) => (calls++ % 3 === 2 ? step : other)(x, y);
        },
      );
    expect(mixed((step) => compile(step))).toEqual(mixed(plain));
  });

  test("follows what a hand-written step assigns and draws", () => {
    const run = (
      wrap: (step: (x: Tensor) => Tensor) => (x: Tensor) => Tensor,
    ): readonly string[] => {
      const stream = new RandomSource(2).stream("spec/noise");
      const w = parameter(randomNormal([3], { stream }));
      const count = buffer(tensor([0]));
      const average = weightAverage([w], { decay: (t) => t / (t + 1) });
      const step = wrap((x) => {
        clearGradients([w]);
        const noise = randomNormal([3], { stream });
        const loss = sum(square(subtract(multiply(w, x), recompute((z) => multiply(z, noise))(x))));
        loss.backward();
        noGrad(() => {
          if (w.grad !== null) assign(w, subtract(w, multiply(w.grad, 0.1)));
          assign(count, count.add(1));
        });
        average.update();
        return loss.detach();
      });
      const losses = Array.from({ length: steps }, (_, i) =>
        bitsOf(scope(() => step(tensor([1, i, -2])))),
      );
      return [
        ...losses,
        ...[w, count, ...Object.values(average.namedAverages())].map(bitsOf),
        `${stream.position}`,
      ];
    };
    expect(run((step) => compile(step))).toEqual(run((step) => step));
  });

  test("a label out of range is refused as by the step as written, and leaves what that leaves", () => {
    const kind = kindOf("a convolutional net with batch normalization");
    const run = (wrap: (step: Step) => Step): readonly unknown[] => {
      const net = assemble(kind.make(), { seed: 5 });
      const optimizer = adam(net.parameters(), { learningRate: 0.01 });
      const step = wrap((x, y) => optimizer.step(() => crossEntropy(net.forward(x), y)));
      const losses: string[] = [];
      for (const [i, [x, y]] of batchesOf(kind, [4, 4, 4, 4, 4, 4]).entries()) {
        const wrong = tensor([0, 7, 1, 2], { dtype: "int32" });
        if (i === 3) losses.push(messageOf(() => step(x, wrong), ValueError));
        losses.push(bitsOf(step(x, y)));
      }
      return [losses, leftBy(net, optimizer, losses)];
    };
    expect(run((step) => compile(step))).toEqual(run(plain));
  });

  test("weights that are not finite go the way of the step as written: padding contributes nothing", () => {
    const convolve = (x: Tensor, w: Tensor): Tensor => conv2d(x, w, { padding: 1 });
    const compiled = compile(convolve);
    const x = randomNormal([1, 1, 4, 4], { stream: new RandomSource(4).stream("x") });
    for (const corner of [1, 2, 3, Number.POSITIVE_INFINITY, Number.NaN, 4]) {
      const w = tensor([corner, 1, 1, 1, 1, 1, 1, 1, 1], { shape: [1, 1, 3, 3] });
      const expected = convolve(x, w);
      expect(numbers(expected).slice(0, 4).every(Number.isFinite)).toBe(true);
      expect(bitsOf(compiled(x, w))).toBe(bitsOf(expected));
    }
    expect(compiled.report().replayed).toBeGreaterThanOrEqual(3);
  });

  test("whoever observes a layer hears of each step, from the next one on", () => {
    const net = assemble(new Sequential([new Linear(3, 2), new ReLU()]), { seed: 1 });
    const forward = compile((x: Tensor) => noGrad(() => net.forward(x)));
    const heard: string[] = [];
    const x = tensor([[1, 2, 3]]);
    for (let i = 0; i < 4; i++) forward(x);
    const stop = net.observe({ activation: ({ name }) => heard.push(name) });
    for (let i = 0; i < 3; i++) forward(x);
    stop();
    for (let i = 0; i < 4; i++) forward(x);
    expect(heard).toHaveLength(9);
    expect(forward.report().replayed).toBeGreaterThanOrEqual(4);
  });

  test("a gradient of the step before can no longer be read, as where steps run as written", () => {
    const w = parameter(tensor([1, 2]));
    const optimizer = sgd([w], { learningRate: 0.1 });
    const step = compile((x: Tensor) => optimizer.step(() => sum(multiply(w, x))));
    for (let i = 0; i < 5; i++) step(tensor([1, i]));
    const before = w.grad;
    expect(numbers(w.grad ?? w)).toEqual([1, 4]);
    step(tensor([1, 9]));
    expect(numbers(w.grad ?? w)).toEqual([1, 9]);
    expect(() => before?.elements()).toThrow("used after its gradient was cleared");
  });
});

describe("a compiled evaluation", () => {
  test("gives the bits of the net, in both modes, and results that last", () => {
    const kind = kindOf("a convolutional net with batch normalization");
    const net = assemble(kind.make(), { seed: 5 }).evaluate();
    const forward = compile((x: Tensor) => noGrad(() => net.forward(x)));
    const results = batchesOf(kind, [3, 3, 3, 3, 3, 3, 1, 1, 1, 1]).map(([x]) => ({
      got: forward(x),
      expected: noGrad(() => net.forward(x)),
    }));
    for (const { got, expected } of results) expect(bitsOf(got)).toBe(bitsOf(expected));
    expect(forward.report()).toMatchObject({ eager: 0 });
  });

  test("takes trees and plain values, each value for itself, and gives trees", () => {
    const f = compile(({ x, k }: { x: readonly Tensor[]; k: number }) => ({
      all: x.map((part) => multiply(part, k)),
      none: null,
    }));
    for (let i = 0; i < 12; i++) {
      const k = i % 2;
      const { all, none } = f({ x: [tensor([i]), tensor([1, 2])], k });
      expect([all.map(numbers), none]).toEqual([[[k * i], [k, 2 * k]], null]);
    }
    expect(f.report().routines).toHaveLength(2);
  });
});
