/**
 * A backward pass gives memory back while it plays, and never what somebody still needs.
 * Rests on the wasm device's statistics.
 */
import { describe, expect, test } from "vitest";
import {
  add,
  backward,
  customGradient,
  keep,
  memory,
  multiply,
  parameter,
  ScopeError,
  scope,
  sum,
  type Tensor,
  tanh,
  tensor,
  withDevice,
} from "../core/index.ts";
import { withObserver } from "../core/interpreter.ts";
import { f64, messageOf, numbers } from "./plain.ts";

describe("memory during a backward pass", () => {
  test("stays within a few values of what the forward pass left, however long the chain", () => {
    withDevice("wasm", () => {
      const bytes = 4 * 2 ** 14;
      const x = parameter(tensor(new Float32Array(2 ** 14).fill(0.5)));
      scope(() => {
        let y: Tensor = x;
        for (let i = 0; i < 40; i++) y = tanh(y);
        const loss = sum(y);
        const before = memory().live;
        let most = 0;
        const look = (): void => {
          most = Math.max(most, memory().live - before);
        };
        withObserver(look, () => backward(loss));
        // A cotangent, and what one rule of tanh makes on the way; all rules together would leave over 200.
        expect(most).toBeLessThanOrEqual(10 * bytes);
        expect(most).toBeGreaterThanOrEqual(2 * bytes);
      });
    });
  });

  test("a cotangent that goes two ways lives until both are done", () => {
    const [a, b] = [parameter(f64([1, 2])), parameter(f64([3, 5]))];
    const both = add(a, b); // One cotangent for a and b.
    const c = multiply(both, both);
    backward(sum(add(c, both)));
    expect([a, b].map(({ grad }) => grad && numbers(grad))).toEqual([
      [9, 15],
      [9, 15],
    ]);
  });

  test("a rule that hands on what it was given, or what existed before, keeps it alive", () => {
    const constant = f64([10, 20]);
    const passOn = customGradient((x) => add(x, 0), { vjp: (c) => [c] });
    const replace = customGradient((x) => add(x, 0), { vjp: () => [constant] });
    const w = parameter(f64([1, 2]));
    const seed = f64([1, 1]);
    backward(passOn(w), seed);
    backward(replace(passOn(w)), seed);
    expect([numbers(constant), numbers(seed)]).toEqual([
      [10, 20],
      [1, 1],
    ]);
    expect(w.grad && numbers(w.grad)).toEqual([11, 21]);
  });

  test("what a rule stores away ends with the rule, unless it is kept", () => {
    const stored: Tensor[] = [];
    const spy = (hold: (x: Tensor) => Tensor): ((x: Tensor) => Tensor) =>
      customGradient((x) => add(x, 0), {
        vjp: (c) => {
          stored.push(hold(multiply(c, 2)));
          return [c];
        },
      });
    const w = parameter(f64([1]));
    backward(sum(spy((x) => x)(w)));
    backward(sum(spy(keep)(w)));
    const [lost, kept] = stored;
    expect(messageOf(() => lost?.elements(), ScopeError)).toContain("keep(x)");
    expect(kept && numbers(kept)).toEqual([2]);
  });
});

describe("gradients that stay where backward made them", () => {
  test("belong to one parameter each, also where two share a cotangent", () => {
    const [a, b] = [parameter(f64([1, 2])), parameter(f64([3, 4]))];
    const weights = f64([5, 6]);
    sum(multiply(add(a, b), weights)).backward();
    sum(multiply(a, weights)).backward();
    expect([a, b].map(({ grad }) => grad && numbers(grad))).toEqual([
      [10, 12],
      [5, 6],
    ]);
  });

  test("are not what a rule keeps: that stays as it is when the gradient grows", () => {
    const w = parameter(f64([1, 2]));
    const seen: Tensor[] = [];
    const watched = customGradient((x) => tanh(x ?? w), {
      vjp: (c) => {
        seen.push(keep(c));
        return [c];
      },
    });
    const pass = (): void => sum(multiply(watched(w), f64([5, 6]))).backward();
    pass();
    pass();
    expect(seen.map(numbers)).toEqual([
      [5, 6],
      [5, 6],
    ]);
    expect(w.grad && numbers(w.grad)).toEqual([10, 12]);
  });
});
