/** Linear, Conv2d and the dropouts: what they compute and refuse. What all layers promise is in layers-laws. */
import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  BitgradError,
  conv2d,
  functionalCall,
  ShapeError,
  tensor,
  ValueError,
} from "../core/index.ts";
import * as layers from "../layers/index.ts";
import {
  AvgPool2d,
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Dropout2d,
  DropPath,
  ELU,
  type Layer,
  LeakyReLU,
  Linear,
  LogSoftmax,
  MaxPool2d,
  Residual,
  Softmax,
} from "../layers/index.ts";
import { bitsOf, f64, messageOf, noise, numbers } from "./plain.ts";

const float64 = { dtype: "float64" } as const;

describe("Linear and Conv2d", () => {
  test("Linear is x·Wᵀ + b", () => {
    const net = assemble(new Linear(2, 2), float64);
    const p = {
      "linear1.weight": f64([
        [1, 2],
        [3, 4],
      ]),
      "linear1.bias": f64([10, 20]),
    };
    expect(
      numbers(
        functionalCall(
          net,
          p,
          f64([
            [1, 1],
            [0, 1],
          ]),
        ),
      ),
    ).toEqual([13, 27, 12, 24]);
  });

  test("Conv2d is conv2d with its options", () => {
    const net = assemble(
      new Conv2d(2, 4, { kernel: 3, stride: 2, padding: "same", dilation: 2, groups: 2 }),
      float64,
    );
    const [weight, bias] = net.parameters();
    if (!weight || !bias) throw new Error("a weight and a bias");
    const x = noise([1, 2, 7, 7], 1);
    const expected = conv2d(x, weight, {
      bias,
      stride: 2,
      padding: "same",
      dilation: 2,
      groups: 2,
    });
    expect(bitsOf(net.forward(x))).toBe(bitsOf(expected));
    expect(weight.shape).toEqual([4, 1, 3, 3]);
  });

  const conv = (options: object) => (): unknown => new Conv2d(2, 2, { kernel: 3, ...options });
  const untyped = (text: string): object => JSON.parse(text);
  const pair = "or two of them (height, width)";
  test.each<[string, () => unknown, string]>([
    [
      "stride 0",
      conv({ stride: 0 }),
      `Conv2d: expected stride to be an integer ≥ 1, ${pair}, got 0`,
    ],
    ["half a stride", conv({ stride: [1, 1.5] }), "Conv2d: expected stride to be an integer ≥ 1"],
    ["no number as stride", conv({ stride: Number.NaN }), `${pair}, got NaN. Give whole pixels.`],
    ["negative padding", conv({ padding: -1 }), "Conv2d: expected padding to be an integer ≥ 0"],
    [
      "padding of another word",
      conv(untyped('{ "padding": "valid" }')),
      'Conv2d: expected padding to be "same" or numbers of pixels, got "valid"',
    ],
    ["dilation 0", conv({ dilation: 0 }), "Conv2d: expected dilation to be an integer ≥ 1"],
    [
      "a kernel of three numbers",
      conv(untyped('{ "kernel": [3, 3, 3] }')),
      `Conv2d: expected kernel to be an integer ≥ 1, ${pair}, got [3, 3, 3]`,
    ],
    [
      "an empty window",
      () => new MaxPool2d({ window: 0 }),
      "MaxPool2d: expected window to be an integer ≥ 1",
    ],
    [
      "a pooling's stride of 0",
      () => new AvgPool2d({ window: 2, stride: 0 }),
      "AvgPool2d: expected stride to be an integer ≥ 1",
    ],
    [
      "more than half a window of padding",
      () => new MaxPool2d({ window: 2, padding: 2 }),
      "MaxPool2d: expected padding to be at most half of a window",
    ],
    [
      "a slope that is no number",
      () => new LeakyReLU({ slope: Number.NaN }),
      "LeakyReLU: expected slope to be a finite number, got NaN",
    ],
    [
      "an infinite α",
      () => new ELU({ alpha: Number.POSITIVE_INFINITY }),
      "ELU: expected alpha to be a finite number, got Infinity",
    ],
    [
      "half an axis",
      () => new Softmax({ axis: 0.5 }),
      "Softmax: expected axis to be an integer, got 0.5. Axes count from 0, negative ones from the end.",
    ],
    [
      "half an axis of logarithms",
      () => new LogSoftmax({ axis: 0.5 }),
      "LogSoftmax: expected axis to be an integer, got 0.5",
    ],
  ])("%s is refused when the layer is made", (_, make, message) => {
    expect(messageOf(make, BitgradError)).toContain(message);
  });

  test("options that the op takes, the layer takes", () => {
    for (const dilation of [1, 3]) {
      const options = { dilation, stride: [2, 1], padding: "same" } as const;
      expect(new Conv2d(4, 2, { kernel: [1, 5], groups: 2, ...options }).options.stride).toEqual([
        2, 1,
      ]);
      expect(new MaxPool2d({ window: [3, 1], ...options }).options.padding).toBe("same");
    }
  });

  test("sizes are checked when the layer is made", () => {
    const fix = "Give a whole number.";
    expect(messageOf(() => new Linear(0, 3), ValueError)).toBe(
      `Linear: expected inFeatures to be an integer ≥ 1, got 0. ${fix}`,
    );
    expect(messageOf(() => new Conv2d(1, 1.5, { kernel: 3 }), ValueError)).toBe(
      `Conv2d: expected outChannels to be an integer ≥ 1, got 1.5. ${fix}`,
    );
    expect(messageOf(() => new Conv2d(1, 1, { kernel: [3, 0] }), ValueError)).toBe(
      `Conv2d: expected kernel to be an integer ≥ 1, got 0. ${fix}`,
    );
    expect(messageOf(() => new Conv2d(4, 3, { kernel: 1, groups: 2 }), ValueError)).toBe(
      "Conv2d: expected outChannels to be a multiple of groups, 2, got 3. Each group takes and gives the same number of channels.",
    );
    expect(() => new BatchNorm(-1)).toThrow(ValueError);
  });
});

