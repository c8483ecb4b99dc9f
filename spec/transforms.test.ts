/** Transforms: derivatives over trees of tensors agree with each other, with mathematics and with plain values. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  add,
  argmax,
  cast,
  cos,
  DTypeError,
  detach,
  exp,
  GradientError,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  matmul,
  multiply,
  noGrad,
  parameter,
  pow,
  ShapeError,
  sin,
  square,
  sum,
  type Tensor,
  tanh,
  tensor,
  valueAndGrad,
  vjp,
} from "../core/index.ts";
import {
  bitsOf,
  expectClose,
  expectSlope,
  f64,
  item,
  messageOf,
  noise,
  numbers,
  shifted,
} from "./plain.ts";

const seeds = fc.integer({ min: 0, max: 1e6 });
const few = { seed: 11, numRuns: 25 };

/** A function of a vector with a dense Hessian: Σ tanh(A x) · exp(0.3 x), A fixed by `seed`. */
function tangled(n: number, seed: number): (x: Tensor) => Tensor {
  const a = noise([n, n], seed + 1);
  return (x) => sum(multiply(tanh(matmul(a, x)), exp(multiply(x, 0.3))));
}

describe("nested derivatives", () => {
  test("the inner variable is not confused with the outer: d/dx x·(d/dy (x + y)) = 1", () => {
    const f = (x: Tensor) => multiply(x, grad((y: Tensor) => add(x, y))(x));
    expect(item(grad(f)(f64(3)))).toBe(1);
  });

  test("nor is the tangent: forward over forward gives 1 as well", () => {
    const one = f64(1);
    const inner = (x: Tensor) => jvp((y: Tensor) => add(x, y), x, one).tangent;
    const f = (x: Tensor) => multiply(x, inner(x));
    expect(item(jvp(f, f64(3), one).tangent)).toBe(1);
  });

  test("d/dx (x · d/dy (x·y²)) = 4·x·y at every mixture of the two modes", () => {
    const byReverse = (f: (x: Tensor) => Tensor, x: Tensor) => grad(f)(x);
    const byForward = (f: (x: Tensor) => Tensor, x: Tensor) => jvp(f, x, f64(1)).tangent;
    for (const outer of [byReverse, byForward]) {
      for (const inner of [byReverse, byForward]) {
        const f = (x: Tensor) =>
          multiply(
            x,
            inner((y) => multiply(x, square(y)), f64(5)),
          );
        expect(item(outer(f, f64(3)))).toBe(4 * 3 * 5);
      }
    }
  });

  test("the third derivative of x⁵ is 60·x² in all eight mixtures of forward and reverse", () => {
    type Scalar = (x: Tensor) => Tensor;
    const modes: ((f: Scalar) => Scalar)[] = [
      (f) => grad(f),
      (f) => (x) => jvp(f, x, f64(1)).tangent,
    ];
    const fifth: Scalar = (x) => multiply(square(square(x)), x);
    for (const a of modes) {
      for (const b of modes) {
        for (const c of modes) expect(item(a(b(c(fifth)))(f64(2)))).toBe(240);
      }
    }
  });

  test("a gradient inside a function that a parameter is trained through reaches the parameter", () => {
    const w = parameter(f64([1, 1]), { name: "w" });
    const slope = grad((x: Tensor) => sum(multiply(square(x), w)))(f64([2, 3]));
    sum(square(slope)).backward(); // Σ (2·x·w)², whose slope in w is 8·x²·w
    expect(w.grad && numbers(w.grad)).toEqual([32, 72]);
  });

  test("a vjp pulled inside an outer transform is differentiated with respect to its cotangent", () => {
    const { pull } = vjp((x: Tensor) => square(x), f64([2, 3]));
    const f = (c: Tensor) => sum(square(pull(c))); // Σ (2·x·c)²
    expect(numbers(grad(f)(f64([1, 1])))).toEqual([32, 72]);
  });

  test.prop([seeds], few)("jvp of grad is the gradient of the directional derivative", (seed) => {
    const [f, x, t] = [tangled(4, seed), noise([4], seed), noise([4], seed + 2)];
    const forwardOverReverse = jvp(grad(f), x, t).tangent;
    const reverseOverForward = grad((at: Tensor) => jvp(f, at, t).tangent)(x);
    const reverseOverReverse = grad((at: Tensor) => sum(multiply(grad(f)(at), t)))(x);
    // A few dozen roundings on numbers of order 10.
    expectClose(forwardOverReverse, reverseOverForward, 1e-13);
    expectClose(reverseOverReverse, reverseOverForward, 1e-13);
  });
});

