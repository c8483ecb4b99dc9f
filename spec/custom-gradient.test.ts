/** customGradient: the rules given are the ones used, in both modes and at every order. */
import { describe, expect, test } from "vitest";
import {
  add,
  cos,
  customGradient,
  exp,
  GradientError,
  grad,
  hvp,
  jvp,
  multiply,
  negate,
  parameter,
  sign,
  sin,
  square,
  sum,
  type Tensor,
  withDevice,
} from "../core/index.ts";
import {
  bitsOf,
  countingMemory,
  expectClose,
  f64,
  item,
  messageOf,
  noise,
  numbers,
} from "./plain.ts";

/** Rounds to ±1 forwards, the identity backwards. */
const straightThrough = customGradient((x) => sign(x ?? f64(0)), { vjp: (c) => [c] });

/** sin with its rule written out. */
const sine = customGradient((x) => sin(x ?? f64(0)), {
  vjp: (c, [x]) => [multiply(c, cos(x ?? c))],
});

describe("customGradient", () => {
  test("a straight-through estimator rounds forwards and passes gradients on", () => {
    const x = f64([0.3, -2]);
    expect(numbers(straightThrough(x))).toEqual([1, -1]);
    const weighted = (at: Tensor) => sum(multiply(straightThrough(at), f64([5, 7])));
    expect(numbers(grad(weighted)(x))).toEqual([5, 7]);
  });

  test("its forward derivative is the transpose of its cotangent rule", () => {
    const [x, t] = [noise([4], 1), noise([4], 2)];
    const { value, tangent } = jvp((at: Tensor) => straightThrough(at), x, t);
    expect(numbers(value)).toEqual(numbers(sign(x)));
    expect(bitsOf(tangent)).toBe(bitsOf(t));
    expect(bitsOf(jvp((at: Tensor) => sine(at), x, t).tangent)).toBe(bitsOf(multiply(t, cos(x))));
  });

  test("several inputs: null is a zero, the order is that of the arguments", () => {
    const f = customGradient((a, b) => multiply(a ?? f64(0), b ?? f64(0)), {
      vjp: (c, [a]) => [null, multiply(c, a ?? c)],
    });
    const [x, y] = [f64([2, 3]), f64([5, 7])];
    const [da, db] = grad(([a, b]: readonly [Tensor, Tensor]) => sum(f(a, b)))([x, y]);
    expect([numbers(da), numbers(db)]).toEqual([
      [0, 0],
      [2, 3],
    ]);
    const along = jvp(
      ([a, b]: readonly [Tensor, Tensor]) => f(a, b),
      [x, y] as const,
      [y, x] as const,
    );
    expect(numbers(along.tangent)).toEqual([4, 9]); // 0·y + a·x
  });

  test("a rule written with ops is differentiated again: sin by its own rule equals sin", () => {
    const [x, t] = [noise([4], 3), noise([4], 4)];
    const [own, plain] = [(at: Tensor) => sum(exp(sine(at))), (at: Tensor) => sum(exp(sin(at)))];
    expect(bitsOf(grad(own)(x))).toBe(bitsOf(grad(plain)(x)));
    expectClose(hvp(own, x, t), hvp(plain, x, t), 1e-14); // the same products in another order
    const second = (f: typeof own) => grad((at: Tensor) => sum(multiply(grad(f)(at), t)))(x);
    expectClose(second(own), second(plain), 1e-14);
  });

  test("the rule may use the output, also at second order", () => {
    const own = customGradient((x) => exp(x ?? f64(0)), {
      vjp: (c, _inputs, y) => [multiply(c, y)],
    });
    expect(item(grad(grad((x: Tensor) => own(x)))(f64(0.5)))).toBe(item(exp(f64(0.5))));
  });

  test("a tangent rule of its own is used where it is given", () => {
    const odd = customGradient((x) => square(x ?? f64(0)), {
      vjp: (c) => [c],
      jvp: ([t]) => negate(t ?? f64(0)),
    });
    expect(item(jvp((x: Tensor) => odd(x), f64(3), f64(2)).tangent)).toBe(-2);
    expect(item(grad((x: Tensor) => odd(x))(f64(3)))).toBe(1);
  });

  test("a tracked tensor used by closure is refused, also where it is an argument as well", () => {
    const fix = "Pass it as an argument and give its cotangent, or detach it.";
    const w = parameter(f64(2), { name: "w" });
    const stray = customGradient((x) => multiply(x ?? w, w), { vjp: (c) => [c] });
    expect(messageOf(() => stray(f64(3)), GradientError)).toBe(
      `customGradient: expected f to take every tensor that is differentiated as an argument, got "w" [] float64 by closure. ${fix}`,
    );
    expect(() => stray(w)).toThrow(GradientError);
    const returned = customGradient(() => w, { vjp: () => [] });
    expect(() => returned()).toThrow(GradientError);
    w.requiresGrad = false;
    expect(item(stray(f64(3)))).toBe(6);
  });

  test("constants by closure are fine", () => {
    const k = f64([1, 2]);
    const scaled = customGradient((x) => multiply(x ?? k, k), { vjp: (c) => [multiply(c, k)] });
    expect(numbers(grad((x: Tensor) => sum(scaled(x)))(f64([1, 1])))).toEqual([1, 2]);
  });

  test("it trains parameters through backward", () => {
    const w = parameter(f64([0.3, -0.2]));
    sum(multiply(straightThrough(w), f64([2, 3]))).backward();
    expect(w.grad && numbers(w.grad)).toEqual([2, 3]);
  });

  test("its function may return its argument", () => {
    const reversed = customGradient((x) => x ?? f64(0), { vjp: (c) => [negate(c)] });
    const f = (x: Tensor) => add(reversed(x), multiply(x, 3));
    expect([item(f(f64(2))), item(grad(f)(f64(2)))]).toEqual([8, 2]);
  });

  test("a gradient through it leaves nothing but itself in memory", () => {
    // On the wasm device the gradient would rest in JavaScript memory, uncounted.
    withDevice("reference", () => {
      const x = noise([4], 5);
      countingMemory((count) => {
        grad((at: Tensor) => sum(sine(at)))(x);
        expect(count.blocks).toBe(1);
      });
    });
  });
});