test("each layer is of the kind that names count by", () => {
  const window = { window: 2 };
  const kinds: readonly [Layer, string][] = [
    [new Linear(1, 1), "linear"],
    [new Conv2d(1, 1, { kernel: 1 }), "conv"],
    [new layers.BatchNorm(1), "batchNorm"],
    [new layers.LayerNorm(1), "layerNorm"],
    [new layers.GroupNorm(1, { groups: 1 }), "groupNorm"],
    [new layers.InstanceNorm2d(1), "instanceNorm"],
    [new MaxPool2d(window), "maxPool"],
    [new AvgPool2d(window), "avgPool"],
    [new layers.GlobalAvgPool(), "globalAvgPool"],
    [new layers.Flatten(), "flatten"],
    [new layers.Sequential([]), "sequential"],
    [new Residual(new layers.Flatten()), "residual"],
    [new layers.ZeroPadShortcut(1, 1), "zeroPadShortcut"],
    [new Dropout(0), "dropout"],
    [new Dropout2d(0), "dropout2d"],
    [new DropPath(0), "dropPath"],
    [new layers.ReLU(), "relu"],
    [new LeakyReLU(), "leakyRelu"],
    [new ELU(), "elu"],
    [new layers.SELU(), "selu"],
    [new layers.Tanh(), "tanh"],
    [new layers.Sigmoid(), "sigmoid"],
    [new layers.SiLU(), "silu"],
    [new layers.GELU(), "gelu"],
    [new layers.Softplus(), "softplus"],
    [new Softmax(), "softmax"],
    [new LogSoftmax(), "logSoftmax"],
  ];
  expect(kinds.map(([{ kind }]) => kind)).toEqual(kinds.map(([, kind]) => kind));
});

describe("Dropout", () => {
  test("scales survivors by 1/(1 - rate), and is the identity in evaluation", () => {
    const net = assemble(new Dropout(0.25), float64);
    const x = noise([40, 50], 1);
    const y = numbers(net.forward(x));
    const kept = y.filter((value) => value !== 0).length;
    numbers(x).forEach((value, i) => {
      if (y[i] !== 0)
        expect(Math.abs((y[i] ?? 0) * 0.75 - value)).toBeLessThan(1e-15 * Math.abs(value) * 2);
    });
    // Binomial(2000, 0.75): 5 standard deviations, exceeded by a right mask in 6e-7 of all draws.
    expect(Math.abs(kept - 1500)).toBeLessThan(5 * Math.sqrt(2000 * 0.75 * 0.25));
    expect(bitsOf(net.evaluate().forward(x))).toBe(bitsOf(x));
  });

  test("draws a new mask each time, the same sequence for the same seed", () => {
    const masks = (seed: number) => {
      const net = assemble(new Dropout(0.5), { seed, ...float64 });
      return [1, 2].map(() => bitsOf(net.forward(f64(new Array<number>(30).fill(1)))));
    };
    const [first, second] = masks(1);
    expect(second).not.toBe(first);
    expect(masks(1)).toEqual([first, second]);
    expect(masks(2)[0]).not.toBe(first);
  });

  test.each([-0.1, 1, Number.NaN])("a rate of %s is refused", (rate) => {
    expect(messageOf(() => new Dropout(rate), ValueError)).toBe(
      `Dropout: expected rate to be a probability in [0, 1), got ${rate}. Give the share of elements to drop, such as 0.5.`,
    );
  });
});