describe("Jacobians and Hessians", () => {
  test.prop([seeds], few)("the rows by reverse mode are the columns by forward mode", (seed) => {
    const [a, x] = [noise([3, 4], seed), noise([4], seed + 1)];
    const f = (at: Tensor) => sin(matmul(a, square(at)));
    const rows = jacobian(f)(x) as Tensor;
    expect(rows.shape).toEqual([3, 4]);
    for (let column = 0; column < 4; column++) {
      const unit = tensor(Float64Array.from({ length: 4 }, (_, i) => Number(i === column)));
      const expected = numbers(jvp(f, x, unit).tangent);
      // The same products, summed in another order.
      expectClose(rows.slice([null, column]), expected, 1e-13);
    }
  });

  test.prop([seeds], few)("a Hessian is symmetric, and times a vector it is hvp", (seed) => {
    const [f, x, v] = [tangled(4, seed), noise([4], seed), noise([4], seed + 2)];
    const h = hessian(f)(x) as Tensor;
    expectClose(h.transpose(), h, 1e-13); // the same sums in another order
    expectClose(matmul(h, v), hvp(f, x, v), 1e-13);
  });

  test("the Hessian of Σx³ is diag(6·x)", () => {
    const h = hessian((x: Tensor) => sum(pow(x, 3)))(f64([1, 2])) as Tensor;
    expect(numbers(h)).toEqual([6, 0, 0, 12]);
  });

  test("the Hessian over an object holds a block for each pair of keys", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => multiply(sum(square(a)), b);
    const h = hessian(f)({ a: f64([1, 2]), b: f64(3) }) as {
      a: { a: Tensor; b: Tensor };
      b: { a: Tensor; b: Tensor };
    };
    expect(numbers(h.a.a)).toEqual([6, 0, 0, 6]);
    expect(numbers(h.a.b)).toEqual([2, 4]);
    expect(numbers(h.b.a)).toEqual([2, 4]);
    expect(numbers(h.b.b)).toEqual([0]);
  });

  test("a function that returns one tensor twice has its Jacobian twice, not doubled", () => {
    const twice = (x: Tensor) => {
      const y = square(x);
      return [y, y] as const;
    };
    const [first, second] = jacobian(twice)(f64([1, 2])) as readonly [Tensor, Tensor];
    expect(numbers(first)).toEqual([2, 0, 0, 4]);
    expect(numbers(second)).toEqual([2, 0, 0, 4]);
  });

  test("a Jacobian with an empty side is empty", () => {
    const j = jacobian((x: Tensor) => square(x))(f64([])) as Tensor;
    expect(j.shape).toEqual([0, 0]);
  });
});

describe("trees", () => {
  test.prop([seeds], few)(
    "grad over a tree agrees with central differences leaf by leaf",
    (seed) => {
      const x = {
        layers: [noise([2, 3], seed), noise([3], seed + 1)] as const,
        scale: noise([], seed + 2),
      };
      const f = ({ layers: [w, b], scale }: typeof x) => multiply(sum(tanh(add(w, b))), exp(scale));
      const gradient = grad(f)(x);
      const t = {
        layers: [noise([2, 3], seed + 3), noise([3], seed + 4)] as const,
        scale: noise([], seed + 5),
      };
      const dot =
        item(sum(multiply(gradient.layers[0], t.layers[0]))) +
        item(sum(multiply(gradient.layers[1], t.layers[1]))) +
        item(sum(multiply(gradient.scale, t.scale)));
      expectSlope(
        [dot],
        (h) =>
          numbers(
            f({
              layers: [shifted(x.layers[0], t.layers[0], h), shifted(x.layers[1], t.layers[1], h)],
              scale: shifted(x.scale, t.scale, h),
            }),
          ),
        100,
      );
    },
  );

  test("the order in which keys were written does not matter, and results keep it", () => {
    const f = ({ a, b }: { a: Tensor; b: Tensor }) => sum(multiply(a, square(b)));
    const one = grad(f)({ a: f64([1]), b: f64([3]) });
    const other = grad(f)({ b: f64([3]), a: f64([1]) });
    expect([numbers(one.a), numbers(one.b)]).toEqual([[9], [6]]);
    expect([numbers(other.a), numbers(other.b)]).toEqual([[9], [6]]);
    expect([Object.keys(one), Object.keys(other)]).toEqual([
      ["a", "b"],
      ["b", "a"],
    ]);
    const { tangent } = jvp(f, { a: f64([1]), b: f64([3]) }, { b: f64([1]), a: f64([0]) });
    expect(item(tangent)).toBe(6);
  });

  test("the same tensor at two places of a tree gets two partial derivatives", () => {
    const x = f64([2]);
    const [left, right] = grad(([a, b]: readonly [Tensor, Tensor]) => sum(multiply(a, square(b))))([
      x,
      x,
    ]);
    expect([numbers(left), numbers(right)]).toEqual([[4], [8]]);
  });

  test("an input that is not used gets zeros of its shape and dtype", () => {
    const unused = tensor([[1, 2]], { dtype: "float32" });
    const gradient = grad(([a]: readonly [Tensor, Tensor]) => sum(a))([f64([1]), unused]);
    expect([gradient[1].shape, gradient[1].dtype, numbers(gradient[1])]).toEqual([
      [1, 2],
      "float32",
      [0, 0],
    ]);
    expect(numbers(jvp(() => f64([1, 2]), f64([1]), f64([1])).tangent)).toEqual([0, 0]);
  });

  test("a value used several times collects the cotangents of all uses", () => {
    const f = (x: Tensor) => add(add(multiply(x, x), multiply(x, 3)), multiply(x, x)); // 2x² + 3x
    expect(item(grad(f)(f64(5)))).toBe(23);
    expect(item(jvp(f, f64(5), f64(1)).tangent)).toBe(23);
  });
});

