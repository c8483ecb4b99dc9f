/** LayerNorm, GroupNorm and InstanceNorm2d, and where a normalization stands in a net. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ShapeError, type Tensor, ValueError } from "../core/index.ts";
import {
  assemble,
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  GroupNorm,
  InstanceNorm2d,
  type Layer,
  LayerNorm,
  Linear,
  ReLU,
  Sequential,
} from "../layers/index.ts";
import { bitsOf, expectClose, messageOf, noise, numbers } from "./plain.ts";

const float64 = { dtype: "float64" } as const;
const shape = fc.record({
  seed: fc.nat(1e6),
  n: fc.integer({ min: 1, max: 4 }),
  channels: fc.integer({ min: 1, max: 6 }),
  height: fc.integer({ min: 1, max: 5 }),
  width: fc.integer({ min: 2, max: 5 }),
});

/** (x - mean)/√(variance + ε) of each run of `length` elements. */
function standardized(x: Tensor, length: number, epsilon: number): number[] {
  const values = numbers(x);
  const out: number[] = [];
  for (let start = 0; start < values.length; start += length) {
    const run = values.slice(start, start + length);
    const mean = run.reduce((s, v) => s + v, 0) / length;
    const variance = run.reduce((s, v) => s + (v - mean) ** 2, 0) / length;
    out.push(...run.map((v) => (v - mean) / Math.sqrt(variance + epsilon)));
  }
  return out;
}