describe("Dropout2d and DropPath", () => {
  const subjects: readonly [string, (rate: number) => Layer, number][] = [
    ["Dropout2d drops whole channels", (rate) => new Dropout2d(rate), 6],
    ["DropPath drops whole examples", (rate) => new DropPath(rate), 18],
  ];

  test.each(subjects)("%s, and scales the others by 1/(1 - rate)", (_, make, length) => {
    const net = assemble(make(0.25), { seed: 1, ...float64 });
    const x = noise([400, 3, 2, 3], 1);
    const [given, got] = [numbers(x), numbers(net.forward(x))];
    const parts = given.length / length;
    let kept = 0;
    for (let part = 0; part < parts; part++) {
      const [from, to] = [part * length, (part + 1) * length];
      const here = got.slice(from, to);
      const scaled = given.slice(from, to).map((value) => value / 0.75);
      if (here.some((value) => value !== 0)) kept += 1;
      expect([scaled, scaled.map(() => 0)]).toContainEqual(here);
    }
    // Binomial(parts, 0.75): 5 standard deviations, exceeded by a right mask in 6e-7 of all draws.
    expect(Math.abs(kept - 0.75 * parts)).toBeLessThan(5 * Math.sqrt(parts * 0.75 * 0.25));
  });

  test.each(subjects)("%s: what is kept at one rate is kept at every smaller one", (_, make) => {
    const dropped = (rate: number) => {
      const net = assemble(make(rate), { seed: 2, ...float64 });
      const first = numbers(net.forward(noise([30, 3, 2, 3], 1)));
      const { position } = net.assembly.stream;
      return { position, gone: first.flatMap((value, i) => (value === 0 ? [i] : [])) };
    };
    const [none, some, more] = [dropped(0), dropped(0.2), dropped(0.6)];
    expect(none.gone).toEqual([]);
    expect(some.gone.length).toBeGreaterThan(0);
    expect(more.gone.length).toBeGreaterThan(some.gone.length);
    expect(more.gone).toEqual(expect.arrayContaining(some.gone));
    expect([none.position, some.position]).toEqual([more.position, more.position]);
  });

  test.each(subjects)("%s: a dropped infinity is 0", (_, make) => {
    const net = assemble(make(0.5), { seed: 1, ...float64 });
    const infinite = new Float64Array(1200).fill(Number.POSITIVE_INFINITY);
    const y = numbers(net.forward(tensor(infinite, { shape: [100, 3, 2, 2] })));
    expect([...new Set(y)].toSorted()).toEqual([0, Number.POSITIVE_INFINITY]);
  });

  test("a residual block whose branch DropPath drops is its shortcut, for that example alone", () => {
    const drop = new DropPath(0.5);
    const net = assemble(new Residual(drop), { seed: 3, ...float64 });
    const x = noise([8, 5], 1);
    const y = numbers(net.forward(x));
    drop.assembly.stream.position = 0;
    const branch = numbers(drop.forward(x));
    expect(y).toEqual(numbers(x).map((value, i) => (branch[i] === 0 ? value : 3 * value)));
    expect(new Set(branch.filter((_, i) => i % 5 === 0).map((value) => value === 0)).size).toBe(2);
  });

  test("refuse rates outside [0, 1) and other shapes", () => {
    expect(messageOf(() => new Dropout2d(1), ValueError)).toBe(
      "Dropout2d: expected rate to be a probability in [0, 1), got 1. Give the share of channels to drop, such as 0.5.",
    );
    expect(messageOf(() => new DropPath(-0.5), ValueError)).toBe(
      "DropPath: expected rate to be a probability in [0, 1), got -0.5. Give the share of examples to drop, such as 0.5.",
    );
    expect(messageOf(() => new Dropout2d(0.5).forward(noise([2, 3], 1)), ShapeError)).toBe(
      "Dropout2d: expected x to be [N, C, H, W], got [2, 3]. Use Dropout for vectors.",
    );
    expect(messageOf(() => new DropPath(0.5).forward(noise([], 1)), ShapeError)).toBe(
      "DropPath: expected x to have a batch axis, [N, ...], got []. Give a batch of one: reshape(x, [1]).",
    );
  });
});
