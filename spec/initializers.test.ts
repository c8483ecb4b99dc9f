/**
 * Initializers: the variance they promise, what it does to signals, and numbers that depend on (seed, name) alone.
 *
 * Every interval reaches 5 standard deviations of its statistic to each side: right weights fall outside in 6e-7 of all
 * draws (a normal tail), so a new set of seeds would fail one of the 150 checks of this file by chance in 1 of 10,000.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  conv2d,
  matmul,
  RandomSource,
  type Shape,
  ShapeError,
  type Tensor,
  transpose,
  ValueError,
} from "../core/index.ts";
import {
  constant,
  fans,
  type Initializer,
  kaimingNormal,
  kaimingUniform,
  xavierNormal,
  xavierUniform,
} from "../init/index.ts";
import { bitsOf, messageOf, noise, numbers } from "./plain.ts";

function draw(init: Initializer, shape: Shape, seed: number, name = "init/linear1"): Tensor {
  return init(shape, { stream: new RandomSource(seed).stream(name), dtype: "float64" });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const meanSquare = (values: readonly number[]): number =>
  mean(values.map((value) => value * value));

/** Kurtosis decides how far a sample variance scatters: Var(s²) = (κ - 1)·σ⁴/n. */
const kurtosis = { normal: 3, uniform: 9 / 5 };

interface Case {
  readonly name: string;
  readonly init: Initializer;
  readonly kind: keyof typeof kurtosis;
  variance(fanIn: number, fanOut: number): number;
}

const cases: readonly Case[] = [
  { name: "xavierNormal", init: xavierNormal(), kind: "normal", variance: (n) => 1 / n },
  { name: "xavierUniform", init: xavierUniform(), kind: "uniform", variance: (n) => 1 / n },
  {
    name: "xavierNormal average",
    init: xavierNormal({ fan: "average" }),
    kind: "normal",
    variance: (n, m) => 2 / (n + m),
  },
  {
    name: "xavierUniform gain 3",
    init: xavierUniform({ gain: 3 }),
    kind: "uniform",
    variance: (n) => 9 / n,
  },
  { name: "kaimingNormal", init: kaimingNormal(), kind: "normal", variance: (n) => 2 / n },
  { name: "kaimingUniform", init: kaimingUniform(), kind: "uniform", variance: (n) => 2 / n },
  {
    name: "kaimingNormal out",
    init: kaimingNormal({ fan: "out" }),
    kind: "normal",
    variance: (_, m) => 2 / m,
  },
  {
    name: "kaimingUniform of PyTorch's Linear",
    init: kaimingUniform({ gain: Math.sqrt(1 / 3) }),
    kind: "uniform",
    variance: (n) => 1 / (3 * n),
  },
];

const sizes = fc.record({
  out: fc.integer({ min: 20, max: 60 }),
  input: fc.integer({ min: 20, max: 60 }),
  kernel: fc.constantFrom<Shape>([], [1, 1], [3, 3], [2, 3]),
  seed: fc.nat(1e6),
});

describe.each(cases)("$name", ({ init, kind, variance }) => {
  test.prop([sizes], { seed: 1, numRuns: 8 })(
    "has mean 0 and the variance promised",
    ({ out, input, kernel, seed }) => {
      const shape = [out, input, ...kernel];
      const { fanIn, fanOut } = fans(shape);
      const weights = numbers(draw(init, shape, seed));
      const [n, sigma2] = [weights.length, variance(fanIn, fanOut)];
      expect(Math.abs(mean(weights))).toBeLessThan(5 * Math.sqrt(sigma2 / n));
      expect(Math.abs(meanSquare(weights) / sigma2 - 1)).toBeLessThan(
        5 * Math.sqrt((kurtosis[kind] - 1) / n),
      );
      const bound = Math.sqrt(3 * sigma2);
      const inside = weights.every((w) => Math.abs(w) <= bound);
      expect(inside).toBe(kind === "uniform"); // of 400 normal weights, 8 % lie outside √3·σ
    },
  );

  test("depends on seed and stream name, bit for bit, and on nothing else", () => {
    const shape = [20, 30];
    const first = bitsOf(draw(init, shape, 7));
    draw(init, [5, 5], 3);
    expect(bitsOf(draw(init, shape, 7))).toBe(first);
    expect(bitsOf(draw(init, shape, 8))).not.toBe(first);
    expect(bitsOf(draw(init, shape, 7, "init/linear2"))).not.toBe(first);
  });

  test("draws float32 as rounded float64", () => {
    const stream = () => new RandomSource(5).stream("init/conv1");
    const wide = numbers(init([8, 9], { stream: stream(), dtype: "float64" }));
    const narrow = init([8, 9], { stream: stream(), dtype: "float32" });
    expect(numbers(narrow)).toEqual(wide.map(Math.fround));
  });

  test("draws streams of different names that are not correlated", () => {
    const [a, b] = [
      numbers(draw(init, [60, 60], 7)),
      numbers(draw(init, [60, 60], 7, "init/linear2")),
    ];
    const correlation =
      mean(a.map((w, i) => w * (b[i] ?? 0))) / Math.sqrt(meanSquare(a) * meanSquare(b));
    expect(Math.abs(correlation)).toBeLessThan(5 / Math.sqrt(3600));
  });
});

