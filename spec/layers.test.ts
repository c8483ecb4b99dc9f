/** Layers: shapes, gradients, and what training and evaluation do. (BatchNorm and assembling have files of their own.) */
import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  conv2d,
  functionalCall,
  grad,
  multiply,
  type Shape,
  sin,
  sum,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import {
  Activation,
  AvgPool2d,
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  GELU,
  GlobalAvgPool,
  type Layer,
  LeakyReLU,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Sigmoid,
  Tanh,
} from "../layers/index.ts";
import {
  bitsOf,
  distinct,
  expectSlope,
  f64,
  item,
  messageOf,
  noise,
  numbers,
  shifted,
} from "./plain.ts";

const float64 = { dtype: "float64" } as const;

/** Every layer with an input for it and the shape that must come out. */
const zoo: readonly [string, () => Layer, Shape, Shape][] = [
  ["Linear", () => new Linear(3, 5), [4, 3], [4, 5]],
  ["Linear on a stack", () => new Linear(3, 5, { bias: false }), [2, 4, 3], [2, 4, 5]],
  [
    "Conv2d",
    () => new Conv2d(2, 3, { kernel: [3, 2], stride: 2, padding: 1 }),
    [2, 2, 5, 4],
    [2, 3, 3, 3],
  ],
  [
    "Conv2d in groups",
    () => new Conv2d(4, 6, { kernel: 1, groups: 2, bias: false }),
    [1, 4, 2, 3],
    [1, 6, 2, 3],
  ],
  ["BatchNorm of vectors", () => new BatchNorm(3), [6, 3], [6, 3]],
  ["BatchNorm of images", () => new BatchNorm(3), [2, 3, 2, 2], [2, 3, 2, 2]],
  ["Dropout", () => new Dropout(0.3), [3, 4], [3, 4]],
  ["MaxPool2d", () => new MaxPool2d({ window: 2 }), [1, 2, 4, 5], [1, 2, 2, 2]],
  [
    "AvgPool2d",
    () => new AvgPool2d({ window: 3, stride: 1, padding: 1 }),
    [1, 2, 3, 3],
    [1, 2, 3, 3],
  ],
  ["GlobalAvgPool", () => new GlobalAvgPool(), [2, 3, 2, 2], [2, 3]],
  ["Flatten", () => new Flatten(), [2, 3, 2, 2], [2, 12]],
  ["ReLU", () => new ReLU(), [3, 4], [3, 4]],
  ["LeakyReLU", () => new LeakyReLU({ slope: 0.2 }), [3, 4], [3, 4]],
  ["Tanh", () => new Tanh(), [3, 4], [3, 4]],
  ["Sigmoid", () => new Sigmoid(), [3, 4], [3, 4]],
  ["GELU", () => new GELU(), [3, 4], [3, 4]],
  ["Activation", () => new Activation("sine", sin), [3, 4], [3, 4]],
  [
    "Sequential",
    () =>
      new Sequential([
        new Conv2d(1, 2, { kernel: 2 }),
        new BatchNorm(2),
        new Tanh(),
        new Flatten(),
        new Linear(8, 2),
      ]),
    [3, 1, 3, 3],
    [3, 2],
  ],
];

describe.each(zoo)("%s", (_, make, input, output) => {
  test("gives the shape it promises, of its input's dtype, while training and evaluating", () => {
    for (const dtype of ["float32", "float64"] as const) {
      const net = assemble(make(), { dtype });
      const y = net.forward(noise(input, 1).cast(dtype));
      expect([y.shape, y.dtype]).toEqual([output, dtype]);
      expect(net.evaluate().forward(noise(input, 1).cast(dtype)).shape).toEqual(output);
    }
  });

  test("has the gradients that central differences find, in its input and every parameter", () => {
    const net = assemble(make(), { seed: 2, ...float64 });
    const p = net.namedParameters();
    const x = distinct(input, 3);
    const f = (q: Record<string, Tensor>, at: Tensor): Tensor => {
      for (const layer of net.walk()) layer.assembly.stream.position = 0; // the same mask each time
      return sum(sin(functionalCall(net, q, at)));
    };
    const t = noise(input, 4);
    const dx = grad((at: Tensor) => f(p, at))(x);
    expectSlope([item(sum(multiply(dx, t)))], (h) => numbers(f(p, shifted(x, t, h))), 100);
    const dp = grad(f)(p, x);
    for (const [name, w] of Object.entries(p)) {
      const u = noise(w.shape, 5);
      const moved = (h: number) => ({ ...p, [name]: shifted(w, u, h) });
      const slope = item(sum(multiply(dp[name] ?? u, u)));
      expectSlope([slope], (h) => numbers(f(moved(h), x)), 100);
    }
  });

  test("is refused before it is assembled, if it owns or draws anything", () => {
    const net = make();
    const free = [...net.walk()].every(
      (layer) =>
        !layer.drawsRandomly &&
        Object.keys({ ...layer.declareParameters(), ...layer.declareBuffers() }).length === 0,
    );
    if (free) expect(net.forward(noise(input, 1)).shape).toEqual(output);
    else expect(() => net.forward(noise(input, 1))).toThrow(ValueError);
  });
});

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
