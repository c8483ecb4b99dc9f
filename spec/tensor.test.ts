/** Tensors: made from plain data exactly or not at all, and dtypes that never mix silently. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  add,
  argmax,
  buffer,
  cast,
  DTypeError,
  divide,
  equal,
  exp,
  greater,
  matmul,
  multiply,
  parameter,
  type Shape,
  ShapeError,
  subtract,
  sum,
  type Tensor,
  tensor,
  ValueError,
  where,
} from "../core/index.ts";
import { f64, messageOf, numbers } from "./plain.ts";

describe("making tensors", () => {
  test.prop([fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }), fc.nat()], {
    seed: 1,
    numRuns: 100,
  })("nesting gives the shape, and toArray gives the nesting back", (shape, offset) => {
    // An empty axis hides the lengths of those inside it.
    const cut = shape.indexOf(0);
    const visible: Shape = cut < 0 ? shape : shape.slice(0, cut + 1);
    let next = offset % 100;
    const build = (axis: number): number | (number | unknown[])[] =>
      axis === shape.length
        ? next++
        : Array.from({ length: shape[axis] ?? 0 }, () => build(axis + 1) as number);
    const data = build(0) as number;
    const x = tensor(data);
    expect(x.shape).toEqual(visible);
    expect(x.dtype).toBe("float32");
    expect(x.toArray()).toEqual(data);
  });

  test("the dtype is that of the data: booleans, typed arrays, else float32", () => {
    expect(tensor([true, false]).dtype).toBe("bool");
    expect(tensor(new Float64Array(2)).dtype).toBe("float64");
    expect(tensor(new Int32Array(2)).dtype).toBe("int32");
    expect(tensor([1, 2]).dtype).toBe("float32");
    expect(tensor([]).dtype).toBe("float32");
  });

  test("a typed array is copied", () => {
    const data = new Float64Array([1, 2]);
    const x = tensor(data);
    data[0] = 9;
    expect(numbers(x)).toEqual([1, 2]);
  });

  test("float32 rounds to nearest, float64 does not", () => {
    expect(tensor(0.1).item()).toBe(Math.fround(0.1));
    expect(f64(0.1).item()).toBe(0.1);
    expect(Object.is(f64(-0).item(), -0)).toBe(true);
    expect(f64(Number.NaN).item()).toBeNaN();
  });

  test("ragged nesting, a wrong shape and unrepresentable elements are refused", () => {
    expect(messageOf(() => tensor([[1, 2], [3]]), ShapeError)).toBe(
      "tensor: expected data to have rows of one shape, [2], got [1] at row 1. Pad or cut the rows to one length.",
    );
    expect(messageOf(() => tensor([1, 2, 3], { shape: [2, 2] }), ShapeError)).toBe(
      "tensor: expected shape to hold the 3 elements given, got [2, 2], which holds 4. Give the shape of the data.",
    );
    expect(messageOf(() => tensor([1, 2.5], { dtype: "int32" }), ValueError)).toBe(
      "tensor: expected data to hold values that int32 can represent, got 2.5 at element 1. Round it, or use a float dtype.",
    );
    expect(() => tensor(2 ** 31, { dtype: "int32" })).toThrow(ValueError);
    expect(() => tensor(Number.NaN, { dtype: "int32" })).toThrow(ValueError);
    expect(messageOf(() => tensor(2, { dtype: "bool" }), ValueError)).toBe(
      "tensor: expected data to hold values that bool can represent, got 2 at element 0. Compare it first, or use 0 and 1.",
    );
    expect(messageOf(() => tensor(new Uint8Array(2)), DTypeError)).toBe(
      'tensor: expected dtype to be given for a Uint8Array, got none. Say what the bytes mean, for example { dtype: "float32" } or { dtype: "bool" }.',
    );
  });

  test("item reads one element of any rank, and refuses more or none", () => {
    expect(tensor([[7]]).item()).toBe(7);
    expect(messageOf(() => tensor([1, 2]).item(), ShapeError)).toBe(
      "item: expected x to hold one element, got [2] float32. Reduce it first, or read elements().",
    );
    expect(() => tensor([]).item()).toThrow(ShapeError);
  });

  test("a parameter and a buffer are copies with a name and a role", () => {
    const x = f64([1, 2]);
    const [w, b] = [parameter(x, { name: "w" }), buffer(x)];
    expect([w.role, w.name, w.requiresGrad, w.describe()]).toEqual([
      "parameter",
      "w",
      true,
      '"w" [2] float64',
    ]);
    expect([b.role, b.name, b.requiresGrad]).toEqual(["buffer", undefined, false]);
    expect([w.storage === x.storage, b.storage === x.storage]).toEqual([false, false]);
  });
});

describe("dtypes", () => {
  const samples: Readonly<Record<string, Tensor>> = {
    float32: tensor([1, 2]),
    float64: f64([1, 2]),
    int32: tensor([1, 2], { dtype: "int32" }),
    bool: tensor([true, false]),
  };
  const pairs = Object.keys(samples).flatMap((a) =>
    Object.keys(samples).flatMap((b) => (a === b ? [] : [[a, b] as const])),
  );

  test.each(pairs)("%s beside %s is refused, naming the cast", (a, b) => {
    const [left, right] = [samples[a], samples[b]];
    if (!left || !right) throw new Error("both are there");
    for (const [name, op] of Object.entries({ add, subtract, multiply, equal, greater })) {
      expect(messageOf(() => op(left, right), DTypeError)).toBe(
        `${name}: expected b to have the dtype of a, ${a}, got ${b}. Cast one of them, for example b.cast("${a}").`,
      );
    }
  });

  test("a plain number takes the tensor's dtype on either side", () => {
    expect(add(tensor([1]), 0.1).dtype).toBe("float32");
    expect(numbers(add(tensor([0]), 0.1))).toEqual([Math.fround(0.1)]);
    expect(numbers(subtract(1, f64([0.1])))).toEqual([0.9]);
    const three = multiply(tensor([1], { dtype: "int32" }), 3);
    expect([three.dtype, numbers(three)]).toEqual(["int32", [3]]);
  });

  test("a fraction beside integers, and any number beside a mask, is refused", () => {
    expect(messageOf(() => add(tensor([1], { dtype: "int32" }), 0.5), DTypeError)).toBe(
      'add: expected b to be representable in the other operand\'s dtype, int32, got 0.5. Cast the tensor first, for example .cast("float32").',
    );
    expect(() => add(tensor([true]), 1)).toThrow(DTypeError);
    expect(() => add(1, 2)).toThrow(DTypeError);
  });

  test("integers add and multiply exactly, and have no fractions to divide into or derivatives", () => {
    const [a, b] = [tensor([7, -3], { dtype: "int32" }), tensor([2, 5], { dtype: "int32" })];
    expect(numbers(add(a, b))).toEqual([9, 2]);
    expect(numbers(multiply(a, b))).toEqual([14, -15]);
    expect(sum(a).dtype).toBe("int32");
    expect(() => divide(a, b)).toThrow(DTypeError);
    expect(() => exp(a)).toThrow(DTypeError);
  });

  test("comparisons give masks, masks choose, argmax gives int32", () => {
    const x = f64([1, -2, 3]);
    const mask = greater(x, 0);
    expect([mask.dtype, numbers(mask)]).toEqual(["bool", [1, 0, 1]]);
    expect(numbers(where(mask, x, f64(0)))).toEqual([1, 0, 3]);
    expect([argmax(x).dtype, argmax(x).item()]).toEqual(["int32", 2]);
    expect(() => where(x, x, x)).toThrow(DTypeError);
    expect(() => matmul(f64([[1]]), tensor([[1]]))).toThrow(DTypeError);
  });

  test("a cast there and back is the identity on what both can hold", () => {
    const whole = f64([-2, 0, 5]);
    for (const dtype of ["float32", "int32"] as const) {
      expect(numbers(cast(cast(whole, dtype), "float64"))).toEqual([-2, 0, 5]);
    }
    expect(numbers(cast(f64([-1.7, 1.7]), "int32"))).toEqual([-1, 1]); // toward zero
    expect(numbers(cast(tensor([true, false]), "float64"))).toEqual([1, 0]);
  });
});
