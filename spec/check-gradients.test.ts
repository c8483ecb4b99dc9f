/** checkGradients: what it accepts, what it refuses, and what it says. */
import { describe, expect, test } from "vitest";
import {
  abs,
  add,
  conv2d,
  customGradient,
  detach,
  exp,
  log,
  matmul,
  multiply,
  prod,
  relu,
  sign,
  sin,
  sqrt,
  square,
  subtract,
  sum,
  type Tensor,
  type Tree,
  tanh,
  tensor,
  ValueError,
} from "../core/index.ts";
import { checkGradients, type GradientOptions, LawError } from "./index.ts";
import { f64, messageOf, noise } from "./plain.ts";

/** The LawError that a check ends with. */
function breach<X extends Tree>(f: (x: X) => Tree, x: X, options: GradientOptions = {}): LawError {
  try {
    checkGradients(f, x, options);
  } catch (error) {
    if (error instanceof LawError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("right derivatives pass", () => {
  test("where a function oscillates faster than the first steps", () => {
    const { worst } = checkGradients((x: Tensor) => sin(multiply(x, 1000)), f64([0.3, 1, -1]));
    expect(worst).toBeLessThan(1);
  });

  test("where elements differ in scale by twelve orders, with a pole beside the smallest", () => {
    const report = checkGradients((x: Tensor) => log(x), f64([1e-6, 1, 1e6]));
    expect(report.kinks).toEqual([]);
  });

  test("where values lie six hundred orders apart", () => {
    expect(checkGradients((x: Tensor) => exp(x), f64([300, -300, 0])).examples).toBe(36);
  });

  test("where two thirds of the digits are lost to a constant", () => {
    checkGradients((x: Tensor) => add(x, 1e10), f64([0.3, 1, -1]));
  });

  test("of inputs too many for a whole Jacobian, in trees, with integers beside them", () => {
    const f = ({ x, w }: { readonly x: Tensor; readonly w: Tensor; readonly n: Tensor }): Tensor =>
      conv2d(x, w, { stride: 2, padding: 1 });
    const n = tensor([1], { dtype: "int32" });
    const inputs = { x: noise([1, 2, 5, 5], 1), w: noise([3, 2, 3, 3], 2), n };
    expect(checkGradients(f, inputs).examples).toBeGreaterThan(100);
    checkGradients(
      ([a, b]: readonly [Tensor, Tensor]) => matmul(a, b),
      [f64([[1, 2]]), f64([[3], [4]])],
    );
  });

  test("of a product with one element zero, which is smooth there", () => {
    expect(checkGradients((x: Tensor) => prod(x), f64([0, 2, 3])).kinks).toEqual([]);
  });
});

/** f with the slope of its own, whatever the true one: of both modes, or of one each. */
function withSlope(
  f: (x: Tensor) => Tensor,
  forward: (x: Tensor) => TensorLike,
  reverse: (x: Tensor) => TensorLike = forward,
): (x: Tensor) => Tensor {
  const custom = customGradient((...inputs) => f(only(inputs[0])), {
    jvp: ([t], [x]) => multiply(only(t), forward(only(x))),
    vjp: (c, [x]) => [multiply(c, reverse(only(x)))],
  });
  return (x) => custom(x);
}

type TensorLike = Tensor | number;

/** The only input. */
function only(x: Tensor | undefined): Tensor {
  if (x === undefined) throw new RangeError("one input");
  return x;
}

/** x² whose value is right and whose derivative is x: a factor 2 is missing. */
const halved = (x: Tensor): Tensor =>
  add(detach(square(x)), multiply(subtract(x, detach(x)), detach(x)));

describe("wrong derivatives are told", () => {
  test("with mode, element, rate and bound", () => {
    const { law, subject, example, got, expected } = breach(halved, f64([0.5, 2]));
    expect([law, subject, example, got]).toEqual([
      "forward mode",
      "halved",
      "tensor([0.5, 2])",
      "0.5",
    ]);
    expect(expected).toMatch(/^output 0 to change with x\[0] at the rate 1 ± \d\.\d+e-1\d$/);
  });

  test("with the one element out of fifty, not with a direction of all", () => {
    const mixed = (x: Tensor): Tensor => add(square(x), multiply(detach(x), halvedAt(x, 31)));
    expect(breach(mixed, noise([50], 3)).expected).toContain("output 31 to change with x[31] at");
  });

  test("in reverse mode alone, where only that is wrong", () => {
    const f = withSlope(
      square,
      (x) => multiply(x, 2),
      (x) => x,
    );
    expect(breach((x: Tensor) => f(x), f64([0.5, 2])).law).toBe("reverse mode");
  });

  test("at second order, where a factor is taken for a constant; not at first order", () => {
    const detached = withSlope(square, (x) => multiply(detach(x), 2));
    expect(breach((x: Tensor) => detached(x), f64([0.5, 2])).law).toBe("forward over reverse");
    checkGradients((x: Tensor) => detached(x), f64([0.5, 2]), { order: 1 });
  });

  test("where rules of two kinks give a derivative that no side has: relu(x) - relu(-x) at 0", () => {
    const identity = (x: Tensor): Tensor => subtract(relu(x), relu(multiply(x, -1)));
    const { law, got, expected } = breach(identity, f64([0]));
    expect([law, got]).toEqual(["forward mode", "0"]);
    expect(expected).toContain("at the rate 1 ±");
  });
});

/** x·(element `place` of x) with the derivative of that element left out. */
function halvedAt(x: Tensor, place: number): Tensor {
  const mask = tensor(Float64Array.from({ length: x.size }, (_, i) => Number(i === place)));
  return multiply(mask, subtract(x, detach(x)));
}

describe("kinks", () => {
  test("that nobody declared are reported, with both sides, and are no mistake", () => {
    expect(checkGradients((x: Tensor) => relu(x), f64([0, 1, -1])).kinks).toEqual([
      { at: "x[0]", sides: [0, 1], claimed: 0 },
    ]);
    expect(checkGradients((x: Tensor) => abs(x), f64([0])).kinks).toEqual([
      { at: "x[0]", sides: [-1, 1], claimed: 0 },
    ]);
  });

  test("in sixty elements at once are no mistake either", () => {
    checkGradients((x: Tensor) => relu(x), f64(new Array<number>(60).fill(0)));
  });

  test("with a derivative that neither side has nor one between are broken subgradients", () => {
    const f = withSlope(relu, () => 2);
    const { law, got, expected } = breach((x: Tensor) => f(x), f64([0]));
    expect([law, got]).toEqual(["subgradient", "2"]);
    expect(expected).toContain("between 0 (from below) and 1 (from above)");
  });

  test("that are declared are kept at a distance and hold their promise, or break it", () => {
    const f = (x: Tensor): Tensor => relu(x);
    const { kinks } = checkGradients(f, f64([0, 1e-9, -1]), { kinks: [{ at: 0, slope: 0 }] });
    expect(kinks).toEqual([]);
    const { law, expected, got } = breach(f, f64([0, 1]), { kinks: [{ at: 0, slope: 0.5 }] });
    expect([law, got]).toEqual(["declared kink", "0"]);
    expect(expected).toBe("the slope 0.5 that is promised at 0 by reverse mode");
  });
});

describe("where differences say nothing, that is said, and not that the gradient is wrong", () => {
  test("on the edge of a domain", () => {
    expect(breach((x: Tensor) => sqrt(x), f64([0])).law).toBe("conditioning");
  });

  test("at a jump", () => {
    expect(breach((x: Tensor) => sign(x), f64([0])).law).not.toBe("forward mode");
  });

  test("for a function of more than its inputs", () => {
    let calls = 0;
    const f = (x: Tensor): Tensor => multiply(x, ++calls);
    expect(breach(f, f64([1])).law).toBe("repeatable");
  });
});

describe("inputs that are drawn", () => {
  test("shrink to a small one, and the seed finds it again", () => {
    const find = (): LawError => {
      try {
        checkGradients(halved, (draw) => f64(draw.values([3], { min: 1, max: 2 }).data.slice()), {
          seed: 5,
        });
      } catch (error) {
        if (error instanceof LawError) return error;
      }
      throw new Error("nothing was thrown");
    };
    const first = find();
    expect(first.replay?.again).toBe("checkGradients(halved, …, { seed: 5, runs: 8 })");
    expect(find().message).toBe(first.message);
  });

  test("are refused with options out of range", () => {
    const check = (options: GradientOptions) => () =>
      checkGradients((x: Tensor) => sum(tanh(x)), f64([1]), options);
    expect(messageOf(check({ runs: 0 }), ValueError)).toBe(
      "checkGradients: expected runs to be an integer ≥ 1, got 0. Give the number of random cases a law.",
    );
    expect(messageOf(check({ device: "tpu" }), ValueError)).toContain("expected device to be");
  });
});
