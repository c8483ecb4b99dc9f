/**
 * Arithmetic: + − × ÷ and pow, with broadcasting.
 * Rests on shorthand. Source of the broadcasting rule: NumPy.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, numericDTypes } from "../dtype.ts";
import { ulps } from "../error-bound.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import type { Tensor } from "../tensor.ts";
import { equal, greaterEqual, less, logicalAnd, logicalNot, where } from "./compare.ts";
import { log } from "./exponential.ts";
import { pair, type TensorLike } from "./operands.ts";
import {
  type BinaryRecord,
  binaryElementwise,
  broadcastPair,
  mismatches,
  pairDType,
} from "./shorthand.ts";
import { abs, negate } from "./sign.ts";

const oneRounding = ulps(1, "one correctly rounded operation");
const plain: Domain = { min: -3, max: 3 };

/** The record of `add`. */
export const addOp: BinaryRecord = binaryElementwise({
  name: "add",
  family: "arithmetic",
  formula: "y = a + b",
  source: "definition",
  throughA: (t) => t,
  throughB: (t) => t,
  dtypes: numericDTypes,
  inputs: broadcastPair(plain, plain),
  reference: (a, b) => a + b,
  bound: oneRounding,
  errors: [...mismatches("add"), pairDType("add", "bool", "float32 or float64 or int32")],
});

/** The record of `subtract`. */
export const subtractOp: BinaryRecord = binaryElementwise({
  name: "subtract",
  family: "arithmetic",
  formula: "y = a − b",
  source: "definition",
  throughA: (t) => t,
  throughB: (t) => negate(t),
  dtypes: numericDTypes,
  inputs: broadcastPair(plain, plain),
  reference: (a, b) => a - b,
  bound: oneRounding,
  errors: [...mismatches("subtract"), pairDType("subtract", "bool", "float32 or float64 or int32")],
});

/** The record of `multiply`. */
export const multiplyOp: BinaryRecord = binaryElementwise({
  name: "multiply",
  family: "arithmetic",
  formula: "y = a·b",
  source: "product rule",
  throughA: (t, _a, b) => multiply(t, b),
  throughB: (t, a) => multiply(t, a),
  dtypes: numericDTypes,
  inputs: broadcastPair(plain, plain),
  reference: (a, b) => a * b,
  bound: oneRounding,
  special: [
    {
      title: "a zero factor passes the other factor on",
      inputs: [nd([0, 0]), nd([2, 0])],
      attributes: {},
      gradients: [nd([2, 0]), nd([0, 0])],
    },
  ],
  errors: [...mismatches("multiply"), pairDType("multiply", "bool", "float32 or float64 or int32")],
});

/** The record of `divide`. */
export const divideOp: BinaryRecord = binaryElementwise({
  name: "divide",
  family: "arithmetic",
  formula: "y = a/b",
  source: "quotient rule: ∂y/∂b = −a/b² = −y/b",
  throughA: (t, _a, b) => divide(t, b),
  throughB: (t, a, b) => negate(divide(multiply(t, divide(a, b)), b)),
  dtypes: floatDTypes,
  inputs: broadcastPair(plain, { min: -3, max: 3, avoid: [0], margin: 0.3 }),
  reference: (a, b) => a / b,
  bound: oneRounding,
  special: [
    {
      title: "a zero numerator has derivative 1/b and no NaN",
      inputs: [nd([0]), nd([4])],
      attributes: {},
      gradients: [nd([0.25]), nd([-0])],
    },
  ],
  errors: [...mismatches("divide"), pairDType("divide", "int32", "float32 or float64")],
});

/** Where a and 1/a are both finite and not 0: the normal numbers, but for a few at the upper end. */
function hasReciprocal(a: Tensor): Tensor {
  const smallest = a.dtype === "float32" ? 2 ** -126 : 2 ** -1022;
  const size = abs(a);
  return logicalAnd(greaterEqual(size, smallest), less(size, Number.POSITIVE_INFINITY));
}

/** The record of `pow`. */
export const powOp: BinaryRecord = binaryElementwise({
  name: "pow",
  family: "arithmetic",
  formula: "y = a^b",
  source: "∂y/∂a = b·a^(b−1), 0 where b = 0; ∂y/∂b = y·log a, 0 where a = 0 and b ≥ 0",
  throughA: (t, a, b) => {
    // 0·a^(−1) is 0 by itself, with the slope 1/a in b, but for a whose reciprocal is infinite or NaN.
    const constant = logicalAnd(equal(b, 0), logicalNot(hasReciprocal(a)));
    return multiply(t, where(constant, 0, multiply(b, pow(a, where(constant, 1, subtract(b, 1))))));
  },
  throughB: (t, a, b, y) => {
    const flat = logicalAnd(equal(a, 0), greaterEqual(b, 0));
    return multiply(t, where(flat, 0, multiply(y, log(where(flat, 1, a)))));
  },
  dtypes: floatDTypes,
  inputs: broadcastPair({ min: 0.3, max: 3 }, plain),
  reference: (a, b) => a ** b,
  bound: ulps(2, "scalar-math's pow is within 2 ulp; float32 rounds once more"),
  special: [
    {
      title: "0² has derivative 0 in the base and 0 in the exponent",
      inputs: [nd([0]), nd([2])],
      attributes: {},
      output: nd([0]),
      gradients: [nd([0]), nd([0])],
    },
    {
      title: "x⁰ is 1 and flat in the base, also at 0, at ∞ and where 1/x overflows",
      inputs: [nd([0, 2, Number.POSITIVE_INFINITY, 2 ** -1070]), nd([0, 0, 0, 0])],
      attributes: {},
      output: nd([1, 1, 1, 1]),
      gradients: [nd([0, 0, 0, 0]), null],
    },
    {
      title: "a negative base with a whole exponent has its derivative in the base",
      inputs: [nd([-2]), nd([3])],
      attributes: {},
      output: nd([-8]),
      gradients: [nd([12]), null],
    },
  ],
  errors: [...mismatches("pow"), pairDType("pow", "int32", "float32 or float64")],
});

/** Sum of two tensors. a, b: broadcastable, one numeric dtype → the common shape. */
export function add(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(addOp, pair("add", a, b), {});
}

/** Difference a − b. a, b: broadcastable, one numeric dtype → the common shape. */
export function subtract(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(subtractOp, pair("subtract", a, b), {});
}

/** Product, element by element. a, b: broadcastable, one numeric dtype → the common shape. */
export function multiply(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(multiplyOp, pair("multiply", a, b), {});
}

/** Quotient a/b. a, b: broadcastable, one float dtype → the common shape. x/0 is ±∞, 0/0 NaN. */
export function divide(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(divideOp, pair("divide", a, b), {});
}

/**
 * Power a^b. a, b: broadcastable, one float dtype → the common shape.
 * A negative base with a fractional exponent is NaN; so are 1^∞ and 1^NaN, as in ECMAScript, where NumPy and PyTorch
 * give 1.
 */
export function pow(a: TensorLike, b: TensorLike): Tensor {
  return bindOne(powOp, pair("pow", a, b), {});
}

/** The records of this file. */
export const arithmeticOps: readonly OpRecord[] = [addOp, subtractOp, multiplyOp, divideOp, powOp];
