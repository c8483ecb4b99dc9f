/**
 * Second derivatives of the ops that a convolutional net is made of: grad(grad(f)) agrees with finite differences.
 *
 * Two links, each against a central difference with an error estimate of its own (see expectSlope): the gradient
 * against the slope of the value, and the gradient of ⟨gradient, t⟩ against the slope of the gradient.
 */
import { describe, expect, test } from "vitest";
import {
  batchNorm,
  conv2d,
  crossEntropy,
  exp,
  grad,
  hvp,
  matmul,
  maxPool2d,
  mean,
  multiply,
  pow,
  relu,
  reshape,
  sin,
  softmax,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
} from "../core/index.ts";
import { distinct, expectClose, expectSlope, f64, item, noise, numbers, shifted } from "./plain.ts";

type Inputs = readonly Tensor[];

/** Checks both links for `f` at `x` along `t`, and that hvp is the gradient of the directional derivative. */
function expectSecondOrder(f: (x: Inputs) => Tensor, x: Inputs, magnitude = 100): void {
  const t = x.map((leaf, i) => noise(leaf.shape, 900 + i));
  const at = (h: number): Inputs => x.map((leaf, i) => shifted(leaf, t[i] ?? leaf, h));
  const along = (leaves: Inputs): Tensor =>
    leaves.map((leaf, i) => sum(multiply(leaf, t[i] ?? leaf))).reduce((a, b) => a.add(b), f64(0));
  const flat = (leaves: Inputs): readonly number[] => leaves.flatMap((leaf) => [...numbers(leaf)]);

  const gradient = grad(f)(x);
  expectSlope([item(along(gradient))], (h) => numbers(f(at(h))), magnitude);
  const second = grad((leaves: Inputs) => along(grad(f)(leaves)))(x);
  expect(flat(second).some((element) => Math.abs(element) > 1e-3)).toBe(true); // not trivially zero
  expectSlope(flat(second), (h) => flat(grad(f)(at(h))), magnitude);
  const product = hvp(f, x, t);
  // The same sums of a few hundred products in another order.
  second.forEach((leaf, i) => {
    expectClose(product[i] ?? leaf, leaf, 1e-11);
  });
}

const labels = tensor([2, 0, 1], { dtype: "int32" });

