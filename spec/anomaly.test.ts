/** Anomaly detection: a NaN or an infinity is reported with the op, the element and the step that made it. */
import { describe, expect, test } from "vitest";
import {
  AnomalyError,
  atStep,
  detectAnomalies,
  divide,
  exp,
  log,
  multiply,
  noGrad,
  parameter,
  sqrt,
  square,
  sum,
  tensor,
} from "../core/index.ts";
import { sgd } from "../optim/index.ts";
import { f64, item, messageOf, numbers } from "./plain.ts";

const fix = "Lower the learning rate, or keep the inputs inside the op's domain.";

describe("anomaly detection", () => {
  test("names the first op and the element, forwards", () => {
    const x = f64([
      [1, 2],
      [-1, 3],
    ]);
    const message = messageOf(() => detectAnomalies(() => sum(square(log(x)))), AnomalyError);
    expect(message).toBe(
      `log: expected every element of the result to be finite, got NaN at [1, 0] of [2, 2] float64, from finite inputs. ${fix}`,
    );
  });

  test("names infinities with their sign", () => {
    expect(messageOf(() => detectAnomalies(() => log(f64([1, 0]))), AnomalyError)).toContain(
      "got -Infinity at [1] of",
    );
    expect(messageOf(() => detectAnomalies(() => exp(tensor(1000))), AnomalyError)).toContain(
      "got Infinity at [] of",
    );
  });

  test("finds what only the backward pass makes", () => {
    const w = parameter(f64([4, 0]));
    expect(detectAnomalies(() => item(sum(sqrt(w))))).toBe(2);
    expect(messageOf(() => detectAnomalies(() => sum(sqrt(w)).backward()), AnomalyError)).toContain(
      "Infinity at [1]",
    );
  });

  test("tells an op that is given a NaN from one that makes it", () => {
    const x = f64([Number.NaN, 1]);
    expect(messageOf(() => detectAnomalies(() => multiply(x, 2)), AnomalyError)).toContain(
      "multiply: expected every element of the result to be finite, got NaN at [0] of [2] float64, from an input that was not finite",
    );
  });

  test("names the optimiser's step", () => {
    const w = parameter(f64([1]), { name: "w" });
    const optimizer = sgd([w], { learningRate: 1e200 });
    const step = () => optimizer.step(() => sum(square(w)));
    detectAnomalies(step); // w = 1 - 2e200: still finite
    const message = messageOf(() => detectAnomalies(step), AnomalyError);
    expect(message).toBe(
      `square: expected every element of the result to be finite at step 2, got Infinity at [0] of [1] float64, from finite inputs. ${fix}`,
    );
    expect(optimizer.steps).toBe(1);
  });

  test("atStep names the step of a hand-written loop, and ends with its body", () => {
    const bad = () => detectAnomalies(() => log(f64(-1)));
    expect(messageOf(() => atStep(7, bad), AnomalyError)).toContain("finite at step 7,");
    expect(messageOf(bad, AnomalyError)).toContain("finite, got");
  });

  test("sees what noGrad hides from derivatives", () => {
    expect(() => detectAnomalies(() => noGrad(() => divide(f64(1), f64(0))))).toThrow(AnomalyError);
  });

  test("is off outside, and after its body has thrown", () => {
    expect(numbers(log(f64([0])))).toEqual([Number.NEGATIVE_INFINITY]);
    expect(() => detectAnomalies(() => log(f64(0)))).toThrow(AnomalyError);
    expect(numbers(log(f64([0])))).toEqual([Number.NEGATIVE_INFINITY]);
  });

  test("changes no value and says nothing about finite ones or integers", () => {
    expect(numbers(detectAnomalies(() => exp(f64([1, 2]))))).toEqual(numbers(exp(f64([1, 2]))));
    const large = tensor([2147483647], { dtype: "int32" });
    expect(numbers(detectAnomalies(() => multiply(large, 1)))).toEqual([2147483647]);
  });
});
