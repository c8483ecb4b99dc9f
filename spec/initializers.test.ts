/**
 * Initializers: the laws that every one of the registry keeps – mean and variance, numbers that depend on
 * (seed, name) alone – and the structure of those that have one.
 *
 * Intervals come from tail-bounds: all statistical checks of this file together raise a false alarm at 1e-6 at most.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  conv2d,
  elu,
  gelu,
  leakyRelu,
  matmul,
  RandomSource,
  relu,
  type Shape,
  ShapeError,
  selu,
  silu,
  softplus,
  type Tensor,
  tensor,
  transpose,
  ValueError,
} from "../core/index.ts";
import { normals } from "../core/random/index.ts";
import { gains, withoutGain } from "../init/gain.ts";
import * as init from "../init/index.ts";
import {
  type Activation,
  activationMoments,
  constant,
  dirac,
  fans,
  gain,
  type Initializer,
  identity,
  kaimingNormal,
  kaimingUniform,
  lecunNormal,
  lecunUniform,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
  xavierNormal,
  xavierUniform,
} from "../init/index.ts";
import { besidesInitializers, initRegistry } from "../init/registry.ts";
import * as activationLayers from "../layers/activation.ts";
import { initializerSubject } from "./checks/initializer.ts";
import { initializerLaws } from "./laws/initializers.ts";
import { budget } from "./laws/run.ts";
import { meanSlack, tailExponent } from "./laws/tail-bounds.ts";
import { runTrials } from "./laws/trial.ts";
import { bitsOf, expectClose, f64, messageOf, noise, numbers } from "./plain.ts";

/** Random cases a law. */
const runs = 6;
/** One check of 24 entries; the laws of the registry have their own rate of false alarms. */
const x = tailExponent(24);

function draw(initializer: Initializer, shape: Shape, seed: number, name = "init/linear1"): Tensor {
  return initializer(shape, { stream: new RandomSource(seed).stream(name), dtype: "float64" });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const meanSquare = (values: readonly number[]): number =>
  mean(values.map((value) => value * value));

describe("the registry of initializers", () => {
  test("holds every function that is exported, or says why not", () => {
    const names = [...initRegistry.map(({ name }) => name), ...Object.keys(besidesInitializers)];
    expect(names.sort()).toEqual(Object.keys(init).sort());
  });

  test("says a formula and a source for each", () => {
    for (const { formula, source } of initRegistry) {
      for (const text of [formula, source]) expect(text.trim()).not.toBe("");
    }
  });
});

/** The claim that an initializer's moments belong to, as the start of a title. */
function claimOf(name: string): string {
  if (name.startsWith("xavier")) return "init-xavier: ";
  return name.startsWith("kaiming") ? "init-kaiming: " : "";
}

describe.each(initRegistry)("$name", (record) => {
  const subject = initializerSubject(record);

  for (const law of initializerLaws) {
    const claim = law.name === "moments" ? claimOf(record.name) : "";
    test(`${claim}${law.claim}`, () => {
      const again = `npm run spec -- --only ${record.name}`;
      const options = { runs, seed: budget.seed, again: () => again };
      const { failure } = runTrials(law, subject, record.name, options);
      if (failure !== null) throw failure;
    });
  }
});

describe("orthogonal", () => {
  const sizes = fc.integer({ min: 1, max: 12 });
  test.prop([sizes, sizes, fc.constantFrom<Shape>([], [1, 1], [2, 2]), fc.nat(1e6)], {
    seed: 1,
    numRuns: 50,
  })(
    "has orthogonal rows of length gain, or columns where it is tall",
    (out, input, kernel, seed) => {
      const weights = draw(orthogonal({ gain: 3 }), [out, input, ...kernel], seed);
      const matrix = weights.reshape([out, weights.size / out]);
      const [rows = 0, columns = 0] = matrix.shape;
      const gram =
        rows <= columns ? matmul(matrix, transpose(matrix)) : matmul(transpose(matrix), matrix);
      const n = Math.min(rows, columns);
      const nine = Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 9 : 0));
      expectClose(gram, nine, 1e-13); // 100 roundings of reflections of 48 numbers at most
    },
  );

  test("keeps the length of every vector", () => {
    const v = noise([20, 1], 3);
    const [before, after] = [v, matmul(draw(orthogonal(), [20, 20], 4), v)].map((y) =>
      meanSquare(numbers(y)),
    );
    expect(Math.abs((after ?? 0) / (before ?? 0) - 1)).toBeLessThan(1e-13); // as above
  });

  test("has no preferred sign: its diagonal is spread as its other entries", () => {
    // With Householder's own signs the diagonal would lean to one side.
    const n = 24;
    const diagonals = Array.from({ length: 50 }, (_, seed) => {
      const weights = numbers(draw(orthogonal(), [n, n], seed));
      return weights.filter((_w, i) => i % (n + 1) === 0);
    });
    for (let i = 0; i < n; i++) {
      const entries = diagonals.map((diagonal) => diagonal[i] ?? Number.NaN);
      expect(Math.abs(mean(entries))).toBeLessThan(meanSlack(1 / Math.sqrt(n), entries.length, x));
    }
  });

  test.each<[string, number, number]>([
    ["square", 5, 5],
    ["tall", 7, 3],
    ["wide", 3, 7],
  ])(
    "that is %s is the Q of its stream's normals, R's diagonal being positive",
    (_, out, input) => {
      const weight = draw(orthogonal(), [out, input], 6);
      const [tall, narrow] = [Math.max(out, input), Math.min(out, input)];
      const drawn = normals(new RandomSource(6).stream("init/linear1"), out * input);
      const q = out >= input ? transpose(weight) : weight;
      const r = numbers(matmul(q, tensor(drawn, { shape: [tall, narrow] })));
      for (let i = 0; i < narrow; i++) {
        expect(r[i * narrow + i]).toBeGreaterThan(0);
        // Below the diagonal: the roundings of reflections of 7 numbers.
        for (let j = 0; j < i; j++) expect(Math.abs(r[i * narrow + j] ?? 1)).toBeLessThan(1e-14);
      }
    },
  );

  test("refuses vectors", () => {
    expect(messageOf(() => draw(orthogonal(), [5], 1), ShapeError)).toBe(
      "orthogonal: expected shape to have at least 2 axes, [out, in, ...kernel], got [5]. Use a constant initializer for biases and other vectors.",
    );
  });
});

