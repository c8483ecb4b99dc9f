/**
 * The largest and the smallest element over axes. A reduced axis disappears unless `keepDims`.
 * Rests on reduction, arithmetic and compare. Over no elements both refuse.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { numbersOnly } from "../op-examples.ts";
import type { UnaryRecord } from "../op-kinds.ts";
import { formatShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { divide } from "./arithmetic.ts";
import { cast } from "./cast.ts";
import { equal } from "./compare.ts";
import { reduction } from "./reduction.ts";
import { axisErrors, drawReduction, type ReduceOptions, reducedCount } from "./sum.ts";

function requireElement(name: string, x: TensorType, { axis }: ReduceOptions): void {
  if (reducedCount(x.shape, axis) === 0) {
    throw new ShapeError({
      where: name,
      argument: "x",
      expected: "to have an element along the reduced axes",
      got: `x ${formatShape(x.shape)}`,
      fix: `Check the shape before: the ${name} of no elements does not exist`,
    });
  }
}

function extreme(
  name: "max" | "min",
  pick: (a: number, b: number) => number,
): UnaryRecord<ReduceOptions> {
  const sign = name === "max" ? 1 : -1;
  return reduction({
    name,
    family: "reduce",
    formula: `y = ${name} x over the axes`,
    source: "definition; ties share the gradient equally, as torch.amax",
    fn: name,
    dtypes: numericDTypes,
    check: (x, options) => requireElement(name, x, options),
    // 1 where x is the extreme, shared equally among ties; NaN where y is NaN.
    slope: (x, y, total) => {
      const ties = cast(equal(x, y), x.dtype);
      return divide(ties, total(ties));
    },
    sample: (draw) => {
      const { shape, options } = drawReduction(draw);
      return { inputs: [draw.distinct(shape, { min: -3, max: 3 })], attributes: options };
    },
    special: [
      {
        title: "two that tie get half the gradient each",
        inputs: [nd([sign, 3 * sign, 3 * sign])],
        attributes: {},
        output: nd(3 * sign),
        gradients: [nd([0, 0.5, 0.5])],
      },
      {
        title: "NaN wins, and no element can claim the gradient",
        inputs: [nd([1, Number.NaN])],
        attributes: {},
        output: nd(Number.NaN),
        gradients: [nd([Number.NaN, Number.NaN])],
      },
      {
        title: "over no axes it returns x",
        inputs: [nd([1, 2])],
        attributes: { axis: [] },
        output: nd([1, 2]),
        gradients: [nd([1, 1])],
      },
    ],
    errors: [
      ...axisErrors(name),
      numbersOnly(name, {}),
      {
        inputs: [nd([[], []])],
        attributes: { axis: 1 },
        message: `${name}: expected x to have an element along the reduced axes, got x [2, 0]. Check the shape before: the ${name} of no elements does not exist.`,
      },
    ],
    reference: (xs) => xs.reduce((a, b) => pick(a, b)),
    bound: exact("one of the elements, moved"),
  });
}

/** The record of `max`. */
export const maxOp: UnaryRecord<ReduceOptions> = extreme("max", (a, b) => Math.max(a, b));
/** The record of `min`. */
export const minOp: UnaryRecord<ReduceOptions> = extreme("min", (a, b) => Math.min(a, b));

/**
 * Largest element over axes. x: [...] → x without the axes. Elements that tie share the gradient equally.
 * NaN wins. Throws ShapeError over no elements, AxisError for a bad axis, DTypeError for bool.
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(maxOp, [x], options);
}

/**
 * Smallest element over axes. x: [...] → x without the axes. Elements that tie share the gradient equally.
 * NaN wins. Throws ShapeError over no elements, AxisError for a bad axis, DTypeError for bool.
 */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(minOp, [x], options);
}

/** The records of this file. */
export const extremeOps: readonly OpRecord[] = [maxOp, minOp];
