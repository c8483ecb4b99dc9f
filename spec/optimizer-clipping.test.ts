/** Clipping and accumulation: what they do to gradients, in which order, and what is refused. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  add,
  grad,
  matmul,
  mse,
  multiply,
  parameter,
  slice,
  square,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import {
  adaGrad,
  adam,
  clipByNorm,
  clipByValue,
  globalNorm,
  Optimizer,
  sgd,
  sgdRule,
} from "../optim/index.ts";
import {
  bitsOf,
  countingMemory,
  expectClose,
  f64,
  item,
  messageOf,
  noise,
  numbers,
} from "./plain.ts";

const seeds = fc.nat(1e6);
const gradientsFrom = (seed: number): readonly Tensor[] => [
  noise([3], seed),
  noise([2, 2], seed + 1),
  noise([], seed + 2),
];
const lengthOf = (gradients: readonly Tensor[]): number =>
  Math.sqrt(gradients.flatMap(numbers).reduce((total, g) => total + g * g, 0));

describe("clipping by value", () => {
  test.prop([seeds, fc.constantFrom(0.1, 1, 10)], { seed: 1, numRuns: 20 })(
    "cuts what is larger, and gives the others as they were",
    (seed, limit) => {
      const gradients = gradientsFrom(seed);
      const cut = clipByValue(gradients, limit);
      expect(cut.map(numbers)).toEqual(
        gradients.map((g) => numbers(g).map((x) => Math.max(-limit, Math.min(limit, x)))),
      );
      expect(cut.map(({ shape }) => shape)).toEqual(gradients.map(({ shape }) => shape));
    },
  );

  test("leaves NaN to be seen", () => {
    const [cut] = clipByValue([f64([Number.NaN, Number.POSITIVE_INFINITY, -5])], 2);
    expect(numbers(cut ?? f64(0))).toEqual([Number.NaN, 2, -2]);
  });
});

describe("clipping by norm", () => {
  test.prop([seeds, fc.constantFrom(0.1, 1, 10)], { seed: 2, numRuns: 20 })(
    "keeps the direction and brings the norm of all to the limit, or does nothing",
    (seed, limit) => {
      const gradients = gradientsFrom(seed);
      const length = lengthOf(gradients);
      expect(item(globalNorm(gradients))).toBeCloseTo(length, 13);
      const clipped = clipByNorm(gradients, limit, { epsilon: 0 });
      if (length <= limit) {
        expect(clipped.map(bitsOf)).toEqual(gradients.map(bitsOf));
        return;
      }
      // A norm, a quotient and a product: a few roundings each.
      expect(Math.abs(lengthOf(clipped) / limit - 1)).toBeLessThan(16 * Number.EPSILON);
      clipped.forEach((g, i) => {
        const wanted = numbers(gradients[i] ?? g).map((x) => (x * limit) / length);
        expectClose(g, wanted, 16 * Number.EPSILON);
      });
    },
  );

  test("adds 1e-6 to the norm unless told otherwise, as PyTorch does: the limit is just missed", () => {
    const clipped = clipByNorm([f64([3, 4])], 1);
    expect(lengthOf(clipped)).toBeCloseTo(5 / (5 + 1e-6), 14);
    expect(lengthOf(clipped)).not.toBeCloseTo(1, 8);
    // A norm just below the limit is scaled already.
    expect(lengthOf(clipByNorm([f64([0.9999995])], 1))).toBeLessThan(0.9999995);
  });

  test("the norm of all gradients is of their widest dtype", () => {
    const [wide, narrow] = [f64([3]), f64([4]).cast("float32")];
    const dtypes = [[narrow], [wide, narrow], [narrow, wide]].map((of) => globalNorm(of).dtype);
    expect(dtypes).toEqual(["float32", "float64", "float64"]);
  });

  test("of zeros gives zeros, and one NaN makes all of them NaN", () => {
    expect(clipByNorm([f64([0, 0])], 1).flatMap(numbers)).toEqual([0, 0]);
    expect(clipByNorm([f64([1]), f64([Number.NaN])], 1).flatMap(numbers)).toEqual([
      Number.NaN,
      Number.NaN,
    ]);
    expect(clipByNorm([], 1)).toEqual([]);
    expect(item(globalNorm([]))).toBe(0);
  });

  test("squares nothing that overflows, and takes float32 beside float64", () => {
    const [far = f64(0)] = clipByNorm([f64([3e200, 4e200])], 5, { epsilon: 0 });
    expectClose(far, [3, 4], 4 * Number.EPSILON);
    const mixed = clipByNorm([tensor([3]), f64([4])], 1, { epsilon: 0 });
    expect(mixed.map(({ dtype }) => dtype)).toEqual(["float32", "float64"]);
    expectClose(mixed[1] ?? f64(0), [0.8], 1e-15);
  });

  test("can be differentiated: along the gradient the clipped one does not change", () => {
    const slope = grad((x: Tensor) => sum(clipByNorm([x], 1, { epsilon: 0 })[0] ?? x));
    const at = f64([3, 4]);
    expectClose(sum(multiply(slope(at), at)), [0], 1e-14);
  });
});

describe("the shell", () => {
  const steep = (options: object): readonly number[] => {
    const [a, b] = [parameter(f64([1, -2])), parameter(f64([10]))];
    const optimizer = sgd([a, b], { learningRate: 1, ...options });
    // Gradients [3, -4] and [12], 13 long together.
    optimizer.step(() => add(sum(multiply(a, f64([3, -4]))), sum(multiply(b, 12))));
    return [...numbers(a), ...numbers(b)];
  };

  test("clips by value, then by norm, then decays, then updates", () => {
    expect(steep({})).toEqual([-2, 2, -2]);
    expect(steep({ clipValue: 3 })).toEqual([-2, 1, 7]);
    const scale = 6.5 / (13 + 1e-6);
    expect(steep({ clipNorm: 6.5 })).toEqual([1 - 3 * scale, -2 + 4 * scale, 10 - 12 * scale]);
    const both = 1 / (Math.sqrt(27) + 1e-6);
    const byBoth = [1 - 3 * both, -2 + 3 * both, 10 - 3 * both];
    steep({ clipValue: 3, clipNorm: 1 }).forEach((x, i) => {
      expect(x).toBeCloseTo(byBoth[i] ?? 0, 14);
    });
    // Decay is not clipped: λ·x = [0.5, -1, 5] is added to [3, -3, 3].
    expect(steep({ clipValue: 3, weightDecay: 0.5 })).toEqual([-2.5, 2, 2]);
    // Decoupled: x·(1 - 0.5) first.
    expect(steep({ clipValue: 3, weightDecay: 0.5, decoupledDecay: true })).toEqual([-2.5, 2, 2]);
  });

  test("takes the norm over all groups, and over parameters with a gradient only", () => {
    const [a, b, idle] = [1, 1, 1].map((x) => parameter(f64([x])));
    if (!a || !b || !idle) throw new RangeError("three parameters");
    const groups = [{ parameters: [a, idle] }, { parameters: [b], learningRate: 2 }];
    sgd(groups, { learningRate: 1, clipNorm: 1 }).step(() =>
      sum(add(multiply(a, 3), multiply(b, 4))),
    );
    const scale = 1 / (5 + 1e-6);
    expect([a, b, idle].map(item1)).toEqual([1 - 3 * scale, 1 - 4 * scale * 2, 1]);
  });

  test.prop([seeds], { seed: 3, numRuns: 20 })(
    "with a norm, the order of parameters changes nothing but the last bits",
    (seed) => {
      const path = (order: readonly number[]): readonly (readonly number[])[] => {
        const parameters = gradientsFrom(seed).map((g) => parameter(multiply(g, 2)));
        const chosen = order.flatMap((i) => parameters[i] ?? []);
        const optimizer = sgd(chosen, { learningRate: 0.1, clipNorm: 0.5 });
        const loss = (): Tensor =>
          parameters.map((w) => sum(square(w))).reduce((a, b) => add(a, b));
        for (let t = 0; t < 3; t++) optimizer.step(loss);
        return parameters.map(numbers);
      };
      const [straight, turned] = [path([0, 1, 2]).flat(), path([2, 0, 1]).flat()];
      straight.forEach((x, i) => {
        expect(Math.abs(x - (turned[i] ?? 0))).toBeLessThan(1e-14);
      });
    },
  );

  test.each([{ clipNorm: 0.5 }, { clipValue: 0.4 }, { weightDecay: 0.1 }, {}])(
    "leaves no memory behind where update is called by itself, with %o",
    (own) => {
      countingMemory((count) => {
        const w = parameter(f64([1, 2]));
        const options = { learningRate: 0.1, ...own };
        const optimizers = [sgd, adam, adaGrad].map((make) => make([w], options));
        sum(square(w)).backward();
        const blocks = count.blocks;
        for (const optimizer of optimizers) optimizer.update();
        expect(count.blocks).toBe(blocks);
      });
    },
  );

  test("leaves the gradients that it clips in grad as they were", () => {
    const w = parameter(f64([1]));
    sgd([w], { learningRate: 1, clipNorm: 0.1, weightDecay: 0.1 }).step(() => sum(multiply(w, 7)));
    expect(w.grad && numbers(w.grad)).toEqual([7]);
  });
});

const item1 = (x: Tensor): number => numbers(x)[0] ?? Number.NaN;

describe("accumulation", () => {
  const [x, y] = [noise([8, 3], 40), noise([8], 41)];
  const losses = (w: Tensor, count: number): readonly (() => Tensor)[] =>
    Array.from({ length: count }, (_, i) => () => {
      const rows = [[(i * 8) / count, ((i + 1) * 8) / count]] as const;
      return mse(matmul(slice(x, rows), w), slice(y, rows));
    });

  test.each([1, 2, 4, 8])("%i batches make the step of one batch of all, to rounding", (count) => {
    const [small, large] = [parameter(noise([3], 42)), parameter(noise([3], 42))];
    const options = { learningRate: 0.1, weightDecay: 0.1, clipNorm: 0.5 };
    const many = adam([small], { ...options, accumulate: count });
    const one = adam([large], options);
    for (let step = 0; step < 5; step++) {
      for (const loss of losses(small, count)) many.step(loss);
      one.step(losses(large, 1)[0] ?? (() => sum(large)));
    }
    expect([many.steps, one.steps]).toEqual([5, 5]);
    // Sums of eight numbers of about 1 in another order, five times; Adam divides by gradients of about 0.1.
    expectClose(small, large, 1e-13);
    if (count === 1) expect(bitsOf(small)).toBe(bitsOf(large));
  });

  test("updates at every k-th call, returns each batch's own loss, and schedules count updates", () => {
    const w = parameter(f64([1]));
    const asked: number[] = [];
    const learningRate = (t: number): number => {
      asked.push(t);
      return 0.5;
    };
    const optimizer = sgd([w], { learningRate, accumulate: 2 });
    const seen = [2, 4, 1].map((slope) => {
      const loss = optimizer.step(() => sum(multiply(w, slope)));
      return [item(loss), item1(w), optimizer.steps];
    });
    expect(seen).toEqual([
      [2, 1, 0],
      [4, 1 - 0.5 * 3, 1],
      [-0.5, -0.5, 1],
    ]);
    expect(asked).toEqual([0]);
  });

  test("starts again where gradients are cleared, and update uses what is there", () => {
    const w = parameter(f64([0]));
    const optimizer = sgd([w], { learningRate: 1, accumulate: 2 });
    optimizer.step(() => sum(multiply(w, 100)));
    optimizer.clearGradients();
    optimizer.step(() => sum(multiply(w, 2)));
    expect(item1(w)).toBe(0);
    optimizer.update(); // half of the mean of two batches
    expect(item1(w)).toBe(-1);
    optimizer.step(() => sum(multiply(w, 8)));
    expect([item1(w), w.grad && item1(w.grad)]).toEqual([-1, 4]);
  });

  test("a closure that throws counts as no call", () => {
    const w = parameter(f64([0]));
    const optimizer = sgd([w], { learningRate: 1, accumulate: 2 });
    optimizer.step(() => sum(multiply(w, 2)));
    expect(() =>
      optimizer.step(() => {
        throw new RangeError("mine");
      }),
    ).toThrow(RangeError);
    optimizer.step(() => sum(multiply(w, 4)));
    expect([item1(w), optimizer.steps]).toEqual([-3, 1]);
  });
});

describe("refusals", () => {
  const w = parameter(f64([1]), { name: "w" });
  const fix = "Give the largest size that a gradient may keep, such as 1, or leave it out.";

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])("a limit of %s", (limit) => {
    expect(messageOf(() => sgd([w], { learningRate: 1, clipNorm: limit }), ValueError)).toBe(
      `sgd: expected clipNorm to be a finite number > 0, got ${limit}. ${fix}`,
    );
    expect(messageOf(() => adam([w], { learningRate: 1, clipValue: limit }), ValueError)).toBe(
      `adam: expected clipValue to be a finite number > 0, got ${limit}. ${fix}`,
    );
    expect(messageOf(() => clipByValue([], limit), ValueError)).toBe(
      `clipByValue: expected limit to be a finite number > 0, got ${limit}. ${fix}`,
    );
    expect(messageOf(() => clipByNorm([], limit), ValueError)).toContain(
      "clipByNorm: expected limit",
    );
  });

  test.each([0, 1.5, -2, Number.NaN])("to accumulate %s batches", (accumulate) => {
    const make = (): Optimizer => new Optimizer(sgdRule, [w], { learningRate: 1, accumulate });
    expect(messageOf(make, ValueError)).toBe(
      `sgd: expected accumulate to be an integer ≥ 1, got ${accumulate}. Give the number of calls of step that make one update.`,
    );
  });

  test("an ε below 0, and a loss that is not 0-d while accumulating", () => {
    expect(messageOf(() => clipByNorm([], 1, { epsilon: -1 }), ValueError)).toBe(
      "clipByNorm: expected epsilon to be a finite number ≥ 0, got -1. Use a small number such as 1e-7.",
    );
    const optimizer = sgd([w], { learningRate: 1, accumulate: 2 });
    expect(() => optimizer.step(() => square(w))).toThrow(
      "backward: expected cotangent to be given for a tensor that is not 0-d",
    );
  });
});
