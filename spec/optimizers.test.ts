/** The shell of optimisers: what a step does, what it asks of schedules, and what is refused. */
import { describe, expect, test } from "vitest";
import { multiply, parameter, square, subtract, sum, tensor, ValueError } from "../core/index.ts";
import * as optim from "../optim/index.ts";
import { adam, sgd } from "../optim/index.ts";
import { optimizers } from "../optim/registry.ts";
import { cosine } from "../schedules/index.ts";
import { bitsOf, f64, item, messageOf, numbers } from "./plain.ts";

test("a rule is called by its function's name, which complaints of it begin with", () => {
  const rules = [
    optim.adaGradRule(),
    optim.adamRule(),
    optim.amsGradRule(),
    optim.lionRule(),
    optim.momentumRule(0.5),
    optim.nesterovRule(0.5),
    optim.rmsPropRule(),
    optim.sgdRule,
  ];
  const names = "adaGrad adam amsGrad lion momentum nesterov rmsProp sgd";
  expect(rules.map(({ name }) => name).join(" ")).toBe(names);
});

test("rmsProp remembers a velocity only where it has a momentum, be it a schedule that begins with 0", () => {
  const remembered = (momentum: optim.Scheduled): readonly string[] =>
    Object.keys(optim.rmsProp([parameter(f64([1]))], { learningRate: 1, momentum }).namedState());
  expect(remembered(0)).toEqual(["0.meanSquare"]);
  expect(remembered(0.5)).toEqual(["0.meanSquare", "0.velocity"]);
  expect(remembered(() => 0)).toEqual(["0.meanSquare", "0.velocity"]);
});

describe("the shell", () => {
  const target = f64([1, -2]);
  test.each(optimizers)("$name finds the minimum of a bowl", (record) => {
    const w = parameter(f64([0, 0]));
    const hyper = record.name.includes("nesterov") ? { nesterov: true } : {};
    const momentum = record.name.startsWith("sgd with") ? 0.5 : 0;
    const learningRate = cosine({
      base: record.scaling === "proportional" ? 0.1 : 0.5,
      totalSteps: 300,
    });
    const options = { learningRate, weightDecay: 0 };
    const centered = record.name.includes("centered");
    const optimizer = record.make([w], options, { ...hyper, momentum, centered });
    for (let t = 0; t < 300; t++) optimizer.step(() => sum(square(subtract(w, target))));
    numbers(w).forEach((x, i) => {
      expect(Math.abs(x - (numbers(target)[i] ?? 0))).toBeLessThan(1e-2);
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
