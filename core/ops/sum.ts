/**
 * Sums: sum over axes, and sumTo, which undoes broadcasting; with them what all reductions share.
 * Rests on bind and view. A reduced axis disappears unless `keepDims`.
 */
import { bindOne } from "../bind.ts";
import { type DType, numericDTypes, requireDType } from "../dtype.ts";
import type { BoundInputs } from "../error-bound.ts";
import { summation } from "../error-bound.ts";
import { type ElementKind, fibre, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { numbersOnly } from "../op-examples.ts";
import { linearRecord, type UnaryRecord } from "../op-kinds.ts";
import type { ErrorExample, Sampler } from "../sampling.ts";
import { type Axes, normalizeAxes, reducedShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { broadcastTo, reshape } from "./view.ts";

/** Options of reductions. */
export interface ReduceOptions {
  /** Axes to reduce, negative ones count from the end; all where absent. */
  readonly axis?: Axes;
  /** Whether reduced axes stay with length 1; default false. */
  readonly keepDims?: boolean;
}

/** Σ over `axes` of a plain array. */
function sumArray(x: NdArray, { axis, keepDims = false }: ReduceOptions): NdArray {
  return reduceArray("sum", x, { axis, keepDims }, (terms) => terms.reduce((a, b) => a + b, 0));
}

/** Reduces a plain array: `f` sees the elements of each reduced fibre in row-major order. */
export function reduceArray(
  where: string,
  x: NdArray,
  { axis, keepDims = false }: { readonly axis?: Axes | undefined; readonly keepDims?: boolean },
  f: (elements: readonly number[]) => number,
): NdArray {
  const axes = normalizeAxes(where, axis, x.shape.length);
  const kept = tabulate(reducedShape(x.shape, axes, true), (index) => f(fibre(x, index, axes)));
  return { ...kept, shape: reducedShape(x.shape, axes, keepDims) };
}

/** The axes of a reduction that its shape rule has taken: sorted, in [0, rank). */
export function axesOf(shape: Shape, axis: Axes | undefined): readonly number[] {
  return normalizeAxes("sum", axis, shape.length);
}

/** How many elements each output element of a reduction sums. */
export function reducedCount(shape: Shape, axis: Axes | undefined): number {
  return axesOf(shape, axis).reduce((n, i) => n * (shape[i] ?? 1), 1);
}

/** The same, for the bounds of reductions. */
export function countOf({ inputs: [x], attributes }: BoundInputs<ReduceOptions>): number {
  return x ? reducedCount(x.shape, attributes.axis) : 0;
}

/** The type that reducing `x` leaves. Throws DTypeError for a dtype outside `dtypes`, AxisError. */
export function inferReduction(
  where: string,
  x: TensorType,
  { axis, keepDims = false }: ReduceOptions,
  dtypes: readonly DType[],
): TensorType {
  requireDType(where, "x", x.dtype, dtypes);
  const axes = normalizeAxes(where, axis, x.shape.length);
  return { shape: reducedShape(x.shape, axes, keepDims), dtype: x.dtype };
}

/** `c`, of a reduction's output shape, with length 1 where the axes of `x` were reduced. */
export function keepReduced(c: Tensor, x: TensorType, axis: Axes | undefined): Tensor {
  return reshape(c, reducedShape(x.shape, axesOf(x.shape, axis), true));
}

/** A random shape and axes of it. Unless `empty`, every fibre has an element; the output may have none. */
export function drawReduction(
  draw: Sampler,
  { empty = false }: { readonly empty?: boolean } = {},
): { readonly shape: Shape; readonly options: ReduceOptions } {
  const drawn = draw.shape();
  const rank = drawn.length;
  const chosen = draw.integer(0, 3) === 3 ? undefined : draw.axes(rank);
  const shape = drawn.map((length, axis) =>
    !empty && (chosen?.includes(axis) ?? true) ? Math.max(length, 1) : length,
  );
  const keepDims = draw.boolean();
  if (chosen === undefined) return { shape, options: { keepDims } };
  const axes = chosen.map((axis) => (draw.boolean() ? axis - rank : axis));
  const [only] = axes;
  const axis = axes.length === 1 && only !== undefined && draw.boolean() ? only : axes;
  return { shape, options: { axis, keepDims } };
}

/** The messages of axes that do not exist or come twice, as every reduction gives them. */
export function axisErrors(
  name: string,
  kind?: ElementKind,
): readonly ErrorExample<ReduceOptions>[] {
  const inputs = [nd([[1, 2]], kind)];
  return [
    {
      inputs,
      attributes: { axis: 2 },
      message: `${name}: expected axis in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.`,
    },
    {
      inputs,
      attributes: { axis: [0, -2] },
      message: `${name}: expected axis to name each axis once, got [0, -2]. Remove the repeated axis.`,
    },
  ];
}

/** The record of `sum`. */
export const sumOp: UnaryRecord<ReduceOptions> = linearRecord<ReduceOptions>({
  name: "sum",
  family: "reduce",
  formula: "y = Σ x over the axes",
  source: "definition",
  infer: ([x], options) => [inferReduction("sum", x, options, numericDTypes)],
  forward: {
    kernel: "reduce",
    with: ({ axis }, [x]) => ({ fn: "sum", axes: axesOf(shapeOf(x), axis) }),
  },
  apply: (x, options) => sum(x, options),
  transpose: (c, x, { axis }) => broadcastTo(keepReduced(c, x, axis), x.shape),
  sample: (draw) => {
    const { shape, options } = drawReduction(draw, { empty: true });
    return { inputs: [draw.values(shape, { min: -3, max: 3 })], attributes: options };
  },
  special: [
    {
      title: "an empty sum is 0",
      inputs: [nd([])],
      attributes: {},
      output: nd(0),
      gradients: [nd([])],
    },
  ],
  errors: [...axisErrors("sum"), numbersOnly("sum", {})],
  reference: (inputs, options) => inputs.map((x) => sumArray(x, options)),
  bound: summation(
    countOf,
    ({ inputs: [x], attributes, output }) =>
      x ? sumArray(mapElements(x, Math.abs), attributes) : output,
    "a sum of n terms in any order: γ_n·Σ|x|",
  ),
});

/**
 * Sum over axes. x: [...] → x without the axes; a 0-d tensor where all are reduced.
 * The sum of no elements is 0. Throws AxisError for an axis outside [-rank, rank) or named twice, DTypeError
 * for bool.
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(sumOp, [x], options);
}

/** Undoes broadcasting: sums `x` over the axes that were stretched to make its shape from `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axis = x.shape.flatMap((_, i) => (i < lead || shape[i - lead] === 1 ? [i] : []));
  return reshape(sum(x, { axis }), shape);
}

/** The records of this file. */
export const sumOps: readonly OpRecord[] = [sumOp];
