/** Scopes: intermediates end by themselves, results and kept values do not, and late use is an error. */
import { describe, expect, test } from "vitest";
import {
  add,
  exp,
  grad,
  hessian,
  hvp,
  jacobian,
  jvp,
  keep,
  multiply,
  parameter,
  ScopeError,
  scope,
  setDevice,
  square,
  sum,
  type Tensor,
  transpose,
} from "../core/index.ts";
import { countingMemory, f64, item, messageOf, noise, numbers } from "./plain.ts";

// Every value is a block there; on the wasm device what leaves all scopes rests in JavaScript memory.
setDevice("reference");

describe("scope", () => {
  test("releases intermediates and hands its result out", () => {
    let square2: Tensor | undefined;
    const total = scope(() => {
      square2 = square(f64([1, 2]));
      return sum(square2);
    });
    expect(item(total)).toBe(5);
    expect(messageOf(() => square2?.elements(), ScopeError)).toBe(
      "elements: expected x to be alive, got [2] float64, used after its scope ended. Return it from the scope, or call keep(x) where it is made.",
    );
  });

  test("an op names itself, its argument and the tensor when it is given a released one", () => {
    const gone = scope(() => {
      const x = f64([1, 2]);
      x.name = "activations";
      return { held: () => x }; // hidden from the scope inside a function
    }).held();
    expect(messageOf(() => add(f64([1, 2]), gone), ScopeError)).toBe(
      'add: expected b to be alive, got "activations" [2] float64, used after its scope ended. Return it from the scope, or call keep(x) where it is made.',
    );
  });

  test("hands out every tensor of a nested result, and plain values beside them", () => {
    const result = scope(() => ({
      a: [f64(1), { b: exp(f64(0)) }] as const,
      n: 3,
      s: "text",
      z: null,
    }));
    expect([item(result.a[0]), item(result.a[1].b), result.n, result.s, result.z]).toEqual([
      1,
      1,
      3,
      "text",
      null,
    ]);
  });

  test("a view that is handed out keeps the memory it looks at", () => {
    const view = scope(() => transpose(multiply(f64([[1, 2]]), 2)));
    expect(numbers(view)).toEqual([2, 4]);
  });

  test("what survives an inner scope ends with the outer one", () => {
    let inner: Tensor | undefined;
    scope(() => {
      inner = scope(() => exp(f64(0)));
      expect(item(inner)).toBe(1);
    });
    expect(() => inner?.elements()).toThrow(ScopeError);
  });

  test("tensors from outside are left alone", () => {
    const x = f64([1, 2]);
    scope(() => sum(x));
    expect(numbers(x)).toEqual([1, 2]);
  });

  test("parameters and their gradients outlive it", () => {
    const w = scope(() => {
      const made = parameter(f64(3));
      square(made).backward();
      return { held: () => made };
    }).held();
    expect([item(w), w.grad && item(w.grad)]).toEqual([3, 6]);
  });

  test("everything made is released when the body throws, and the scope around goes on", () => {
    let inside: Tensor | undefined;
    const total = scope(() => {
      const x = f64(2);
      expect(() =>
        scope(() => {
          inside = exp(x);
          throw new RangeError("mine");
        }),
      ).toThrow(RangeError);
      return square(x);
    });
    expect(item(total)).toBe(4);
    expect(() => inside?.elements()).toThrow(ScopeError);
  });

  test("a Promise is refused and what was made is released", () => {
    let inside: Tensor | undefined;
    const body = async () => {
      inside = exp(f64(0));
    };
    expect(messageOf(() => scope(body), ScopeError)).toBe(
      "scope: expected body to return a value, got a Promise. Open the scope inside the asynchronous function, around its synchronous part.",
    );
    expect(() => inside?.elements()).toThrow(ScopeError);
  });

  test("memory in use after it is what it returned, whatever happened inside", () => {
    countingMemory((count) => {
      const result = scope(() => {
        let x = f64([1, 2, 3]);
        for (let i = 0; i < 20; i++) x = add(multiply(x, 0.5), 1);
        return [x, sum(x)] as const;
      });
      expect(result.length).toBe(2);
      expect([count.blocks, count.bytes]).toEqual([2, 4 * 8]);
    });
  });
});

describe("keep", () => {
  test("makes a value outlive its scope", () => {
    let kept: Tensor | undefined;
    scope(() => {
      kept = keep(exp(f64(0)));
    });
    expect(kept && item(kept)).toBe(1);
  });

  test("also from inside a scope within, where it was not made", () => {
    let kept: Tensor | undefined;
    scope(() => {
      const x = exp(f64(0));
      scope(() => {
        kept = keep(x);
      });
    });
    expect(kept && item(kept)).toBe(1);
  });

  test("of a view keeps the memory under it", () => {
    let kept: Tensor | undefined;
    scope(() => {
      kept = keep(transpose(f64([[1, 2]])));
    });
    expect(kept && numbers(kept)).toEqual([1, 2]);
  });
});

describe("transforms and memory", () => {
  const f = (x: Tensor) => sum(exp(multiply(square(x), 0.1)));
  const x = noise([3], 1);

  test("grad, hvp, jvp, jacobian and hessian leave nothing behind but their results", () => {
    const cases: [string, () => unknown, number][] = [
      ["grad", () => grad(f)(x), 1],
      ["hvp", () => hvp(f, x, x), 1],
      ["jvp", () => jvp(f, x, x), 2],
      ["jacobian", () => jacobian((at: Tensor) => square(at))(x), 1],
      ["hessian", () => hessian(f)(x), 1],
    ];
    for (const [name, run, results] of cases) {
      countingMemory((count) => {
        run();
        expect([name, count.blocks]).toEqual([name, results]);
      });
    }
  });

  test("a scope inside a differentiated function releases nothing that its derivative needs", () => {
    const g = (at: Tensor) => scope(() => sum(exp(square(at))));
    const plain = (at: Tensor) => sum(exp(square(at)));
    expect(numbers(grad(g)(x))).toEqual(numbers(grad(plain)(x)));
    expect(numbers(jvp(g, x, x).tangent)).toEqual(numbers(jvp(plain, x, x).tangent));
    expect(numbers(hvp(g, x, x))).toEqual(numbers(hvp(plain, x, x)));
    countingMemory((count) => {
      grad(g)(x);
      expect(count.blocks).toBe(1);
    });
  });

  test("a gradient inside a loss is kept until the loss is pulled back, then all is released", () => {
    const w = parameter(f64([1, 1]));
    countingMemory((count) => {
      scope(() => {
        const slope = grad((at: Tensor) => sum(multiply(exp(at), w)))(f64([0, 0]));
        sum(square(slope)).backward();
      });
      expect(count.blocks).toBe(1); // the gradient of w
    });
    expect(w.grad && numbers(w.grad)).toEqual([2, 2]);
  });
});