describe("identity and dirac", () => {
  test("a matrix passes its first inputs through, and gives 0 beyond them", () => {
    const v = noise([3, 1], 1);
    expect(numbers(matmul(draw(identity(), [3, 3], 0), v))).toEqual(numbers(v));
    expect(numbers(matmul(draw(identity(), [2, 3], 0), v))).toEqual(numbers(v).slice(0, 2));
    expect(numbers(matmul(draw(identity(), [4, 3], 0), v))).toEqual([...numbers(v), 0]);
  });

  test.each([1, 3, 5])("a convolution with a %i×%i kernel passes an image through", (kernel) => {
    const image = noise([2, 4, 6, 5], 2);
    const padding = (kernel - 1) / 2;
    const weight = draw(dirac(), [4, 4, kernel, kernel], 0);
    expect(bitsOf(conv2d(image, weight, { padding }))).toBe(bitsOf(image));
    const grouped = draw(dirac({ groups: 2 }), [4, 2, kernel, kernel], 0);
    expect(bitsOf(conv2d(image, grouped, { padding, groups: 2 }))).toBe(bitsOf(image));
  });

  test("refuse shapes that they are not for", () => {
    const message = (initializer: Initializer, shape: Shape): string =>
      messageOf(() => draw(initializer, shape, 0), ShapeError);
    expect(message(identity(), [3, 3, 1, 1])).toBe(
      "identity: expected shape to be [out, in], got [3, 3, 1, 1]. Use dirac for convolutions.",
    );
    expect(message(dirac(), [3, 3])).toBe(
      "dirac: expected shape to be [out, in, ...kernel] with a kernel, got [3, 3]. Use identity for matrices.",
    );
    expect(message(dirac({ groups: 2 }), [3, 3, 1, 1])).toBe(
      "dirac: expected shape to have a number of outputs that 2 groups divide, got [3, 3, 1, 1]. Give the groups of the convolution.",
    );
    expect(messageOf(() => dirac({ groups: 0 }), ValueError)).toBe(
      "dirac: expected groups to be an integer ≥ 1, got 0. Give the groups of the convolution.",
    );
  });
});

