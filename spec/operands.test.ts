/**
 * Numbers beside tensors: which are taken, which are refused, and those that a compiled step reads anew.
 * Rests on core and the operands of its ops.
 */
import { describe, expect, test } from "vitest";
import {
  add,
  compile,
  DTypeError,
  divide,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  multiply,
  notEqual,
  pow,
  subtract,
  type Tensor,
  withDevice,
  zeros,
} from "../core/index.ts";
import { varyingScalar } from "../core/ops/operands.ts";
import { f64, messageOf, numbers } from "./plain.ts";

describe("two numbers, and a number that the tensor's dtype cannot hold, are refused", () => {
  test.each(
    Object.entries({
      ...{ add, subtract, multiply, divide, pow, minimum, maximum },
      ...{ equal, notEqual, less, lessEqual, greater, greaterEqual },
    }),
  )("by %s", (name, run) => {
    expect(messageOf(() => run(1, 2), DTypeError)).toBe(
      `${name}: expected a or b to be a tensor, got the numbers 1 and 2. Compute with plain arithmetic, or make one of them a tensor.`,
    );
    for (const [dtype, value] of [
      ["int32", 0.5],
      ["bool", 0],
      ["bool", 2],
    ] as const) {
      const x = zeros([1], { dtype });
      const refused = (argument: string): string =>
        `${name}: expected ${argument} to be representable in the other operand's dtype, ${dtype}, got ${value}. Cast the tensor first, for example .cast("float32").`;
      expect(messageOf(() => run(x, value), DTypeError)).toBe(refused("b"));
      expect(messageOf(() => run(value, x), DTypeError)).toBe(refused("a"));
    }
  });
});

describe("a varying scalar", () => {
  test("is read again whenever a compiled step is repeated, and has the dtype of what it stands beside", () => {
    withDevice("wasm", () => {
      let now = 0;
      const step = compile((x: Tensor) => {
        const scalar = varyingScalar(x, () => now);
        expect([scalar.shape, scalar.dtype]).toEqual([[], "float64"]);
        return multiply(x, scalar);
      });
      const x = f64([1, 2]);
      for (now = 1; now <= 8; now++) expect(numbers(step(x))).toEqual([now, 2 * now]);
      expect(step.report().replayed).toBeGreaterThan(0);
    });
  });

  test("is a constant of its value where nothing is compiled", () => {
    const [x, value] = [zeros([2], { dtype: "int32" }), 3];
    expect(
      numbers(
        add(
          x,
          varyingScalar(x, () => value),
        ),
      ),
    ).toEqual([3, 3]);
  });
});
