/** Residual blocks and ready nets: what they compute, how many parameters they own, what they refuse. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  abs,
  conv2d,
  crossEntropy,
  functionalCall,
  relu,
  ShapeError,
  type Tensor,
  tensor,
  ValueError,
  vjp,
  zerosLike,
} from "../core/index.ts";
import {
  assemble,
  Conv2d,
  cifarResNet,
  type Layer,
  Linear,
  lenet,
  mlp,
  projectionShortcut,
  Residual,
  residualBlock,
  Sequential,
  Tanh,
  type VggOptions,
  vgg,
  ZeroPadShortcut,
} from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import { bitsOf, item, messageOf, noise, numbers } from "./plain.ts";

const float64 = { dtype: "float64" } as const;

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

  test("fit-skip: whose last γ is 0 is the identity bit for bit, and passes the gradient unchanged", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const net = assemble(residualBlock(3, 3, { zeroGamma: true }), { seed: 1, dtype });
      const [block] = net.layers;
      if (!block) throw new Error("a residual");
      for (const mode of [net.train(), net.evaluate()]) {
        const x = noise([4, 3, 5, 4], mode.training ? 2 : 3).cast(dtype);
        const { value, pull } = vjp((at: Tensor) => block.forward(at), x);
        expect(bitsOf(value)).toBe(bitsOf(x));
        const cotangent = noise([4, 3, 5, 4], 4).cast(dtype);
        expect(bitsOf(pull(cotangent))).toBe(bitsOf(cotangent));
      }
    }
  });

  test("fit-skip: a whole net of such blocks gives what it gives without their bodies", () => {
    const net = assemble(cifarResNet({ depth: 14, width: 4, zeroGamma: true }), float64).evaluate();
    const x = noise([2, 3, 8, 8], 1);
    // A ReLU follows each block; after the first it changes nothing, for values are ≥ 0 there.
    const bare = net.layers.reduce((value, layer) => {
      const [residual] = layer.children();
      if (!(residual instanceof Residual)) return layer.forward(value);
      return residual.shortcut === null ? value : residual.shortcut.forward(value);
    }, x);
    expect(bitsOf(net.forward(x))).toBe(bitsOf(bare));
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

describe("projectionShortcut", () => {
  test("is a 1×1 convolution of its stride without bias, normalized", () => {
    const net = assemble(projectionShortcut(2, 3, { stride: 2 }), float64);
    expect(Object.keys(net.namedParameters())).toEqual([
      "conv1.weight",
      "batchNorm1.gamma",
      "batchNorm1.beta",
    ]);
    const [weight] = net.parameters();
    if (!weight) throw new Error("a weight");
    const x = noise([2, 2, 5, 4], 1);
    const { output } = conv2d(x, weight, { stride: 2 }).batchNorm(null, null);
    expect(bitsOf(net.forward(x))).toBe(bitsOf(output));
    expect(output.shape).toEqual([2, 3, 3, 2]);
  });

  test("makes shapes meet also where channels become fewer", () => {
    const block = residualBlock(4, 2, { stride: 3, shortcut: "projection" });
    expect(assemble(block, float64).forward(noise([2, 4, 7, 5], 1)).shape).toEqual([2, 2, 3, 2]);
  });

  test("refuses sizes that are no integers ≥ 1", () => {
    expect(messageOf(() => projectionShortcut(2, 0), ValueError)).toBe(
      "projectionShortcut: expected outChannels to be an integer ≥ 1, got 0. Give a whole number.",
    );
  });
});

describe("vgg", () => {
  test("is convolutions and pooling by stages, then linear layers", () => {
    const kinds = (batchNorm: boolean) =>
      vgg({ shape: [1, 4, 4], stages: [2, 1], hidden: [7], batchNorm })
        .layers.map(({ kind }) => kind)
        .join(" ");
    const end = "flatten linear relu linear";
    expect(kinds(false)).toBe(`conv relu conv relu maxPool conv relu maxPool ${end}`);
    const conv = "conv batchNorm relu";
    expect(kinds(true)).toBe(`${conv} ${conv} maxPool ${conv} maxPool ${end}`);
  });

  test("doubles its channels up to eightfold", () => {
    const shapes = [...vgg({ shape: [1, 32, 32], stages: [1, 1, 1, 1, 1], width: 2 }).walk()]
      .filter((layer) => layer instanceof Conv2d)
      .map(({ outChannels }) => outChannels);
    expect(shapes).toEqual([2, 4, 8, 16, 16]);
  });

  test("refuses images that its stages cannot halve, and no stages", () => {
    expect(messageOf(() => vgg({ shape: [3, 24, 24] }), ValueError)).toBe(
      "vgg: expected stages to be one or more, which halve the height and width of shape evenly, got 4 for [3, 24, 24]. Leave stages out, or pad the images.",
    );
    expect(() => vgg({ stages: [] })).toThrow(ValueError);
    expect(() => vgg({ hidden: [0] })).toThrow(ValueError);
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

/** Configuration D of the paper. */
const vgg16: VggOptions = {
  shape: [3, 224, 224],
  classes: 1000,
  stages: [2, 2, 3, 3, 3],
  width: 64,
  hidden: [4096, 4096],
};