describe("relations", () => {
  test("LeCun's weights are Xavier's in the lecture notes' form, bit for bit", () => {
    for (const [lecun, xavier] of [
      [lecunNormal(), xavierNormal()],
      [lecunUniform(), xavierUniform()],
    ] as const) {
      expect(bitsOf(draw(lecun, [7, 5, 3, 3], 1))).toBe(bitsOf(draw(xavier, [7, 5, 3, 3], 1)));
    }
  });

  test("Xavier's two forms are one where fan-in and fan-out are equal, bit for bit", () => {
    const [notes, paper] = [xavierNormal(), xavierNormal({ fan: "average" })];
    expect(bitsOf(draw(notes, [16, 16], 1))).toBe(bitsOf(draw(paper, [16, 16], 1)));
    expect(bitsOf(draw(notes, [16, 8], 1))).not.toBe(bitsOf(draw(paper, [16, 8], 1)));
  });

  test("Kaiming's weights are √2 times Xavier's, to rounding", () => {
    const [kaiming, xavier] = [kaimingNormal(), xavierNormal()].map((made) =>
      numbers(draw(made, [9, 9], 1)),
    );
    kaiming?.forEach((w, i) => {
      expect(Math.abs(w / (xavier?.[i] ?? 0) - Math.SQRT2)).toBeLessThan(4 * Number.EPSILON);
    });
  });
});

describe("gain", () => {
  test("says for each activation where its number comes from", () => {
    for (const { source } of Object.values(gains)) expect(source).toMatch(/PyTorch|E\[φ²\]/);
  });

  /** The ops themselves, one number at a time. */
  const activations: readonly (readonly [Activation, (z: Tensor) => Tensor])[] = [
    ["linear", (z) => z],
    ["relu", relu],
    ["leakyRelu", (z) => leakyRelu(z, { slope: 0.01 })],
    ["elu", elu],
    ["gelu", gelu],
    ["silu", silu],
    ["softplus", softplus],
  ];

  test.each(activations)("of %s keeps a mean square of 1: gain²·E[φ(z)²] = 1", (name, op) => {
    const { meanSquare: kept } = activationMoments(
      (z) => numbers(op(f64([z])))[0] ?? Number.NaN,
      1,
    );
    expect(gains[name]?.source).toContain("E[φ²]");
    expect(Math.abs(gain(name) ** 2 * kept - 1)).toBeLessThan(1e-10); // Simpson's rule, see activationMoments
  });

  test("of SELU is PyTorch's, though SELU keeps a mean square of 1 by itself", () => {
    const { mean: left, meanSquare: kept } = activationMoments(
      (z) => numbers(selu(f64([z])))[0] ?? 0,
      1,
    );
    expect([Math.abs(left) < 1e-10, Math.abs(kept - 1) < 1e-10, gain("selu")]).toEqual([
      true,
      true,
      0.75,
    ]);
  });

  test("is there for every activation layer, or the reason why it is not", () => {
    const kinds = Object.values(activationLayers)
      .filter((made) => made !== activationLayers.Activation) // whose function is its user's
      .map((made) => String(Reflect.construct(made, []).kind));
    expect(kinds.length).toBeGreaterThan(8);
    const isStated = (kind: string): boolean => Object.hasOwn(withoutGain, kind);
    expect(kinds.filter((kind) => Object.hasOwn(gains, kind) === isStated(kind))).toEqual([]);
    for (const kind of kinds.filter(isStated)) {
      expect(messageOf(() => gain(kind as Activation), ValueError)).toContain(withoutGain[kind]);
    }
  });

  test("of leakyRelu goes from linear to ReLU with the slope", () => {
    expect(gain("leakyRelu", { slope: 1 })).toBe(gain("linear"));
    expect(gain("leakyRelu", { slope: 0 })).toBe(gain("relu"));
  });

  test("of an unknown activation is refused", () => {
    expect(messageOf(() => gain("toString" as Activation), ValueError)).toBe(
      'gain: expected activation to be one of linear, sigmoid, tanh, relu, leakyRelu, selu, elu, gelu, silu, softplus, got "toString". Give one of these, or a number of your own to the initializer.',
    );
    expect(messageOf(() => gain("leakyRelu", { slope: Number.NaN }), ValueError)).toBe(
      "gain: expected slope to be a finite number, got NaN. Give the slope for negative inputs.",
    );
  });
});

