/** backward: gradients accumulate into parameters, and a value that has been overwritten is never used unnoticed. */
import { describe, expect, test } from "vitest";
import {
  add,
  assign,
  backward,
  buffer,
  clearGradients,
  DTypeError,
  detach,
  exp,
  GradientError,
  grad,
  matmul,
  multiply,
  noGrad,
  OverwrittenError,
  parameter,
  relu,
  reshape,
  ScopeError,
  ShapeError,
  scope,
  square,
  sum,
  type Tensor,
  tensor,
  transpose,
  ValueError,
} from "../core/index.ts";
import { bitsOf, f64, messageOf, noise, numbers } from "./plain.ts";

/** The elements of a gradient that must be there. */
function gradientOf(x: Tensor): readonly number[] {
  expect(x.grad).not.toBeNull();
  return x.grad === null ? [] : numbers(x.grad);
}

describe("accumulation", () => {
  test("a second backward adds to the first, clearGradients starts anew", () => {
    const w = parameter(f64([1, 2]));
    sum(square(w)).backward();
    expect(gradientOf(w)).toEqual([2, 4]);
    sum(square(w)).backward();
    expect(gradientOf(w)).toEqual([4, 8]);
    clearGradients([w]);
    expect(w.grad).toBeNull();
    sum(square(w)).backward();
    expect(gradientOf(w)).toEqual([2, 4]);
  });

  test("backward twice through one graph gives the gradient twice", () => {
    const w = parameter(f64([1, 2]));
    const loss = sum(square(w));
    loss.backward();
    loss.backward();
    expect(gradientOf(w)).toEqual([4, 8]);
  });

  test("two losses that share a part add up as their sum does", () => {
    const [a, b] = [parameter(noise([3], 1)), parameter(noise([3], 1))];
    const shared = exp(a);
    sum(shared).backward();
    sum(square(shared)).backward();
    const again = exp(b);
    add(sum(again), sum(square(again))).backward();
    // e^x + 2·e^2x each way: one more rounding of the sum.
    gradientOf(a).forEach((element, i) => {
      expect(element).toBeCloseTo(gradientOf(b)[i] ?? 0, 13);
    });
  });

  test("it equals grad, bit for bit", () => {
    const w = parameter(noise([3, 2], 2));
    const x = noise([4, 3], 3);
    const f = (at: Tensor) => sum(square(relu(matmul(x, at))));
    f(w).backward();
    expect(w.grad && bitsOf(w.grad)).toBe(bitsOf(grad(f)(w)));
  });

  test("a parameter itself has gradient 1", () => {
    const w = parameter(f64(3));
    w.backward();
    expect(gradientOf(w)).toEqual([1]);
  });

  test("an ordinary value with requiresGrad collects a gradient too", () => {
    const x = f64([1, 2]);
    x.requiresGrad = true;
    sum(square(x)).backward();
    expect(gradientOf(x)).toEqual([2, 4]);
  });

  test("a parameter that the loss does not depend on keeps no gradient", () => {
    const [w, idle] = [parameter(f64(1)), parameter(f64(1))];
    square(w).backward();
    expect(idle.grad).toBeNull();
  });

  test("the gradient is a constant: it has no history", () => {
    const w = parameter(f64(3));
    multiply(square(w), w).backward();
    expect(w.grad?.traces).toEqual([]);
  });

  test("a cotangent weights the elements of a result that is not 0-d", () => {
    const w = parameter(f64([1, 2]));
    backward(square(w), f64([10, 1]));
    expect(gradientOf(w)).toEqual([20, 4]);
  });
});

describe("frozen parameters", () => {
  test("get no gradient while frozen, and again once they are not", () => {
    const [w, frozen] = [parameter(f64(3)), parameter(f64(4))];
    multiply(w, frozen).backward();
    clearGradients([w, frozen]);
    frozen.requiresGrad = false;
    multiply(w, frozen).backward();
    expect([gradientOf(w), frozen.grad]).toEqual([[4], null]);
    frozen.requiresGrad = true;
    multiply(w, frozen).backward();
    expect([gradientOf(w), gradientOf(frozen)]).toEqual([[8], [3]]);
  });

  test("a loss of frozen parameters alone is a constant", () => {
    const w = parameter(f64(3));
    w.requiresGrad = false;
    expect(messageOf(() => square(w).backward(), GradientError)).toBe(
      "backward: expected the result to depend on a tensor with requiresGrad, got a constant [] float64. Make what you train with parameter(x), outside noGrad and without detach.",
    );
  });

  test("a frozen parameter may be overwritten before backward if no rule needs it", () => {
    const [w, frozen] = [parameter(f64(3)), parameter(f64(4))];
    frozen.requiresGrad = false;
    const loss = add(square(w), frozen);
    assign(frozen, f64(5));
    loss.backward();
    expect(gradientOf(w)).toEqual([6]);
  });
});

