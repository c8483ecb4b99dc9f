/**
 * Axes of length 1: expandDims adds one, squeeze removes them. Both are views.
 * Rests on layout and bind.
 */
import { bindOne } from "../bind.ts";
import { exact } from "../error-bound.ts";
import { AxisError, ShapeError } from "../errors.ts";
import { permuteLayout } from "../layout.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import { type Axes, formatShape, normalizeAxes, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reshape } from "./reshape.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";

const moved = exact("elements are moved, never changed");
const plain: Domain = { min: -3, max: 3 };

/** Where expandDims puts the new axis. */
interface ExpandOptions {
  /** In [-rank - 1, rank]: its place in the result; negative ones count from the result's end. */
  readonly axis: number;
}

function expandAxis(rank: number, { axis }: ExpandOptions): number {
  if (!Number.isInteger(axis) || axis < -rank - 1 || axis > rank) {
    throw new AxisError({
      where: "expandDims",
      argument: "axis",
      expected: `in [${-rank - 1}, ${rank}]`,
      got: String(axis),
      fix: "Name the new axis by its place in the result",
    });
  }
  return axis < 0 ? axis + rank + 1 : axis;
}

function expanded(shape: Shape, options: ExpandOptions): Shape {
  return shape.toSpliced(expandAxis(shape.length, options), 0, 1);
}

/** The record of `expandDims`. */
export const expandDimsOp: UnaryRecord<ExpandOptions> = linear<ExpandOptions>({
  name: "expandDims",
  family: "view",
  formula: "y = x with a new axis of length 1",
  source: "definition",
  infer: ([x], options) => [{ shape: expanded(x.shape, options), dtype: x.dtype }],
  forward: {
    view: ({ shape, strides, offset }, options) => ({
      shape: expanded(shape, options),
      strides: strides.toSpliced(expandAxis(shape.length, options), 0, 0),
      offset,
    }),
  },
  apply: (x, { axis }) => expandDims(x, axis),
  transpose: (c, x, options) => squeeze(c, { axis: expandAxis(x.rank, options) }),
  sample: (draw) => {
    const shape = draw.shape();
    const axis = draw.integer(-shape.length - 1, shape.length);
    return { inputs: [draw.values(shape, plain)], attributes: { axis } };
  },
  special: [],
  errors: [
    ...[2, -3, 0.5].map((axis) => ({
      inputs: [nd([1, 2])],
      attributes: { axis },
      message: `expandDims: expected axis in [-2, 1], got ${axis}. Name the new axis by its place in the result.`,
    })),
  ],
  reference: (inputs, options) => inputs.map((x) => ({ ...x, shape: expanded(x.shape, options) })),
  bound: moved,
});

/**
 * Adds an axis of length 1. x: [...] → [..., 1, ...]. A view.
 * Throws AxisError for an axis outside [-rank - 1, rank].
 */
export function expandDims(x: Tensor, axis: number): Tensor {
  return bindOne(expandDimsOp, [x], { axis });
}

/** Which axes squeeze removes. */
export interface SqueezeOptions {
  /** Axes of length 1; all of these where absent. */
  readonly axis?: Axes;
}

/** The axes that stay. Throws ShapeError for an axis whose length is not 1. */
function squeezeKeeps(shape: Shape, { axis }: SqueezeOptions): readonly number[] {
  const removed =
    axis === undefined
      ? shape.flatMap((length, i) => (length === 1 ? [i] : []))
      : normalizeAxes("squeeze", axis, shape.length);
  const long = removed.find((i) => shape[i] !== 1);
  if (long !== undefined) {
    throw new ShapeError({
      where: "squeeze",
      argument: "axis",
      expected: "to name axes of length 1",
      got: `axis ${long} of x ${formatShape(shape)}`,
      fix: "Pick one position with slice, or reduce the axis",
    });
  }
  return shape.flatMap((_, i) => (removed.includes(i) ? [] : [i]));
}

function squeezed(shape: Shape, options: SqueezeOptions): Shape {
  return squeezeKeeps(shape, options).map((axis) => shape[axis] ?? 1);
}

/** The record of `squeeze`. */
export const squeezeOp: UnaryRecord<SqueezeOptions> = linear<SqueezeOptions>({
  name: "squeeze",
  family: "view",
  formula: "y = x without axes of length 1",
  source: "definition",
  infer: ([x], options) => [{ shape: squeezed(x.shape, options), dtype: x.dtype }],
  forward: { view: (x, options) => permuteLayout(x, squeezeKeeps(x.shape, options)) },
  apply: (x, options) => squeeze(x, options),
  transpose: (c, x) => reshape(c, x.shape),
  sample: (draw) => {
    const shape = draw.shape().map((length) => (draw.boolean() ? 1 : length));
    const axis = shape.flatMap((length, i) => (length === 1 ? [i - shape.length] : []));
    return {
      inputs: [draw.values(shape, plain)],
      attributes: draw.boolean() ? {} : { axis: axis.slice(0, 1) },
    };
  },
  special: [],
  errors: [
    {
      inputs: [nd([[1, 2]])],
      attributes: { axis: 1 },
      message:
        "squeeze: expected axis to name axes of length 1, got axis 1 of x [1, 2]. Pick one position with slice, or reduce the axis.",
    },
    {
      inputs: [nd([[1, 2]])],
      attributes: { axis: 2 },
      message:
        "squeeze: expected axis in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.",
    },
  ],
  reference: (inputs, options) => inputs.map((x) => ({ ...x, shape: squeezed(x.shape, options) })),
  bound: moved,
});

/**
 * Removes axes of length 1: those named, or all. x: [..., 1, ...] → [...]. A view.
 * Throws AxisError for an axis outside [-rank, rank), ShapeError for one that is not of length 1.
 */
export function squeeze(x: Tensor, options: SqueezeOptions = {}): Tensor {
  return bindOne(squeezeOp, [x], options);
}

/** The records of this file. */
export const unitAxisOps: readonly OpRecord[] = [expandDimsOp, squeezeOp];
