/** Optimisers: each is its recurrence, bias correction does what it claims, and bad settings are refused. */
import { fc, test } from "@fast-check/vitest";
import { all, type BigNumber, create } from "mathjs";
import { describe, expect } from "vitest";
import {
  add,
  type DType,
  divide,
  multiply,
  parameter,
  sqrt,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import {
  adam,
  adamRule,
  momentumRule,
  type Optimizer,
  sgd,
  sgdRule,
  type UpdateRule,
} from "../optim/index.ts";
import { cosine } from "../schedules/index.ts";
import { bitsOf, f64, item, messageOf, noise, numbers } from "./plain.ts";

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
    "is momentum with ρ = 0, bit for bit",
    (seed, dtype) => {
      const [start, gradients] = [noise([3], seed).cast(dtype), gradientsFrom(seed, 10, dtype)];
      const [plain, heavy] = [sgdRule, momentumRule(0)].map((rule) =>
        trajectory(rule, start, gradients, 0.1),
      );
      expect(heavy?.map(bitsOf)).toEqual(plain?.map(bitsOf));
    },
  );

  test("goes by (1 - α·λ)^t along each axis of a quadratic", () => {
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

  test("never leaves the ridge of a saddle", () => {
    const w = parameter(f64([0.7, 0]));
    const optimizer = sgd([w], { learningRate: 0.1, momentum: 0.9 });
    for (let t = 0; t < 50; t++) optimizer.step(() => sum(multiply(square(w), f64([1, -1]))));
    expect(numbers(w)[1]).toBe(0);
  });
});

