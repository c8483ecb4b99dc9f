/** BatchNorm: what training gives, what is remembered of it, and what evaluation makes of that. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  functionalCall,
  multiply,
  permute,
  reshape,
  ShapeError,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { constant } from "../init/index.ts";
import { assemble, BatchNorm, BatchNorm1d, BatchNorm2d } from "../layers/index.ts";
import { bitsOf, expectClose, f64, messageOf, noise, numbers } from "./plain.ts";

const float64 = { dtype: "float64" } as const;

describe("BatchNorm", () => {
  const cases = fc.record({
    seed: fc.nat(1e6),
    channels: fc.integer({ min: 1, max: 3 }),
    batch: fc.integer({ min: 2, max: 6 }),
    epsilon: fc.constantFrom(1e-5, 1e-2, 1),
  });

  /** Mean and biased variance of each channel of [N, C] numbers. */
  const statistics = (x: Tensor): readonly { mean: number; variance: number }[] => {
    const [n = 0, channels = 0] = x.shape;
    const values = numbers(x);
    return Array.from({ length: channels }, (_, c) => {
      const column = Array.from({ length: n }, (_row, i) => values[i * channels + c] ?? Number.NaN);
      const mean = column.reduce((s, v) => s + v, 0) / n;
      return { mean, variance: column.reduce((s, v) => s + (v - mean) ** 2, 0) / n };
    });
  };

  test.prop([cases], { seed: 1, numRuns: 40 })(
    "bn-train: training output has mean β and standard deviation |γ|·√(σ²/(σ² + ε)) in each channel",
    ({ seed, channels, batch, epsilon }) => {
      const net = assemble(new BatchNorm(channels, { epsilon }), float64);
      const [gamma, beta] = [noise([channels], seed + 1), noise([channels], seed + 2)];
      const x = multiply(noise([batch, channels], seed), 3);
      const y = functionalCall(net, { "batchNorm1.gamma": gamma, "batchNorm1.beta": beta }, x);
      const before = statistics(x);
      statistics(y).forEach(({ mean, variance }, c) => {
        const sigma2 = before[c]?.variance ?? Number.NaN;
        const std = Math.abs(numbers(gamma)[c] ?? 0) * Math.sqrt(sigma2 / (sigma2 + epsilon));
        // A dozen roundings of numbers below 10; √ of the variance doubles what is relative.
        expect(Math.abs(mean - (numbers(beta)[c] ?? 0))).toBeLessThan(1e-13);
        expect(Math.abs(Math.sqrt(variance) - std)).toBeLessThan(1e-13);
      });
    },
  );

  test.prop([fc.nat(1e6), fc.constantFrom(-3, -0.25, 0.5, 7), fc.constantFrom(1e-5, 0.1, 1)], {
    seed: 3,
    numRuns: 30,
  })(
    "bn-train: with ε it gives of a·x + b what with ε/a² it gives of x, its sign that of a",
    (seed, a, epsilon) => {
      const x = noise([7, 3], seed);
      const moved = x.multiply(a).add(noise([3], seed + 1));
      const normalized = (input: Tensor, e: number) =>
        assemble(new BatchNorm1d(3, { epsilon: e, affine: false }), float64).forward(input);
      const expected = normalized(x, epsilon / (a * a)).multiply(Math.sign(a));
      // The mean of numbers below 30 is rounded to 30 ulp, and divided by a spread of 0.1 or more.
      expectClose(normalized(moved, epsilon), expected, 1e-12);
    },
  );

  test.prop([cases], { seed: 4, numRuns: 30 })(
    "bn-train: with γ = √(σ² + ε) and β = μ it is the identity, to rounding",
    ({ seed, channels, batch, epsilon }) => {
      const net = assemble(new BatchNorm(channels, { epsilon }), float64);
      const x = multiply(noise([batch, channels], seed), 3);
      const of = statistics(x);
      const parameters = {
        "batchNorm1.gamma": f64(of.map(({ variance }) => Math.sqrt(variance + epsilon))),
        "batchNorm1.beta": f64(of.map(({ mean }) => mean)),
      };
      expectClose(functionalCall(net, parameters, x), x, 1e-14); // a few roundings each way
    },
  );

  test("bn-train: of images it is that of their pixels, transposed and flattened", () => {
    const [images, pixels] = [
      assemble(new BatchNorm(3), float64),
      assemble(new BatchNorm(3), float64),
    ];
    const x = noise([2, 3, 4, 5], 1);
    const rows = reshape(permute(x, [0, 2, 3, 1]), [40, 3]);
    const back = permute(reshape(pixels.forward(rows), [2, 4, 5, 3]), [0, 3, 1, 2]);
    // Forty terms, summed in another order.
    expectClose(images.forward(x), back, 1e-13);
    expectClose(
      images.namedBuffers()["batchNorm1.movingVariance"] ?? x,
      pixels.namedBuffers()["batchNorm1.movingVariance"] ?? x,
      1e-14,
    );
  });

  test.prop([fc.nat(1e6), fc.constantFrom(0, 0.5, 0.9, 0.99)], { seed: 2, numRuns: 20 })(
    "bn-test: the moving averages after T batches are the weighted sums in closed form",
    (seed, rho) => {
      const net = assemble(new BatchNorm(2, { rho }), float64);
      const batches = Array.from({ length: 7 }, (_, t) => noise([5, 2], seed + t));
      for (const batch of batches) net.forward(batch);
      const closed = (start: number, pick: (s: { mean: number; variance: number }) => number) =>
        [0, 1].map((c) =>
          batches.reduce(
            (total, batch, t) => {
              const channel = statistics(batch)[c];
              return total + (1 - rho) * rho ** (6 - t) * (channel ? pick(channel) : Number.NaN);
            },
            rho ** 7 * start,
          ),
        );
      const buffers = net.namedBuffers();
      // Seven roundings of numbers below 3.
      expectClose(
        buffers["batchNorm1.movingMean"] ?? f64([]),
        closed(0, ({ mean }) => mean),
        1e-14,
      );
      expectClose(
        buffers["batchNorm1.movingVariance"] ?? f64([]),
        closed(1, ({ variance }) => variance),
        1e-14,
      );
    },
  );

  test("bn-test: evaluation with the batch's own statistics is training output", () => {
    const net = assemble(new BatchNorm(3, { rho: 0 }), float64);
    const x = noise([6, 3, 2, 2], 4);
    const training = net.forward(x); // ρ = 0: the averages are now this batch's
    expectClose(net.evaluate().forward(x), training, 1e-14); // the same numbers, rounded a few times
  });

  test("bn-test: evaluation of one example does not depend on its neighbours, training does", () => {
    const net = assemble(new BatchNorm(3), float64);
    net.forward(noise([6, 3], 5));
    const [one, others] = [noise([1, 3], 6), noise([4, 3], 7)];
    const together = tensor(Float64Array.from([...numbers(one), ...numbers(others)]), {
      shape: [5, 3],
    });
    net.evaluate();
    expect(bitsOf(net.forward(together).slice([[0, 1]]))).toBe(bitsOf(net.forward(one)));
    net.train();
    const same = bitsOf(net.forward(together).slice([[0, 1]]));
    const changed = tensor(Float64Array.from([...numbers(one), ...numbers(noise([4, 3], 8))]), {
      shape: [5, 3],
    });
    expect(bitsOf(net.forward(changed).slice([[0, 1]]))).not.toBe(same);
  });

  test("evaluation moves no average, training moves no parameter", () => {
    const net = assemble(new BatchNorm(2), float64);
    const state = () => [...net.parameters(), ...Object.values(net.namedBuffers())].map(bitsOf);
    const start = state();
    net.evaluate().forward(noise([4, 2], 1));
    expect(state()).toEqual(start);
    net.train().forward(noise([4, 2], 1));
    const moved = state();
    expect(moved.slice(0, 2)).toEqual(start.slice(0, 2));
    expect(moved[2]).not.toBe(start[2]);
    expect(moved[3]).not.toBe(start[3]);
  });

  test("γ is 1, β and the mean 0, the variance 1 at the start", () => {
    const net = assemble(new BatchNorm(2));
    const all = { ...net.namedParameters(), ...net.namedBuffers() };
    expect(Object.entries(all).map(([name, w]) => [name, numbers(w)])).toEqual([
      ["batchNorm1.gamma", [1, 1]],
      ["batchNorm1.beta", [0, 0]],
      ["batchNorm1.movingMean", [0, 0]],
      ["batchNorm1.movingVariance", [1, 1]],
    ]);
  });

  test("the unbiased moving variance is n/(n - 1) times the biased one, the output the same", () => {
    const [biased, unbiased] = [false, true].map((choice) =>
      assemble(new BatchNorm2d(3, { rho: 0, unbiased: choice }), float64),
    );
    if (!biased || !unbiased) throw new Error("two layers");
    const x = noise([2, 3, 4, 5], 1);
    expect(bitsOf(unbiased.forward(x))).toBe(bitsOf(biased.forward(x)));
    const [plain, corrected] = [biased, unbiased].map((net) => net.namedBuffers());
    const name = "batchNorm1.movingVariance";
    expectClose(corrected?.[name] ?? x, plain?.[name]?.multiply(40 / 39) ?? x, 1e-15);
    expect(bitsOf(corrected?.["batchNorm1.movingMean"] ?? x)).toBe(
      bitsOf(plain?.["batchNorm1.movingMean"] ?? f64([])),
    );
  });

  test("the cumulative average after T batches is the mean of their statistics", () => {
    const net = assemble(new BatchNorm1d(2, { average: "cumulative" }), float64);
    const batches = Array.from({ length: 6 }, (_, t) => noise([3 + t, 2], t));
    for (const batch of batches) net.forward(batch);
    const buffers = net.namedBuffers();
    const mean = (pick: (s: { mean: number; variance: number }) => number) =>
      [0, 1].map((c) =>
        batches.reduce((sum, batch) => {
          const channel = statistics(batch)[c];
          return sum + (channel ? pick(channel) : Number.NaN) / batches.length;
        }, 0),
      );
    // Two dozen roundings of numbers below 3.
    expectClose(
      buffers["batchNorm1.movingMean"] ?? f64([]),
      mean((s) => s.mean),
      1e-14,
    );
    expectClose(
      buffers["batchNorm1.movingVariance"] ?? f64([]),
      mean((s) => s.variance),
      1e-14,
    );
    expect(numbers(buffers["batchNorm1.batches"] ?? f64([]))).toEqual([6]);
  });

  test("without affine it owns no parameters, and gives what γ = 1 and β = 0 give", () => {
    const [bare, whole] = [false, true].map((affine) =>
      assemble(new BatchNorm2d(3, { affine }), float64),
    );
    if (!bare || !whole) throw new Error("two layers");
    const x = noise([2, 3, 2, 2], 1);
    expect(bare.parameters()).toEqual([]);
    for (const mode of ["train", "evaluate"] as const) {
      expectClose(bare[mode]().forward(x), whole[mode]().forward(x), 1e-15); // two roundings fewer
    }
  });

  test("without tracking it owns no buffers, and evaluates as it trains", () => {
    const net = assemble(new BatchNorm(3, { track: false }), float64);
    const x = noise([5, 3], 1);
    expect(net.namedBuffers()).toEqual({});
    const training = bitsOf(net.forward(x));
    expect(bitsOf(net.evaluate().forward(x))).toBe(training);
  });

  test("γ starts as asked", () => {
    const net = assemble(new BatchNorm(2, { gamma: constant(0) }), float64);
    expect(numbers(net.forward(noise([4, 2], 1)))).toEqual(new Array(8).fill(0));
  });

  test("what it cannot do is refused: other channels and ranks, unlike options, one element unbiased", () => {
    const fix = "Make the layer with the number of channels that x has.";
    const of = (layer: BatchNorm, shape: readonly number[]) => () =>
      assemble(layer, float64).forward(noise(shape, 1));
    expect(messageOf(of(new BatchNorm(3), [4, 2]), ShapeError)).toBe(
      `BatchNorm: expected x to be [N, 3, ...], got [4, 2]. ${fix}`,
    );
    expect(messageOf(of(new BatchNorm1d(3), [4, 3, 2, 2]), ShapeError)).toBe(
      `BatchNorm1d: expected x to be [N, 3] or [N, 3, L], got [4, 3, 2, 2]. ${fix}`,
    );
    expect(messageOf(of(new BatchNorm2d(3), [4, 3]), ShapeError)).toBe(
      `BatchNorm2d: expected x to be [N, 3, H, W], got [4, 3]. ${fix}`,
    );
    expect(messageOf(of(new BatchNorm1d(3, { unbiased: true }), [1, 3]), ShapeError)).toBe(
      "BatchNorm1d: expected x to have two elements or more in each channel, for an unbiased variance, got 1. Use larger batches, or the biased variance.",
    );
    const wrong = () => new BatchNorm2d(3, { average: "cumulative", rho: 0.9 });
    expect(messageOf(wrong, ValueError)).toBe(
      'BatchNorm2d: expected rho to be absent with average "cumulative", got 0.9. A cumulative average keeps 1 - 1/t after t batches: leave rho out.',
    );
  });

  test("another kind of average is refused", () => {
    const average = JSON.parse('"exponential"');
    expect(messageOf(() => new BatchNorm(2, { average }), ValueError)).toBe(
      'BatchNorm: expected average to be "moving" or "cumulative", got "exponential". Give one of these, or leave it out.',
    );
  });

  test("a wrong ρ or ε is refused", () => {
    for (const rho of [-0.1, 1, Number.NaN])
      expect(() => new BatchNorm(1, { rho })).toThrow(ValueError);
    expect(messageOf(() => new BatchNorm(1, { epsilon: 0 }), ValueError)).toBe(
      "BatchNorm: expected epsilon to be a finite number > 0, got 0. Use a small number such as 1e-5.",
    );
  });
});
