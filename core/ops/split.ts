/**
 * Parting and repeating: split returns views, tile a copy.
 * Rests on slice, concat, reshape and broadcastTo, which bring the derivatives.
 */
import { bind, bindOne } from "../bind.ts";
import { exact } from "../error-bound.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { at, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import { formatShape, normalizeAxis, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type AlongOptions, along, concat } from "./concat.ts";
import { zerosLike } from "./constant.ts";
import { broadcastTo, reshape } from "./reshape.ts";
import type { UnaryRecord } from "./shorthand.ts";
import { slice } from "./slice.ts";

const moved = exact("elements are moved, never changed");
const plain: Domain = { min: -3, max: 3 };

/** How split parts an axis. */
interface SplitOptions extends AlongOptions {
  /** A number of equal parts, or the length of each part. */
  readonly parts: number | readonly number[];
}

/** The lengths of `count` equal parts, none where it is negative; null where there are no such parts. */
function equalParts(length: number, count: number): readonly number[] | null {
  if (!Number.isInteger(count) || length % count !== 0) return null;
  return Array.from({ length: count }, () => length / count);
}

/** The axis and the length of each part. Throws ShapeError where the parts do not fill the axis. */
function partsOf(
  shape: Shape,
  { parts, axis = 0 }: SplitOptions,
): { readonly axis: number; readonly sizes: readonly number[] } {
  const place = normalizeAxis("split", axis, shape.length);
  const length = shape[place] ?? 0;
  const sizes = typeof parts === "number" ? equalParts(length, parts) : parts;
  if (
    sizes === null ||
    sizes.length === 0 ||
    !sizes.every((size) => Number.isInteger(size) && size >= 0) ||
    sizes.reduce((a, b) => a + b, 0) !== length
  ) {
    throw new ShapeError({
      where: "split",
      argument: "sectionsOrSizes",
      expected: `to divide the ${length} positions of axis ${place}`,
      got: typeof parts === "number" ? String(parts) : formatShape(parts),
      fix: "Give a number of equal parts, or lengths that add up to the axis",
    });
  }
  return { axis: place, sizes };
}

/** The record of `split`. */
export const splitOp: OpRecord<SplitOptions, readonly [Tensor], readonly Tensor[]> = {
  name: "split",
  family: "join",
  formula: "y_k = part k of x along the axis",
  source: "definition; undoes concat",
  inputNames: ["x"],
  infer: ([x], options) => {
    const { axis, sizes } = partsOf(x.shape, options);
    return sizes.map((size) => ({ shape: x.shape.with(axis, size), dtype: x.dtype }));
  },
  // One op, not a slice for each part: a slice's cotangent is as large as x, and k of them cost k times as much.
  forward: {
    opaque: ([x], options) => {
      const { axis, sizes } = partsOf(x.shape, options);
      let start = 0;
      return sizes.map((size) => {
        start += size;
        return slice(x, along(axis, start - size, size));
      });
    },
  },
  jvp: ([t], { outputs, attributes: { parts, axis = 0 } }) =>
    t ? split(t, parts, { axis }) : outputs.map(() => null),
  vjp: (cotangents, { outputs, attributes: { axis = 0 } }) => [
    concat(
      outputs.map((part, k) => cotangents[k] ?? zerosLike(part)),
      { axis },
    ),
  ],
  sample: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    const axis = draw.integer(0, shape.length - 1);
    const sizes = Array.from({ length: draw.integer(1, 3) }, () => draw.integer(0, 2));
    const equal = draw.boolean();
    const [size = 0] = sizes;
    const length = equal ? size * sizes.length : sizes.reduce((a, b) => a + b, 0);
    return {
      inputs: [draw.values(shape.with(axis, length), plain)],
      attributes: { parts: equal ? sizes.length : sizes, axis: axis - shape.length },
    };
  },
  special: [
    {
      title: "a part that is not used has gradient 0, an empty one has none",
      inputs: [nd([1, 2, 3])],
      attributes: { parts: [1, 0, 2] },
      output: nd([1]),
      cotangent: nd([5]),
      gradients: [nd([5, 0, 0])],
    },
  ],
  errors: [
    {
      inputs: [nd([])],
      attributes: { parts: 2.5 },
      message:
        "split: expected sectionsOrSizes to divide the 0 positions of axis 0, got 2.5. Give a number of equal parts, or lengths that add up to the axis.",
    },
    {
      inputs: [nd([1, 2, 3])],
      attributes: { parts: Number.POSITIVE_INFINITY },
      message:
        "split: expected sectionsOrSizes to divide the 3 positions of axis 0, got Infinity. Give a number of equal parts, or lengths that add up to the axis.",
    },
    {
      inputs: [nd([1, 2, 3])],
      attributes: { parts: 2 },
      message:
        "split: expected sectionsOrSizes to divide the 3 positions of axis 0, got 2. Give a number of equal parts, or lengths that add up to the axis.",
    },
    {
      inputs: [nd([1, 2, 3])],
      attributes: { parts: [1, 1] },
      message:
        "split: expected sectionsOrSizes to divide the 3 positions of axis 0, got [1, 1]. Give a number of equal parts, or lengths that add up to the axis.",
    },
    ...[
      [4, -1],
      [1.5, 1.5],
      [1, 1, 2],
    ].map((parts) => ({
      inputs: [nd([1, 2, 3])],
      attributes: { parts },
      message: `split: expected sectionsOrSizes to divide the 3 positions of axis 0, got [${parts.join(", ")}]. Give a number of equal parts, or lengths that add up to the axis.`,
    })),
    ...[[], -2, 0].map((parts) => ({
      inputs: [nd([])],
      attributes: { parts },
      message: `split: expected sectionsOrSizes to divide the 0 positions of axis 0, got ${typeof parts === "number" ? parts : "[]"}. Give a number of equal parts, or lengths that add up to the axis.`,
    })),
    {
      inputs: [nd([1, 2, 3])],
      attributes: { parts: 3, axis: 1 },
      message:
        "split: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.",
    },
  ],
  reference: (inputs, options) =>
    inputs.flatMap((x) => {
      const { axis, sizes } = partsOf(x.shape, options);
      return sizes.map((size, k) => {
        const start = sizes.slice(0, k).reduce((a, b) => a + b, 0);
        return tabulate(
          x.shape.with(axis, size),
          (index) => at(x, index.with(axis, start + (index[axis] ?? 0))),
          x.kind,
        );
      });
    }),
  bound: moved,
};