describe("momentum", () => {
  test.prop([seeds], { seed: 3, numRuns: 20 })(
    "is v ← ρ·v + g; x ← x - α·v, bit for bit",
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

  test("unrolled, is the sum of all gradients with weights α·(1 - ρ^k)/(1 - ρ)", () => {
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

  test("through the shell is the rule", () => {
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
    "equals the pseudo-code in 64 digits to rounding",
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
  })("for a constant gradient the corrected moments equal g and g² at every t", (g) => {
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
  });

  test("the first step has length α·|g|/(|g| + ε), with correction", () => {
    for (const g of [3, -0.01, 1e-7]) {
      const [at] = trajectory(adamRule(), f64([0]), [f64([g])], 0.01);
      const length = (0.01 * Math.abs(g)) / (Math.abs(g) + 1e-7);
      // 1 - 0.999 and 0.001 differ by 1e3 ulp, in a root.
      expect(Math.abs((numbers(at ?? f64([]))[0] ?? 0) * -Math.sign(g) - length)).toBeLessThan(
        1e-12 * length,
      );
    }
  });

  test("without correction it is √10 times too long at the defaults", () => {
    const rule = adamRule({ biasCorrection: false });
    const [at] = trajectory(rule, f64([0]), [f64([-3])], 0.01);
    const length = (0.01 * 0.1 * 3) / (Math.sqrt(0.001) * 3 + 1e-7);
    expect(Math.abs((numbers(at ?? f64([]))[0] ?? 0) / length - 1)).toBeLessThan(1e-12);
    expect(length / 0.01).toBeCloseTo(Math.sqrt(10), 4);
  });

  test.prop(
    [seeds, fc.integer({ min: -20, max: 20 }), fc.constantFrom<DType>("float32", "float64")],
    { seed: 7, numRuns: 30 },
  )("with ε = 0, scaling every gradient by 2^k changes no bit", (seed, k, dtype) => {
    const [start, gradients] = [noise([3], seed).cast(dtype), gradientsFrom(seed, 8, dtype)];
    const scaled = gradients.map((g) => multiply(g, 2 ** k));
    const rule = adamRule({ epsilon: 0 });
    const [a, b] = [gradients, scaled].map((list) =>
      trajectory(rule, start, list, 0.01).map(bitsOf),
    );
    expect(b).toEqual(a);
  });

  test("with β1 = 0 is RMSProp with bias correction, to rounding", () => {
    const [start, gradients] = [noise([3], 8), gradientsFrom(8, 10)];
    const path = trajectory(adamRule({ beta1: 0 }), start, gradients, 0.01);
    let [x, v] = [start, multiply(start, 0)];
    gradients.forEach((g, index) => {
      v = add(multiply(v, 0.999), multiply(square(g), 1 - 0.999));
      let power = 1;
      for (let t = 0; t <= index; t++) power *= 0.999;
      const root = add(sqrt(divide(v, 1 - power)), 1e-7);
      x = subtract(x, divide(multiply(g, 0.01), root));
      // The power is multiplied up in another order: an ulp of 1 in 1 - β^t.
      numbers(path[index] ?? x).forEach((element, i) => {
        expect(Math.abs(element - (numbers(x)[i] ?? 0))).toBeLessThan(1e-13);
      });
    });
  });

  test("with β1 = β2 = ε = 0 steps by α along the gradient's sign", () => {
    const [at] = trajectory(
      adamRule({ beta1: 0, beta2: 0, epsilon: 0 }),
      f64([1, 1]),
      [f64([4, -0.5])],
      0.25,
    );
    expect(numbers(at ?? f64([]))).toEqual([0.75, 1.25]);
  });
});

describe("the shell", () => {
  const target = f64([1, -2]);
  const optimizers: [string, (w: Tensor) => Optimizer][] = [
    ["sgd", (w) => sgd([w], { learningRate: 0.1 })],
    ["momentum", (w) => sgd([w], { learningRate: 0.05, momentum: 0.5 })],
    ["adam", (w) => adam([w], { learningRate: 0.1 })],
  ];

  test.each(optimizers)("%s finds the minimum of a bowl", (_, make) => {
    const w = parameter(f64([0, 0]));
    const optimizer = make(w);
    for (let t = 0; t < 300; t++) optimizer.step(() => sum(square(subtract(w, target))));
    numbers(w).forEach((x, i) => {
      expect(Math.abs(x - (numbers(target)[i] ?? 0))).toBeLessThan(1e-3);
    });
    expect(optimizer.steps).toBe(300);
  });

  test("step returns the loss from before the update, as a constant", () => {
    const w = parameter(f64(3));
    const optimizer = sgd([w], { learningRate: 0.1 });
    const loss = optimizer.step(() => square(w));
    expect([item(loss), loss.traces]).toEqual([9, []]);
    // Also where the loss is the parameter itself, or a view of it.
    const before = item(w);
    expect(item(optimizer.step(() => w))).toBe(before);
    expect(item(optimizer.step(() => w.reshape([])))).toBeCloseTo(before - 0.1, 14);
  });

  test("step starts from cleared gradients, update uses what is there", () => {
    const w = parameter(f64(1));
    const optimizer = sgd([w], { learningRate: 1 });
    multiply(w, 100).backward();
    optimizer.step(() => multiply(w, 2));
    expect(item(w)).toBe(-1);
    optimizer.clearGradients();
    multiply(w, 2).backward();
    multiply(w, 3).backward();
    optimizer.update();
    expect(item(w)).toBe(-6);
  });

  test("a parameter without a gradient is left alone, state and all", () => {
    const [w, idle] = [parameter(f64(1)), parameter(f64(1))];
    const optimizer = adam([w, idle], { learningRate: 0.1 });
    optimizer.step(() => multiply(w, idle));
    const frozen = [
      bitsOf(idle),
      ...Object.entries(optimizer.namedState())
        .filter(([n]) => n.startsWith("1."))
        .map(([, s]) => bitsOf(s)),
    ];
    optimizer.step(() => square(w));
    expect([
      bitsOf(idle),
      ...Object.entries(optimizer.namedState())
        .filter(([n]) => n.startsWith("1."))
        .map(([, s]) => bitsOf(s)),
    ]).toEqual(frozen);
  });

  test("a schedule is asked with the number of the step, from 0", () => {
    const asked: number[] = [];
    const w = parameter(f64(1));
    const optimizer = sgd([w], {
      learningRate: (t) => {
        asked.push(t);
        return 0.1;
      },
    });
    for (let t = 0; t < 3; t++) optimizer.step(() => square(w));
    expect(asked).toEqual([0, 1, 2]);
    const decayed = sgd([w], { learningRate: cosine({ base: 0.1, totalSteps: 2 }) });
    expect(decayed.learningRate).toBe(0.1);
    decayed.step(() => square(w));
    expect(decayed.learningRate).toBeCloseTo(0.05, 15);
  });

  test("a learning rate of 0 changes nothing", () => {
    const w = parameter(f64([1, 2]));
    const before = bitsOf(w);
    adam([w], { learningRate: 0 }).step(() => sum(square(w)));
    expect(bitsOf(w)).toBe(before);
  });

  test("float32 parameters stay float32", () => {
    const w = parameter(tensor([1, 2]));
    adam([w], { learningRate: 0.1 }).step(() => sum(square(w)));
    expect([w.dtype, w.grad?.dtype]).toEqual(["float32", "float32"]);
  });

  test("namedState names the moments of each parameter", () => {
    const w = parameter(f64([1]), { name: "w" });
    expect(Object.keys(adam([w], { learningRate: 0.1 }).namedState())).toEqual([
      "0.first",
      "0.second",
    ]);
    expect(Object.keys(sgd([w], { learningRate: 0.1, momentum: 0.9 }).namedState())).toEqual([
      "0.velocity",
    ]);
    expect(sgd([w], { learningRate: 0.1 }).namedState()).toEqual({});
  });
});

describe("refusals", () => {
  const w = parameter(f64([1]), { name: "w" });

  test.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])(
    "a learning rate of %s",
    (learningRate) => {
      for (const [name, make] of Object.entries({ sgd, adam })) {
        expect(messageOf(() => make([w], { learningRate }), ValueError)).toBe(
          `${name}: expected learningRate to be a finite number ≥ 0, got ${learningRate}. Give a step size such as 1e-3; to ascend, negate the loss.`,
        );
      }
    },
  );

  test("a schedule that gives one, before anything is written", () => {
    const v = parameter(f64(1));
    const optimizer = sgd([v], { learningRate: () => -1 });
    expect(() => optimizer.step(() => square(v))).toThrow(ValueError);
    expect([item(v), optimizer.steps]).toEqual([1, 0]);
  });

  test("shares outside [0, 1) and a negative ε", () => {
    const fix = "Give the share that is kept from one step to the next, such as 0.9.";
    expect(messageOf(() => sgd([w], { learningRate: 1, momentum: 1 }), ValueError)).toBe(
      `sgd: expected momentum to be in [0, 1), got 1. ${fix}`,
    );
    expect(messageOf(() => adam([w], { learningRate: 1, beta1: -0.1 }), ValueError)).toBe(
      `adam: expected beta1 to be in [0, 1), got -0.1. ${fix}`,
    );
    expect(messageOf(() => adam([w], { learningRate: 1, beta2: 1 }), ValueError)).toContain(
      "expected beta2",
    );
    expect(messageOf(() => adam([w], { learningRate: 1, epsilon: -1e-8 }), ValueError)).toBe(
      "adam: expected epsilon to be a finite number ≥ 0, got -1e-8. Use a small number such as 1e-7.",
    );
  });

  test("what is no parameter, and a parameter given twice", () => {
    expect(messageOf(() => sgd([f64([1])], { learningRate: 1 }), ValueError)).toBe(
      "sgd: expected parameters to be made by parameter or assemble, got a value [1] float64. Pass net.parameters().",
    );
    expect(messageOf(() => adam([w, w], { learningRate: 1 }), ValueError)).toBe(
      'adam: expected parameters to hold each parameter once, got "w" [1] float64 twice. Remove the repeated parameter: it would be updated twice in a step.',
    );
  });
});
