/**
 * Reordering axes: permute and transpose. Both are views.
 * Rests on layout and bind.
 */
import { bindOne } from "../bind.ts";
import { exact } from "../error-bound.ts";
import { AxisError, ShapeError } from "../errors.ts";
import { permuteLayout } from "../layout.ts";
import { at, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Sampler } from "../sampling.ts";
import { formatShape, normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";

const moved = exact("elements are moved, never changed");

/** The order of axes. */
interface PermuteOptions {
  /** Axis i of the result is axis order[i] of x; each axis once, negative ones count from the end. */
  readonly order: readonly number[];
}

/** `order` in [0, rank). Throws AxisError unless it names each axis once. */
function checkOrder(rank: number, { order }: PermuteOptions): readonly number[] {
  const axes = order.map((axis) => (axis < 0 ? axis + rank : axis));
  const inRange = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank);
  if (!inRange || axes.length !== rank || new Set(axes).size !== rank) {
    throw new AxisError({
      where: "permute",
      argument: "order",
      expected: `to name each of the ${rank} axes once`,
      got: formatShape(order),
      fix: `Give a permutation of ${formatShape(Array.from({ length: rank }, (_, i) => i))}`,
    });
  }
  return axes;
}

/** order[inverse[i]] = i. */
function inverse(order: readonly number[]): readonly number[] {
  return order.map((_, axis) => order.indexOf(axis));
}

/** A random order of `rank` axes, some of them counted from the end. */
function drawOrder(draw: Sampler, rank: number): readonly number[] {
  const left = Array.from({ length: rank }, (_, axis) => axis);
  const order: number[] = [];
  while (left.length > 0) order.push(...left.splice(draw.integer(0, left.length - 1), 1));
  return order.map((axis) => (draw.boolean() ? axis - rank : axis));
}

/** The record of `permute`. */
export const permuteOp: UnaryRecord<PermuteOptions> = linear<PermuteOptions>({
  name: "permute",
  family: "view",
  formula: "axis i of y = axis order[i] of x",
  source: "definition",
  infer: ([x], options) => {
    const order = checkOrder(x.shape.length, options);
    return [{ shape: order.map((axis) => x.shape[axis] ?? 1), dtype: x.dtype }];
  },
  forward: { view: (x, options) => permuteLayout(x, checkOrder(x.shape.length, options)) },
  apply: (x, { order }) => permute(x, order),
  transpose: (c, x, options) => permute(c, inverse(checkOrder(x.rank, options))),
  sample: (draw) => {
    const shape = draw.shape();
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: { order: drawOrder(draw, shape.length) },
    };
  },
  special: [],
  errors: [
    ...[[0], [0, -2], [0, 2], [0, -3], [0, 0.5], [0, 1, 1]].map((order) => ({
      inputs: [nd([[1, 2]])],
      attributes: { order },
      message: `permute: expected order to name each of the 2 axes once, got [${order.join(", ")}]. Give a permutation of [0, 1].`,
    })),
  ],
  reference: (inputs, options) => inputs.map((x) => permuteArray(x, options)),
  bound: moved,
});

function permuteArray(x: NdArray, options: PermuteOptions): NdArray {
  const order = checkOrder(x.shape.length, options);
  const back = inverse(order);
  const shape = order.map((axis) => x.shape[axis] ?? 1);
  return tabulate(
    shape,
    (index) =>
      at(
        x,
        back.map((axis) => index[axis] ?? 0),
      ),
    x.kind,
  );
}

/**
 * Reorders the axes: axis i of the result is axis order[i] of x. A view.
 * Throws AxisError unless `order` names each axis once.
 */
export function permute(x: Tensor, order: readonly number[]): Tensor {
  return bindOne(permuteOp, [x], { order });
}

/** The two axes that transpose swaps. */
export interface TransposeOptions {
  /** Default [-2, -1]: rows and columns. */
  readonly axes?: readonly [number, number];
}

/** The order of axes that swaps two of them. */
function swapped(rank: number, { axes: [a, b] = [-2, -1] }: TransposeOptions): readonly number[] {
  if (rank < 2) {
    throw new ShapeError({
      where: "transpose",
      argument: "x",
      expected: "to have 2 axes or more",
      got: `${rank}`,
      fix: "Add an axis first, for example expandDims(x, 0)",
    });
  }
  const first = normalizeAxis("transpose", a, rank, "axes");
  const second = normalizeAxis("transpose", b, rank, "axes");
  return Array.from({ length: rank }, (_, axis) =>
    axis === first ? second : axis === second ? first : axis,
  );
}

/** The record of `transpose`. */
export const transposeOp: UnaryRecord<TransposeOptions> = {
  name: "transpose",
  family: "view",
  formula: "y[.., i, .., j, ..] = x[.., j, .., i, ..]",
  source: "definition",
  inputNames: ["x"],
  infer: ([x], options) => {
    const order = swapped(x.shape.length, options);
    return [{ shape: order.map((axis) => x.shape[axis] ?? 1), dtype: x.dtype }];
  },
  forward: { compose: ([x], options) => [permute(x, swapped(x.rank, options))] },
  sample: (draw) => {
    const shape = draw.shape({ minRank: 2 });
    const axis = () => draw.integer(-shape.length, shape.length - 1);
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: draw.boolean() ? {} : { axes: [axis(), axis()] },
    };
  },
  special: [
    {
      title: "rows become columns",
      inputs: [nd([[1, 2, 3]])],
      attributes: {},
      output: nd([[1], [2], [3]]),
      cotangent: nd([[4], [5], [6]]),
      gradients: [nd([[4, 5, 6]])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2])],
      attributes: {},
      message:
        "transpose: expected x to have 2 axes or more, got 1. Add an axis first, for example expandDims(x, 0).",
    },
    {
      inputs: [nd([[1, 2]])],
      attributes: { axes: [0, 2] },
      message:
        "transpose: expected axes in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.",
    },
  ],
  reference: (inputs, options) =>
    inputs.map((x) => permuteArray(x, { order: swapped(x.shape.length, options) })),
  bound: moved,
};

/**
 * Swaps two axes, by default the last two (rows and columns). x: [..., m, n] → [..., n, m]. A view.
 * Throws ShapeError for fewer than 2 axes, AxisError for an axis outside [-rank, rank).
 */
export function transpose(x: Tensor, options: TransposeOptions = {}): Tensor {
  return bindOne(transposeOp, [x], options);
}

/** The records of this file. */
export const permuteOps: readonly OpRecord[] = [permuteOp, transposeOp];
