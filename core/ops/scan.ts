/**
 * Scans: running sums along an axis.
 * Rests on bind and op-kinds.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes, requireDType } from "../dtype.ts";
import { type BoundInputs, summation } from "../error-bound.ts";
import { at, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { numbersOnly } from "../op-examples.ts";
import { linearRecord, type UnaryRecord } from "../op-kinds.ts";
import { normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of cumsum. */
export interface CumsumOptions {
  /** The axis to run along, negative ones count from the end. */
  readonly axis: number;
  /** Whether the sum runs from the end; default false. */
  readonly reverse?: boolean;
}

function cumsumArray(x: NdArray, { axis, reverse = false }: CumsumOptions): NdArray {
  const along = normalizeAxis("cumsum", axis, x.shape.length);
  return tabulate(x.shape, (index) => {
    let total = 0;
    for (let j = 0; j < (x.shape[along] ?? 0); j++) {
      const here = index[along] ?? 0;
      if (reverse ? j >= here : j <= here) total += at(x, index.with(along, j));
    }
    return total;
  });
}

/** The record of `cumsum`. */
export const cumsumOp: UnaryRecord<CumsumOptions> = linearRecord<CumsumOptions>({
  name: "cumsum",
  family: "scan",
  formula: "y_i = Σ_{j ≤ i} x_j along the axis; j ≥ i where reverse",
  source: "definition; the adjoint runs the other way",
  infer: ([x], { axis }) => {
    requireDType("cumsum", "x", x.dtype, numericDTypes);
    normalizeAxis("cumsum", axis, x.shape.length);
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  forward: {
    kernel: "cumulativeSum",
    with: ({ axis, reverse = false }, [x]) => ({
      axis: normalizeAxis("cumsum", axis, shapeOf(x).length),
      reverse,
    }),
  },
  apply: (x, options) => cumsum(x, options),
  transpose: (c, _x, { axis, reverse = false }) => cumsum(c, { axis, reverse: !reverse }),
  sample: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: {
        axis: draw.integer(-shape.length, shape.length - 1),
        reverse: draw.boolean(),
      },
    };
  },
  special: [
    {
      title: "the first element takes part in every sum, the last in one",
      inputs: [nd([1, 2, 3])],
      attributes: { axis: 0 },
      output: nd([1, 3, 6]),
      gradients: [nd([3, 2, 1])],
    },
  ],
  errors: [
    {
      inputs: [nd([[1, 2]])],
      attributes: { axis: 2 },
      message:
        "cumsum: expected axis in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.",
    },
    {
      inputs: [nd(1)],
      attributes: { axis: 0 },
      message:
        "cumsum: expected axis to be absent for a 0-d tensor, got 0. The tensor has 0 axes; negative axes count from the end.",
    },
    numbersOnly("cumsum", { axis: 0 }),
  ],
  reference: (inputs, options) => inputs.map((x) => cumsumArray(x, options)),
  bound: summation(
    ({ inputs: [x], attributes: { axis } }: BoundInputs<CumsumOptions>) => x?.shape.at(axis) ?? 0,
    ({ inputs: [x], attributes, output }) =>
      x ? cumsumArray(mapElements(x, Math.abs), attributes) : output,
    "a sum of at most n terms: γ_n·Σ|x|",
  ),
});

/**
 * Running sum along `axis`. x: [...] of a numeric dtype → the same shape; backwards where `reverse`.
 * Throws AxisError for an axis outside [-rank, rank), DTypeError for bool.
 *
 * @example
 * cumsum(tensor([1, 2, 3]), { axis: 0 }); // [1, 3, 6]
 */
export function cumsum(x: Tensor, options: CumsumOptions): Tensor {
  return bindOne(cumsumOp, [x], options);
}

/** The records of this file. */
export const scanOps: readonly OpRecord[] = [cumsumOp];
