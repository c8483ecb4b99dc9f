/** Residual blocks and ready nets: what they compute, how many parameters they own, what they refuse. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  abs,
  crossEntropy,
  functionalCall,
  grad,
  multiply,
  ones,
  relu,
  ShapeError,
  sum,
  type Tensor,
  tensor,
  ValueError,
  zerosLike,
} from "../core/index.ts";
import { sizeOf } from "../core/shape.ts";
import {
  assemble,
  Conv2d,
  cifarResNet,
  type Layer,
  Linear,
  lenet,
  mlp,
  Residual,
  residualBlock,
  Sequential,
  Tanh,
  ZeroPadShortcut,
} from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import { bitsOf, expectSlope, item, messageOf, noise, numbers, shifted } from "./plain.ts";

const float64 = { dtype: "float64" } as const;

/** Elements of all declared parameters; nothing is drawn. */
const countOf = (net: Layer): number =>
  [...net.walk()]
    .flatMap((layer) => Object.values(layer.declareParameters()))
    .reduce((total, { shape }) => total + sizeOf(shape), 0);

/** The parameters of a block, γ of its last normalization at 0. */
function silenced(block: Layer): Record<string, Tensor> {
  const parameters = block.namedParameters();
  const gamma = parameters["batchNorm2.gamma"];
  if (gamma === undefined) throw new Error("a block with two normalizations");
  return { ...parameters, "batchNorm2.gamma": zerosLike(gamma) };
}

describe("a residual block", () => {
  test("whose last γ is 0 (β is 0 from the start) gives max(x, 0), so an x ≥ 0 bit for bit", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const block = assemble(residualBlock(3, 3), { seed: 1, dtype });
      const parameters = silenced(block);
      const x = noise([2, 3, 4, 5], 2).cast(dtype);
      for (const mode of [block.train(), block.evaluate()]) {
        const y = functionalCall(mode, parameters, abs(x));
        expect(bitsOf(y)).toBe(bitsOf(abs(x)));
        expect(bitsOf(functionalCall(mode, parameters, x))).toBe(bitsOf(relu(x)));
      }
    }
  });

  test("that changes shapes gives its shortcut there", () => {
    const block = assemble(residualBlock(2, 4, { stride: 2 }), { seed: 1, ...float64 });
    const x = abs(noise([2, 2, 5, 4], 2));
    const y = functionalCall(block, silenced(block), x);
    expect(bitsOf(y)).toBe(bitsOf(new ZeroPadShortcut(2, 4, { stride: 2 }).forward(x)));
  });

  test("is its plain variant plus its shortcut, before the last ReLU", () => {
    const x = noise([2, 2, 4, 4], 3);
    const [whole, plain] = [false, true].map((leaveOut) =>
      assemble(residualBlock(2, 2, { plain: leaveOut }), { seed: 4, ...float64 }),
    );
    const [residual] = whole?.layers ?? [];
    const body = plain?.layers.slice(0, -1) ?? [];
    if (!residual || body.length === 0) throw new Error("a residual and a body");
    const change = new Sequential(body).forward(x);
    expect(bitsOf(residual.forward(x))).toBe(bitsOf(change.add(x)));
  });
});

describe("Residual", () => {
  test("refuses a body of another shape, also one that would broadcast", () => {
    const net = assemble(new Residual(new Conv2d(2, 1, { kernel: 1 })), float64);
    expect(messageOf(() => net.forward(noise([1, 2, 3, 3], 1)), ShapeError)).toBe(
      "Residual: expected the body to give the shape of its shortcut, [1, 2, 3, 3], got [1, 1, 3, 3]. Pad the body's convolutions, or give a shortcut such as ZeroPadShortcut.",
    );
  });

  test("takes any layer for its shortcut, and owns its parameters", () => {
    const net = new Residual(new Linear(2, 3), { shortcut: new Linear(2, 3, { bias: false }) });
    assemble(net, float64);
    expect(Object.keys(net.namedParameters())).toEqual([
      "linear1.weight",
      "linear1.bias",
      "linear2.weight",
    ]);
    const x = noise([4, 2], 1);
    const [body, shortcut] = net.children();
    if (!body || !shortcut) throw new Error("two children");
    expect(bitsOf(net.forward(x))).toBe(bitsOf(body.forward(x).add(shortcut.forward(x))));
  });
});