describe("values", () => {
  test.prop([seeds], few)(
    "a function gives the same bits plain, under every transform and under noGrad",
    (seed) => {
      const [f, x, t] = [tangled(5, seed), noise([5], seed), noise([5], seed + 2)];
      const plain = bitsOf(f(x));
      expect(bitsOf(valueAndGrad(f)(x).value)).toBe(plain);
      expect(bitsOf(vjp(f, x).value)).toBe(plain);
      expect(bitsOf(jvp(f, x, t).value)).toBe(plain);
      expect(bitsOf(noGrad(() => f(x)))).toBe(plain);
      expect(bitsOf(jvp(grad(f), x, t).value)).toBe(bitsOf(grad(f)(x)));
    },
  );

  test.prop([seeds], few)("a gradient taken twice has the same bits", (seed) => {
    const [f, x] = [tangled(5, seed), noise([5], seed)];
    expect(bitsOf(grad(f)(x))).toBe(bitsOf(grad(f)(x)));
  });

  test("pull may be called any number of times and is linear", () => {
    const { pull } = vjp((x: Tensor) => square(x), f64([2, 3]));
    expect(numbers(pull(f64([1, 0])))).toEqual([4, 0]);
    expect(numbers(pull(f64([0, 2])))).toEqual([0, 12]);
    expect(numbers(pull(f64([1, 0])))).toEqual([4, 0]);
  });

  test("further arguments are held constant and may be anything", () => {
    const f = (x: Tensor, y: Tensor, factor: number) => multiply(sum(multiply(x, y)), factor);
    expect(numbers(grad(f)(f64([1, 2]), f64([3, 4]), 10))).toEqual([30, 40]);
  });
});

describe("constants", () => {
  test("detach stops derivatives in both modes", () => {
    const f = (x: Tensor) => multiply(x, detach(x));
    expect(item(grad(f)(f64(3)))).toBe(3);
    expect(item(jvp(f, f64(3), f64(1)).tangent)).toBe(3);
  });

  test("what is computed under noGrad is constant in both modes", () => {
    const f = (x: Tensor) =>
      multiply(
        x,
        noGrad(() => square(x)),
      );
    expect(item(grad(f)(f64(3)))).toBe(9);
    expect(item(jvp(f, f64(3), f64(1)).tangent)).toBe(9);
  });

  test("a transform inside noGrad works, its result is constant outside", () => {
    const f = (x: Tensor) =>
      multiply(
        x,
        noGrad(() => grad((y: Tensor) => multiply(y, y))(x)),
      );
    expect(item(f(f64(3)))).toBe(18);
    expect(item(grad(f)(f64(3)))).toBe(6);
  });

  test("noGrad ends when its body throws", () => {
    expect(() =>
      noGrad(() => {
        throw new RangeError("mine");
      }),
    ).toThrow(RangeError);
    const w = parameter(f64(2));
    square(w).backward();
    expect(w.grad && item(w.grad)).toBe(4);
  });

  test("a transform ends when its function throws", () => {
    const boom = (): Tensor => {
      throw new RangeError("mine");
    };
    expect(() => grad(boom)(f64(1))).toThrow(RangeError);
    expect(() => jvp(boom, f64(1), f64(1))).toThrow(RangeError);
    expect(item(grad((x: Tensor) => square(x))(f64(3)))).toBe(6);
  });
});

