/**
 * The same elements under another shape: reshape, flatten, broadcastTo.
 * Rests on layout and bind. All are views, but that reshape and flatten copy a layout with gaps.
 */
import { bindOne } from "../bind.ts";
import { exact } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { broadcastLayout, reshapeLayout } from "../layout.ts";
import { at, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import { formatShape, normalizeAxis, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";
import { sumTo } from "./sum.ts";

const moved = exact("elements are moved, never changed");
const plain: Domain = { min: -3, max: 3 };

/** The shape that reshape is asked for. */
interface ReshapeOptions {
  /** Lengths ≥ 0, of which one may be -1: as long as it takes. */
  readonly shape: Shape;
}

/** `shape` with its -1 replaced. Throws ShapeError where the sizes differ or cannot be known. */
function resolveShape(from: Shape, { shape }: ReshapeOptions): Shape {
  const size = sizeOf(from);
  const free = shape.indexOf(-1);
  const known = sizeOf(shape.filter((_, axis) => axis !== free));
  const resolved = shape.map((length, axis) => (axis === free ? size / known : length));
  if (!resolved.every((length) => Number.isInteger(length) && length >= 0)) {
    throw new ShapeError({
      where: "reshape",
      argument: "shape",
      expected: `to hold lengths ≥ 0, and at most one -1 that ${size} elements determine`,
      got: formatShape(shape),
      fix: `Give axes whose product is ${size}`,
    });
  }
  if (sizeOf(resolved) !== size) {
    throw new ShapeError({
      where: "reshape",
      argument: "shape",
      expected: `to hold the ${size} elements of x ${formatShape(from)}`,
      got: `${formatShape(shape)} with ${sizeOf(resolved)}`,
      fix: `Give axes whose product is ${size}`,
    });
  }
  return resolved;
}

/** The record of `reshape`. */
export const reshapeOp: UnaryRecord<ReshapeOptions> = linear<ReshapeOptions>({
  name: "reshape",
  family: "view",
  formula: "y = the elements of x, in row-major order, under another shape",
  source: "definition",
  infer: ([x], options) => [{ shape: resolveShape(x.shape, options), dtype: x.dtype }],
  forward: { view: (x, options) => reshapeLayout(x, resolveShape(x.shape, options)) },
  apply: (x, { shape }) => reshape(x, shape),
  transpose: (c, x) => reshape(c, x.shape),
  sample: (draw) => {
    const shape = draw.shape();
    const size = sizeOf(shape);
    const options = [shape, [...shape, 1], [1, size], [size], [...shape].reverse()];
    return {
      inputs: [draw.values(shape, plain)],
      attributes: { shape: draw.pick(size > 0 ? [...options, [-1], [1, -1, 1]] : options) },
    };
  },
  special: [
    {
      title: "a single number has any number of axes of length 1",
      inputs: [nd(5)],
      attributes: { shape: [1, -1] },
      output: nd([[5]]),
      gradients: [nd(1)],
    },
  ],
  errors: [
    {
      inputs: [nd([[1, 2, 3]])],
      attributes: { shape: [2, 2] },
      message:
        "reshape: expected shape to hold the 3 elements of x [1, 3], got [2, 2] with 4. Give axes whose product is 3.",
    },
    ...[
      [2, -1],
      [-1, -1],
      [-3, -1],
      [1.5, 2],
    ].map((shape) => ({
      inputs: [nd([[1, 2, 3]])],
      attributes: { shape },
      message: `reshape: expected shape to hold lengths ≥ 0, and at most one -1 that 3 elements determine, got [${shape.join(", ")}]. Give axes whose product is 3.`,
    })),
    {
      inputs: [nd([])],
      attributes: { shape: [0, -1] },
      message:
        "reshape: expected shape to hold lengths ≥ 0, and at most one -1 that 0 elements determine, got [0, -1]. Give axes whose product is 0.",
    },
  ],
  reference: (inputs, options) =>
    inputs.map((x) => ({ ...x, shape: resolveShape(x.shape, options) })),
  bound: moved,
});

/**
 * The same elements in row-major order under another shape. x: [...] → shape, of the same size.
 * One length may be -1: as long as it takes. A view where x is dense, else a copy.
 * Throws ShapeError where the sizes differ.
 *
 * @example
 * reshape(x, [-1, 784]); // one row an image
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  return bindOne(reshapeOp, [x], { shape });
}

/** The shape that broadcastTo stretches to. */
interface BroadcastOptions {
  readonly shape: Shape;
}

function checkStretch(from: Shape, shape: Shape): Shape {
  const lead = shape.length - from.length;
  const fits = from.every((length, axis) => length === 1 || length === shape[axis + lead]);
  if (lead < 0 || !fits) {
    throw new ShapeError({
      where: "broadcastTo",
      argument: "x",
      expected: `to broadcast to ${formatShape(shape)}`,
      got: `x ${formatShape(from)}`,
      fix: "Aligned at the last axis, each axis of x must be 1 or as long as asked for",
    });
  }
  return shape;
}

/** The record of `broadcastTo`. */
export const broadcastToOp: UnaryRecord<BroadcastOptions> = linear<BroadcastOptions>({
  name: "broadcastTo",
  family: "view",
  formula: "y = x, repeated along missing and length-1 axes",
  source: "NumPy, broadcasting",
  infer: ([x], { shape }) => [{ shape: checkStretch(x.shape, shape), dtype: x.dtype }],
  forward: { view: (x, { shape }) => broadcastLayout(x, shape) },
  apply: (x, { shape }) => broadcastTo(x, shape),
  transpose: (c, x) => sumTo(c, x.shape),
  sample: (draw) => {
    const shape = draw.shape();
    return { inputs: [draw.values(draw.broadcastable(shape), plain)], attributes: { shape } };
  },
  special: [
    {
      title: "an element gathers the cotangents of all its copies",
      inputs: [nd([[1], [2]])],
      attributes: { shape: [2, 3] },
      output: nd([
        [1, 1, 1],
        [2, 2, 2],
      ]),
      gradients: [nd([[3], [3]])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2])],
      attributes: { shape: [2, 3] },
      message:
        "broadcastTo: expected x to broadcast to [2, 3], got x [2]. Aligned at the last axis, each axis of x must be 1 or as long as asked for.",
    },
    {
      inputs: [nd([[1]])],
      attributes: { shape: [1] },
      message:
        "broadcastTo: expected x to broadcast to [1], got x [1, 1]. Aligned at the last axis, each axis of x must be 1 or as long as asked for.",
    },
  ],
  reference: (inputs, { shape }) =>
    inputs.map((x) => tabulate(shape, (index) => at(x, index), x.kind)),
  bound: moved,
});

