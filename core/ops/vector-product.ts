/**
 * Products of two vectors: dot and outer. Both copy.
 * Rests on matmul and multiply, which bring the derivatives.
 */
import { bindOne } from "../bind.ts";
import { type DType, floatDTypes, requireDType, sameDType } from "../dtype.ts";
import { summation, ulps } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { at, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import { formatShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { matmul } from "./matmul.ts";
import type { BinaryRecord, NoOptions } from "./shorthand.ts";
import { expandDims } from "./unit-axis.ts";

const plain: Domain = { min: -3, max: 3 };

/** The dtype of both. Throws ShapeError unless both are vectors, DTypeError unless they hold floats of one dtype. */
function requireVectors(where: string, a: TensorType, b: TensorType): DType {
  for (const [argument, { shape }] of Object.entries({ a, b })) {
    if (shape.length !== 1) {
      throw new ShapeError({
        where,
        argument,
        expected: "to be a vector",
        got: `${argument} ${formatShape(shape)}`,
        fix: "Flatten it, or call matmul",
      });
    }
  }
  requireDType(where, "a", a.dtype, floatDTypes);
  return sameDType(where, ["a", "b"], a.dtype, b.dtype);
}

/** The record of `dot`. */
export const dotOp: BinaryRecord = {
  name: "dot",
  family: "matmul",
  formula: "y = Σ a_i·b_i",
  source: "definition",
  inputNames: ["a", "b"],
  infer: ([a, b]) => {
    const dtype = requireVectors("dot", a, b);
    if (b.shape[0] !== a.shape[0]) {
      throw new ShapeError({
        where: "dot",
        argument: "b",
        expected: `to have ${a.shape[0]} elements to match a ${formatShape(a.shape)}`,
        got: `b ${formatShape(b.shape)}`,
        fix: "Slice or pad one of them",
      });
    }
    return [{ shape: [], dtype }];
  },
  forward: { compose: ([a, b]) => [matmul(a, b)] },
  sample: (draw) => {
    const length = draw.integer(0, 5);
    return {
      inputs: [draw.values([length], plain), draw.values([length], plain)],
      attributes: {},
    };
  },
  special: [],
  errors: [
    {
      inputs: [nd([1, 2]), nd([1, 2, 3])],
      attributes: {},
      message:
        "dot: expected b to have 2 elements to match a [2], got b [3]. Slice or pad one of them.",
    },
    {
      inputs: [nd([[1, 2]]), nd([1, 2])],
      attributes: {},
      message: "dot: expected a to be a vector, got a [1, 2]. Flatten it, or call matmul.",
    },
    {
      inputs: [nd([1, 2]), nd(1)],
      attributes: {},
      message: "dot: expected b to be a vector, got b []. Flatten it, or call matmul.",
    },
    {
      inputs: [nd([1, 2], "int32"), nd([1, 2], "int32")],
      attributes: {},
      message:
        'dot: expected a to be float32 or float64, got int32. Cast it, for example a.cast("float32").',
    },
    {
      inputs: [nd([1, 2]), nd([1, 2], "int32")],
      attributes: {},
      message:
        'dot: expected b to have the dtype of a, float64, got int32. Cast one of them, for example b.cast("float64").',
    },
  ],
  reference: ([a, b]) => (a && b ? [{ ...a, shape: [], data: [sumOfProducts(a, b)] }] : []),
  bound: summation<NoOptions>(
    ({ inputs: [a] }) => a?.shape[0] ?? 0,
    ({ inputs: [a, b], output }) =>
      a && b
        ? mapElements(output, () =>
            sumOfProducts(mapElements(a, Math.abs), mapElements(b, Math.abs)),
          )
        : output,
    "a sum of n products in any order: γ_n·Σ|a||b|; Higham 2002, section 3.1",
  ),
};

function sumOfProducts(a: NdArray, b: NdArray): number {
  return a.data.reduce((total, factor, i) => total + factor * (b.data[i] ?? 0), 0);
}

/** Inner product of two vectors. a, b: [n] → a 0-d tensor. Throws ShapeError for other shapes, DTypeError. */
export function dot(a: Tensor, b: Tensor): Tensor {
  return bindOne(dotOp, [a, b], {});
}

/** The record of `outer`. */
export const outerOp: BinaryRecord = {
  name: "outer",
  family: "matmul",
  formula: "y_ij = a_i·b_j",
  source: "definition",
  inputNames: ["a", "b"],
  infer: ([a, b]) => {
    const dtype = requireVectors("outer", a, b);
    return [{ shape: [...a.shape, ...b.shape], dtype }];
  },
  forward: { compose: ([a, b]) => [multiply(expandDims(a, 1), b)] },
  sample: (draw) => ({
    inputs: [draw.values([draw.integer(0, 4)], plain), draw.values([draw.integer(0, 4)], plain)],
    attributes: {},
  }),
  special: [],
  errors: [
    {
      inputs: [nd(1), nd([1, 2, 3])],
      attributes: {},
      message: "outer: expected a to be a vector, got a []. Flatten it, or call matmul.",
    },
    {
      inputs: [nd([1]), nd([[1]])],
      attributes: {},
      message: "outer: expected b to be a vector, got b [1, 1]. Flatten it, or call matmul.",
    },
  ],
  reference: ([a, b]) =>
    a && b ? [tabulate([...a.shape, ...b.shape], ([i = 0, j = 0]) => at(a, [i]) * at(b, [j]))] : [],
  bound: ulps(1, "one correctly rounded product"),
};

/** Outer product of two vectors. a: [m], b: [n] → [m, n]. Throws ShapeError for other shapes, DTypeError. */
export function outer(a: Tensor, b: Tensor): Tensor {
  return bindOne(outerOp, [a, b], {});
}

/** The records of this file. */
export const vectorProductOps: readonly OpRecord[] = [dotOp, outerOp];
