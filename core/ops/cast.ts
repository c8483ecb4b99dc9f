/**
 * cast: the same numbers under another dtype.
 * Rests on bind. Between float32 and float64 it is linear; no gradient flows through int32 and bool.
 */
import { bindOne } from "../bind.ts";
import { allDTypes, type DType, isFloat } from "../dtype.ts";
import { ulps } from "../error-bound.ts";
import { DTypeError } from "../errors.ts";
import { mapElements, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { untyped } from "../op-examples.ts";
import type { Tensor } from "../tensor.ts";
import type { UnaryRecord } from "./shorthand.ts";

/** The dtype `cast` makes. */
interface CastOptions {
  readonly dtype: DType;
}

/** The record of `cast`. */
export const castOp: UnaryRecord<CastOptions> = {
  name: "cast",
  family: "cast",
  inputNames: ["x"],
  formula: "y = x in another dtype",
  source: "rounding: IEEE 754-2019, section 4.3.1; to int32: ECMAScript's ToInt32",
  infer: ([x], { dtype }) => {
    if (!allDTypes.includes(dtype)) {
      throw new DTypeError({
        where: "cast",
        argument: "dtype",
        expected: `to be ${allDTypes.join(" or ")}`,
        got: JSON.stringify(dtype) ?? "undefined",
        fix: "Name one of them",
      });
    }
    return [{ shape: x.shape, dtype }];
  },
  forward: { kernel: "copy", with: () => ({}) },
  jvp: ([t], { attributes: { dtype } }) => [t && isFloat(dtype) ? cast(t, dtype) : null],
  vjp: ([c], { inputs: [x], attributes: { dtype } }) => [
    isFloat(dtype) && isFloat(x.dtype) ? cast(c, x.dtype) : null,
  ],
  // Up: a difference quotient of float32's steps would say nothing.
  sample: (draw) => ({
    inputs: [draw.values(draw.shape(), { min: -3, max: 3 })],
    attributes: { dtype: "float64" },
  }),
  special: [
    {
      title: "to float32 the gradient passes",
      inputs: [nd([-1.5, 0.25])],
      attributes: { dtype: "float32" },
      output: nd([-1.5, 0.25]),
      gradients: [nd([1, 1])],
    },
    {
      title: "to int32 the fraction is cut off, and no gradient flows",
      inputs: [nd([-1.75, -0.5, 0.5, 1.75])],
      attributes: { dtype: "int32" },
      output: nd([-1, 0, 0, 1], "int32"),
    },
    {
      title: "to int32 a number out of range is taken modulo 2³², NaN and ±∞ become 0",
      inputs: [nd([2 ** 31, -(2 ** 32), Number.NaN, Number.POSITIVE_INFINITY])],
      attributes: { dtype: "int32" },
      output: nd([-(2 ** 31), 0, 0, 0], "int32"),
    },
    {
      title: "to bool everything but ±0 is true, NaN included",
      inputs: [nd([0, -0, 0.25, -3, Number.NaN])],
      attributes: { dtype: "bool" },
      output: nd([0, 0, 1, 1, 1], "bool"),
    },
    {
      title: "true is 1",
      inputs: [nd([1, 0], "bool")],
      attributes: { dtype: "float32" },
      output: nd([1, 0]),
    },
    {
      title: "a whole number beyond 2²⁴ rounds to even in float32",
      inputs: [nd([16777217, 16777219], "int32")],
      attributes: { dtype: "float32" },
      output: nd([16777216, 16777220]),
    },
  ],
  errors: [
    {
      inputs: [nd([1])],
      attributes: untyped('{ "dtype": "float16" }'),
      message: `cast: expected dtype to be float32 or float64 or int32 or bool, got "float16". Name one of them.`,
    },
  ],
  reference: ([x], { dtype }) =>
    x ? [mapElements(x, dtype === "float32" ? Math.fround : (value) => value)] : [],
  bound: ulps(1, "at most one rounding"),
};

/**
 * The same numbers as `dtype`. x: any shape and dtype → the same shape; x itself where it has the dtype already.
 * float64 → float32 rounds to nearest, ties to even. Float → int32 cuts the fraction off; what int32 cannot hold is
 * taken modulo 2³², and NaN and ±∞ become 0: the same on every device. To bool: true unless 0. From bool: 0 or 1.
 * Gradients flow between float32 and float64 only. Throws DTypeError for an unknown dtype.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : bindOne(castOp, [x], { dtype });
}

/** The records of this file. */
export const castOps: readonly OpRecord[] = [castOp];
