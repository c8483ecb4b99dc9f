/** The claims of the notes about optimisers: each test's title starts with the claim's id. */
import { fc, test } from "@fast-check/vitest";
import { all, type BigNumber, create } from "mathjs";
import { describe, expect } from "vitest";
import {
  clearGradients,
  type DType,
  index,
  matmul,
  mse,
  multiply,
  parameter,
  slice,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
} from "../core/index.ts";
import {
  adamRule,
  momentumRule,
  rmsPropRule,
  sgd,
  sgdRule,
  type UpdateRule,
} from "../optim/index.ts";
import { linearScaling } from "../schedules/index.ts";
import { bitsOf, f64, item, noise, numbers } from "./plain.ts";

const big = create(all ?? {}, { number: "BigNumber", precision: 64 });
const seeds = fc.nat(1e6);

/** The parameter after each step of `rule`, given one gradient a step. */
function trajectory(
  rule: UpdateRule,
  start: Tensor,
  gradients: readonly Tensor[],
  rate: number,
): readonly Tensor[] {
  let [at, state] = [start, rule.init(start)];
  return gradients.map((gradient, index) => {
    const next = rule.update({ parameter: at, gradient, state, t: index + 1, rate });
    [at, state] = [next.parameter, next.state];
    return at;
  });
}

const gradientsFrom = (seed: number, count: number, dtype: DType = "float64"): readonly Tensor[] =>
  Array.from({ length: count }, (_, t) => noise([3], seed + t + 1).cast(dtype));

describe("SGD", () => {
  test.prop([seeds], { seed: 1, numRuns: 20 })("is x ← x - α·g, bit for bit", (seed) => {
    const [start, gradients] = [noise([3], seed), gradientsFrom(seed, 10)];
    let plain = numbers(start);
    const path = trajectory(sgdRule, start, gradients, 0.1);
    gradients.forEach((g, t) => {
      plain = plain.map((x, i) => x - (numbers(g)[i] ?? 0) * 0.1);
      expect(numbers(path[t] ?? start)).toEqual(plain);
    });
  });

  test.prop([seeds, fc.constantFrom<DType>("float32", "float64")], { seed: 2, numRuns: 20 })(
    "opt-momentum: ρ = 0 is SGD, bit for bit",
    (seed, dtype) => {
      const [start, gradients] = [noise([3], seed).cast(dtype), gradientsFrom(seed, 10, dtype)];
      const [plain, heavy] = [sgdRule, momentumRule(0)].map((rule) =>
        trajectory(rule, start, gradients, 0.1),
      );
      expect(heavy?.map(bitsOf)).toEqual(plain?.map(bitsOf));
    },
  );

  test("opt-zigzag: SGD goes by (1 - α·λ)^t along each axis of a quadratic, to rounding", () => {
    const [lambda, start, rate] = [[0.1, 1, 10], [3, -2, 1], 0.15];
    const w = parameter(f64(start));
    const optimizer = sgd([w], { learningRate: rate });
    for (let t = 1; t <= 30; t++) {
      optimizer.step(() => multiply(sum(multiply(f64(lambda), square(w))), 0.5));
      numbers(w).forEach((x, i) => {
        const exact = (start[i] ?? 0) * (1 - rate * (lambda[i] ?? 0)) ** t;
        // Each step rounds three times, relative to what stands there.
        expect(Math.abs(x - exact)).toBeLessThanOrEqual(4 * t * Number.EPSILON * Math.abs(exact));
      });
    }
  });

  test("opt-zigzag: SGD goes by (1 - α·λ)^t along each eigenvector of a turned quadratic", () => {
    // Eigenvalues 0.5 and 12 along (0.8, 0.6) and (-0.6, 0.8).
    const [lambda, rate, start] = [[0.5, 12], 0.15, [3, -2]];
    const vectors = [
      [0.8, 0.6],
      [-0.6, 0.8],
    ] as const;
    const hessian = f64(
      [0, 1].map((i) =>
        [0, 1].map((j) =>
          vectors.reduce((sum, v, k) => sum + (lambda[k] ?? 0) * (v[i] ?? 0) * (v[j] ?? 0), 0),
        ),
      ),
    );
    const along = (w: readonly number[], [a, b]: readonly [number, number]): number =>
      a * (w[0] ?? 0) + b * (w[1] ?? 0);
    const w = parameter(f64(start));
    const optimizer = sgd([w], { learningRate: rate });
    for (let t = 1; t <= 20; t++) {
      optimizer.step(() => multiply(sum(multiply(w, matmul(hessian, w))), 0.5));
      vectors.forEach((vector, k) => {
        const exact = along(start, vector) * (1 - rate * (lambda[k] ?? 0)) ** t;
        // A step makes a few roundings of |w| ≤ 4 and carries those before on, shrunk: |1 - α·λ| < 1.
        expect(Math.abs(along(numbers(w), vector) - exact)).toBeLessThan(
          t * 32 * 4 * Number.EPSILON,
        );
      });
    }
  });

  test("opt-saddle: exactly on the ridge of x² - y² SGD never leaves it", () => {
    const w = parameter(f64([0.7, 0]));
    const optimizer = sgd([w], { learningRate: 0.1, momentum: 0.9 });
    for (let t = 0; t < 50; t++) optimizer.step(() => sum(multiply(square(w), f64([1, -1]))));
    expect(numbers(w)[1]).toBe(0);
  });
});