describe("parameters", () => {
  /** Counted by PyTorch 2.13, `sum(p.numel() for p in net.parameters())`, of the same nets built from torch.nn. */
  const counts: readonly [string, () => Layer, number][] = [
    ["ResNet-8", () => cifarResNet({ depth: 8 }), 75_290],
    ["ResNet-20", () => cifarResNet(), 269_722],
    ["plain-20", () => cifarResNet({ plain: true }), 269_722],
    ["ResNet-56", () => cifarResNet({ depth: 56 }), 853_018],
    ["ResNet-20 with projections", () => cifarResNet({ shortcut: "projection" }), 272_474],
    ["LeNet", () => lenet(), 215_370],
    ["VGG-16", () => vgg(vgg16), 138_357_544],
    ["VGG-16 with normalization", () => vgg({ ...vgg16, batchNorm: true }), 138_361_768],
    ["MLP 784-256-10", () => mlp([784, 256, 10]), 203_530],
    [
      "MLP of six normalized layers",
      () => mlp([784, ...new Array<number>(6).fill(1024), 10], { batchNorm: true }),
      6_068_234,
    ],
  ];

  test.each(counts)("of %s are as many as PyTorch counts", (_, make, count) => {
    expect(make().parameterCount).toBe(count);
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
  [
    "a VGG",
    () => vgg({ shape: [1, 8, 4], stages: [1, 1], width: 8, hidden: [16], classes: 3 }),
    [1, 8, 4],
  ],
  ["an MLP", () => mlp([4, 6, 5, 3], { batchNorm: true, activation: () => new Tanh() }), [4]],
];

describe.each(nets)("%s", (_, make, example) => {
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

describe("options of blocks that contradict each other, or are no words of theirs, are refused:", () => {
  const shortcut = JSON.parse('"identity"');
  test.each([
    ["residualBlock", (options: object) => residualBlock(2, 2, options)],
    ["cifarResNet", (options: object) => cifarResNet(options)],
  ])("%s", (name, make) => {
    expect(messageOf(() => make({ plain: true, zeroGamma: true }), ValueError)).toBe(
      `${name}: expected zeroGamma to be absent from a plain net, which has no shortcuts, got true. Leave out either plain or zeroGamma.`,
    );
    expect(messageOf(() => make({ plain: true, shortcut: "zeroPad" }), ValueError)).toBe(
      `${name}: expected shortcut to be absent from a plain net, which has no shortcuts, got "zeroPad". Leave out either plain or shortcut.`,
    );
    expect(messageOf(() => make({ shortcut }), ValueError)).toBe(
      `${name}: expected shortcut to be "zeroPad" or "projection", got "identity". Give one of these, or leave it out.`,
    );
  });
});
