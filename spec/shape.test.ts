/** Shapes: broadcasting is NumPy's rule, axes count from both ends, sizes multiply. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { AxisError, ShapeError } from "../core/errors.ts";
import { add, broadcastTo, sum } from "../core/index.ts";
import {
  broadcastShapes,
  checkShape,
  normalizeAxes,
  normalizeAxis,
  reducedShape,
  rowMajorStrides,
  type Shape,
  sameShape,
  sizeOf,
} from "../core/shape.ts";
import { messageOf, noise, numbers } from "./plain.ts";

const shapes = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
const many = { seed: 1, numRuns: 300 };

/** The rule as NumPy's manual states it, on shapes padded with ones; null where they do not fit. */
function broadcastByHand(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const pad = (shape: Shape) => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [left, right] = [pad(a), pad(b)];
  const fits = left.every((n, i) => n === right[i] || n === 1 || right[i] === 1);
  return fits ? left.map((n, i) => (n === 1 ? (right[i] ?? 0) : n)) : null;
}

/** The common shape, or null where broadcastShapes refuses. */
function broadcastOrNull(a: Shape, b: Shape): Shape | null {
  try {
    return broadcastShapes("add", ["a", "b"], a, b);
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeError);
    return null;
  }
}

describe("broadcasting", () => {
  test.prop([shapes, shapes], many)("gives or refuses what NumPy's rule does", (a, b) => {
    expect(broadcastOrNull(a, b)).toEqual(broadcastByHand(a, b));
  });

  test.prop([shapes, shapes], many)(
    "is symmetric, and a scalar or the shape itself changes nothing",
    (a, b) => {
      expect(broadcastOrNull(a, b)).toEqual(broadcastOrNull(b, a));
      expect(broadcastOrNull(a, [])).toEqual(a);
      expect(broadcastOrNull(a, a)).toEqual(a);
    },
  );

  test.prop([shapes, shapes, shapes], many)(
    "does not depend on how three shapes are paired",
    (a, b, c) => {
      const [ab, bc] = [broadcastOrNull(a, b), broadcastOrNull(b, c)];
      const left = ab && broadcastOrNull(ab, c);
      const right = bc && broadcastOrNull(a, bc);
      if (left && right) expect(left).toEqual(right);
      expect(left === null).toBe(right === null);
    },
  );

  test.prop([shapes, shapes, fc.integer({ min: 0, max: 1e6 })], { seed: 2, numRuns: 100 })(
    "adds the elements that brute force pairs",
    (a, b, seed) => {
      const shape = broadcastByHand(a, b);
      fc.pre(shape !== null);
      if (shape === null) return;
      const [x, y] = [noise(a, seed), noise(b, seed + 1)];
      const [xs, ys] = [numbers(x), numbers(y)];
      const place = (own: Shape, index: readonly number[]): number =>
        rowMajorStrides(own).reduce((flat, stride, axis) => {
          const i = index[index.length - own.length + axis] ?? 0;
          return flat + (own[axis] === 1 ? 0 : i * stride);
        }, 0);
      const strides = rowMajorStrides(shape);
      const expected = Array.from({ length: sizeOf(shape) }, (_, flat) => {
        const index = shape.map((n, axis) => Math.floor(flat / (strides[axis] ?? 1)) % n);
        return (xs[place(a, index)] ?? Number.NaN) + (ys[place(b, index)] ?? Number.NaN);
      });
      expect(numbers(add(x, y))).toEqual(expected);
      expect(add(x, y).shape).toEqual(shape);
      expect(numbers(broadcastTo(x, shape).add(y))).toEqual(expected);
    },
  );

  test("a refusal names the axis from the end and both lengths", () => {
    expect(messageOf(() => broadcastShapes("add", ["a", "b"], [2, 3, 4], [2, 4]), ShapeError)).toBe(
      "add: expected b to broadcast against a [2, 3, 4], got b [2, 4]. Axis -2 is 3 against 2: make them equal, or one of them 1.",
    );
  });
});

describe("axes", () => {
  test.prop([fc.integer({ min: 1, max: 5 }), fc.integer({ min: -7, max: 7 })], many)(
    "lie in [-rank, rank), negative ones count from the end",
    (rank, axis) => {
      if (axis >= -rank && axis < rank) {
        expect(normalizeAxis("sum", axis, rank)).toBe((axis + rank) % rank);
      } else {
        expect(() => normalizeAxis("sum", axis, rank)).toThrow(AxisError);
      }
    },
  );

  test("fractions and NaN are no axes, and a 0-d tensor has none", () => {
    expect(() => normalizeAxis("sum", 0.5, 2)).toThrow(AxisError);
    expect(() => normalizeAxis("sum", Number.NaN, 2)).toThrow(AxisError);
    expect(messageOf(() => normalizeAxis("sum", 0, 0), AxisError)).toBe(
      "sum: expected axis to be absent for a 0-d tensor, got 0. The tensor has 0 axes; negative axes count from the end.",
    );
    expect(messageOf(() => normalizeAxis("sum", 1, 1), AxisError)).toContain(
      "The tensor has 1 axis;",
    );
  });

  test("come sorted, each once, all where absent", () => {
    expect(normalizeAxes("sum", [-1, 0], 3)).toEqual([0, 2]);
    expect(normalizeAxes("sum", undefined, 3)).toEqual([0, 1, 2]);
    expect(normalizeAxes("sum", [], 3)).toEqual([]);
    expect(messageOf(() => normalizeAxes("sum", [1, -2], 3), AxisError)).toBe(
      "sum: expected axis to name each axis once, got [1, -2]. Remove the repeated axis.",
    );
  });

  test.prop([shapes, fc.boolean()], many)(
    "that are reduced disappear, or keep length 1",
    (shape, keepDims) => {
      const axes = shape.flatMap((_, axis) => (axis % 2 === 0 ? [axis] : []));
      const reduced = reducedShape(shape, axes, keepDims);
      expect(reduced.length).toBe(keepDims ? shape.length : shape.length - axes.length);
      expect(sizeOf(reduced)).toBe(sizeOf(shape.filter((_, axis) => axis % 2 === 1)));
      expect(sum(noise(shape, 1), { axis: axes, keepDims }).shape).toEqual(reduced);
    },
  );
});

describe("sizes", () => {
  test.prop([shapes], many)("row-major strides step over the axes further in", (shape) => {
    rowMajorStrides(shape).forEach((stride, axis) => {
      expect(stride).toBe(sizeOf(shape.slice(axis + 1)));
    });
    expect(sameShape(shape, [...shape])).toBe(true);
    expect(sameShape(shape, [...shape, 1])).toBe(false);
  });

  test("a 0-d tensor has one element, an axis of length 0 none", () => {
    expect([sizeOf([]), sizeOf([3, 0, 2])]).toEqual([1, 0]);
  });

  test("negative and fractional lengths are refused", () => {
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(messageOf(() => checkShape("zeros", "shape", [2, bad]), ShapeError)).toBe(
        `zeros: expected shape to hold integers ≥ 0, got [2, ${bad}]. Give each axis a whole length.`,
      );
    }
  });
});