describe("zig-zag, saddles, noise", () => {
  test("opt-zigzag: where 1 < α·λ < 2 every step crosses the minimum, where α·λ < 1 none does", () => {
    const [lambda, rate] = [[0.01, 1, 9], 0.2];
    const w = parameter(f64([1, 1, 1]));
    const optimizer = sgd([w], { learningRate: rate });
    for (let t = 1; t <= 20; t++) {
      optimizer.step(() => multiply(sum(multiply(f64(lambda), square(w))), 0.5));
      expect(numbers(w).map(Math.sign)).toEqual([1, 1, t % 2 === 1 ? -1 : 1]);
    }
  });

  test.prop([seeds, fc.constantFrom(0, 0.9), fc.boolean()], { seed: 20, numRuns: 20 })(
    "opt-saddle: on the ridge of x² - y² or of the monkey saddle x³ - 3·x·y², y stays 0, and off it y grows",
    (seed, momentum, isMonkey) => {
      const x = Math.abs(numbers(noise([1], seed))[0] ?? 0);
      const ordinate = (y: number): number => {
        const w = parameter(f64([x, y]));
        const optimizer = sgd([w], { learningRate: 0.05, momentum });
        for (let t = 0; t < 15; t++) {
          optimizer.step(() => {
            const [a, b] = [slice(w, [[0, 1]]), slice(w, [[1, 2]])];
            const saddle = isMonkey
              ? multiply(a, subtract(square(a), multiply(square(b), 3)))
              : subtract(square(a), square(b));
            return sum(saddle);
          });
        }
        return numbers(w)[1] ?? Number.NaN;
      };
      expect(ordinate(0)).toBe(0);
      // Momentum may carry x past the monkey saddle, where y falls again.
      if (momentum === 0) expect(ordinate(1e-8)).toBeGreaterThan(1e-8);
    },
  );

  test.each([
    [5, 1],
    [5, 2],
    [6, 3],
    [7, 5],
    [6, 6],
  ])(
    "opt-noise: over all batches of %i examples taken %i at a time, gradients vary by (S²/B)·(1 - B/N)",
    (count, size) => {
      const [x, y] = [noise([count, 3], 30), noise([count], 31)];
      const w = parameter(noise([3], 32));
      const gradientOf = (chosen: readonly number[]): readonly number[] => {
        clearGradients([w]);
        const rows = tensor(Int32Array.from(chosen));
        mse(matmul(index(x, rows), w), index(y, rows)).backward();
        return numbers(w.grad ?? w);
      };
      const whole = range(count);
      const each = whole.map((i) => gradientOf([i]));
      const batches = combinations(whole, size).map(gradientOf);
      const full = gradientOf(whole);
      full.forEach((mean, k) => {
        const spread = (list: readonly (readonly number[])[], divisor: number): number =>
          list.reduce((total, g) => total + ((g[k] ?? 0) - mean) ** 2, 0) / divisor;
        const expected = (spread(each, count - 1) / size) * (1 - size / count);
        // Sums of at most 21 squares of numbers of about 1, each of a few roundings.
        expect(Math.abs(spread(batches, batches.length) - expected)).toBeLessThan(
          1e-13 * (1 + expected),
        );
        expect(expected > 1e-3).toBe(size < count);
      });
    },
  );
});

