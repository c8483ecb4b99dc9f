/**
 * where: chooses between two values by a mask.
 * Rests on sum and view. Cotangents are chosen as values are, never multiplied by the mask: 0·NaN cannot arise.
 */
import { bindOne } from "../bind.ts";
import { requireDType, sameDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { at, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain } from "../sampling.ts";
import { broadcastShapes, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { pair, type TensorLike } from "./operands.ts";
import type { NoOptions } from "./shorthand.ts";
import { sumTo } from "./sum.ts";
import { broadcastTo } from "./view.ts";

const plain: Domain = { min: -3, max: 3 };

/** The common shape of a condition and the two values it chooses between. */
function chosenShape(condition: Shape, a: Shape, b: Shape): Shape {
  return broadcastShapes(
    "where",
    ["condition", "a and b"],
    condition,
    broadcastShapes("where", ["a", "b"], a, b),
  );
}

/** The record of `where`. */
export const whereOp: OpRecord<NoOptions, readonly [Tensor, Tensor, Tensor], readonly [Tensor]> = {
  name: "where",
  family: "compare",
  inputNames: ["condition", "a", "b"],
  formula: "y = a where the condition holds, else b",
  source: "definition",
  infer: ([condition, a, b]) => {
    requireDType("where", "condition", condition.dtype, ["bool"]);
    const dtype = sameDType("where", ["a", "b"], a.dtype, b.dtype);
    return [{ shape: chosenShape(condition.shape, a.shape, b.shape), dtype }];
  },
  forward: { kernel: "select", with: () => ({}), broadcast: true },
  jvp: ([, ta, tb], { inputs: [condition], outputs: [y] }) => {
    // One of the two is there: the condition has no tangent.
    const tangent = where(condition, ta ?? 0, tb ?? 0);
    return [sameShape(tangent.shape, y.shape) ? tangent : broadcastTo(tangent, y.shape)];
  },
  vjp: ([c], { inputs: [condition, a, b] }, [, wantA, wantB]) => [
    null,
    wantA ? sumTo(where(condition, c, 0), a.shape) : null,
    wantB ? sumTo(where(condition, 0, c), b.shape) : null,
  ],
  sample: (draw) => {
    const shape = draw.shape();
    const small = [draw.broadcastable(shape), draw.broadcastable(shape)] as const;
    const full = draw.integer(0, 2);
    return {
      inputs: [
        draw.booleans(full === 0 ? shape : small[0]),
        draw.values(full === 1 ? shape : small[full === 0 ? 0 : 1], plain),
        draw.values(full === 2 ? shape : small[1], plain),
      ],
      attributes: {},
    };
  },
  special: [
    {
      title: "a NaN that was not chosen reaches neither the value nor a gradient",
      inputs: [nd([1, 0], "bool"), nd([2, Number.NaN]), nd([Number.NaN, 3])],
      attributes: {},
      output: nd([2, 3]),
      gradients: [null, nd([1, 0]), nd([0, 1])],
    },
    {
      title: "a NaN cotangent reaches only what was chosen",
      inputs: [nd([1, 0], "bool"), nd([2, 2]), nd([3, 3])],
      attributes: {},
      cotangent: nd([Number.NaN, 1]),
      gradients: [null, nd([Number.NaN, 0]), nd([0, 1])],
    },
    {
      title: "whole numbers can be chosen",
      inputs: [nd([1, 0], "bool"), nd([1, 2], "int32"), nd(-7, "int32")],
      attributes: {},
      output: nd([1, -7], "int32"),
    },
    {
      title: "masks can be chosen",
      inputs: [nd([1, 0], "bool"), nd([1, 1], "bool"), nd(0, "bool")],
      attributes: {},
      output: nd([1, 0], "bool"),
    },
  ],
  errors: [
    {
      inputs: [nd([1, 0]), nd([1, 2]), nd([3, 4])],
      attributes: {},
      message: `where: expected condition to be bool, got float64. Cast it, for example condition.cast("bool").`,
    },
    {
      inputs: [nd([1, 0], "bool"), nd([1, 2]), nd([3, 4], "int32")],
      attributes: {},
      message: `where: expected b to have the dtype of a, float64, got int32. Cast one of them, for example b.cast("float64").`,
    },
    {
      inputs: [nd([1, 0], "bool"), nd([1, 2]), nd([3, 4, 5])],
      attributes: {},
      message:
        "where: expected b to broadcast against a [2], got b [3]. Axis -1 is 2 against 3: make them equal, or one of them 1.",
    },
    {
      inputs: [nd([1, 0, 1], "bool"), nd([1, 2]), nd([3, 4])],
      attributes: {},
      message:
        "where: expected a and b to broadcast against condition [3], got a and b [2]. Axis -1 is 3 against 2: make them equal, or one of them 1.",
    },
  ],
  reference: ([condition, a, b]) =>
    condition && a && b
      ? [
          tabulate(
            chosenShape(condition.shape, a.shape, b.shape),
            (index) => at(at(condition, index) === 1 ? a : b, index),
            a.kind,
          ),
        ]
      : [],
  bound: exact("one of the inputs, as it is"),
};

/**
 * Chooses element by element. condition: bool, a and b: one dtype, all broadcastable → the common shape.
 * A number takes the other value's dtype. What was not chosen reaches neither the value nor the gradient, NaN included;
 * but where a function of x that was not chosen has an infinite derivative, its own chain rule is 0·∞: choose x first.
 * Throws DTypeError for a condition that is not bool or two dtypes, ShapeError where shapes do not broadcast.
 */
export function where(condition: Tensor, a: TensorLike, b: TensorLike): Tensor {
  const [left, right] = pair("where", a, b);
  return bindOne(whereOp, [condition, left, right], {});
}

/** The records of this file. */
export const whereOps: readonly OpRecord[] = [whereOp];