describe("ZeroPadShortcut", () => {
  const cases = fc.record({
    n: fc.integer({ min: 1, max: 2 }),
    inChannels: fc.integer({ min: 1, max: 3 }),
    more: fc.integer({ min: 0, max: 4 }),
    height: fc.integer({ min: 1, max: 5 }),
    width: fc.integer({ min: 1, max: 5 }),
    stride: fc.integer({ min: 1, max: 3 }),
  });

  test.prop([cases], { seed: 1, numRuns: 60 })(
    "is x[n, c - ⌊(out - in)/2⌋, stride·i, stride·j], and 0 in the channels that x lacks",
    ({ n, inChannels, more, height, width, stride }) => {
      const outChannels = inChannels + more;
      const x = noise([n, inChannels, height, width], 5);
      const y = new ZeroPadShortcut(inChannels, outChannels, { stride }).forward(x);
      const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
      expect(y.shape).toEqual([n, outChannels, rows, columns]);
      const given = numbers(x);
      const expected: number[] = [];
      for (let image = 0; image < n; image++) {
        for (let channel = 0; channel < outChannels; channel++) {
          const source = channel - Math.floor(more / 2);
          for (let pixel = 0; pixel < rows * columns; pixel++) {
            const [i, j] = [Math.floor(pixel / columns) * stride, (pixel % columns) * stride];
            const at = ((image * inChannels + source) * height + i) * width + j;
            expected.push(source < 0 || source >= inChannels ? 0 : (given[at] ?? Number.NaN));
          }
        }
      }
      expect(numbers(y)).toEqual(expected);
    },
  );

  test("gives the height and width of a 3×3 convolution of its stride and padding 1", () => {
    for (const stride of [1, 2, 3]) {
      const convolution = assemble(new Conv2d(1, 2, { kernel: 3, stride, padding: 1 }), float64);
      const shortcut = new ZeroPadShortcut(1, 2, { stride });
      for (const [height, width] of [
        [1, 2],
        [3, 4],
        [6, 5],
      ] as const) {
        const x = noise([1, 1, height, width], 1);
        expect(shortcut.forward(x).shape).toEqual(convolution.forward(x).shape);
      }
    }
  });

  test("refuses fewer channels, a stride of 0, and an x of other channels", () => {
    expect(messageOf(() => new ZeroPadShortcut(3, 2), ValueError)).toBe(
      "ZeroPadShortcut: expected outChannels to be at least inChannels, 3, got 2. Zeros can be added, not channels taken away: use projectionShortcut instead.",
    );
    expect(() => new ZeroPadShortcut(1, 2, { stride: 0 })).toThrow(ValueError);
    expect(
      messageOf(() => new ZeroPadShortcut(2, 4).forward(noise([1, 3, 2, 2], 1)), ShapeError),
    ).toBe(
      "ZeroPadShortcut: expected x to be [N, 2, H, W], got [1, 3, 2, 2]. Make the layer with the number of channels that x has.",
    );
  });
});

describe("parameters", () => {
  /** Counted by PyTorch 2.13, `sum(p.numel() for p in net.parameters())`, of the same nets built from torch.nn. */
  const counts: readonly [string, () => Layer, number][] = [
    ["ResNet-8", () => cifarResNet({ depth: 8 }), 75_290],
    ["ResNet-20", () => cifarResNet(), 269_722],
    ["plain-20", () => cifarResNet({ plain: true }), 269_722],
    ["ResNet-56", () => cifarResNet({ depth: 56 }), 853_018],
    ["LeNet", () => lenet(), 215_370],
    ["MLP 784-256-10", () => mlp([784, 256, 10]), 203_530],
    [
      "MLP of six normalized layers",
      () => mlp([784, ...new Array<number>(6).fill(1024), 10], { batchNorm: true }),
      6_068_234,
    ],
  ];

  test.each(counts)("of %s are as many as PyTorch counts", (_, make, count) => {
    expect(countOf(make())).toBe(count);
  });

  test("of a ResNet have the names and first values of its plain variant's", () => {
    const [whole, plain] = [false, true].map((leaveOut) =>
      Object.entries(
        assemble(cifarResNet({ depth: 8, width: 2, plain: leaveOut }), {
          seed: 3,
        }).namedParameters(),
      ).map(([name, w]) => [name, bitsOf(w)]),
    );
    expect(whole).toEqual(plain);
    expect(whole?.map(([name]) => name).slice(0, 4)).toEqual([
      "conv1.weight",
      "batchNorm1.gamma",
      "batchNorm1.beta",
      "conv2.weight",
    ]);
  });
});

