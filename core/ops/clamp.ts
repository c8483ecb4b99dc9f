/**
 * clamp: holds values inside bounds.
 * Rests on compare, logic and where.
 */
import { bindOne } from "../bind.ts";
import { canHold, type DType, numericDTypes, requireDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { DTypeError, ValueError } from "../errors.ts";
import { mapElements, nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { ErrorExample } from "../sampling.ts";
import type { Tensor } from "../tensor.ts";
import { greaterEqual, lessEqual } from "./compare.ts";
import { logicalAnd } from "./logic.ts";
import { numbersOnly, type UnaryRecord } from "./shorthand.ts";
import { where } from "./where.ts";

/** The bounds of `clamp`: at least one of them. */
export interface ClampOptions {
  /** Smallest value that comes out; none where absent. */
  readonly min?: number;
  /** Largest value that comes out, at least `min`; none where absent. */
  readonly max?: number;
}

function checkBounds(dtype: DType, { min, max }: ClampOptions): void {
  if (min === undefined && max === undefined) {
    throw new ValueError({
      where: "clamp",
      argument: "min or max",
      expected: "to be given",
      got: "neither",
      fix: "Give at least one bound",
    });
  }
  for (const [argument, bound] of [
    ["min", min],
    ["max", max],
  ] as const) {
    if (bound === undefined) continue;
    if (Number.isNaN(bound)) {
      throw new ValueError({
        where: "clamp",
        argument,
        expected: "to be a number",
        got: "NaN",
        fix: "Leave it out for no bound",
      });
    }
    if (!canHold(dtype, bound)) {
      throw new DTypeError({
        where: "clamp",
        argument,
        expected: "to be representable in the dtype of x, int32",
        got: String(bound),
        fix: `Cast x first, for example x.cast("float32")`,
      });
    }
  }
  if ((min ?? Number.NEGATIVE_INFINITY) > (max ?? Number.POSITIVE_INFINITY)) {
    throw new ValueError({
      where: "clamp",
      argument: "min",
      expected: `to be at most max, ${max}`,
      got: String(min),
      fix: "Swap them",
    });
  }
}

/** t where x lies inside the bounds, ends included; 0 beyond them and where x is NaN. */
function throughClamp(t: Tensor, x: Tensor, { min, max }: ClampOptions): Tensor {
  const above = min === undefined ? [] : [greaterEqual(x, min)];
  const below = max === undefined ? [] : [lessEqual(x, max)];
  const inside = [...above, ...below].reduce((a, b) => logicalAnd(a, b));
  return where(inside, t, 0);
}

/** The record of `clamp`. */
export const clampOp: UnaryRecord<ClampOptions> = {
  name: "clamp",
  family: "compare",
  inputNames: ["x"],
  formula: "y = min(max(x, low), high), NaN where x is NaN",
  source: "definition; at a bound the derivative is 1, as in PyTorch",
  infer: ([x], options) => {
    requireDType("clamp", "x", x.dtype, numericDTypes);
    checkBounds(x.dtype, options);
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  forward: {
    kernel: "clamp",
    with: ({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }) => ({
      low: min,
      high: max,
    }),
  },
  jvp: ([t], { inputs: [x], attributes }) => [t && throughClamp(t, x, attributes)],
  vjp: ([c], { inputs: [x], attributes }) => [throughClamp(c, x, attributes)],
  sample: (draw) => ({
    inputs: [draw.values(draw.shape(), { min: -3, max: 3, avoid: [-1, 1] })],
    attributes: draw.pick<ClampOptions>([{ min: -1 }, { max: 1 }, { min: -1, max: 1 }]),
  }),
  special: [
    {
      title: "the bounds pass the gradient on, beyond them it is 0",
      inputs: [nd([-2, -1, 0, 1, 2])],
      attributes: { min: -1, max: 1 },
      output: nd([-1, -1, 0, 1, 1]),
      gradients: [nd([0, 1, 1, 1, 0])],
    },
    {
      title: "equal bounds make a constant",
      inputs: [nd([-2, 5])],
      attributes: { min: 2, max: 2 },
      output: nd([2, 2]),
      gradients: [nd([0, 0])],
    },
    {
      title: "NaN stays NaN",
      inputs: [nd([Number.NaN])],
      attributes: { min: 0 },
      output: nd([Number.NaN]),
    },
    {
      title: "whole numbers stay whole",
      inputs: [nd([-7, 3, 9], "int32")],
      attributes: { min: -2, max: 5 },
      output: nd([-2, 3, 5], "int32"),
    },
    {
      title: "one bound is enough, also for whole numbers",
      inputs: [nd([-7, 3, 9], "int32")],
      attributes: { max: 5 },
      output: nd([-7, 3, 5], "int32"),
    },
  ],
  errors: clampErrors(),
  reference: ([x], { min, max }) => {
    const bounded = (value: number): number => {
      if (min !== undefined && value < min) return min;
      return max !== undefined && value > max ? max : value;
    };
    return x ? [mapElements(x, bounded)] : [];
  },
  bound: exact("x or a bound, rounded to the dtype"),
};

function clampErrors(): readonly ErrorExample<ClampOptions>[] {
  return [
    numbersOnly("clamp", { min: 0 }),
    {
      inputs: [nd([1])],
      attributes: {},
      message: "clamp: expected min or max to be given, got neither. Give at least one bound.",
    },
    {
      inputs: [nd([1])],
      attributes: { min: 2, max: 1 },
      message: "clamp: expected min to be at most max, 1, got 2. Swap them.",
    },
    {
      inputs: [nd([1])],
      attributes: { max: Number.NaN },
      message: "clamp: expected max to be a number, got NaN. Leave it out for no bound.",
    },
    {
      inputs: [nd([1], "int32")],
      attributes: { min: 0.5 },
      message: `clamp: expected min to be representable in the dtype of x, int32, got 0.5. Cast x first, for example x.cast("float32").`,
    },
  ];
}

/**
 * x held inside [min, max]; one bound may be absent. x: any shape, numeric → the same shape. NaN stays NaN.
 * The gradient passes inside and at the bounds, and is 0 beyond them.
 * Throws ValueError if both bounds are absent, one is NaN, or min > max; DTypeError for bool, or int32 with a
 * bound that int32 cannot hold.
 */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  return bindOne(clampOp, [x], options);
}

/** The records of this file. */
export const clampOps: readonly OpRecord[] = [clampOp];