describe("refusals", () => {
  const labels = tensor([1, 2], { dtype: "int32" });
  const f = (x: Tensor) => sum(square(x));

  test("integers are not differentiated", () => {
    const rest =
      "expected x to hold float tensors, got [2] int32. Pass labels and masks by closure or as a further argument.";
    expect(messageOf(() => grad(f)(labels), DTypeError)).toBe(`grad: ${rest}`);
    expect(messageOf(() => valueAndGrad(f)(labels), DTypeError)).toBe(`valueAndGrad: ${rest}`);
    expect(messageOf(() => vjp(f, labels), DTypeError)).toBe(`vjp: ${rest}`);
    expect(messageOf(() => jvp(f, labels, labels), DTypeError)).toBe(`jvp: ${rest}`);
    expect(messageOf(() => hvp(f, labels, labels), DTypeError)).toBe(`hvp: ${rest}`);
    expect(messageOf(() => jacobian(f)(labels), DTypeError)).toBe(`jacobian: ${rest}`);
    expect(messageOf(() => hessian(f)(labels), DTypeError)).toBe(`hessian: ${rest}`);
  });

  test("the gradient of what is no 0-d float is refused", () => {
    const rest = "Reduce it, for example with sum or mean, or use vjp with a cotangent.";
    expect(messageOf(() => grad((x: Tensor) => square(x))(f64([1, 2])), GradientError)).toBe(
      `grad: expected f to return a 0-d float tensor, got [2] float64. ${rest}`,
    );
    expect(
      messageOf(() => hvp((x: Tensor) => square(x), f64([1, 2]), f64([1, 2])), GradientError),
    ).toBe(`hvp: expected f to return a 0-d float tensor, got [2] float64. ${rest}`);
    expect(messageOf(() => grad((x: Tensor) => argmax(x))(f64([1, 2])), GradientError)).toBe(
      `grad: expected f to return a 0-d float tensor, got [] int32. ${rest}`,
    );
  });

  test("a tangent that does not match x is refused", () => {
    expect(messageOf(() => jvp(f, f64([1, 2]), f64([1])), ShapeError)).toBe(
      "jvp: expected tangent to have the tensor's shape [2], got [1]. Give one tangent element for each element of the tensor.",
    );
    expect(messageOf(() => hvp(f, f64([1, 2]), tensor([1, 2])), DTypeError)).toBe(
      'hvp: expected direction to have the dtype of the tensor, float64, got float32. Cast one of them, for example direction.cast("float64").',
    );
    const g = (x: { a?: Tensor; b?: Tensor }) => sum(x.a ?? f64([]));
    expect(messageOf(() => jvp(g, { a: f64([1]) }, { b: f64([1]) }), GradientError)).toBe(
      "jvp: expected tangent to be a tree like x, { a: _ }, got { b: _ }. Give one tangent for each tensor of x, under the same keys.",
    );
  });

  test("a cotangent that does not match the value is refused", () => {
    const { pull } = vjp((x: Tensor) => [square(x), cos(x)] as readonly Tensor[], f64([1, 2]));
    expect(messageOf(() => pull([f64([1, 2])]), GradientError)).toBe(
      "vjp: expected cotangent to be a tree like the value, [_, _], got [_]. Give one cotangent for each tensor of the value, under the same keys.",
    );
    expect(messageOf(() => pull([f64([1, 2]), f64([1])]), ShapeError)).toBe(
      "vjp: expected cotangent to have the value's shape [2], got [1]. Give one cotangent element for each element of the value.",
    );
    expect(messageOf(() => pull([f64([1, 2]), tensor([1, 2])]), DTypeError)).toBe(
      'vjp: expected cotangent to have the dtype of the value, float64, got float32. Cast one of them, for example cotangent.cast("float64").',
    );
  });

  test("a cast carries derivatives between the float dtypes", () => {
    const g = (x: Tensor) => sum(square(cast(x, "float64")));
    const gradient = grad(g)(tensor([1.5, 2]));
    expect([gradient.dtype, numbers(gradient)]).toEqual(["float32", [3, 4]]);
  });
});
