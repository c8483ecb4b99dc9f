/**
 * What first weights do to signals: the ratios of variances through one layer, and the collapse, saturation and
 * preservation of the lecture notes' six-layer nets.
 *
 * Intervals come from tail-bounds: all statistical checks of this file together raise a false alarm at 1e-6 at most.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  add,
  conv2d,
  matmul,
  RandomSource,
  type Shape,
  type Tensor,
  tanh as tanhOf,
  tensor,
  transpose,
  ValueError,
  vjp,
  zeros,
} from "../core/index.ts";
import { erfc, exp, log1p, tanh } from "../core/scalar-math/index.ts";
import {
  activationMoments,
  fans,
  type Initializer,
  infiniteWidth,
  kaimingNormal,
  normal,
  xavierNormal,
} from "../init/index.ts";
import { initRegistry } from "../init/registry.ts";
import { samplerFrom } from "./laws/sampler.ts";
import {
  halfSquaresInterval,
  shareInterval,
  squaresInterval,
  tailExponent,
} from "./laws/tail-bounds.ts";
import { messageOf, noise, numbers } from "./plain.ts";

const scaledKinds = [
  "xavierNormal",
  "xavierUniform",
  "kaimingNormal",
  "kaimingUniform",
  "lecunNormal",
  "lecunUniform",
];
const scaled = initRegistry.filter(({ name }) => scaledKinds.includes(name));
const runs = 4;
const [examples, depth, rows] = [4, 6, 5];
/** Four ratios a run of each initializer, and every example at every layer of the notes' five nets. */
const x = tailExponent(scaled.length * runs * 4 + rows * depth * examples);

function draw(initializer: Initializer, shape: Shape, seed: number, name = "w"): Tensor {
  return initializer(shape, { stream: new RandomSource(seed).stream(name), dtype: "float64" });
}

/** Units of a layer in the nets that are drawn. */
const width = 512;

/** Root mean squares, layer by layer, of the gradients of weights and of weighted sums in a tanh net. */
function gradientSizes(
  initializer: Initializer,
  seed: number,
): { readonly weights: readonly number[]; readonly sums: readonly number[] } {
  const layers = Array.from({ length: depth }, (_, i) => i);
  const weights = layers.map((i) => draw(initializer, [width, width], seed, `init/linear${i + 1}`));
  const shifts = layers.map(() => zeros([examples, width], { dtype: "float64" }));
  const net = (tree: {
    readonly weights: readonly Tensor[];
    readonly shifts: readonly Tensor[];
  }): Tensor =>
    tree.weights.reduce(
      (h, w, i) => {
        const sum = matmul(h, transpose(w));
        const shift = tree.shifts[i];
        return tanhOf(shift === undefined ? sum : add(sum, shift));
      },
      noise([examples, width], seed + 10),
    );
  const { pull } = vjp(net, { weights, shifts });
  const gradient = pull(noise([examples, width], seed + 20));
  const sizes = (tensors: readonly Tensor[]): readonly number[] =>
    tensors.map((t) => Math.sqrt(meanSquare(numbers(t))));
  return { weights: sizes(gradient.weights), sums: sizes(gradient.shifts) };
}

const meanSquare = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value * value, 0) / values.length;

/** Every `step`-th number from `first` on. */
const every = (values: readonly number[], first: number, step: number): readonly number[] =>
  values.filter((_, i) => i % step === first);

function expectRatio(ratio: number, n: number): void {
  const [least, greatest] = squaresInterval(n, x);
  expect(ratio).toBeGreaterThanOrEqual(least);
  expect(ratio).toBeLessThanOrEqual(greatest);
}

