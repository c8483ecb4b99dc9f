/**
 * compile: a step that is repeated from what was written down has the bits of the step run as written, and where it can
 * not be repeated it is run as written, and says why.
 */

import { fc } from "@fast-check/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import {
  assign,
  atStep,
  buffer,
  type CompiledStep,
  clearGradients,
  compile,
  conv2d,
  crossEntropy,
  detectAnomalies,
  grad,
  multiply,
  noGrad,
  parameter,
  RandomSource,
  randomIntegers,
  randomNormal,
  recompute,
  type Shape,
  scope,
  setDevice,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  UsageError,
  ValueError,
  withDevice,
} from "../core/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  GroupNorm,
  type Layer,
  LayerNorm,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
} from "../layers/index.ts";
import { adam, type Optimizer, type OptimizerOptions, sgd, weightAverage } from "../optim/index.ts";
import { optimizers } from "../optim/registry.ts";
import { cosine } from "../schedules/index.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { bitsOf, messageOf, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

/** Two captures, two repetitions, a check, a repetition, a check, a repetition. */
const steps = 8;

interface Kind {
  readonly shape: Shape;
  readonly make: () => Layer;
}

const kinds: Readonly<Record<string, Kind>> = {
  "an MLP with dropout": {
    shape: [6],
    make: () => new Sequential([new Linear(6, 8), new ReLU(), new Dropout(0.3), new Linear(8, 3)]),
  },
  "a convolutional net with batch normalization": {
    shape: [2, 6, 6],
    make: () =>
      new Sequential([
        new Conv2d(2, 4, { kernel: 3, padding: 1, bias: false }),
        new BatchNorm(4),
        new ReLU(),
        new MaxPool2d({ window: 2 }),
        new Residual(
          new Sequential([
            new Conv2d(4, 4, { kernel: 3, padding: 1 }),
            new GroupNorm(4, { groups: 2 }),
          ]),
        ),
        new Flatten(),
        new Dropout(0.2),
        new Linear(36, 3),
      ]),
  },
  "layer normalization": {
    shape: [5],
    make: () => new Sequential([new Linear(5, 6), new LayerNorm(6), new ReLU(), new Linear(6, 3)]),
  },
};
const kindNames = Object.keys(kinds);

/** The batches of a run: their sizes, as those of an epoch with a short last batch. */
function batchesOf(
  { shape }: Kind,
  sizes: readonly number[],
): readonly (readonly [Tensor, Tensor])[] {
  const stream = new RandomSource(11).stream("spec/compile");
  return sizes.map((size) => [
    randomNormal([size, ...shape], { stream }),
    randomIntegers([size], { stream, low: 0, high: 3 }),
  ]);
}

interface Trained {
  readonly cells: readonly string[];
  readonly losses: readonly string[];
  readonly gradients: readonly string[];
  readonly state: unknown;
}

/** Everything that a run leaves, as bits. */
function leftBy(net: Layer, optimizer: Optimizer, losses: readonly string[]): Trained {
  const tensors = { ...net.namedParameters(), ...net.namedBuffers(), ...optimizer.namedState() };
  return {
    cells: Object.entries(tensors).map(([name, cell]) => `${name} ${cell.version} ${bitsOf(cell)}`),
    losses,
    gradients: net
      .parameters()
      .map(({ grad: g }) => (g === null ? "none" : `${g.name} ${bitsOf(g)}`)),
    state: [optimizer.steps, [...net.walk()].map((layer) => layer.assembly.stream.position)],
  };
}

type Step = (x: Tensor, y: Tensor) => Tensor;

function trainedBy(
  kind: Kind,
  makeOptimizer: (net: Layer) => Optimizer,
  wrap: (step: Step) => Step,
  sizes: readonly number[] = Array.from({ length: steps }, () => 4),
  between: (net: Layer, optimizer: Optimizer, step: number) => void = () => {},
): Trained {
  const net = assemble(kind.make(), { seed: 5 });
  const optimizer = makeOptimizer(net);
  const step = wrap((x, y) => optimizer.step(() => crossEntropy(net.forward(x), y)));
  const losses = batchesOf(kind, sizes).map(([x, y], i) => {
    between(net, optimizer, i);
    return bitsOf(step(x, y));
  });
  return leftBy(net, optimizer, losses);
}

const plain = (step: Step): Step => step;
const kindOf = (name: string): Kind => kinds[name] ?? { shape: [], make: () => new Flatten() };

/** Trains as written and compiled, and checks that both leave the same; gives the compiled step. */
function expectSameBits(
  kind: Kind,
  makeOptimizer: (net: Layer) => Optimizer,
  sizes?: readonly number[],
  between?: (net: Layer, optimizer: Optimizer, step: number) => void,
): CompiledStep<[Tensor, Tensor], Tensor> {
  let compiled: CompiledStep<[Tensor, Tensor], Tensor> | null = null;
  const asWritten = trainedBy(kind, makeOptimizer, plain, sizes, between);
  const repeated = trainedBy(
    kind,
    makeOptimizer,
    (step) => {
      compiled = compile(step);
      return compiled;
    },
    sizes,
    between,
  );
  expect(repeated).toEqual(asWritten);
  if (compiled === null) throw new Error("a compiled step");
  return compiled;
}

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

