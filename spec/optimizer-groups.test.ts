/** Groups, decay and schedules: each group has its own, and they may change with the step. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect, vi } from "vitest";
import { multiply, parameter, square, sum, type Tensor, ValueError } from "../core/index.ts";
import {
  adaGrad,
  adam,
  adamW,
  amsGrad,
  lion,
  momentumRule,
  Optimizer,
  rmsProp,
  sgd,
  type Trainable,
  weightAverage,
} from "../optim/index.ts";
import { cosine } from "../schedules/index.ts";
import { bitsOf, f64, messageOf, noise, numbers } from "./plain.ts";

const seeds = fc.nat(1e6);
const cells = (count: number): readonly Tensor[] =>
  Array.from({ length: count }, (_, i) => parameter(noise([3], 50 + i), { name: `w${i}` }));
const bowl = (parameters: readonly Tensor[]): Tensor =>
  parameters.map((w) => sum(square(w))).reduce((a, b) => a.add(b));

describe("groups", () => {
  test("take what they do not say from the options of all", () => {
    const [a, b] = cells(2);
    if (!a || !b) throw new RangeError("two cells");
    const optimizer = sgd([{ parameters: [a], learningRate: 0.25 }, { parameters: [b] }], {
      learningRate: cosine({ base: 0.5, totalSteps: 2 }),
    });
    expect(optimizer.learningRates).toEqual([0.25, 0.5]);
    expect(optimizer.learningRate).toBe(0.25);
    expect(optimizer.parameters).toEqual([a, b]);
    const before = [a, b].map(numbers);
    optimizer.step(() => bowl([a, b]));
    expect(numbers(a)).toEqual(before[0]?.map((x) => x - 2 * x * 0.25));
    expect(numbers(b)).toEqual([0, 0, 0]);
    expect(optimizer.learningRates).toEqual([0.25, 0.25]);
  });

  test("of all parameters, or one for each, change no bit", () => {
    const paths = [0, 1, 2].map((way) => {
      const parameters = cells(3);
      const [a, ...others] = parameters;
      const trainable: Trainable<object> =
        way === 0
          ? parameters
          : way === 1
            ? parameters.map((w) => ({ parameters: [w] }))
            : [{ parameters: a ? [a] : [] }, { parameters: new Set(others) }];
      const optimizer = adam(trainable, { learningRate: 0.1, weightDecay: 0.1, clipNorm: 1 });
      for (let t = 0; t < 5; t++) optimizer.step(() => bowl(parameters));
      return parameters.map(bitsOf);
    });
    expect(paths[1]).toEqual(paths[0]);
    expect(paths[2]).toEqual(paths[0]);
  });

  test("are updated in one launch each, with decay too", () => {
    const parameters = cells(4);
    const [a, b, c, d] = parameters;
    if (!a || !b || !c || !d) throw new RangeError("four cells");
    const optimizer = adamW([{ parameters: [a, b] }, { parameters: [c, d], weightDecay: 0 }], {
      learningRate: 0.1,
    });
    bowl(parameters).backward();
    const spy = vi.spyOn(a.storage.device, "launch");
    optimizer.update();
    const updates = spy.mock.calls.filter(([name]) => name === "update");
    spy.mockRestore();
    expect(updates.map(([, gradients]) => gradients.length)).toEqual([2, 2]);
  });

  test("may be of a rule of one's own", () => {
    const [a, b] = cells(2);
    if (!a || !b) throw new RangeError("two cells");
    const optimizer = new Optimizer(momentumRule(0.5), [{ parameters: [a, b], weightDecay: 0.5 }], {
      learningRate: 0.5,
    });
    const start = numbers(a);
    optimizer.step(() => bowl([a, b]));
    expect(numbers(a)).toEqual(start.map((x) => x - (2 * x + 0.5 * x) * 0.5));
  });
});

describe("decay", () => {
  test.prop([seeds], { seed: 1, numRuns: 10 })(
    "coupled is the gradient of λ/2·‖x‖², decoupled a step of its own: for SGD the same to rounding, for Adam not",
    (seed) => {
      const path = (make: typeof sgd, decoupledDecay: boolean | null): readonly number[] => {
        const w = parameter(noise([3], seed));
        const slope = noise([3], seed + 1);
        const weightDecay = 0.1;
        const optimizer = make([w], {
          learningRate: 0.2,
          ...(decoupledDecay === null ? {} : { weightDecay, decoupledDecay }),
        });
        for (let t = 0; t < 4; t++) {
          optimizer.step(() => {
            const loss = sum(multiply(w, slope));
            return decoupledDecay === null ? loss.add(multiply(sum(square(w)), 0.05)) : loss;
          });
        }
        return numbers(w);
      };
      const [byHand, coupled, decoupled] = [null, false, true].map((way) => path(sgd, way));
      coupled?.forEach((x, i) => {
        expect(Math.abs(x - (byHand?.[i] ?? 0))).toBeLessThan(1e-14);
        expect(Math.abs(x - (decoupled?.[i] ?? 0))).toBeLessThan(1e-14);
      });
      const [adamCoupled, adamDecoupled] = [false, true].map((way) => path(adam, way));
      expect(Math.abs((adamCoupled?.[0] ?? 0) - (adamDecoupled?.[0] ?? 0))).toBeGreaterThan(1e-6);
    },
  );

  test("of AdamW is that of Adam with decoupledDecay, 0.01 unless given", () => {
    const run = (make: (w: Tensor) => Optimizer): string => {
      const w = parameter(f64([1, -2]));
      const optimizer = make(w);
      for (let t = 0; t < 3; t++) optimizer.step(() => bowl([w]));
      return bitsOf(w);
    };
    const learningRate = 0.1;
    expect(run((w) => adamW([w], { learningRate }))).toBe(
      run((w) => adam([w], { learningRate, weightDecay: 0.01, decoupledDecay: true })),
    );
    expect(run((w) => adamW([w], { learningRate, weightDecay: 0 }))).toBe(
      run((w) => adam([w], { learningRate })),
    );
    expect(run((w) => lion([w], { learningRate, weightDecay: 0 }))).toBe(
      run((w) => lion([w], { learningRate })),
    );
  });

  test("leaves a parameter without a gradient alone", () => {
    const [w, idle] = cells(2);
    if (!w || !idle) throw new RangeError("two cells");
    const before = bitsOf(idle);
    for (const make of [adamW, lion]) {
      make([w, idle], { learningRate: 0.1, weightDecay: 0.5 }).step(() => bowl([w]));
    }
    sgd([w, idle], { learningRate: 0.1, weightDecay: 0.5 }).step(() => bowl([w]));
    expect(bitsOf(idle)).toBe(before);
  });

  test("of rate 0 changes nothing, coupled or not", () => {
    for (const decoupledDecay of [true, false]) {
      const [w] = cells(1);
      if (!w) throw new RangeError("a cell");
      const before = bitsOf(w);
      sgd([w], { learningRate: 0, weightDecay: 0.5, decoupledDecay }).step(() => bowl([w]));
      expect(bitsOf(w)).toBe(before);
    }
  });
});

describe("schedules", () => {
  test("drive momentum: each step has the ρ of its number, from 0", () => {
    for (const make of [sgd, rmsProp]) {
      const rhos = [0.5, 0.9, 0, 0.25];
      const w = parameter(f64([1, -3]));
      const optimizer = make([w], { learningRate: 0.01, momentum: (t) => rhos[t] ?? 0.1 });
      let [velocity, squares] = [
        [0, 0],
        [0, 0],
      ];
      let x = numbers(w);
      for (const rho of rhos) {
        const slope = x.map((xi) => 2 * xi);
        squares = squares.map((s, i) => s * 0.99 + (slope[i] ?? 0) ** 2 * (1 - 0.99));
        const force = slope.map((g, i) =>
          make === sgd ? g : g / (Math.sqrt(squares[i] ?? 0) + 1e-8),
        );
        velocity = velocity.map((v, i) => v * rho + (force[i] ?? 0));
        x = x.map((xi, i) => xi - (velocity[i] ?? 0) * 0.01);
        optimizer.step(() => bowl([w]));
        numbers(w).forEach((xi, i) => {
          expect(Math.abs(xi - (x[i] ?? 0))).toBeLessThan(1e-14);
        });
      }
    }
  });

  test("drive weight decay, coupled and decoupled", () => {
    for (const decoupledDecay of [false, true]) {
      const w = parameter(f64([1]));
      const options = { learningRate: 0.5, decoupledDecay, weightDecay: (t: number) => t / 4 };
      const optimizer = sgd([w], options);
      const path = [0, 1, 2].map(() => {
        optimizer.step(() => sum(multiply(w, 0)));
        return numbers(w)[0];
      });
      expect(path).toEqual([1, 1 - 0.125, (1 - 0.125) * (1 - 0.25)]);
    }
  });

  test("that give what is out of range are refused before anything is written", () => {
    const w = parameter(f64([1]), { name: "w" });
    const late = (t: number): number => (t < 1 ? 0.5 : -1);
    const makers: readonly (readonly [string, () => Optimizer])[] = [
      [
        "weightDecay to be a finite number ≥ 0, got -1",
        () => sgd([w], { learningRate: 1, weightDecay: late }),
      ],
      ["momentum to be in [0, 1), got -1", () => sgd([w], { learningRate: 1, momentum: late })],
      ["learningRate to be a finite number ≥ 0, got -1", () => sgd([w], { learningRate: late })],
    ];
    for (const [message, make] of makers) {
      const optimizer = make();
      optimizer.step(() => sum(multiply(w, 1)));
      const before = bitsOf(w);
      expect(() => optimizer.step(() => sum(multiply(w, 1)))).toThrow(`sgd: expected ${message}`);
      expect([bitsOf(w), optimizer.steps]).toEqual([before, 1]);
    }
  });
});

describe("refusals", () => {
  const w = parameter(f64([1]), { name: "w" });

  test("nothing in place of a group", () => {
    const make = (): unknown => Reflect.apply(sgd, undefined, [[null], { learningRate: 1 }]);
    expect(messageOf(make, ValueError)).toContain("or groups of them, got object.");
  });

  test("tensors among groups, what is neither, and a parameter in two groups", () => {
    const mixed: readonly unknown[] = [w, { parameters: [w] }];
    const fix = "Pass net.parameters(), or [{ parameters, learningRate }, …].";
    const make = (items: readonly unknown[]) => () =>
      Reflect.apply(sgd, undefined, [items, { learningRate: 1 }]);
    expect(messageOf(make(mixed), ValueError)).toBe(
      `sgd: expected parameters to be parameters, or groups of them, got "w" [1] float64 among groups. ${fix}`,
    );
    expect(messageOf(make([3]), ValueError)).toBe(
      `sgd: expected parameters to be parameters, or groups of them, got number. ${fix}`,
    );
    expect(
      messageOf(
        () => sgd([{ parameters: [w] }, { parameters: [w] }], { learningRate: 1 }),
        ValueError,
      ),
    ).toBe(
      'sgd: expected parameters to hold each parameter once, got "w" [1] float64 twice. Remove the repeated parameter: it would be updated twice in a step.',
    );
  });

  test("no parameters at all, also in groups, or from what is used up", () => {
    const used = [w].values();
    used.next();
    for (const none of [[], used, [{ parameters: [] }]]) {
      expect(messageOf(() => sgd(none, { learningRate: 1 }), ValueError)).toBe(
        "sgd: expected parameters to hold at least one, got none. Pass net.parameters(); what was iterated once may be used up.",
      );
    }
  });

  test("what is neither a number nor a schedule, when the optimiser is made", () => {
    const making = (make: typeof sgd | typeof rmsProp, options: object) => (): unknown =>
      Reflect.apply(make, undefined, [[w], options]);
    const rate = "Give a step size such as 1e-3; to ascend, negate the loss.";
    const decay = "Give a share such as 1e-4, or 0 for none.";
    const share = "Give the share that is kept from one step to the next, such as 0.9.";
    const size = "to be a finite number ≥ 0, got";
    const refused: readonly (readonly [object, string])[] = [
      [{ lr: 0.1 }, `learningRate ${size} undefined. ${rate}`],
      [{ learningRate: "0.1" }, `learningRate ${size} "0.1". ${rate}`],
      [{ learningRate: null }, `learningRate ${size} null. ${rate}`],
      [{ learningRate: 1, weightDecay: "0.1" }, `weightDecay ${size} "0.1". ${decay}`],
      [{ learningRate: 1, momentum: "0.9" }, `momentum to be in [0, 1), got "0.9". ${share}`],
      [{ learningRate: 1, momentum: null }, `momentum to be in [0, 1), got null. ${share}`],
    ];
    for (const [options, words] of refused) {
      expect(messageOf(making(sgd, options), ValueError)).toBe(`sgd: expected ${words}`);
      expect(messageOf(making(rmsProp, options), ValueError)).toBe(`rmsProp: expected ${words}`);
    }
    const average = (): unknown => Reflect.apply(weightAverage, undefined, [[w], { decay: "0.9" }]);
    expect(messageOf(average, ValueError)).toContain('to be in [0, 1), got "0.9"');
  });

  test("a group's own options out of range", () => {
    expect(
      messageOf(() => adam([{ parameters: [w], beta1: 1 }], { learningRate: 1 }), ValueError),
    ).toContain("adam: expected beta1 to be in [0, 1), got 1.");
    expect(
      messageOf(
        () => adam([{ parameters: [w], learningRate: -1 }], { learningRate: 1 }),
        ValueError,
      ),
    ).toContain("adam: expected learningRate to be a finite number ≥ 0, got -1.");
  });

  test("a negative decay, Nesterov without momentum, coupled decay where it is decoupled by definition", () => {
    expect(messageOf(() => sgd([w], { learningRate: 1, weightDecay: -1 }), ValueError)).toBe(
      "sgd: expected weightDecay to be a finite number ≥ 0, got -1. Give a share such as 1e-4, or 0 for none.",
    );
    expect(messageOf(() => sgd([w], { learningRate: 1, nesterov: true }), ValueError)).toBe(
      "sgd: expected momentum to be in (0, 1) with nesterov, got 0. Give a momentum such as 0.9, or leave nesterov out.",
    );
    const options = { learningRate: 1, decoupledDecay: false };
    expect(messageOf(() => adamW([w], options), ValueError)).toBe(
      "adamW: expected decoupledDecay to be left out, got false. adamW decouples by definition: take adam for coupled decay.",
    );
  });

  test("hyper-parameters of each rule out of range, by its own name", () => {
    const learningRate = 1;
    const refused: readonly (readonly [string, () => Optimizer])[] = [
      ["adaGrad: expected epsilon", () => adaGrad([w], { learningRate, epsilon: -1 })],
      ["adaGrad: expected initialSum", () => adaGrad([w], { learningRate, initialSum: -1 })],
      ["rmsProp: expected alpha", () => rmsProp([w], { learningRate, alpha: 1 })],
      ["rmsProp: expected epsilon", () => rmsProp([w], { learningRate, epsilon: Number.NaN })],
      ["rmsProp: expected momentum", () => rmsProp([w], { learningRate, momentum: -0.5 })],
      ["amsGrad: expected beta2", () => amsGrad([w], { learningRate, beta2: 2 })],
      ["adamW: expected epsilon", () => adamW([w], { learningRate, epsilon: -1 })],
      ["lion: expected beta1", () => lion([w], { learningRate, beta1: 1 })],
      ["lion: expected beta2", () => lion([w], { learningRate, beta2: -1 })],
    ];
    for (const [message, make] of refused) expect(messageOf(make, ValueError)).toContain(message);
  });
});
