/** Layouts: which ops look at the same memory, which copy, and that looking through any stack of views is exact. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  broadcastTo,
  detach,
  expandDims,
  flatten,
  flip,
  permute,
  reshape,
  type Shape,
  slice,
  squeeze,
  type Tensor,
  transpose,
  withDevice,
} from "../core/index.ts";
import {
  broadcastLayout,
  denseLayout,
  isDense,
  permuteLayout,
  reshapeLayout,
  sliceLayout,
} from "../core/layout.ts";
import { rowMajorStrides, sizeOf } from "../core/shape.ts";
import { countingMemory, f64, noise, numbers } from "./plain.ts";

/** A plain array of nested indices: element(index) for every index of shape. */
interface Plain {
  readonly shape: Shape;
  element(index: readonly number[]): number;
}

/** Two ways to the same elements: through the tensor, and through a function of the index. */
interface Both {
  readonly tensor: Tensor;
  readonly plain: Plain;
}

type Step = (both: Both, choice: number) => Both;

/** Each view op beside its meaning for an index; `choice` picks its options. */
const steps: readonly Step[] = [
  ({ tensor, plain }, choice) => {
    const order = tensor.shape
      .map((_, axis) => axis)
      .sort((a, b) => ((a * 7 + choice) % 5) - ((b * 7 + choice) % 5) || a - b);
    const element: Plain["element"] = (index) => {
      const from: number[] = [];
      order.forEach((axis, i) => {
        from[axis] = index[i] ?? 0;
      });
      return plain.element(from);
    };
    return {
      tensor: permute(tensor, order),
      plain: { shape: order.map((a) => plain.shape[a] ?? 0), element },
    };
  },
  ({ tensor, plain }, choice) => {
    const axis = choice % Math.max(1, tensor.rank);
    if (tensor.rank === 0) return { tensor, plain };
    const length = plain.shape[axis] ?? 0;
    const element: Plain["element"] = (index) =>
      plain.element(index.map((i, a) => (a === axis ? length - 1 - i : i)));
    return { tensor: flip(tensor, { axis }), plain: { ...plain, element } };
  },
  ({ tensor, plain }, choice) => {
    if (tensor.rank === 0) return { tensor, plain };
    const length = plain.shape[0] ?? 0;
    const start = choice % (length + 1);
    const shape = [Math.ceil((length - start) / 2), ...plain.shape.slice(1)];
    const element: Plain["element"] = ([i = 0, ...rest]) => plain.element([start + 2 * i, ...rest]);
    return { tensor: slice(tensor, [[start, length, 2]]), plain: { shape, element } };
  },
  ({ tensor, plain }, choice) => {
    const axis = choice % (tensor.rank + 1);
    const shape = [...plain.shape.slice(0, axis), 1, ...plain.shape.slice(axis)];
    const element: Plain["element"] = (index) => plain.element(index.filter((_, a) => a !== axis));
    return { tensor: expandDims(tensor, axis), plain: { shape, element } };
  },
  ({ tensor, plain }, choice) => {
    const shape = [(choice % 3) + 1, ...plain.shape.map((n) => (n === 1 ? 2 : n))];
    if (sizeOf(shape) > 500) return { tensor, plain };
    const element: Plain["element"] = ([, ...rest]) =>
      plain.element(rest.map((i, a) => (plain.shape[a] === 1 ? 0 : i)));
    return { tensor: broadcastTo(tensor, shape), plain: { shape, element } };
  },
  ({ tensor, plain }) => {
    const shape = [sizeOf(plain.shape)];
    const strides = rowMajorStrides(plain.shape);
    const element: Plain["element"] = ([flat = 0]) =>
      plain.element(plain.shape.map((n, a) => Math.floor(flat / (strides[a] ?? 1)) % n));
    return { tensor: reshape(tensor, shape), plain: { shape, element } };
  },
];

function allElements({ shape, element }: Plain): readonly number[] {
  const strides = rowMajorStrides(shape);
  return Array.from({ length: sizeOf(shape) }, (_, flat) =>
    element(shape.map((n, a) => Math.floor(flat / (strides[a] ?? 1)) % n)),
  );
}

describe("a stack of views", () => {
  const programs = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.nat(20)), { maxLength: 6 });
  const shapes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 });

  test.prop([programs, shapes], { seed: 3, numRuns: 200 })(
    "shows the elements that index arithmetic picks",
    (program, shape) => {
      const tensor = noise(shape, 5);
      const flat = numbers(tensor);
      const strides = rowMajorStrides(shape);
      let both: Both = {
        tensor,
        plain: {
          shape,
          element: (index) =>
            flat[index.reduce((sum, i, a) => sum + i * (strides[a] ?? 0), 0)] ?? Number.NaN,
        },
      };
      for (const [which, choice] of program) both = steps[which]?.(both, choice) ?? both;
      expect(both.tensor.shape).toEqual(both.plain.shape);
      expect(numbers(both.tensor)).toEqual(allElements(both.plain));
    },
  );
});