describe("signals", () => {
  // For one example x the units of a layer are independent with variance σ²·|x|²; their mean square over m units
  // scatters by √((κ' - 1)/m) with κ' ≤ 3, since a sum of independent terms has at most a normal's kurtosis here.
  const units = 3000;
  const slack = 5 * Math.sqrt(2 / units);

  test.each([
    ["xavierNormal", xavierNormal(), 1],
    ["xavierUniform", xavierUniform(), 1],
    ["kaimingNormal", kaimingNormal(), 2],
    ["kaimingUniform", kaimingUniform(), 2],
  ] as const)(
    "%s keeps the forward variance of a linear layer, times its gain²",
    (_, init, gain2) => {
      const [x, w] = [noise([40, 1], 3), draw(init, [units, 40], 4)];
      const ratio = meanSquare(numbers(matmul(w, x))) / meanSquare(numbers(x));
      expect(Math.abs(ratio / gain2 - 1)).toBeLessThan(slack);
    },
  );

  test("kaimingNormal keeps the mean square through a ReLU in front of it", () => {
    const [z, w] = [noise([60, 1], 5), draw(kaimingNormal(), [units, 60], 6)];
    const symmetric = [...numbers(z), ...numbers(z).map((v) => -v)]; // exactly half is cut off
    const kept = symmetric.filter((v) => v > 0);
    const half = numbers(z).map(Math.abs);
    expect(meanSquare(kept) / 2).toBeCloseTo(meanSquare(symmetric) / 2, 12);
    const y = numbers(matmul(w, z.abs()));
    expect(Math.abs(meanSquare(y) / (2 * meanSquare(half)) - 1)).toBeLessThan(slack);
  });

  test("kaimingNormal keeps it inside a convolution: fan-in is k·k·C", () => {
    const [x, w] = [noise([1, 4, 3, 3], 7), draw(kaimingNormal({ gain: 1 }), [units, 4, 3, 3], 8)];
    const ratio = meanSquare(numbers(conv2d(x, w))) / meanSquare(numbers(x));
    expect(Math.abs(ratio - 1)).toBeLessThan(slack);
  });

  test("the gradient's variance changes by fanOut/fanIn with fan-in scaling, and is kept with fan-out", () => {
    const c = noise([30, 1], 9);
    const back = (w: Tensor) =>
      meanSquare(numbers(matmul(transpose(w), c))) / meanSquare(numbers(c));
    const byIn = back(draw(xavierNormal(), [30, units], 10));
    expect(Math.abs((byIn * units) / 30 - 1)).toBeLessThan(slack);
    const byOut = back(draw(kaimingNormal({ fan: "out", gain: 1 }), [30, units], 11));
    expect(Math.abs(byOut - 1)).toBeLessThan(slack);
  });
});

describe("fans and constants", () => {
  test("fans count inputs of one output and outputs of one input", () => {
    expect(fans([10, 3])).toEqual({ fanIn: 3, fanOut: 10 });
    expect(fans([16, 8, 3, 3])).toEqual({ fanIn: 72, fanOut: 144 });
    expect(messageOf(() => fans([5]), ShapeError)).toBe(
      "fans: expected shape to have at least 2 axes, [out, in, ...kernel], got [5]. Use a constant initializer for biases and other vectors.",
    );
  });

  test("a constant is the same number everywhere and draws nothing", () => {
    const stream = new RandomSource(0).stream("init/b");
    const made = constant(0.5)([3], { stream, dtype: "float32" });
    expect([made.dtype, numbers(made), stream.position]).toEqual(["float32", [0.5, 0.5, 0.5], 0]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    "a gain of %s is refused at construction",
    (gain) => {
      for (const [name, make] of Object.entries({
        kaimingNormal,
        kaimingUniform,
        xavierNormal,
        xavierUniform,
      })) {
        expect(messageOf(() => make({ gain }), ValueError)).toBe(
          `${name}: expected gain to be a finite number > 0, got ${gain}. Give a scale factor such as 1.`,
        );
      }
    },
  );
});
