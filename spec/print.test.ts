/** Printing: what a console shows of a tensor is its shape, its dtype and its elements, however large it is. */
import { inspect } from "node:util";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  arange,
  assign,
  parameter,
  reshape,
  scope,
  tensor,
  transpose,
  zeros,
} from "../core/index.ts";
import { f64, noise } from "./plain.ts";

describe("printing", () => {
  test("shows rows under each other, columns aligned", () => {
    expect(
      String(
        tensor(
          [
            [1, 2.5],
            [-10, 4],
          ],
          { name: "w" },
        ),
      ),
    ).toBe(['Tensor "w" [2, 2] float32', "[[  1, 2.5],", " [-10,   4]]"].join("\n"));
  });

  test("shows a number, an empty tensor, labels and masks", () => {
    expect(String(f64(3))).toBe("Tensor [] float64\n3");
    expect(String(zeros([0, 3]))).toBe("Tensor [0, 3] float32 (empty)");
    expect(String(tensor([1, -2], { dtype: "int32" }))).toBe("Tensor [2] int32\n[ 1, -2]");
    expect(String(tensor([true, false]))).toBe("Tensor [2] bool\n[ true, false]");
  });

  test("shows six digits, and what is no ordinary number", () => {
    expect(String(tensor([1 / 3, 1e-9]))).toBe("Tensor [2] float32\n[0.333333,     1e-9]");
    expect(String(f64([-0, Number.NaN, Number.NEGATIVE_INFINITY]))).toBe(
      "Tensor [3] float64\n[       -0,       NaN, -Infinity]",
    );
  });

  test("abridges axes longer than ten at their first and last three", () => {
    expect(String(arange(0, 10, 1))).toBe("Tensor [10] float32\n[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]");
    expect(String(arange(0, 11, 1))).toBe("Tensor [11] float32\n[ 0,  1,  2, …,  8,  9, 10]");
    const lines = String(reshape(arange(0, 10000, 1), [100, 100])).split("\n");
    expect(lines).toEqual([
      "Tensor [100, 100] float32",
      "[[   0,    1,    2, …,   97,   98,   99],",
      " [ 100,  101,  102, …,  197,  198,  199],",
      " [ 200,  201,  202, …,  297,  298,  299],",
      " …,",
      " [9700, 9701, 9702, …, 9797, 9798, 9799],",
      " [9800, 9801, 9802, …, 9897, 9898, 9899],",
      " [9900, 9901, 9902, …, 9997, 9998, 9999]]",
    ]);
  });

  test("shows a view in its own order", () => {
    expect(
      String(
        transpose(
          f64([
            [1, 2],
            [3, 4],
          ]),
        ),
      ),
    ).toBe("Tensor [2, 2] float64\n[[1, 3],\n [2, 4]]");
  });

  test.prop([fc.array(fc.integer({ min: 1, max: 14 }), { maxLength: 4 })], {
    seed: 1,
    numRuns: 50,
  })("is never longer than seven lines an axis allows, and brackets match", (shape) => {
    const text = String(noise(shape, 1));
    const rows = shape.slice(0, -1).reduce((lines, n) => lines * (n > 10 ? 7 : n), 1);
    expect(text.split("\n").length).toBeLessThanOrEqual(1 + rows);
    const depth = (bracket: string) => text.split(bracket).length;
    expect(depth("[")).toBe(depth("]"));
  });

  test("is what console.log shows, and does not fail on what can no longer be read", () => {
    expect(inspect(f64([1]))).toBe("Tensor [1] float64\n[1]");
    const gone = scope(() => {
      const x = f64([1]);
      return { held: () => x };
    }).held();
    expect(inspect(gone)).toBe("Tensor([1] float64, released)");
    const w = parameter(f64([[1, 2]]));
    const view = transpose(w);
    assign(w, f64([[3, 4]]));
    expect(inspect(view)).toBe("Tensor([2, 1] float64, overwritten)");
  });
});
