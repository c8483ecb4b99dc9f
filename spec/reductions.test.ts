/**
 * What the laws do not reach in reductions and losses: defaults, float32 edges, overflow, and agreement with
 * PyTorch 2.13 in float64. Rests on core.
 */
import { describe, expect, test } from "vitest";
import {
  argmax,
  argmin,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  grad,
  logSumExp,
  multiply,
  norm,
  oneHot,
  prod,
  scope,
  std,
  sum,
  type Tensor,
  tensor,
  variance,
} from "../core/index.ts";
import { sumTo } from "../core/ops/sum.ts";

const list = (x: Tensor): readonly number[] => Array.from(x.elements());
const double = (nested: Parameters<typeof tensor>[0]): Tensor =>
  tensor(nested, { dtype: "float64" });
const labels = (nested: readonly number[]): Tensor => tensor(nested, { dtype: "int32" });

/** PyTorch may take another order of operations: a few roundings of numbers below 6. */
const digits = 14;

function expectNear(got: Tensor, expected: readonly number[]): void {
  const elements = list(got);
  expect(elements.length).toBe(expected.length);
  expected.forEach((want, i) => {
    expect(elements[i]).toBeCloseTo(want, digits);
  });
}

describe("reductions", () => {
  test("what was not stretched is summed to itself: a sum would take the sign of its zeros", () => {
    const x = double([[-0, 1]]);
    expect(sumTo(x, [1, 2])).toBe(x);
    expect(list(sumTo(x, [2]))).toEqual([0, 1]);
  });

  test("without an axis, argmax and argmin count in the flattened tensor", () => {
    const x = double([
      [3, 1, 4],
      [1, 5, 0],
    ]);
    expect(list(argmax(x))).toEqual([4]);
    expect(list(argmin(x))).toEqual([5]);
    expect(argmax(x, { keepDims: true }).shape).toEqual([1, 1]);
  });

  test.each(["float32", "float64"] as const)(
    "the variance of equal %s elements is exactly 0",
    (dtype) => {
      for (const value of [0.1, 1 / 3, 1e7 + 0.3]) {
        const x = tensor(new Array<number>(7).fill(value), { dtype });
        expect(list(variance(x))).toEqual([0]);
        expect(list(grad((u: Tensor) => std(u))(x))).toEqual(new Array(7).fill(0));
      }
    },
  );

  test("a norm whose squares overflow or underflow is right, and so is its gradient", () => {
    for (const scale of [1e200, 1e-200]) {
      const x = double([3 * scale, 4 * scale]);
      expect((list(norm(x))[0] ?? 0) / scale).toBeCloseTo(5, digits);
      expectNear(grad((u: Tensor) => norm(u))(x), [0.6, 0.8]);
    }
  });

  test("the gradient of logSumExp sums to 1 within float32 at large arguments", () => {
    const slope = list(grad((u: Tensor) => logSumExp(u))(tensor([1e6, 1e6 - 1, 1e6 - 2])));
    // Three terms below 1, each rounded once to 2⁻²⁴.
    expect(Math.abs(slope.reduce((a, b) => a + b, 0) - 1)).toBeLessThanOrEqual(3 * 2 ** -24);
  });

  test("the second derivative of a product at a zero is the product of the others", () => {
    const first = (u: Tensor): Tensor => grad((v: Tensor) => prod(v))(u);
    const weights = double([1, 0, 0]);
    const second = grad((u: Tensor) => sum(multiply(first(u), weights)));
    expect(list(second(double([0, 2, 3])))).toEqual([0, 3, 2]);
  });
});

describe("losses", () => {
  const rows = [
    [1.5, -0.25, 0.75],
    [-2, 0.5, 3],
  ];

  test("cross-entropy of smoothed labels is PyTorch's", () => {
    const f = (x: Tensor): Tensor => crossEntropy(x, labels([2, 0]), { labelSmoothing: 0.1 });
    expectNear(f(double(rows)), [3.0459320172203967]);
    expectNear(
      grad(f)(double(rows)),
      [
        0.2870741143643626, 0.036115566639813454, -0.323189681004176, -0.46357252403026666,
        0.02102770731483167, 0.44254481671543494,
      ],
    );
  });

  test("cross-entropy of smoothed probabilities is PyTorch's", () => {
    const p = double([
      [0.2, 0.3, 0.5],
      [0.6, 0.4, 0],
    ]);
    const f = (x: Tensor): Tensor => crossEntropy(x, p, { labelSmoothing: 0.25, reduction: "sum" });
    expectNear(f(double(rows)), [5.0918640344407935]);
    expectNear(
      grad(f)(double(rows)),
      [
        0.37414822872872516, -0.20276886672037306, -0.17137936200835202, -0.5271450480605333,
        -0.3079445853703367, 0.8350896334308698,
      ],
    );
  });

  test("labels and the rows they stand for cost the same, bit for bit", () => {
    const target = labels([2, 0]);
    const row = oneHot(target, { classes: 3, dtype: "float64" });
    const options = { reduction: "none" } as const;
    const byLabel = crossEntropy(double(rows), target, options);
    expect(list(byLabel)).toEqual(list(crossEntropy(double(rows), row, options)));
  });

  test("labels whose scope has ended are refused in the name of the loss", () => {
    const late = scope(() => {
      const target = labels([0]);
      return { held: () => target };
    }).held();
    expect(() => crossEntropy(double([[1, 2]]), late)).toThrow(
      /^crossEntropy: expected x to be alive/,
    );
  });

  test("binary cross-entropy is PyTorch's", () => {
    const target = double([
      [0, 1, 0.25],
      [1, 0.5, 0],
    ]);
    const f = (x: Tensor): Tensor => binaryCrossEntropyWithLogits(x, target);
    expectNear(f(double(rows)), [1.562719341795553]);
    expectNear(
      grad(f)(double(rows)),
      [
        0.1362624126989406, -0.09369608348096635, 0.07152978319589882, -0.14679951299631375,
        0.020409888533642433, 0.15876235447040557,
      ],
    );
  });

  test("binary cross-entropy keeps its relative accuracy where the prediction is sure and right", () => {
    const loss = list(binaryCrossEntropyWithLogits(tensor([40]), tensor([1])));
    // softplus(x) − x·t would be 0 here. Two roundings to float32.
    expect((loss[0] ?? 0) / Math.exp(-40)).toBeCloseTo(1, 6);
  });
});