/**
 * Parts along `axis`: `sectionsOrSizes` is a number of equal parts, or the length of each. Views.
 * x: [..., n, ...] → the parts, whose lengths add up to n. A number counts parts, as in NumPy (in PyTorch
 * it is their length). Throws ShapeError where the parts do not fill the axis, AxisError.
 */
export function split(
  x: Tensor,
  sectionsOrSizes: number | readonly number[],
  { axis = 0 }: AlongOptions = {},
): readonly Tensor[] {
  return bind(splitOp, [x], { parts: sectionsOrSizes, axis });
}

/** How often tile repeats. */
interface TileOptions {
  /** Integers ≥ 0, aligned at the last axis. */
  readonly repeats: readonly number[];
}

/** Both the shape and the repeats with ones in front, to equal rank. Throws ValueError. */
function tiling(shape: Shape, { repeats }: TileOptions): readonly (readonly [number, number])[] {
  if (!repeats.every((count) => Number.isInteger(count) && count >= 0)) {
    throw new ValueError({
      where: "tile",
      argument: "repeats",
      expected: "to hold integers ≥ 0",
      got: formatShape(repeats),
      fix: "Give 1 for an axis that is not repeated",
    });
  }
  const rank = Math.max(shape.length, repeats.length);
  return Array.from({ length: rank }, (_, axis) => [
    shape[axis - rank + shape.length] ?? 1,
    repeats[axis - rank + repeats.length] ?? 1,
  ]);
}

/** The record of `tile`. */
export const tileOp: UnaryRecord<TileOptions> = {
  name: "tile",
  family: "join",
  formula: "y_i = x_(i mod n) along each axis",
  source: "NumPy, tile",
  inputNames: ["x"],
  infer: ([x], options) => [
    { shape: tiling(x.shape, options).map(([length, count]) => length * count), dtype: x.dtype },
  ],
  forward: {
    compose: ([x], options) => {
      const axes = tiling(x.shape, options);
      const apart = reshape(
        x,
        axes.flatMap(([length]) => [1, length]),
      );
      const repeated = broadcastTo(
        apart,
        axes.flatMap(([length, count]) => [count, length]),
      );
      return [
        reshape(
          repeated,
          axes.map(([length, count]) => length * count),
        ),
      ];
    },
  },
  sample: (draw) => ({
    inputs: [draw.values(draw.shape({ maxRank: 2, maxLength: 3 }), plain)],
    attributes: {
      repeats: Array.from({ length: draw.integer(0, 3) }, () => draw.integer(0, 2)),
    },
  }),
  special: [
    {
      title: "an element gathers the cotangents of all its copies",
      inputs: [nd([1, 2])],
      attributes: { repeats: [2] },
      output: nd([1, 2, 1, 2]),
      cotangent: nd([1, 2, 3, 4]),
      gradients: [nd([4, 6])],
    },
  ],
  errors: [
    ...[[-1], [2, -1], [0.5]].map((repeats) => ({
      inputs: [nd([1, 2])],
      attributes: { repeats },
      message: `tile: expected repeats to hold integers ≥ 0, got [${repeats.join(", ")}]. Give 1 for an axis that is not repeated.`,
    })),
  ],
  reference: (inputs, options) => inputs.map((x) => tileArray(x, tiling(x.shape, options))),
  bound: moved,
};

function tileArray(x: NdArray, axes: readonly (readonly [number, number])[]): NdArray {
  const wide = { ...x, shape: axes.map(([length]) => length) };
  return tabulate(
    axes.map(([length, count]) => length * count),
    (index) =>
      at(
        wide,
        index.map((i, axis) => i % (axes[axis]?.[0] ?? 1)),
      ),
    x.kind,
  );
}

/**
 * Repeats the whole array along each axis; `repeats` aligns at the last axis. A copy.
 * x: [n, ...] → [repeats·n, ...]. Throws ValueError for a negative or fractional count.
 */
export function tile(x: Tensor, repeats: readonly number[]): Tensor {
  return bindOne(tileOp, [x], { repeats });
}

/** The records of this file. */
export const splitOps: readonly OpRecord[] = [splitOp, tileOp];