describe("fans and options", () => {
  test("fans count inputs of one output and outputs of one input", () => {
    expect(fans([10, 3])).toEqual({ fanIn: 3, fanOut: 10 });
    expect(fans([16, 8, 3, 3])).toEqual({ fanIn: 72, fanOut: 144 });
    for (const shape of [[5], []]) {
      expect(messageOf(() => fans(shape), ShapeError)).toBe(
        `fans: expected shape to have at least 2 axes, [out, in, ...kernel], got [${shape}]. Use a constant initializer for biases and other vectors.`,
      );
    }
  });

  test("an initializer that counts fans refuses a vector by its own name", () => {
    const made = {
      kaimingNormal,
      kaimingUniform,
      lecunNormal,
      lecunUniform,
      xavierNormal,
      xavierUniform,
    };
    for (const [name, make] of Object.entries(made)) {
      expect(messageOf(() => draw(make(), [5], 1), ShapeError)).toContain(
        `${name}: expected shape to have at least 2 axes`,
      );
    }
  });

  test.each([Number.NaN, Infinity])("a constant of %s is refused", (value) => {
    expect(messageOf(() => constant(value), ValueError)).toBe(
      `constant: expected value to be a finite number, got ${value}. Give the number that every element shall be.`,
    );
  });

  test("a constant is the same number everywhere and draws nothing", () => {
    const stream = new RandomSource(0).stream("init/b");
    const made = constant(0.5)([3], { stream, dtype: "float32" });
    expect([made.dtype, numbers(made), stream.position]).toEqual(["float32", [0.5, 0.5, 0.5], 0]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    "a gain of %s is refused at construction",
    (value) => {
      for (const [name, make] of Object.entries({
        kaimingNormal,
        kaimingUniform,
        orthogonal,
        xavierNormal,
        xavierUniform,
      })) {
        expect(messageOf(() => make({ gain: value }), ValueError)).toBe(
          `${name}: expected gain to be a finite number > 0, got ${value}. Give a scale factor such as 1.`,
        );
      }
    },
  );

  test.each<[() => Initializer, string]>([
    [
      () => uniform({ low: 1, high: 1 }),
      "uniform: expected high to be greater than low, 1, got 1. Give low < high.",
    ],
    [
      () => uniform({ low: -Infinity }),
      "uniform: expected low to be a finite number, got -Infinity. Give the least value.",
    ],
    [
      () => uniform({ high: Infinity }),
      "uniform: expected high to be a finite number, got Infinity. Give the greatest value.",
    ],
    [
      () => truncatedNormal({ mean: Infinity }),
      "truncatedNormal: expected mean to be a finite number, got Infinity. Give the mean of the whole normal.",
    ],
    [
      () => kaimingNormal(JSON.parse('{ "fan": "average" }')),
      'kaimingNormal: expected fan to be "in" or "out", got "average". Give one of these, or leave it out.',
    ],
    [
      () => xavierUniform(JSON.parse('{ "fan": "out" }')),
      'xavierUniform: expected fan to be "in" or "average", got "out". Give one of these, or leave it out.',
    ],
    [
      () => normal({ std: 0 }),
      "normal: expected std to be a finite number > 0, got 0. Give the standard deviation of the weights.",
    ],
    [
      () => normal({ mean: Number.NaN }),
      "normal: expected mean to be a finite number, got NaN. Give the mean of the weights.",
    ],
    [
      () => truncatedNormal({ std: -1 }),
      "truncatedNormal: expected std to be a finite number > 0, got -1. Give the standard deviation of the whole normal.",
    ],
    [
      () => truncatedNormal({ low: 3 }),
      "truncatedNormal: expected high to be greater than low, 3, got 2. Give low < high.",
    ],
  ])("%s is refused", (make, message) => {
    expect(messageOf(make, ValueError)).toBe(message);
  });
});
