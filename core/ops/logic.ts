/**
 * Logic on masks: logicalAnd, logicalOr, logicalXor, logicalNot. Masks go in and come out, no gradient flows.
 * Rests on bind.
 */
import { bindOne } from "../bind.ts";
import type { LogicalFunction } from "../devices/kernels.ts";
import { requireDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { mapElements, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type BinaryRecord, pairDType, type UnaryRecord, zip } from "./shorthand.ts";

const noRounding = exact("logic has no rounding");

/** What differs between functions of two masks. */
interface LogicalSpec {
  readonly name: LogicalFunction;
  readonly symbol: string;
  /** Of (0, 0), (0, 1), (1, 0), (1, 1). */
  readonly truth: readonly [number, number, number, number];
}

function logical({ name, symbol, truth }: LogicalSpec): BinaryRecord {
  return {
    name,
    family: "compare",
    inputNames: ["a", "b"],
    formula: `y = a ${symbol} b`,
    source: "definition",
    infer: ([a, b]) => {
      requireDType(name, "a", a.dtype, ["bool"]);
      requireDType(name, "b", b.dtype, ["bool"]);
      return [{ shape: broadcastShapes(name, ["a", "b"], a.shape, b.shape), dtype: "bool" }];
    },
    forward: { kernel: "logical", with: () => ({ fn: name }), broadcast: true },
    sample: (draw) => {
      const shape = draw.shape();
      return {
        inputs: [draw.booleans(shape), draw.booleans(draw.broadcastable(shape))],
        attributes: {},
      };
    },
    special: [
      {
        title: "the truth table of (0, 0), (0, 1), (1, 0), (1, 1)",
        inputs: [nd([[0], [1]], "bool"), nd([0, 1], "bool")],
        attributes: {},
        output: nd([truth.slice(0, 2), truth.slice(2)], "bool"),
      },
    ],
    errors: [
      pairDType(name, "int32", "bool"),
      {
        inputs: [nd([1], "bool"), nd([1])],
        attributes: {},
        message: `${name}: expected b to be bool, got float64. Cast it, for example b.cast("bool").`,
      },
      {
        inputs: [nd([1, 0, 1], "bool"), nd([1, 0], "bool")],
        attributes: {},
        message: `${name}: expected b to broadcast against a [3], got b [2]. Axis -1 is 3 against 2: make them equal, or one of them 1.`,
      },
    ],
    reference: ([a, b]) =>
      a && b ? [zip(name, a, b, (left, right) => truth[2 * left + right] ?? 0, "bool")] : [],
    bound: noRounding,
  };
}

/** The record of `logicalAnd`. */
export const logicalAndOp: BinaryRecord = logical({
  name: "logicalAnd",
  symbol: "∧",
  truth: [0, 0, 0, 1],
});

/** The record of `logicalOr`. */
export const logicalOrOp: BinaryRecord = logical({
  name: "logicalOr",
  symbol: "∨",
  truth: [0, 1, 1, 1],
});

/** The record of `logicalXor`. */
export const logicalXorOp: BinaryRecord = logical({
  name: "logicalXor",
  symbol: "⊕",
  truth: [0, 1, 1, 0],
});

/** The record of `logicalNot`. */
export const logicalNotOp: UnaryRecord = {
  name: "logicalNot",
  family: "compare",
  inputNames: ["x"],
  formula: "y = ¬x",
  source: "definition",
  infer: ([x]) => {
    requireDType("logicalNot", "x", x.dtype, ["bool"]);
    return [{ shape: x.shape, dtype: "bool" }];
  },
  forward: { kernel: "logicalNot", with: () => ({}) },
  sample: (draw) => ({ inputs: [draw.booleans(draw.shape())], attributes: {} }),
  special: [
    {
      title: "the truth table",
      inputs: [nd([0, 1], "bool")],
      attributes: {},
      output: nd([1, 0], "bool"),
    },
  ],
  errors: [
    {
      inputs: [nd([1, 0])],
      attributes: {},
      message: `logicalNot: expected x to be bool, got float64. Cast it, for example x.cast("bool").`,
    },
  ],
  reference: ([x]) => (x ? [mapElements(x, (value) => 1 - value)] : []),
  bound: noRounding,
};

/** Both hold. a, b: bool, broadcastable → bool of the common shape. Throws ShapeError, DTypeError. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  return bindOne(logicalAndOp, [a, b], {});
}

/** At least one holds. a, b: bool, broadcastable → bool of the common shape. Throws ShapeError, DTypeError. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  return bindOne(logicalOrOp, [a, b], {});
}

/** Exactly one holds. a, b: bool, broadcastable → bool of the common shape. Throws ShapeError, DTypeError. */
export function logicalXor(a: Tensor, b: Tensor): Tensor {
  return bindOne(logicalXorOp, [a, b], {});
}

/** Does not hold. x: bool, any shape → bool of the same shape. Throws DTypeError. */
export function logicalNot(x: Tensor): Tensor {
  return bindOne(logicalNotOp, [x], {});
}

/** The records of this file. */
export const logicOps: readonly OpRecord[] = [
  logicalAndOp,
  logicalOrOp,
  logicalXorOp,
  logicalNotOp,
];