describe("grad(grad(f)) agrees with finite differences through", () => {
  test("conv2d, in the image, the kernel and the bias", () => {
    expectSecondOrder(
      ([x, w, bias]) => {
        if (!x || !w || !bias) throw new Error("three inputs");
        return sum(sin(conv2d(x, w, { bias, stride: 2, padding: 1 })));
      },
      [noise([2, 3, 5, 4], 1), noise([4, 3, 3, 3], 2), noise([4], 3)],
    );
  });

  test("conv2d with groups and dilation", () => {
    expectSecondOrder(
      ([x, w]) => {
        if (!x || !w) throw new Error("two inputs");
        return sum(tanh(conv2d(x, w, { groups: 2, dilation: 2, padding: "same" })));
      },
      [noise([1, 4, 5, 5], 4), noise([2, 2, 3, 3], 5)],
    );
  });

  test("maxPool2d, away from ties", () => {
    expectSecondOrder(
      ([x]) => sum(exp(multiply(maxPool2d(x ?? f64([]), { window: 3, stride: 2 }), 0.3))),
      [distinct([2, 2, 5, 5], 6)], // 0.1 apart: no step of the differences changes which one is largest
      1e4,
    );
  });

  test("batchNorm, in the input, γ and β", () => {
    const target = noise([3, 2, 2, 2], 10);
    expectSecondOrder(
      ([x, gamma, beta]) => {
        if (!x || !gamma || !beta) throw new Error("three inputs");
        const { output } = batchNorm(x, gamma, beta, { epsilon: 1e-3 });
        return mean(square(multiply(sin(output), target)));
      },
      [noise([3, 2, 2, 2], 7), noise([2], 8), noise([2], 9)],
    );
  });

  test("batchNorm's mean and variance", () => {
    expectSecondOrder(
      ([x, one]) => {
        if (!x || !one) throw new Error("two inputs");
        const { mean: mu, variance } = batchNorm(x, one, one, { epsilon: 1e-3 });
        return sum(multiply(square(mu), exp(variance)));
      },
      [noise([4, 3], 11), noise([3], 12)],
    );
  });

  test("matmul, in both factors, batched and broadcast", () => {
    expectSecondOrder(
      ([a, b]) => sum(sin(matmul(a ?? f64([]), b ?? f64([])))),
      [noise([2, 3, 4], 13), noise([4, 2], 14)],
    );
  });

  test("crossEntropy with labels", () => {
    expectSecondOrder(
      ([logits]) => crossEntropy(logits ?? f64([]), labels, { labelSmoothing: 0.1 }),
      [noise([3, 4], 15)],
    );
  });

  test("crossEntropy in the target probabilities too", () => {
    expectSecondOrder(
      ([logits, target]) => {
        if (!logits || !target) throw new Error("two inputs");
        return crossEntropy(logits, softmax(target));
      },
      [noise([3, 4], 16), noise([3, 4], 17)],
    );
  });

  test("a small net of all of them", () => {
    expectSecondOrder(
      ([x, kernel, gamma, beta, weight]) => {
        if (!x || !kernel || !gamma || !beta || !weight) throw new Error("five inputs");
        const h = batchNorm(conv2d(x, kernel, { padding: 1 }), gamma, beta, { epsilon: 1e-3 });
        const pooled = maxPool2d(tanh(h.output), { window: 2 });
        return crossEntropy(matmul(reshape(pooled, [3, -1]), weight), labels);
      },
      [
        noise([3, 1, 4, 4], 20),
        noise([2, 1, 3, 3], 21),
        noise([2], 22),
        noise([2], 23),
        noise([8, 4], 24),
      ],
    );
  });
});

describe("pow where the exponent is 0", () => {
  const f = (a: Tensor, b: Tensor) => sum(pow(a, b));

  test("has the mixed second derivative 1/a, whichever comes first", () => {
    const [a, b] = [f64([4, 0.5]), f64([0, 0])];
    const baseFirst = grad((y: Tensor) => sum(grad((x: Tensor) => f(x, y))(a)))(b);
    const exponentFirst = grad((x: Tensor) => sum(grad((y: Tensor) => f(x, y))(b)))(a);
    expect(numbers(baseFirst)).toEqual([0.25, 2]);
    expect(numbers(exponentFirst)).toEqual([0.25, 2]);
  });

  test("is flat in the base of any size, also twice", () => {
    const a = f64([0, -2, 3e-320, 1e300, Number.POSITIVE_INFINITY]);
    const slope = (x: Tensor) => grad((y: Tensor) => f(y, f64(0)))(x);
    expect(numbers(slope(a)).map(Math.abs)).toEqual([0, 0, 0, 0, 0]);
    expect(numbers(grad((x: Tensor) => sum(slope(x)))(a)).map(Math.abs)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("third derivatives", () => {
  test("of a convolution's sine are those of the product rule by hand", () => {
    const [x, w] = [noise([1, 1, 3, 3], 30), noise([1, 1, 3, 3], 31)];
    const f = (s: Tensor) => sum(sin(multiply(conv2d(x, w), s))); // sin(a·s), a = Σ x·w
    const a = numbers(x).reduce((total, xi, i) => total + xi * (numbers(w)[i] ?? 0), 0);
    const third = grad(grad(grad(f)))(f64(0.7));
    // −a³·cos(a·s): about ten roundings of numbers of this size.
    expectClose(third, [-(a ** 3) * Math.cos(a * 0.7)], 1e-13);
  });

  test("of relu are zero where it is linear", () => {
    const f = (x: Tensor) => sum(multiply(square(x), relu(x))); // x³ for x > 0
    const third = grad((x: Tensor) => sum(grad((y: Tensor) => sum(grad(f)(y)))(x)))(f64([2, -1]));
    expect(numbers(third)).toEqual([6, 0]);
  });
});
