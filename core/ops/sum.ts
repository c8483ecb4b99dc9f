/**
 * Sums: sum over axes, and sumTo, which undoes broadcasting.
 * Rests on bind and view. A reduced axis disappears unless `keepDims`.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes, requireDType } from "../dtype.ts";
import type { BoundInputs } from "../error-bound.ts";
import { summation } from "../error-bound.ts";
import { fibre, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type Axes, normalizeAxes, reducedShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";
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

/** How many elements each output element of a reduction sums. */
export function reducedCount(shape: Shape, axis: Axes | undefined): number {
  return normalizeAxes("sum", axis, shape.length).reduce((n, i) => n * (shape[i] ?? 1), 1);
}

/** The record of `sum`. */
export const sumOp: UnaryRecord<ReduceOptions> = linear({
  name: "sum",
  family: "reduce",
  formula: "y = Σ x over the axes",
  source: "definition",
  infer: ([x], { axis, keepDims = false }) => {
    requireDType("sum", "x", x.dtype, numericDTypes);
    const axes = normalizeAxes("sum", axis, x.shape.length);
    return [{ shape: reducedShape(x.shape, axes, keepDims), dtype: x.dtype }];
  },
  forward: {
    kernel: "reduce",
    with: ({ axis }, [x]) => ({
      fn: "sum",
      axes: normalizeAxes("sum", axis, x?.shape.length ?? 0),
    }),
  },
  apply: (x, options) => sum(x, options),
  transpose: (c, x, { axis }) => {
    const axes = normalizeAxes("sum", axis, x.rank);
    return broadcastTo(reshape(c, reducedShape(x.shape, axes, true)), x.shape);
  },
  sample: (draw) => {
    const shape = draw.shape();
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: { axis: draw.axes(shape.length), keepDims: draw.boolean() },
    };
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
  errors: [
    {
      inputs: [nd([[1, 2]])],
      attributes: { axis: 2 },
      message:
        "sum: expected axis in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.",
    },
    {
      inputs: [nd([[1, 2]])],
      attributes: { axis: [0, -2] },
      message: "sum: expected axis to name each axis once, got [0, -2]. Remove the repeated axis.",
    },
  ],
  reference: (inputs, options) => inputs.map((x) => sumArray(x, options)),
  bound: summation(
    ({ inputs: [x], attributes }: BoundInputs<ReduceOptions>) =>
      x ? reducedCount(x.shape, attributes.axis) : 0,
    ({ inputs: [x], attributes, output }) =>
      x ? sumArray(mapElements(x, Math.abs), attributes) : output,
    "a sum of n terms in any order: γ_n·Σ|x|",
  ),
});

/**
 * Sum over axes. x: [...] → x without the axes; a 0-d tensor where all are reduced.
 * Throws AxisError for an axis outside [-rank, rank) or named twice.
 */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(sumOp, [x], options);
}

/** Undoes broadcasting: sums `x` over the axes that were stretched to make its shape from `shape`. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axis = x.shape.flatMap((length, i) =>
    i < lead || (shape[i - lead] === 1 && length !== 1) ? [i] : [],
  );
  return reshape(sum(x, { axis }), shape);
}