describe("large batches", () => {
  test.prop([seeds, fc.integer({ min: 2, max: 8 })], { seed: 21, numRuns: 20 })(
    "lr-scaling: N SGD gradients at frozen weights, on disjoint batches, are one step on their union at N times the rate",
    (seed, batches) => {
      const [rate, size] = [0.02, 4];
      const [x, y] = [noise([batches * size, 3], seed), noise([batches * size], seed + 1)];
      const loss = (w: Tensor, from: number, to: number): Tensor =>
        mse(matmul(slice(x, [[from, to]]), w), slice(y, [[from, to]]));
      const start = noise([3], seed + 2);
      const once = parameter(start);
      const scaledRate = linearScaling({ base: rate, baseBatch: size, batch: batches * size });
      sgd([once], { learningRate: scaledRate }).step(() => loss(once, 0, batches * size));
      let walked = numbers(start);
      for (let b = 0; b < batches; b++) {
        const w = parameter(start);
        sgd([w], { learningRate: rate }).step(() => loss(w, b * size, (b + 1) * size));
        walked = walked.map((xi, i) => xi + ((numbers(w)[i] ?? 0) - (numbers(start)[i] ?? 0)));
      }
      // At most 8 steps and their differences, of numbers below 10.
      numbers(once).forEach((xi, i) => {
        expect(Math.abs(xi - (walked[i] ?? 0))).toBeLessThan(1e-13);
      });
      expect(bitsOf(once)).not.toBe(bitsOf(start));
    },
  );
});

describe("momentum", () => {
  test.prop([seeds], { seed: 3, numRuns: 20 })(
    "opt-momentum: v ← ρ·v + g; x ← x - α·v, bit for bit",
    (seed) => {
      const [start, gradients] = [noise([3], seed), gradientsFrom(seed, 15)];
      const path = trajectory(momentumRule(0.9), start, gradients, 0.1);
      let [x, v] = [numbers(start), [0, 0, 0] as readonly number[]];
      gradients.forEach((g, t) => {
        v = v.map((vi, i) => vi * 0.9 + (numbers(g)[i] ?? 0));
        x = x.map((xi, i) => xi - (v[i] ?? 0) * 0.1);
        expect(numbers(path[t] ?? start)).toEqual(x);
      });
    },
  );

  test("opt-momentum: unrolled, it is the sum of all gradients with weights α·(1 - ρ^k)/(1 - ρ)", () => {
    const [start, gradients] = [noise([3], 4), gradientsFrom(4, 12)];
    const last = trajectory(momentumRule(0.8), start, gradients, 0.05).at(-1) ?? start;
    const unrolled = numbers(start).map((x, i) =>
      gradients.reduce((sum, g, t) => {
        const weight = (0.05 * (1 - 0.8 ** (12 - t))) / (1 - 0.8);
        return sum - weight * (numbers(g)[i] ?? 0);
      }, x),
    );
    // Twelve terms below 1 and as many roundings each way.
    numbers(last).forEach((x, i) => {
      expect(Math.abs(x - (unrolled[i] ?? 0))).toBeLessThan(1e-14);
    });
  });

  test("opt-momentum: through the shell it is the rule", () => {
    const w = parameter(f64([1, 2]));
    const optimizer = sgd([w], { learningRate: 0.1, momentum: 0.9 });
    const path: string[] = [];
    const gradients: Tensor[] = [];
    for (let t = 0; t < 5; t++) {
      gradients.push(tensor(multiply(w, 2).elements()));
      optimizer.step(() => sum(square(w)));
      path.push(bitsOf(w));
    }
    expect(path).toEqual(trajectory(momentumRule(0.9), f64([1, 2]), gradients, 0.1).map(bitsOf));
  });
});