describe("what cannot be repeated runs as written and says why", () => {
  const x = (): Tensor => tensor([1, 2, 3]);
  const outcome = (f: CompiledStep<[Tensor], unknown>, calls = 4): readonly unknown[] => {
    for (let i = 0; i < calls; i++) f(x());
    const { replayed, reasons } = f.report();
    return [replayed, reasons];
  };

  test.each([
    [
      "reads elements",
      (a: Tensor) => multiply(a, a.sum().item()),
      "item reads elements in JavaScript",
    ],
    [
      "brings data",
      (a: Tensor) => a.add(tensor([1, 1, 1])),
      "tensor() brings data from JavaScript",
    ],
    ["gives a number", () => 3, "it gives a number, not a tensor"],
  ] as const)("a step that %s", (_, f, reason) => {
    expect(outcome(compile(f as (a: Tensor) => unknown))).toEqual([0, [reason]]);
  });

  test("a step that gives a cell", () => {
    const w = parameter(tensor([2, 3, 4]));
    expect(outcome(compile(() => w))).toEqual([0, ["it gives a tensor that it has not made"]]);
  });

  test("a result that is still to be differentiated", () => {
    const w = parameter(tensor([2, 3, 4]));
    const f = compile((a: Tensor) => sum(multiply(w, a)));
    for (let i = 1; i < 5; i++) {
      clearGradients([w]);
      f(tensor([i, 1, 1])).backward();
      expect(numbers(w.grad ?? w)).toEqual([i, 1, 1]);
    }
    expect(f.report()).toMatchObject({
      replayed: 0,
      reasons: ["its result is still to be differentiated"],
    });
  });

  test("a tensor that outlives the step", () => {
    const kept: Tensor[] = [];
    const f = compile((a: Tensor) => {
      kept.push(buffer(a));
      return a.add(1);
    });
    expect(outcome(f)).toEqual([0, ["a tensor that it makes outlives it"]]);
    expect(kept.map(numbers)).toEqual([1, 2, 3, 4].map(() => [1, 2, 3]));
  });

  test("gradients that are accumulated over calls", () => {
    const compiled = expectSameBits(kindOf("an MLP with dropout"), (net) =>
      sgd(net.parameters(), { learningRate: 0.1, accumulate: 2 }),
    );
    expect(compiled.report().reasons).toEqual(["it accumulates gradients over calls"]);
  });

  test("another device, a transform, an observer", () => {
    const f = compile((a: Tensor) => sum(square(a)));
    withDevice("reference", () => outcome(f, 1));
    expect(numbers(grad((a: Tensor) => f(a))(x()))).toEqual([2, 4, 6]);
    detectAnomalies(() => atStep(1, () => f(x())));
    expect(f.report().reasons).toEqual([
      "the device reference repeats nothing",
      "a transform follows it",
      "an observer looks at every op",
    ]);
  });

  test("a number that the step reads by closure and that changes from call to call", () => {
    let k = 0;
    const f = compile((a: Tensor) => multiply(a, k));
    for (k = 0; k < 20; k++) expect(numbers(f(x()))).toEqual([k, 2 * k, 3 * k]);
    expect(f.report().replayed).toBe(0);
  });

  test("a tensor by closure that is another at each call", () => {
    let by = x();
    const f = compile((a: Tensor) => multiply(a, by));
    for (let k = 0; k < 20; k++) {
      by = tensor([k, 1, 0]);
      expect(numbers(f(x()))).toEqual([k, 2, 0]);
    }
    expect(f.report().replayed).toBe(0);
  });

  test("refresh() takes a number by closure in that changes, and check() finds it", () => {
    let k = 1;
    const f = compile((a: Tensor) => multiply(a, k));
    for (; k < 4; k++) {
      f.refresh();
      for (let i = 0; i < 4; i++) expect(numbers(f(x()))).toEqual([k, 2 * k, 3 * k]);
    }
    expect(f.report().replayed).toBeGreaterThan(2);
    f.check();
    expect(messageOf(() => f(x()), UsageError)).toContain("call refresh()");
  });

  test("a number by closure that changes later is found, and reset() takes it in", () => {
    let k = 1;
    const f = compile((a: Tensor) => multiply(a, k));
    for (let i = 0; i < 4; i++) f(x());
    k = 2;
    const message = messageOf(() => {
      for (let i = 0; i < 8; i++) f(x());
    }, UsageError);
    expect(message).toMatch(/^compile: expected the step to do at each call what it did/);
    f.reset();
    for (let i = 0; i < 4; i++) expect(numbers(f(x()))).toEqual([2, 4, 6]);
  });
});
