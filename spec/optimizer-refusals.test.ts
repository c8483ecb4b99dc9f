/** Optimisers refuse every option, loss and state that they cannot use, and say whose it is and what it is called. */
import { describe, expect, test } from "vitest";
import { parameter, square, sum, type Tensor, ValueError } from "../core/index.ts";
import * as optim from "../optim/index.ts";
import { f64, messageOf } from "./plain.ts";

const weight = (): Tensor => parameter(f64([1, 2]), { name: "w" });
const learningRate = 0.1;
const nan = Number.NaN;

describe("a refusal names the optimiser and the option", () => {
  const one = [weight()];
  const adams = { adam: optim.adam, adamW: optim.adamW, amsGrad: optim.amsGrad };
  const cases: readonly (readonly [string, string, () => unknown])[] = [
    ...Object.entries(adams).flatMap(([name, make]) => [
      [name, "beta1", () => make(one, { learningRate, beta1: 1 })] as const,
      [name, "beta2", () => make(one, { learningRate, beta2: nan })] as const,
      [name, "epsilon", () => make(one, { learningRate, epsilon: -1 })] as const,
      [name, "learningRate", () => make(one, { learningRate: nan })] as const,
      [name, "weightDecay", () => make(one, { learningRate, weightDecay: Infinity })] as const,
      [name, "clipValue", () => make(one, { learningRate, clipValue: 0 })] as const,
      [name, "clipNorm", () => make(one, { learningRate, clipNorm: -1 })] as const,
      [name, "accumulate", () => make(one, { learningRate, accumulate: 0.5 })] as const,
      [name, "parameters", () => make([], { learningRate })] as const,
    ]),
    ["adaGrad", "epsilon", () => optim.adaGrad(one, { learningRate, epsilon: nan })],
    ["adaGrad", "initialSum", () => optim.adaGrad(one, { learningRate, initialSum: -1 })],
    ["adaGrad", "learningRate", () => optim.adaGrad(one, { learningRate: -1 })],
    ["lion", "beta1", () => optim.lion(one, { learningRate, beta1: 1 })],
    ["lion", "beta2", () => optim.lion(one, { learningRate, beta2: -0.1 })],
    ["lion", "learningRate", () => optim.lion(one, { learningRate: -1 })],
    ["rmsProp", "alpha", () => optim.rmsProp(one, { learningRate, alpha: 1 })],
    ["rmsProp", "epsilon", () => optim.rmsProp(one, { learningRate, epsilon: Infinity })],
    ["rmsProp", "momentum", () => optim.rmsProp(one, { learningRate, momentum: 1 })],
    ["sgd", "momentum", () => optim.sgd(one, { learningRate, momentum: 1 })],
    ["sgd", "momentum", () => optim.sgd(one, { learningRate, momentum: -0.5, nesterov: true })],
  ];
  test.each(cases)("%s: %s", (name, option, make) => {
    expect(messageOf(make, ValueError)).toContain(`${name}: expected ${option} `);
  });
});

test("a first sum of squares below 0 is refused with one to start from", () => {
  const make = (): unknown => optim.adaGrad([weight()], { learningRate, initialSum: -1 });
  expect(messageOf(make, ValueError)).toBe(
    "adaGrad: expected initialSum to be a finite number ≥ 0, got -1. Start from 0 or a little more.",
  );
});

test("a number given as a text is refused with its quotes", () => {
  const options = { learningRate, ...JSON.parse('{ "beta1": "0.9" }') };
  expect(messageOf(() => optim.adam([weight()], options), ValueError)).toContain('got "0.9".');
});

test.each([
  [{ learningRate: (t: number) => (t < 1 ? 0.1 : -1) }, "learningRate", "-1"],
  [{ learningRate, weightDecay: (t: number) => (t < 1 ? 0.1 : nan) }, "weightDecay", "NaN"],
  [{ learningRate, momentum: (t: number) => (t < 1 ? 0.1 : 1) }, "momentum", "1"],
])("what a schedule gives is refused at the step that it gives it at: %o", (options, name, got) => {
  const w = weight();
  const optimizer = optim.sgd([w], options);
  const step = (): unknown => optimizer.step(() => sum(square(w)));
  step();
  expect(messageOf(step, ValueError)).toMatch(
    new RegExp(`^sgd: expected ${name} to be .*, got ${got}\\.`),
  );
  expect(optimizer.steps).toBe(1);
});

describe("a step refuses a closure", () => {
  const message = (got: string): string =>
    `optimizer.step: expected closure to return the loss, a 0-d tensor, got ${got}. Await data before the step, and return the loss from the closure.`;
  test.each<[string, string, () => unknown]>([
    ["that gives nothing", "undefined", () => undefined],
    ["that gives a number", "1", () => 1],
    ["that is asynchronous", "a Promise", async () => f64(1)],
  ])("%s", (_, got, closure) => {
    const optimizer = optim.sgd([weight()], { learningRate });
    const step = (): unknown => Reflect.apply(optimizer.step, optimizer, [closure]);
    expect(messageOf(step, ValueError)).toBe(message(got));
  });
});

describe("a state is refused", () => {
  test.each([
    ["steps", -1],
    ["steps", 0.5],
    ["calls", nan],
  ])("whose %s are %s", (name, count) => {
    const optimizer = optim.sgd([weight()], { learningRate });
    const state = { ...Object(optimizer.state()), [name]: count };
    expect(messageOf(() => optimizer.restore(state), ValueError)).toBe(
      `optimizer.restore: expected state to have an integer ≥ 0 as ${name}, got ${count}. Restore a state that the same kind of object gave.`,
    );
  });

  test("that has more calls than make an update", () => {
    const optimizer = optim.sgd([weight()], { learningRate, accumulate: 2 });
    const state = Object(optimizer.state());
    optimizer.restore({ ...state, calls: 1 });
    expect(messageOf(() => optimizer.restore({ ...state, calls: 2 }), ValueError)).toBe(
      "optimizer.restore: expected state to have fewer than 2 calls since the last update, got 2. Make the optimizer with the `accumulate` that the state was saved with.",
    );
  });

  test("of a weight average that has not made a whole number of updates", () => {
    const average = optim.weightAverage([weight()]);
    const state = { ...Object(average.state()), updates: -1 };
    expect(messageOf(() => average.restore(state), ValueError)).toBe(
      "weightAverage.restore: expected state to have an integer ≥ 0 as updates, got -1. Restore a state that the same kind of object gave.",
    );
  });
});