describe("Adam", () => {
  test.prop([seeds], { seed: 5, numRuns: 10 })(
    "opt-adam: equals the pseudo-code in 64 digits to rounding",
    (seed) => {
      const [start, gradients] = [noise([3], seed), gradientsFrom(seed, 20)];
      const path = trajectory(adamRule(), start, gradients, 0.01);
      const of = (value: number): BigNumber => big.bignumber(value);
      const share = (beta: number): BigNumber => of(1).minus(of(beta));
      for (let i = 0; i < 3; i++) {
        let [x, m, v] = [of(numbers(start)[i] ?? 0), of(0), of(0)];
        gradients.forEach((gradient, index) => {
          const g = of(numbers(gradient)[i] ?? 0);
          m = of(0.9).times(m).plus(share(0.9).times(g));
          v = of(0.999)
            .times(v)
            .plus(share(0.999).times(g.times(g)));
          const first = m.div(of(1).minus(of(0.9).pow(index + 1)));
          const second = v.div(of(1).minus(of(0.999).pow(index + 1)));
          x = x.minus(
            of(0.01)
              .times(first)
              .div(second.sqrt().plus(of(1e-7))),
          );
          const ours = numbers(path[index] ?? start)[i] ?? Number.NaN;
          // 1 - 0.999^t loses three digits at t = 1: 1e-16·1e3 of a step of 0.01, twenty times.
          expect(Math.abs(ours - x.toNumber())).toBeLessThan(1e-13);
        });
      }
    },
  );

  test.prop([fc.integer({ min: -30, max: 30 }).map((n) => n / 10 + 0.05)], {
    seed: 6,
    numRuns: 20,
  })(
    "opt-bias-correction: for a constant gradient the corrected moments equal g and g² at every t",
    (g) => {
      const rule = adamRule();
      let state = rule.init(f64([0]));
      for (let t = 1; t <= 200; t++) {
        state = rule.update({ parameter: f64([0]), gradient: f64([g]), state, t, rate: 0.1 }).state;
        const { first, second } = state;
        if (!first || !second) throw new Error("two moments");
        // Two roundings a step in the average; 1 - β^t has an absolute error of an ulp of 1, so 1e3 ulp at t = 1.
        const slack = (t + 2000) * Number.EPSILON;
        expect(Math.abs(item(sum(first)) / (1 - 0.9 ** t) / g - 1)).toBeLessThan(slack);
        expect(Math.abs(item(sum(second)) / (1 - 0.999 ** t) / (g * g) - 1)).toBeLessThan(slack);
      }
    },
  );

  test("opt-bias-correction: the first step has length α·|g|/(|g| + ε)", () => {
    for (const g of [3, -0.01, 1e-7]) {
      const [at] = trajectory(adamRule(), f64([0]), [f64([g])], 0.01);
      const length = (0.01 * Math.abs(g)) / (Math.abs(g) + 1e-7);
      // 1 - 0.999 and 0.001 differ by 1e3 ulp, in a root.
      expect(Math.abs((numbers(at ?? f64([]))[0] ?? 0) * -Math.sign(g) - length)).toBeLessThan(
        1e-12 * length,
      );
    }
  });

  test("opt-bias-correction: without it the first step is √10 times too long at the defaults", () => {
    const rule = adamRule({ biasCorrection: false });
    const [at] = trajectory(rule, f64([0]), [f64([-3])], 0.01);
    const length = (0.01 * 0.1 * 3) / (Math.sqrt(0.001) * 3 + 1e-7);
    expect(Math.abs((numbers(at ?? f64([]))[0] ?? 0) / length - 1)).toBeLessThan(1e-12);
    expect(length / 0.01).toBeCloseTo(Math.sqrt(10), 4);
  });

  test.prop(
    [seeds, fc.integer({ min: -20, max: 20 }), fc.constantFrom<DType>("float32", "float64")],
    { seed: 7, numRuns: 30 },
  )("opt-adam: with ε = 0, scaling every gradient by 2^k changes no bit", (seed, k, dtype) => {
    const [start, gradients] = [noise([3], seed).cast(dtype), gradientsFrom(seed, 8, dtype)];
    const scaled = gradients.map((g) => multiply(g, 2 ** k));
    const rule = adamRule({ epsilon: 0 });
    const [a, b] = [gradients, scaled].map((list) =>
      trajectory(rule, start, list, 0.01).map(bitsOf),
    );
    expect(b).toEqual(a);
  });

  test.prop([seeds], { seed: 8, numRuns: 10 })(
    "opt-adam: with β1 = 0 it is RMSProp whose average is divided by its bias, to rounding",
    (seed) => {
      const [start, gradients] = [noise([3], seed), gradientsFrom(seed, 10)];
      const path = trajectory(adamRule({ beta1: 0 }), start, gradients, 0.01);
      const averaging = rmsPropRule({ alpha: 0.999 });
      let [x, state, power] = [numbers(start), averaging.init(start), 1];
      gradients.forEach((gradient, index) => {
        const input = { parameter: start, gradient, state, t: index + 1, rate: 0.01 };
        state = averaging.update(input).state;
        power *= 0.999;
        const [g, squares] = [gradient, state["meanSquare"] ?? start].map(numbers);
        x = x.map((xi, i) => {
          const root = Math.sqrt((squares?.[i] ?? 0) / (1 - power)) + 1e-7;
          return xi - (0.01 * (g?.[i] ?? 0)) / root;
        });
        // The power is multiplied up in another order: an ulp of 1 in 1 - β^t, 1e-13 of it, in a step of 0.01.
        numbers(path[index] ?? start).forEach((element, i) => {
          expect(Math.abs(element - (x[i] ?? 0))).toBeLessThan(1e-13);
        });
      });
    },
  );

  test("opt-adam: with β1 = β2 = ε = 0 it steps by α along the gradient's sign", () => {
    const [at] = trajectory(
      adamRule({ beta1: 0, beta2: 0, epsilon: 0 }),
      f64([1, 1]),
      [f64([4, -0.5])],
      0.25,
    );
    expect(numbers(at ?? f64([]))).toEqual([0.75, 1.25]);
  });
});

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** All ways to take `size` of `items`, in order. */
function combinations(items: readonly number[], size: number): readonly (readonly number[])[] {
  if (size === 0) return [[]];
  return items.flatMap((item, i) =>
    combinations(items.slice(i + 1), size - 1).map((others) => [item, ...others]),
  );
}
