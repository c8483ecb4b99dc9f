/**
 * multiplyAdd: a·b + c in one pass over memory, as normalizations scale and shift. Two roundings: the bits of a product
 * and a sum.
 * Rests on bind, arithmetic and sum.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import type { ErrorBound } from "../error-bound.ts";
import { at, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { addMaybe, type NoOptions } from "./shorthand.ts";
import { sumTo } from "./sum.ts";
import { broadcastTo } from "./view.ts";

const name = "multiplyAdd";

function inferType(a: TensorType, b: TensorType, c: TensorType): TensorType {
  requireDType(name, "a", a.dtype, floatDTypes);
  sameDType(name, ["a", "b"], a.dtype, b.dtype);
  sameDType(name, ["a", "c"], a.dtype, c.dtype);
  const product = broadcastShapes(name, ["a", "b"], a.shape, b.shape);
  return { shape: broadcastShapes(name, ["a·b", "c"], product, c.shape), dtype: a.dtype };
}

const bound: ErrorBound<NoOptions> = {
  reason:
    "a product and a sum, each rounded: u·|a·b| + u·|y|, and the smallest number where a·b underflows",
  of: ({ inputs: [a, b], output, unit, tiny }) =>
    a && b
      ? tabulate(
          output.shape,
          (index) =>
            2 * unit * (Math.abs(at(a, index) * at(b, index)) + Math.abs(at(output, index))) + tiny,
        )
      : output,
};

/** The record of `multiplyAdd`. */
export const multiplyAddOp: OpRecord<
  NoOptions,
  readonly [Tensor, Tensor, Tensor],
  readonly [Tensor]
> = {
  name,
  family: "arithmetic",
  inputNames: ["a", "b", "c"],
  formula: "y = a·b + c",
  source: "product rule",
  infer: ([a, b, c]) => [inferType(a, b, c)],
  forward: { kernel: "multiplyAdd", with: () => ({}), broadcast: true },
  jvp: ([ta, tb, tc], { inputs: [a, b], outputs: [y] }) => {
    const ofProduct = addMaybe(ta && multiply(ta, b), tb && multiply(a, tb));
    const tangent = addMaybe(ofProduct, tc);
    return [tangent && broadcastTo(tangent, y.shape)];
  },
  vjp: ([t], { inputs: [a, b, c] }, [wantA, wantB, wantC]) => [
    wantA ? sumTo(multiply(t, b), a.shape) : null,
    wantB ? sumTo(multiply(t, a), b.shape) : null,
    wantC ? sumTo(t, c.shape) : null,
  ],
  sample: (draw) => {
    const shape = draw.shape();
    const range = { min: -3, max: 3 };
    const full = draw.integer(0, 2);
    const shapes = [0, 1, 2].map((i) => (i === full ? shape : draw.broadcastable(shape)));
    return { inputs: shapes.map((own) => draw.values(own, range)), attributes: {} };
  },
  special: [
    {
      title: "a zero factor passes the other factor on, and the shift whole",
      inputs: [nd([0, 3]), nd([2, 0]), nd([5, 7])],
      attributes: {},
      output: nd([5, 7]),
      gradients: [nd([2, 0]), nd([0, 3]), nd([1, 1])],
    },
  ],
  errors: [
    {
      inputs: [nd([1], "int32"), nd([1], "int32"), nd([1], "int32")],
      attributes: {},
      message: `multiplyAdd: expected a to be float32 or float64, got int32. Cast it, for example a.cast("float32").`,
    },
    {
      inputs: [nd([1]), nd([1], "int32"), nd([1])],
      attributes: {},
      message: `multiplyAdd: expected b to have the dtype of a, float64, got int32. Cast one of them, for example b.cast("float64").`,
    },
    {
      inputs: [nd([1]), nd([1]), nd([1], "int32")],
      attributes: {},
      message: `multiplyAdd: expected c to have the dtype of a, float64, got int32. Cast one of them, for example c.cast("float64").`,
    },
    {
      inputs: [nd([1, 2]), nd([1, 2, 3]), nd([1])],
      attributes: {},
      message:
        "multiplyAdd: expected b to broadcast against a [2], got b [3]. Axis -1 is 2 against 3: make them equal, or one of them 1.",
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1, 2, 3])],
      attributes: {},
      message:
        "multiplyAdd: expected c to broadcast against a·b [2], got c [3]. Axis -1 is 2 against 3: make them equal, or one of them 1.",
    },
  ],
  reference: ([a, b, c]) => {
    if (!a || !b || !c) return [];
    const product = broadcastShapes(name, ["a", "b"], a.shape, b.shape);
    const shape = broadcastShapes(name, ["a·b", "c"], product, c.shape);
    return [tabulate(shape, (index) => at(a, index) * at(b, index) + at(c, index))];
  },
  bound,
};

/** a·b + c with broadcasting, the product rounded before the sum. Throws ShapeError, DTypeError. */
export function multiplyAdd(a: Tensor, b: Tensor, c: Tensor): Tensor {
  return bindOne(multiplyAddOp, [a, b, c], {});
}

/** The records of this file. */
export const multiplyAddOps: readonly OpRecord[] = [multiplyAddOp];