describe("views and copies", () => {
  const x = noise([2, 3, 4], 1);
  const views: [string, () => Tensor][] = [
    ["transpose", () => transpose(x)],
    ["permute", () => permute(x, [2, 0, 1])],
    ["slice", () => slice(x, [0, [0, 3, 2]])],
    ["flip", () => flip(x, { axis: 1 })],
    ["expandDims", () => expandDims(x, 0)],
    ["squeeze", () => squeeze(expandDims(x, 0))],
    ["broadcastTo", () => broadcastTo(x, [5, 2, 3, 4])],
    ["detach", () => detach(x)],
    ["reshape of dense memory", () => reshape(x, [6, 4])],
    ["flatten of dense memory", () => flatten(x)],
  ];

  test.each(views)("%s looks at the same memory", (_, make) => {
    countingMemory((count) => {
      expect(make().storage).toBe(x.storage);
      expect(count.blocks).toBe(0);
    });
  });

  test("reshape of a transposed tensor copies, once", () => {
    countingMemory((count) => {
      const y = reshape(transpose(x), [24]);
      expect(y.storage).not.toBe(x.storage);
      expect(count.blocks).toBe(1);
    });
  });

  test("a view keeps its elements when others are made", () => {
    const y = flip(x, { axis: 0 });
    const before = numbers(y);
    numbers(flip(y, { axis: 2 }));
    expect(numbers(y)).toEqual(before);
  });

  test.each(["wasm", "reference"] as const)(
    "on %s a look is at the memory itself, in any layout row-major",
    (name) => {
      withDevice(name, () => {
        const y = f64([1, 2, 3, 4, 5, 6]);
        const memoryOf = (of: Tensor): ArrayBufferLike => of.look("test", ({ buffer }) => buffer);
        expect(memoryOf(y)).toBe(memoryOf(y));
        expect(y.elements().buffer).not.toBe(memoryOf(y));
        const turned = transpose(reshape(y, [2, 3]));
        expect(turned.look("test", (elements) => [...elements])).toEqual([1, 4, 2, 5, 3, 6]);
        expect(slice(y, [[3, 5]]).look("test", (elements) => [...elements])).toEqual([4, 5]);
      });
    },
  );

  test("elements are handed out as a copy", () => {
    const y = f64([1, 2]);
    y.elements()[0] = 9;
    expect(numbers(y)).toEqual([1, 2]);
  });
});

describe("layouts", () => {
  test("density ignores axes of length 1 and empty tensors, not gaps or order", () => {
    const dense = denseLayout([2, 3]);
    expect(isDense(dense)).toBe(true);
    expect(isDense({ ...dense, offset: 7 })).toBe(true);
    expect(isDense({ shape: [2, 1, 3], strides: [3, 99, 1], offset: 0 })).toBe(true);
    expect(isDense({ shape: [2, 0], strides: [5, 5], offset: 0 })).toBe(true);
    expect(isDense(permuteLayout(dense, [1, 0]))).toBe(false);
    expect(isDense(sliceLayout(dense, [0, 0], [2, 2], [1, 1]))).toBe(false);
    expect(isDense(broadcastLayout(denseLayout([1, 3]), [2, 3]))).toBe(false);
  });

  test("reshaping keeps the offset, and gives up where only a copy can do it", () => {
    const row = sliceLayout(denseLayout([2, 4]), [1, 0], [1, 4], [1, 1]);
    expect(reshapeLayout(row, [2, 2])).toEqual({ shape: [2, 2], strides: [2, 1], offset: 4 });
    expect(reshapeLayout(permuteLayout(denseLayout([2, 3]), [1, 0]), [6])).toBeNull();
  });

  test("reshaping joins and splits axes that lie evenly, in memory of any order", () => {
    const image = permuteLayout(denseLayout([2, 4, 6, 3]), [0, 3, 1, 2]);
    const planes = { shape: [2, 3, 24], strides: [72, 1, 3], offset: 0 };
    expect(reshapeLayout(image, [2, 3, 24])).toEqual(planes);
    expect(reshapeLayout(planes, [2, 3, 4, 6])).toEqual(image);
    expect(reshapeLayout(planes, [2, 1, 3, 3, 8])?.strides).toEqual([72, 1, 1, 24, 3]);
    expect(reshapeLayout(image, [6, 24])).toBeNull();
    expect(reshapeLayout(image, [2, 9, 8])).toBeNull();
    const repeated = broadcastLayout(denseLayout([1, 1, 3]), [2, 4, 3]);
    expect(reshapeLayout(repeated, [8, 3])).toEqual({ shape: [8, 3], strides: [0, 1], offset: 0 });
    expect(reshapeLayout(repeated, [24])).toBeNull();
  });

  test("an empty slice stays inside the memory", () => {
    const empty = sliceLayout(denseLayout([3]), [3], [0], [1]);
    expect([empty.shape, empty.offset]).toEqual([[0], 0]);
  });
});
