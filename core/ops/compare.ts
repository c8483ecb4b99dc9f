/**
 * Comparisons: equal, notEqual, less, lessEqual, greater, greaterEqual. Masks come out, no gradient flows.
 * Rests on bind and operands. IEEE 754: NaN is unequal to everything and in no order; −0 equals 0.
 */
import { bindOne } from "../bind.ts";
import type { Comparison } from "../devices/kernels.ts";
import { allDTypes, type DType, numericDTypes, requireDType, sameDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pair, type TensorLike } from "./operands.ts";
import { type BinaryRecord, mismatches, pairDType, zip } from "./shorthand.ts";

export { type ClampOptions, clamp } from "./clamp.ts";
export { maximum, minimum } from "./extremum.ts";
export { logicalAnd, logicalNot, logicalOr, logicalXor } from "./logic.ts";
export { where } from "./where.ts";

const plain: Domain = { min: -3, max: 3 };

/** What differs between comparisons. */
interface ComparisonSpec {
  readonly name: Comparison;
  readonly symbol: string;
  readonly reference: (a: number, b: number) => boolean;
  /** Of 1 against 1, 2 against 1, NaN against 1, NaN against NaN, −0 against 0. */
  readonly edges: readonly [number, number, number, number, number];
  readonly dtypes: readonly DType[];
}

function comparison({ name, symbol, reference, edges, dtypes }: ComparisonSpec): BinaryRecord {
  const nan = Number.NaN;
  return {
    name,
    family: "compare",
    inputNames: ["a", "b"],
    formula: `y = (a ${symbol} b)`,
    source: "IEEE 754-2019, section 5.11",
    infer: ([a, b]) => {
      const dtype = sameDType(name, ["a", "b"], a.dtype, b.dtype);
      requireDType(name, "a", dtype, dtypes);
      return [{ shape: broadcastShapes(name, ["a", "b"], a.shape, b.shape), dtype: "bool" }];
    },
    forward: { kernel: "compare", with: () => ({ fn: name }), broadcast: true },
    sample: (draw) => {
      const shape = draw.shape();
      const small = draw.broadcastable(shape);
      const inputs = draw.boolean()
        ? [draw.integers(shape, -2, 2), draw.integers(small, -2, 2)]
        : [draw.values(small, plain), draw.values(shape, plain)];
      return { inputs, attributes: {} };
    },
    special: [
      {
        title: "ties, order, NaN and −0 are as IEEE 754 has them",
        inputs: [nd([1, 2, nan, nan, -0]), nd([1, 1, 1, nan, 0])],
        attributes: {},
        output: nd(edges, "bool"),
      },
    ],
    errors:
      dtypes.length < allDTypes.length
        ? [...mismatches(name), pairDType(name, "bool", "float32 or float64 or int32")]
        : mismatches(name),
    reference: ([a, b]) =>
      a && b ? [zip(name, a, b, (left, right) => (reference(left, right) ? 1 : 0), "bool")] : [],
    bound: exact("a comparison has no rounding"),
  };
}

/** The record of `equal`. */
export const equalOp: BinaryRecord = comparison({
  name: "equal",
  symbol: "=",
  reference: (a, b) => a === b,
  edges: [1, 0, 0, 0, 1],
  dtypes: allDTypes,
});

/** The record of `notEqual`. */
export const notEqualOp: BinaryRecord = comparison({
  name: "notEqual",
  symbol: "≠",
  reference: (a, b) => a !== b,
  edges: [0, 1, 1, 1, 0],
  dtypes: allDTypes,
});

/** The record of `less`. */
export const lessOp: BinaryRecord = comparison({
  name: "less",
  symbol: "<",
  reference: (a, b) => a < b,
  edges: [0, 0, 0, 0, 0],
  dtypes: numericDTypes,
});

/** The record of `lessEqual`. */
export const lessEqualOp: BinaryRecord = comparison({
  name: "lessEqual",
  symbol: "≤",
  reference: (a, b) => a <= b,
  edges: [1, 0, 0, 0, 1],
  dtypes: numericDTypes,
});

/** The record of `greater`. */
export const greaterOp: BinaryRecord = comparison({
  name: "greater",
  symbol: ">",
  reference: (a, b) => a > b,
  edges: [0, 1, 0, 0, 0],
  dtypes: numericDTypes,
});

/** The record of `greaterEqual`. */
export const greaterEqualOp: BinaryRecord = comparison({
  name: "greaterEqual",
  symbol: "≥",
  reference: (a, b) => a >= b,
  edges: [1, 1, 0, 0, 1],
  dtypes: numericDTypes,
});

/** a = b. a, b: broadcastable, one dtype → bool of the common shape. NaN equals nothing. Throws ShapeError, DTypeError. */
export function equal(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(equalOp, pair("equal", a, b), {});
}

/** a ≠ b. a, b: broadcastable, one dtype → bool of the common shape. True for NaN. Throws ShapeError, DTypeError. */
export function notEqual(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(notEqualOp, pair("notEqual", a, b), {});
}

/** a < b. a, b: broadcastable, one numeric dtype → bool of the common shape. Throws ShapeError, DTypeError. */
export function less(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(lessOp, pair("less", a, b), {});
}

/** a ≤ b. a, b: broadcastable, one numeric dtype → bool of the common shape. Throws ShapeError, DTypeError. */
export function lessEqual(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(lessEqualOp, pair("lessEqual", a, b), {});
}

/** a > b. a, b: broadcastable, one numeric dtype → bool of the common shape. Throws ShapeError, DTypeError. */
export function greater(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(greaterOp, pair("greater", a, b), {});
}

/** a ≥ b. a, b: broadcastable, one numeric dtype → bool of the common shape. Throws ShapeError, DTypeError. */
export function greaterEqual(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(greaterEqualOp, pair("greaterEqual", a, b), {});
}

/** The records of this file. */
export const compareOps: readonly OpRecord[] = [
  equalOp,
  notEqualOp,
  lessOp,
  lessEqualOp,
  greaterOp,
  greaterEqualOp,
];