describe.each(scaled)("$name", (record) => {
  /** Which claim of the notes an initializer belongs to. */
  const claim = record.name.startsWith("kaiming") ? "init-kaiming" : "init-xavier";
  const cases = fc.record({
    sample: fc.gen().map((g) => record.sample(samplerFrom(g))),
    few: fc.integer({ min: 2, max: 6 }),
    kernel: fc.constantFrom(1, 3),
    seed: fc.nat(1e6),
  });
  /** Independent units or inputs: what an interval is as narrow as. */
  const many = 2000;

  test.prop([cases], { seed: 1, numRuns: runs })(
    `${claim}: a linear layer multiplies the forward variance by Var(w)·fanIn and the backward one by Var(w)·fanOut`,
    ({ sample, few, seed }) => {
      const forward: Shape = [many, few * 10];
      const [v, w] = [noise([few * 10, 1], seed), draw(sample.initializer, forward, seed)];
      const { variance } = sample.promise(forward);
      const kept = meanSquare(numbers(matmul(w, v))) / meanSquare(numbers(v));
      expectRatio(kept / (variance * fans(forward).fanIn), many);

      const backward: Shape = [few * 10, many];
      const back = draw(sample.initializer, backward, seed, "back");
      const { variance: other } = sample.promise(backward);
      const passed = meanSquare(numbers(matmul(transpose(back), v))) / meanSquare(numbers(v));
      expectRatio(passed / (other * fans(backward).fanOut), many);
    },
  );

  test.prop([cases], { seed: 2, numRuns: runs })(
    `${claim}: so does a convolution in its interior, with fanIn = k·k·C`,
    ({ sample, few, kernel, seed }) => {
      const size = 2 * kernel - 1; // one pixel, the middle one, has a whole window on either side
      const middle = (size * size - 1) / 2;
      const padding = (kernel - 1) / 2;
      const units = kernel === 1 ? many : 1000;

      const forward: Shape = [units, few, kernel, kernel];
      const image = noise([1, few, kernel, kernel], seed);
      const w = draw(sample.initializer, forward, seed);
      const y = every(
        numbers(conv2d(image, w, { padding })),
        (kernel * kernel - 1) / 2,
        kernel * kernel,
      );
      const { variance } = sample.promise(forward);
      expectRatio(
        meanSquare(y) / meanSquare(numbers(image)) / (variance * fans(forward).fanIn),
        units,
      );

      const backward: Shape = [few, units, kernel, kernel];
      const back = draw(sample.initializer, backward, seed, "back");
      const cotangent = noise([1, few, size, size], seed);
      const zero = zeros([1, units, size, size], { dtype: "float64" });
      const pulled = vjp((z: Tensor) => conv2d(z, back, { padding }), zero).pull(cotangent);
      const seen = numbers(cotangent).filter((_, at) => {
        const [row, column] = [Math.floor((at % (size * size)) / size), at % size];
        const near = (place: number): boolean => Math.abs(place - (size - 1) / 2) <= padding;
        return near(row) && near(column);
      });
      const { variance: other } = sample.promise(backward);
      expectRatio(
        meanSquare(every(numbers(pulled), middle, size * size)) /
          meanSquare(seen) /
          (other * fans(backward).fanOut),
        units,
      );
    },
  );
});

const relu = (z: number): number => Math.max(z, 0);

/** The notes' six-layer nets of width 4096, with the stds of activations that the table of claims prints. */
const nets = [
  {
    claim: "init-small",
    what: "std 0.01 with tanh collapses to 0",
    weightVariance: 4096 * 0.01 * 0.01,
    activation: tanh,
    printed: [".492", ".289", ".179", ".113", ".072", ".046"],
    initializer: (width: number) => normal({ std: 0.01 * Math.sqrt(4096 / width) }),
  },
  {
    claim: "init-large",
    what: "std 0.05 with tanh saturates",
    weightVariance: 4096 * 0.05 * 0.05,
    activation: tanh,
    printed: [".872", ".853", ".850", ".849", ".849", ".849"],
    initializer: (width: number) => normal({ std: 0.05 * Math.sqrt(4096 / width) }),
  },
  {
    claim: "init-xavier",
    what: "variance 1/Din keeps tanh nets alive",
    weightVariance: 1,
    activation: tanh,
    printed: [".628", ".486", ".408", ".358", ".322", ".294"],
    initializer: () => xavierNormal(),
  },
  {
    claim: "init-xavier-relu",
    what: "variance 1/Din with ReLU collapses",
    weightVariance: 1,
    activation: relu,
    printed: [".584", ".413", ".292", ".206", ".146", ".103"],
    initializer: () => xavierNormal(),
  },
  {
    claim: "init-kaiming",
    what: "variance 2/Din preserves ReLU nets",
    weightVariance: 2,
    activation: relu,
    printed: [".826", ".826", ".826", ".826", ".826", ".826"],
    initializer: () => kaimingNormal(),
  },
] as const;