/** Each net, with the shape of one example. */
const nets: readonly [string, () => Layer, readonly number[]][] = [
  ["a ResNet", () => cifarResNet({ depth: 8, width: 2, classes: 3 }), [3, 8, 8]],
  ["a plain net", () => cifarResNet({ depth: 8, width: 2, classes: 3, plain: true }), [3, 8, 8]],
  ["a LeNet", () => lenet({ shape: [1, 8, 4], classes: 3 }), [1, 8, 4]],
  ["an MLP of images", () => mlp([12, 5, 3]), [3, 2, 2]],
  ["an MLP", () => mlp([4, 6, 5, 3], { batchNorm: true, activation: () => new Tanh() }), [4]],
];

describe.each(nets)("%s", (_, make, example) => {
  test("gives one row of logits an example, of its input's dtype", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const y = assemble(make(), { dtype }).forward(ones([4, ...example], { dtype }));
      expect([y.shape, y.dtype]).toEqual([[4, 3], dtype]);
    }
  });

  test("gives an example alone the bits that it has in a batch, when evaluating", () => {
    const net = assemble(make(), { seed: 1 }).evaluate();
    const x = noise([3, ...example], 2).cast("float32");
    const whole = net.forward(x);
    for (const n of [0, 1, 2]) {
      const alone = net.forward(x.slice([[n, n + 1]]));
      expect(bitsOf(alone)).toBe(bitsOf(whole.slice([[n, n + 1]])));
    }
  });

  test("has the gradients that central differences find, in its input and every parameter", () => {
    const net = assemble(make(), { seed: 2, ...float64 });
    const p = net.namedParameters();
    const x = noise([3, ...example], 3);
    const labels = tensor([0, 2, 1], { dtype: "int32" });
    const loss = (q: Record<string, Tensor>, at: Tensor) =>
      crossEntropy(functionalCall(net, q, at), labels);
    /** A short way off, so that no ReLU or maximum changes sides between the points of a difference. */
    const along = (w: Tensor, seed: number) => multiply(noise(w.shape, seed), 1e-3);
    const t = along(x, 4);
    const dx = grad((at: Tensor) => loss(p, at))(x);
    expectSlope([item(sum(multiply(dx, t)))], (h) => numbers(loss(p, shifted(x, t, h))));
    const dp = grad(loss)(p, x);
    for (const [index, [name, w]] of Object.entries(p).entries()) {
      const u = along(w, 5 + index);
      const slope = item(sum(multiply(dp[name] ?? u, u)));
      expectSlope([slope], (h) => numbers(loss({ ...p, [name]: shifted(w, u, h) }, x)));
    }
  });

  test("learns a batch by heart: its loss falls below half of the first", () => {
    const net = assemble(make(), { seed: 1 });
    const x = noise([3, ...example], 6).cast("float32");
    const labels = tensor([2, 0, 1], { dtype: "int32" });
    const optimizer = sgd(net.parameters(), { learningRate: 0.05, momentum: 0.9 });
    const losses = Array.from({ length: 12 }, () =>
      item(optimizer.step(() => crossEntropy(net.forward(x), labels))),
    );
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  });
});

describe("nets refuse", () => {
  test.each([2, 9, 20.5, -4, Number.NaN])("a ResNet of depth %s", (depth) => {
    expect(messageOf(() => cifarResNet({ depth }), ValueError)).toBe(
      `cifarResNet: expected depth to be 6n + 2 for an integer n ≥ 1, got ${depth}. Take 8, 14, 20, 32, 44, 56 or 110.`,
    );
  });

  test("sizes that are no integers ≥ 1", () => {
    for (const make of [
      () => cifarResNet({ width: 0 }),
      () => cifarResNet({ channels: 1.5 }),
      () => cifarResNet({ classes: 0 }),
      () => residualBlock(2, 2, { stride: 0 }),
      () => residualBlock(4, 2),
      () => lenet({ classes: 0 }),
      () => lenet({ shape: [0, 4, 4] }),
      () => mlp([3, 0, 2]),
    ]) {
      expect(make).toThrow(ValueError);
    }
  });

  test("an MLP of one width, and a LeNet of images that poolings cannot halve twice", () => {
    expect(messageOf(() => mlp([3]), ValueError)).toBe(
      "mlp: expected widths to hold at least two numbers, of inputs and of outputs, got [3]. Write for example mlp([784, 256, 10]).",
    );
    expect(messageOf(() => lenet({ shape: [1, 30, 28] }), ValueError)).toBe(
      "lenet: expected shape to have a height and a width that are multiples of 4, got [1, 30, 28]. Pad the images: both poolings halve them.",
    );
  });
});