describe("overwriting", () => {
  test("a backward pass that needs the old value is refused", () => {
    const w = parameter(f64([3]), { name: "w" });
    const loss = sum(square(w));
    assign(w, f64([4]));
    expect(messageOf(() => loss.backward(), OverwrittenError)).toContain(
      '"w" [1] float64 at version 1',
    );
    expect(w.grad).toBeNull();
  });

  test("one that does not need it is not", () => {
    const w = parameter(f64([3]));
    const loss = sum(multiply(add(w, 1), 2));
    assign(w, f64([4]));
    loss.backward();
    expect(gradientOf(w)).toEqual([2]);
  });

  test("the other factor's gradient needs the value, its own does not", () => {
    const [a, b] = [parameter(f64(3)), parameter(f64(5))];
    const loss = multiply(a, b);
    assign(a, f64(7));
    expect(() => loss.backward()).toThrow(OverwrittenError);
    b.requiresGrad = false;
    const half = multiply(a, b);
    assign(a, f64(8));
    half.backward();
    expect(gradientOf(a)).toEqual([5]);
  });

  test("a view taken before the write cannot be read after it, one taken after can", () => {
    const w = parameter(f64([[1, 2]]));
    const before = transpose(w);
    assign(w, f64([[3, 4]]));
    expect(() => numbers(before)).toThrow(OverwrittenError);
    expect(numbers(transpose(w))).toEqual([3, 4]);
  });

  test("a matmul with a transposed weight notices the write through the view", () => {
    const [x, w] = [parameter(noise([2, 3], 1)), parameter(noise([4, 3], 2))];
    const loss = sum(matmul(x, transpose(w)));
    assign(w, noise([4, 3], 3));
    expect(() => loss.backward()).toThrow(OverwrittenError);
  });

  test("a pullback of a transform notices the write too", () => {
    const w = parameter(f64(3));
    const loss = noGrad(() => w);
    const slope = () => grad((x: Tensor) => multiply(x, loss))(f64(2));
    expect(numbers(slope())).toEqual([3]);
    assign(w, f64(4));
    expect(numbers(slope())).toEqual([4]); // the forward pass runs again: nothing old is needed
  });

  test("a cell can be overwritten by a view of itself", () => {
    const w = parameter(
      f64([
        [1, 2],
        [3, 4],
      ]),
    );
    assign(w, transpose(w));
    expect(numbers(w)).toEqual([1, 3, 2, 4]);
    const v = buffer(f64([1, 2, 3]));
    assign(v, v.flip({ axis: 0 }));
    expect(numbers(v)).toEqual([3, 2, 1]);
  });

  test("writing does not reach what was computed before", () => {
    const w = parameter(f64([1, 2]));
    const y = multiply(w, 10);
    assign(w, f64([5, 6]));
    expect(numbers(y)).toEqual([10, 20]);
  });
});

describe("refusals", () => {
  test("a result that is not 0-d needs a cotangent, of its shape and dtype", () => {
    const w = parameter(f64([1, 2]));
    expect(messageOf(() => backward(square(w), f64([1])), ShapeError)).toBe(
      "backward: expected cotangent to have the result's shape [2], got [1]. Give one cotangent element for each element of the result.",
    );
    expect(messageOf(() => backward(square(w), tensor([1, 2])), DTypeError)).toBe(
      'backward: expected cotangent to have the dtype of the result, float64, got float32. Cast one of them, for example cotangent.cast("float64").',
    );
    expect(w.grad).toBeNull();
  });

  test("constants, detached and unrecorded results have no gradient", () => {
    const w = parameter(f64(2));
    for (const result of [f64(1), detach(square(w)), noGrad(() => square(w))]) {
      expect(() => result.backward()).toThrow(GradientError);
    }
  });

  test("a graph whose scope has ended cannot be pulled back", () => {
    const w = parameter(f64([2]));
    const loss = scope(() => sum(square(exp(w))));
    expect(() => loss.backward()).toThrow(ScopeError);
  });

  test("a parameter must be a float", () => {
    expect(messageOf(() => parameter(tensor([1], { dtype: "int32" })), DTypeError)).toBe(
      'parameter: expected value to be float32 or float64, got int32. Cast it, for example value.cast("float32").',
    );
  });

  test("only cells are written, with their own shape and dtype", () => {
    const w = parameter(f64([1, 2]), { name: "w" });
    expect(messageOf(() => assign(f64([1]), f64([1])), ValueError)).toBe(
      "assign: expected target to be a parameter or a buffer, got the value [1] float64. Values never change: compute a new one, or make the target with parameter(x).",
    );
    expect(messageOf(() => assign(w, f64([[1, 2]])), ShapeError)).toBe(
      "assign: expected value to have the target's shape [2], got [1, 2]. Reshape or broadcast it first.",
    );
    expect(messageOf(() => assign(w, tensor([1, 2])), DTypeError)).toBe(
      'assign: expected value to have the target\'s dtype float64, got float32. Cast it, for example value.cast("float64").',
    );
  });

  test("a parameter is a copy: writing it leaves its source alone", () => {
    const source = f64([[1, 2]]);
    const w = parameter(reshape(source, [2]));
    assign(w, f64([8, 9]));
    expect(numbers(source)).toEqual([1, 2]);
  });
});