describe("six layers", () => {
  for (const { claim, what, weightVariance, activation, printed, initializer } of nets) {
    test(`${claim}: in a net of infinite width ${what}, to the printed digits`, () => {
      const stds = infiniteWidth({ weightVariance, activation, depth }).map(({ std }) => std);
      expect(stds.map((std) => std.toFixed(3).replace(/^0/, ""))).toEqual(printed);
    });

    // Given the inputs of a layer, its units are independent normals of variance s²·|h|², whatever came before. So the
    // mean square of a layer's activations is that of the recursion for this very h, up to the scatter of its units.
    test(`${claim}: every layer of a net that is drawn does to its input what the recursion says`, () => {
      let h = numbers(noise([examples, width], 1));
      for (let layer = 1; layer <= depth; layer++) {
        const w = draw(initializer(width), [width, width], 2, `init/linear${layer}`);
        const input = tensor(Float64Array.from(h), { shape: [examples, width] });
        const z = numbers(matmul(input, transpose(w)));
        for (let example = 0; example < examples; example++) {
          const own = (of: readonly number[]): readonly number[] =>
            of.slice(example * width, (example + 1) * width);
          const variance = weightVariance * meanSquare(own(h));
          const found = meanSquare(own(z).map(activation));
          if (activation === tanh) {
            const squares = activationMoments((value) => tanh(value) * tanh(value), variance);
            const [least, greatest] = shareInterval(squares, width, x);
            expect(found).toBeGreaterThan(least);
            expect(found).toBeLessThan(greatest);
            expect(found).toBeLessThan(variance * squaresInterval(width, x)[1]); // |tanh z| ≤ |z|
          } else {
            const [least, greatest] = halfSquaresInterval(width, x);
            expect(found).toBeGreaterThan(variance * least);
            expect(found).toBeLessThan(variance * greatest);
          }
        }
        h = z.map(activation);
      }
    });
  }

  test("init-small: activations fade by a factor of 10 in five layers", () => {
    const stds = infiniteWidth({ weightVariance: 0.4096, activation: tanh, depth }).map(
      (l) => l.std,
    );
    expect((stds[5] ?? 1) / (stds[0] ?? 0)).toBeLessThan(0.1);
    expect(stds.every((std, i) => i === 0 || std < (stds[i - 1] ?? 0))).toBe(true);
  });

  test.each([0, 1, 2])(
    "init-small: so do gradients on their way back, and every weight's is less than a third of that with Xavier's scale, seed %i",
    (seed) => {
      const small = gradientSizes(normal({ std: 0.01 * Math.sqrt(4096 / width) }), seed);
      const xavier = gradientSizes(xavierNormal(), seed);
      for (let layer = 0; layer < depth; layer++) {
        expect(small.weights[layer]).toBeLessThan((xavier.weights[layer] ?? 0) / 3);
        // A layer passes √(s²·n) = 0.64 of a cotangent back at most, but for the scatter of 512 units.
        const above = small.sums[layer + 1] ?? Number.POSITIVE_INFINITY;
        expect(small.sums[layer]).toBeLessThan(0.7 * above);
      }
      expect((small.sums[0] ?? 1) / (small.sums[5] ?? 0)).toBeLessThan(0.1);
    },
  );

  test("init-large: about half the units have an absolute value above .95", () => {
    const edge = log1p((2 * 0.95) / (1 - 0.95)) / 2; // atanh 0.95
    const shares = infiniteWidth({ weightVariance: 10.24, activation: tanh, depth }).map(
      ({ variance }) => erfc(edge / Math.sqrt(2 * variance)),
    );
    expect(shares[0]).toBeCloseTo(0.57, 2);
    for (const share of shares.slice(1)) expect(share).toBeCloseTo(0.51, 1);
  });

  test("init-xavier-relu: over L layers the std falls by 2^(-L/2), and stays with Kaiming", () => {
    const stds = (weightVariance: number): readonly number[] =>
      infiniteWidth({ weightVariance, activation: relu, depth: 31 }).map(({ std }) => std);
    const [xavier, kaiming] = [stds(1), stds(2)];
    for (let layer = 1; layer <= 30; layer++) {
      // Simpson's rule is exact to 1e-11 here, at every layer once more.
      expect((xavier[layer] ?? 0) / (xavier[0] ?? 0) / 2 ** (-layer / 2)).toBeCloseTo(1, 8);
      expect((kaiming[layer] ?? 0) / (kaiming[0] ?? 0)).toBeCloseTo(1, 8);
    }
  });
});

describe("activationMoments", () => {
  const variances = fc.integer({ min: 1, max: 400 }).map((n) => n / 20);
  test.prop([variances], { seed: 3, numRuns: 30 })(
    "are those of known integrals: z, z², exp(z), max(z, 0), to 1e-9",
    (q) => {
      const close = (got: number, want: number): void => {
        expect(Math.abs(got / want - 1)).toBeLessThan(1e-9); // Simpson's rule, intervals of 0.003
      };
      close(activationMoments((z) => z, q).meanSquare, q);
      close(activationMoments((z) => z * z, q).mean, q);
      close(activationMoments((z) => z * z, q).meanSquare, 3 * q * q);
      close(activationMoments(relu, q).mean, Math.sqrt(q / (2 * Math.PI)));
      close(activationMoments(relu, q).std, Math.sqrt(q / 2 - q / (2 * Math.PI)));
      const half = Math.min(q, 2);
      close(activationMoments(Math.exp, half).mean, Math.exp(half / 2));
    },
  );

  test("reach to 12 standard deviations, and weigh the last point as a third of a step", () => {
    const last = activationMoments((z) => (Math.abs(z) > 11.9985 ? 1 : 0), 1);
    const density = exp(-72) / Math.sqrt(2 * Math.PI);
    // Of both sides; a step is 0.003. Simpson's rule is off by less than 1e-9.
    expect(Math.abs(last.mean / ((2 * density * 0.003) / 3) - 1)).toBeLessThan(1e-9);
  });

  test("of a net without layers or variance are refused", () => {
    const message = (options: Partial<Parameters<typeof infiniteWidth>[0]>): string =>
      messageOf(
        () => infiniteWidth({ weightVariance: 1, activation: relu, depth: 1, ...options }),
        ValueError,
      );
    expect(message({ depth: 0 })).toBe(
      "infiniteWidth: expected depth to be an integer ≥ 1, got 0. Give a number of layers.",
    );
    expect(message({ inputMeanSquare: 0 })).toContain("infiniteWidth: expected inputMeanSquare ");
    expect(message({ weightVariance: 0 })).toBe(
      "infiniteWidth: expected weightVariance to be a finite number > 0, got 0. Give a variance, such as the std of a weight squared times fan-in.",
    );
  });
});
