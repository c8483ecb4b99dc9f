/**
 * Positions of extremes: argmax and argmin. The result is int32 and has no derivative.
 * Rests on bind and view.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes, requireDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { type NdArray, nd } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { numbersOnly } from "../op-examples.ts";
import type { UnaryRecord } from "../op-kinds.ts";
import { formatShape, normalizeAxis, reducedShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { reduceArray } from "./sum.ts";
import { reshape } from "./view.ts";

/** Attributes of the two records. */
interface ArgAttributes {
  /** The axis to search, negative ones count from the end. */
  readonly axis: number;
  /** Whether the searched axis stays with length 1; default false. */
  readonly keepDims?: boolean;
}

/** Options of argmax and argmin. */
export interface ArgOptions {
  /** The axis to search, negative ones count from the end; where absent, x as if it were flat. */
  readonly axis?: number;
  /** Whether searched axes stay with length 1; default false. */
  readonly keepDims?: boolean;
}

/** The first position whose element no other beats; NaN beats every number. */
function firstExtreme(elements: NdArray["data"], sign: number): number {
  const nan = elements.findIndex(Number.isNaN);
  if (nan >= 0) return nan;
  return elements.findIndex((x) => elements.every((other) => sign * x >= sign * other));
}

function argExtreme(name: "argmax" | "argmin"): UnaryRecord<ArgAttributes> {
  const sign = name === "argmax" ? 1 : -1;
  return {
    name,
    family: "arg",
    formula: `y = the first i at which x_i is ${name === "argmax" ? "largest" : "smallest"} along the axis`,
    source: "definition; NaN counts as the extreme, as in NumPy",
    inputNames: ["x"],
    infer: ([x], { axis, keepDims = false }) => {
      requireDType(name, "x", x.dtype, numericDTypes);
      const along = normalizeAxis(name, axis, x.shape.length);
      if (x.shape[along] === 0) {
        throw new ShapeError({
          where: name,
          argument: "x",
          expected: "to have an element along the axis",
          got: `x ${formatShape(x.shape)}`,
          fix: "Check the shape before: no elements have no extreme",
        });
      }
      return [{ shape: reducedShape(x.shape, [along], keepDims), dtype: "int32" }];
    },
    forward: {
      kernel: "argReduce",
      with: ({ axis }, [x]) => ({
        fn: name,
        axis: normalizeAxis(name, axis, shapeOf(x).length),
      }),
    },
    sample: (draw) => {
      const drawn = draw.shape({ minRank: 1 });
      const axis = draw.integer(-drawn.length, drawn.length - 1);
      const along = axis < 0 ? axis + drawn.length : axis;
      const shape = drawn.with(along, Math.max(1, drawn[along] ?? 1));
      return {
        inputs: [
          draw.boolean() ? draw.integers(shape, -2, 3) : draw.distinct(shape, { min: -3, max: 3 }),
        ],
        attributes: { axis, keepDims: draw.boolean() },
      };
    },
    special: [
      {
        title: "the first of several that tie",
        inputs: [nd([0, 2 * sign, 2 * sign])],
        attributes: { axis: 0 },
        output: nd(1, "int32"),
      },
      {
        title: "NaN counts as the extreme",
        inputs: [nd([[sign, Number.NaN, 5 * sign, Number.NaN]])],
        attributes: { axis: -1, keepDims: true },
        output: nd([[1]], "int32"),
      },
    ],
    errors: [
      {
        inputs: [nd([1, 2])],
        attributes: { axis: 1 },
        message: `${name}: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.`,
      },
      {
        inputs: [nd([[], []])],
        attributes: { axis: 1 },
        message: `${name}: expected x to have an element along the axis, got x [2, 0]. Check the shape before: no elements have no extreme.`,
      },
      numbersOnly(name, { axis: 0 }),
    ],
    reference: (inputs, { axis, keepDims = false }) =>
      inputs.map(
        (x): NdArray => ({
          ...reduceArray(name, x, { axis, keepDims }, (xs) => firstExtreme(xs, sign)),
          kind: "int32",
        }),
      ),
    bound: exact("a position, counted"),
  };
}

/** The record of `argmax`. */
export const argmaxOp: UnaryRecord<ArgAttributes> = argExtreme("argmax");
/** The record of `argmin`. */
export const argminOp: UnaryRecord<ArgAttributes> = argExtreme("argmin");

function search(
  op: UnaryRecord<ArgAttributes>,
  x: Tensor,
  { axis, keepDims = false }: ArgOptions,
): Tensor {
  if (axis !== undefined) return bindOne(op, [x], { axis, keepDims });
  const flat = bindOne(op, [reshape(x, [x.size])], { axis: 0 });
  return keepDims
    ? reshape(
        flat,
        x.shape.map(() => 1),
      )
    : flat;
}

/**
 * Position of the first largest element along `axis`, or in x flattened row-major where absent.
 * x: [...] of a numeric dtype → x without the axis, int32. NaN counts as largest.
 * Throws ShapeError over no elements, AxisError for an axis outside [-rank, rank), DTypeError for bool.
 */
export function argmax(x: Tensor, options: ArgOptions = {}): Tensor {
  return search(argmaxOp, x, options);
}

/**
 * Position of the first smallest element along `axis`, or in x flattened row-major where absent.
 * x: [...] of a numeric dtype → x without the axis, int32. NaN counts as smallest.
 * Throws ShapeError over no elements, AxisError for an axis outside [-rank, rank), DTypeError for bool.
 */
export function argmin(x: Tensor, options: ArgOptions = {}): Tensor {
  return search(argminOp, x, options);
}

/** The records of this file. */
export const argOps: readonly OpRecord[] = [argmaxOp, argminOp];