/**
 * Repeats x along missing and length-1 axes, as NumPy's broadcasting does. x: [...] → shape. A view.
 * Throws ShapeError where x does not broadcast to `shape`.
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return bindOne(broadcastToOp, [x], { shape });
}

/** Where flatten starts. */
export interface FlattenOptions {
  /** The first axis that is merged; default 0. */
  readonly startAxis?: number;
}

function flattened(shape: Shape, { startAxis = 0 }: FlattenOptions): Shape {
  if (shape.length === 0 && (startAxis === 0 || startAxis === -1)) return [1];
  const start = normalizeAxis("flatten", startAxis, shape.length, "startAxis");
  return [...shape.slice(0, start), sizeOf(shape.slice(start))];
}

/** The record of `flatten`. */
export const flattenOp: UnaryRecord<FlattenOptions> = {
  name: "flatten",
  family: "view",
  formula: "y = x with the axes from startAxis on merged into one",
  source: "definition",
  inputNames: ["x"],
  infer: ([x], options) => [{ shape: flattened(x.shape, options), dtype: x.dtype }],
  forward: { compose: ([x], options) => [reshape(x, flattened(x.shape, options))] },
  sample: (draw) => {
    const shape = draw.shape();
    const last = Math.max(shape.length - 1, 0);
    return {
      inputs: [draw.values(shape, plain)],
      attributes: draw.boolean() ? {} : { startAxis: draw.integer(-last - 1, last) },
    };
  },
  special: [],
  errors: [
    {
      inputs: [nd([[1, 2]])],
      attributes: { startAxis: 2 },
      message:
        "flatten: expected startAxis in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.",
    },
    ...[1, -2].map((startAxis) => ({
      inputs: [nd(5)],
      attributes: { startAxis },
      message: `flatten: expected startAxis to be absent for a 0-d tensor, got ${startAxis}. The tensor has 0 axes; negative axes count from the end.`,
    })),
  ],
  reference: (inputs, options) => inputs.map((x) => ({ ...x, shape: flattened(x.shape, options) })),
  bound: moved,
};

/**
 * Merges the axes from `startAxis` on. x: [n, c, h, w] → [n·c·h·w], or [n, c·h·w] with startAxis 1.
 * A 0-d tensor becomes [1]. A view where x is dense, else a copy. Throws AxisError for an axis out of range.
 */
export function flatten(x: Tensor, options: FlattenOptions = {}): Tensor {
  return bindOne(flattenOp, [x], options);
}

/** The records of this file. */
export const reshapeOps: readonly OpRecord[] = [reshapeOp, flattenOp, broadcastToOp];
