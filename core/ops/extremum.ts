/**
 * The smaller and the larger of two: minimum, maximum. Extremes along an axis are in reduce.
 * Rests on compare, where and arithmetic.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { type NdArray, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { equal, less } from "./compare.ts";
import { pair, type TensorLike } from "./operands.ts";
import { type BinaryRecord, binaryElementwise, mismatches, pairDType } from "./shorthand.ts";
import { where } from "./where.ts";

const plain: Domain = { min: -3, max: 3 };

/** t where `mine` is chosen, half of it at a tie, 0 where `other` is. */
function share(t: Tensor, mine: Tensor, other: Tensor, otherWins: Tensor): Tensor {
  return where(equal(mine, other), multiply(0.5, t), where(otherWins, 0, t));
}

/** What differs between the two. */
interface ExtremumSpec {
  readonly name: "minimum" | "maximum";
  readonly otherWins: (mine: Tensor, other: Tensor) => Tensor;
  readonly reference: (a: number, b: number) => number;
}

function extremum({ name, otherWins, reference }: ExtremumSpec): BinaryRecord {
  return binaryElementwise({
    name,
    family: "compare",
    formula: `y = ${name === "minimum" ? "min" : "max"}(a, b), NaN where either is NaN`,
    source: "definition; a tie gives half of the derivative to each, as in PyTorch",
    throughA: (t, a, b) => share(t, a, b, otherWins(a, b)),
    throughB: (t, a, b) => share(t, b, a, otherWins(b, a)),
    dtypes: numericDTypes,
    inputs: (draw) => {
      const shape = draw.shape();
      const small = draw.broadcastable(shape);
      const size = sizeOf(shape);
      // Distinct over both operands: a tie is a kink.
      const { data, kind } = draw.distinct([size + sizeOf(small)], plain);
      const full: NdArray = { shape, data: data.slice(0, size), kind };
      const part: NdArray = { shape: small, data: data.slice(size), kind };
      return draw.boolean() ? [full, part] : [part, full];
    },
    reference,
    bound: exact("one of the inputs, as it is"),
    special: [
      {
        title: "a tie gives half of the derivative to each",
        inputs: [nd([1, 2]), nd(1)],
        attributes: {},
        gradients: name === "minimum" ? [nd([0.5, 0]), nd(1.5)] : [nd([0.5, 1]), nd(0.5)],
      },
      {
        title: "NaN on either side comes out",
        inputs: [nd([Number.NaN, 1]), nd([1, Number.NaN])],
        attributes: {},
        output: nd([Number.NaN, Number.NaN]),
      },
      {
        title: "whole numbers stay whole",
        inputs: [nd([1, -5], "int32"), nd(-2, "int32")],
        attributes: {},
        output: name === "minimum" ? nd([-2, -5], "int32") : nd([1, -2], "int32"),
      },
    ],
    errors: [...mismatches(name), pairDType(name, "bool", "float32 or float64 or int32")],
  });
}

/** The record of `minimum`. */
export const minimumOp: BinaryRecord = extremum({
  name: "minimum",
  otherWins: (mine, other) => less(other, mine),
  reference: (a, b) => (Number.isNaN(a) || a < b ? a : b),
});

/** The record of `maximum`. */
export const maximumOp: BinaryRecord = extremum({
  name: "maximum",
  otherWins: (mine, other) => less(mine, other),
  reference: (a, b) => (Number.isNaN(a) || a > b ? a : b),
});

/**
 * The smaller of two, element by element. a, b: broadcastable, one numeric dtype → the common shape.
 * NaN where either is NaN; a tie gives half of the gradient to each.
 * Throws ShapeError where shapes do not broadcast, DTypeError for two dtypes or bool.
 */
export function minimum(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(minimumOp, pair("minimum", a, b), {});
}

/**
 * The larger of two, element by element. a, b: broadcastable, one numeric dtype → the common shape.
 * NaN where either is NaN; a tie gives half of the gradient to each.
 * Throws ShapeError where shapes do not broadcast, DTypeError for two dtypes or bool.
 */
export function maximum(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(maximumOp, pair("maximum", a, b), {});
}

/** The records of this file. */
export const extremumOps: readonly OpRecord[] = [minimumOp, maximumOp];
