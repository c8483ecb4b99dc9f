/**
 * Updating all parameters in one launch gives the bits of the rule run op by op.
 * Rests on optim. A copy of a rule is another rule: devices know nothing of it, and it runs op by op.
 */
import { describe, expect, test, vi } from "vitest";
import {
  AnomalyError,
  add,
  type DType,
  detectAnomalies,
  multiply,
  parameter,
  square,
  sum,
  type Tensor,
  withDevice,
} from "../core/index.ts";
import { withObserver } from "../core/interpreter.ts";
import { adamRule, momentumRule, Optimizer, sgdRule, type UpdateRule } from "../optim/index.ts";
import { bitsOf, f64, messageOf, noise, numbers } from "./plain.ts";

const rules: Readonly<Record<string, UpdateRule>> = {
  sgd: sgdRule,
  momentum: momentumRule(0.9),
  adam: adamRule(),
  "adam without bias correction": adamRule({ biasCorrection: false, epsilon: 1e-3, beta1: 0.7 }),
};

/** None, one, fewer than a vector, odd, and more than a piece, of which one ends within a vector. */
const shapes = [[], [0], [3], [5, 7], [4096], [4099], [2, 3, 1]];

/** The cells of an optimiser after some steps on a loss whose gradient is not linear. */
function trained(rule: UpdateRule, dtype: DType): readonly string[] {
  const parameters = shapes.map((shape, i) => parameter(noise(shape, 10 + i).cast(dtype)));
  const optimizer = new Optimizer(rule, parameters, { learningRate: (t) => 0.1 / (t + 1) });
  const loss = (): Tensor =>
    parameters.map((x) => sum(multiply(square(x), x))).reduce((a, b) => add(a, b));
  for (let step = 0; step < 3; step++) optimizer.step(loss);
  return [...parameters, ...Object.values(optimizer.namedState())].map(bitsOf);
}

describe.each(["reference", "wasm"])("on %s", (device) => {
  test.each(
    Object.entries(rules).flatMap(([name, rule]) =>
      (["float32", "float64"] as const).map((dtype) => ({ name, rule, dtype })),
    ),
  )("$name in $dtype is its rule, bit for bit", ({ rule, dtype }) => {
    withDevice(device, () => {
      expect(trained(rule, dtype)).toEqual(trained({ ...rule }, dtype));
    });
  });

  test("a gradient of a copied rule goes through the copy's update", () => {
    withDevice(device, () => {
      const halved: UpdateRule = {
        ...sgdRule,
        update: (input) => sgdRule.update({ ...input, rate: input.rate / 2 }),
      };
      expect(trained(halved, "float64")).not.toEqual(trained(sgdRule, "float64"));
    });
  });
});

describe("the one launch", () => {
  test("tells nobody, and an observer sees the ops of the rule instead, with the same bits", () => {
    const seen: string[] = [];
    const watched = withObserver(
      ({ op }) => seen.push(op.name),
      () => trained(adamRule(), "float32"),
    );
    expect(seen).toContain("sqrt");
    expect(watched).toEqual(trained(adamRule(), "float32"));
  });

  test("leaves anomalies of an update to be found where they arise", () => {
    const w = parameter(f64([1e308]));
    const optimizer = new Optimizer(sgdRule, [w], { learningRate: 1e308 });
    const message = messageOf(
      () => detectAnomalies(() => optimizer.step(() => sum(multiply(w, 4)))),
      AnomalyError,
    );
    expect(message).toContain("at step 1");
  });

  test("bumps versions: what was recorded before it can no longer be pulled back", () => {
    const w = parameter(f64([2]));
    const optimizer = new Optimizer(sgdRule, [w], { learningRate: 0.1 });
    const before = w.version;
    optimizer.step(() => sum(square(w)));
    expect(w.version).toBe(before + 1);
  });

  test("is not for updates of which one reads what another writes, since threads run them side by side", () => {
    const launches = (crossed: boolean): readonly string[] => {
      const [a, b] = [parameter(f64([1, 2])), parameter(f64([10, 20]))];
      const optimizer = new Optimizer(sgdRule, [a, b], { learningRate: 0.5 });
      [a.grad, b.grad] = crossed ? [b, a] : [f64([10, 20]), f64([-4, -8])];
      const spy = vi.spyOn(a.storage.device, "launch");
      optimizer.update();
      const names = spy.mock.calls.map(([name]) => name);
      spy.mockRestore();
      expect([a, b].map(numbers)).toEqual([
        [-4, -8],
        [12, 24],
      ]);
      return names;
    };
    expect(launches(false)).toEqual(["update"]);
    expect(launches(true)).not.toContain("update");
  });

  test("is not for a rule that was changed after it was made", () => {
    const rule = momentumRule(0.9);
    rule.update = ({ parameter, state }) => ({ parameter: multiply(parameter, 3), state });
    const w = parameter(f64([2]));
    new Optimizer(rule, [w], { learningRate: 0.1 }).step(() => sum(w));
    expect(w.item()).toBe(6);
  });

  test("refuses a gradient of another shape as assigning it would", () => {
    const w = parameter(f64([2]));
    const optimizer = new Optimizer(sgdRule, [w], { learningRate: 0.1 });
    w.grad = f64([[1], [2]]);
    expect(() => optimizer.update()).toThrow(
      "assign: expected value to have the target's shape [1]",
    );
  });
});