describe("statistics without the batch axis", () => {
  /** Each with its options drawn: layers for [N, C, H, W]. */
  const subjects: readonly [string, (c: number, h: number, w: number) => Layer][] = [
    ["LayerNorm of rows", (_c, _h, w) => new LayerNorm(w)],
    ["LayerNorm of images", (c, h, w) => new LayerNorm([c, h, w])],
    ["GroupNorm", (c) => new GroupNorm(c, { groups: c % 2 === 0 ? 2 : 1 })],
    ["InstanceNorm2d", (c) => new InstanceNorm2d(c, { affine: true })],
  ];

  describe.each(subjects)("%s", (_, make) => {
    test.prop([shape, fc.constantFrom("float32", "float64")], { seed: 1, numRuns: 25 })(
      "norm-consistency: training and evaluation give the same bits, and each example alone those it has in a batch",
      ({ seed, n, channels, height, width }, dtype) => {
        const net = assemble(make(channels, height, width), { seed, dtype });
        const x = noise([n, channels, height, width], seed).cast(dtype);
        const trained = net.train().forward(x);
        expect(net.namedBuffers()).toEqual({});
        expect(bitsOf(net.evaluate().forward(x))).toBe(bitsOf(trained));
        for (const mode of [net.train(), net.evaluate()]) {
          for (let i = 0; i < n; i++) {
            const alone = mode.forward(x.slice([[i, i + 1]]));
            expect(bitsOf(alone)).toBe(bitsOf(trained.slice([[i, i + 1]])));
          }
        }
      },
    );
  });

  test.prop([shape, fc.constantFrom(1e-5, 0.1)], { seed: 2, numRuns: 40 })(
    "norm-consistency: without affine, one group is LayerNorm over C, H, W, and C groups are InstanceNorm2d, to rounding",
    ({ seed, n, channels, height, width }, epsilon) => {
      const bare = { affine: false, epsilon };
      const x = noise([n, channels, height, width], seed);
      const of = (layer: Layer) => assemble(layer, float64).forward(x);
      const whole = of(new GroupNorm(channels, { groups: 1, ...bare }));
      // A hundred terms of numbers below 5, divided by a spread that is rarely below 0.01.
      expectClose(whole, of(new LayerNorm([channels, height, width], bare)), 1e-12);
      expectClose(whole, standardized(x, channels * height * width, epsilon), 1e-12);
      const single = of(new GroupNorm(channels, { groups: channels, ...bare }));
      expectClose(single, of(new InstanceNorm2d(channels, bare)), 1e-12);
      expectClose(single, standardized(x, height * width, epsilon), 1e-12);
    },
  );

  test("groups are neighbouring channels", () => {
    const x = noise([2, 6, 2, 2], 1);
    const net = assemble(new GroupNorm(6, { groups: 3, affine: false }), float64);
    expectClose(net.forward(x), standardized(x, 8, 1e-5), 1e-13); // eight terms
  });

  test("γ and β are those of LayerNorm's axes, and of the other layers' channels", () => {
    const shapes = (layer: Layer) =>
      Object.entries(assemble(layer).namedParameters()).map(([name, w]) => [name, w.shape]);
    expect(shapes(new LayerNorm([2, 3]))).toEqual([
      ["layerNorm1.gamma", [2, 3]],
      ["layerNorm1.beta", [2, 3]],
    ]);
    expect(shapes(new GroupNorm(4, { groups: 2 }))).toEqual([
      ["groupNorm1.gamma", [4]],
      ["groupNorm1.beta", [4]],
    ]);
    expect(shapes(new InstanceNorm2d(4))).toEqual([]);
  });

  test("a channel of one pixel is β", () => {
    const net = assemble(new InstanceNorm2d(2), float64);
    expect(numbers(net.forward(noise([3, 2, 1, 1], 1)))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("other shapes and options are refused", () => {
    const of = (layer: Layer, dims: readonly number[]) => () =>
      assemble(layer, float64).forward(noise(dims, 1));
    expect(messageOf(of(new LayerNorm([2, 3]), [4, 3, 2]), ShapeError)).toBe(
      "LayerNorm: expected x to end in the axes [2, 3], got [4, 3, 2]. Make the layer with the lengths of the last axes of x.",
    );
    expect(messageOf(() => new LayerNorm([]), ShapeError)).toBe(
      "LayerNorm: expected shape to have at least one axis, got []. Give the lengths of the last axes of x.",
    );
    expect(messageOf(() => new GroupNorm(6, { groups: 4 }), ValueError)).toBe(
      "GroupNorm: expected groups to divide the number of channels, 6, got 4. All groups have equally many channels.",
    );
    expect(messageOf(of(new GroupNorm(2, { groups: 1, affine: false }), [4, 3]), ShapeError)).toBe(
      "GroupNorm: expected x to be [N, 2, ...], got [4, 3]. Make the layer with the number of channels that x has.",
    );
    expect(messageOf(of(new InstanceNorm2d(2), [4, 2, 3]), ShapeError)).toBe(
      "InstanceNorm2d: expected x to be [N, 2, H, W], got [4, 2, 3]. Make the layer with the number of channels that x has.",
    );
    for (const make of [
      () => new InstanceNorm2d(0),
      () => new LayerNorm([2, 0]),
      () => new GroupNorm(2, { groups: 0 }),
      () => new LayerNorm(2, { epsilon: 0 }),
      () => new GroupNorm(2, { groups: 1, epsilon: Number.NaN }),
    ]) {
      expect(make).toThrow(ValueError);
    }
  });
});

describe("the order Linear, normalization, ReLU", () => {
  const subjects = [
    [
      "Linear",
      (order: "before" | "after") => chain(order, new Linear(3, 4), new BatchNorm1d(4)),
      [9, 3],
    ],
    [
      "Conv2d",
      (order: "before" | "after") =>
        chain(order, new Conv2d(2, 4, { kernel: 2 }), new BatchNorm2d(4)),
      [3, 2, 4, 4],
    ],
  ] as const;

  /** A layer with a bias and its normalization, in the order of LBR or of LRB. */
  function chain(order: "before" | "after", weighted: Layer, norm: Layer): Sequential {
    const rest = order === "before" ? [norm, new ReLU()] : [new ReLU(), norm];
    return new Sequential([weighted, ...rest]);
  }

  /** The bias's gradient by channel, and n and Σ|dx| of the gradient dx that the layer's output gets. */
  function biasGradient(net: Sequential, x: Tensor, seed: number) {
    const [weighted] = net.layers;
    const sums: number[] = [];
    let count = 0;
    const stop = net.observe({
      gradient: ({ layer, gradient }) => {
        if (layer !== weighted) return;
        const axes = gradient.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
        sums.push(...numbers(gradient.abs().sum({ axis: axes })));
        count = gradient.size / sums.length;
      },
    });
    const y = net.forward(x);
    y.multiply(noise(y.shape, seed).cast(y.dtype)).sum().backward();
    stop();
    const bias = Object.entries(net.namedParameters()).find(([name]) => name.endsWith("1.bias"));
    return { gradient: numbers(bias?.[1].grad ?? x), sums, count };
  }

  describe.each(subjects)("%s", (_, make, input) => {
    test.prop([fc.nat(1e6), fc.constantFrom("float32", "float64")], { seed: 1, numRuns: 25 })(
      "bn-order: in training the gradient of a bias before BatchNorm is 0 up to γ_n·Σ|dx|",
      (seed, dtype) => {
        const net = assemble(make("before"), { seed, dtype });
        const { gradient, sums, count } = biasGradient(
          net,
          noise(input, seed).cast(dtype),
          seed + 1,
        );
        // γ_n = n·u/(1 - n·u), Higham 2002, section 3.1: n - 1 additions, and 16 roundings on the way to each dx,
        // which is about as large as what it is the difference of.
        const unit = dtype === "float32" ? 2 ** -24 : 2 ** -53;
        const n = count + 16;
        const bound = (n * unit) / (1 - n * unit);
        gradient.forEach((value, c) => {
          expect(Math.abs(value)).toBeLessThanOrEqual(bound * (sums[c] ?? 0));
        });
      },
    );

    test("bn-order: that of a bias whose ReLU comes before BatchNorm is not, nor is it in evaluation", () => {
      const free = (net: Sequential, x: Tensor) => {
        const { gradient, sums } = biasGradient(net, x, 3);
        return gradient.filter((value, c) => Math.abs(value) > 1e-3 * (sums[c] ?? 0)).length;
      };
      const x = noise(input, 2);
      expect(free(assemble(make("after"), float64), x)).toBeGreaterThan(0);
      expect(free(assemble(make("before"), float64).evaluate(), x)).toBeGreaterThan(0);
    });
  });
});
