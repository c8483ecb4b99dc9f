/**
 * Softmax and its logarithm along an axis, shifted by the maximum.
 * Rests on sum and the elementwise ops. Axis -1 unless said otherwise.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { type BoundInputs, summation } from "../error-bound.ts";
import { at, fibre, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { floatsOnly, nearOrFar } from "../op-examples.ts";
import type { UnaryRecord } from "../op-kinds.ts";
import { normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { multiply, subtract } from "./arithmetic.ts";
import { exp } from "./exponential.ts";
import { sum } from "./sum.ts";

/** Options of softmax and logSoftmax. */
export interface SoftmaxOptions {
  /** The axis that sums to 1, negative ones count from the end; default -1. */
  readonly axis?: number;
}

/** What differs between the two. */
interface Spec
  extends Pick<UnaryRecord<SoftmaxOptions>, "formula" | "source" | "special" | "bound"> {
  readonly name: "softmax" | "logSoftmax";
  /** t ↦ (∂y/∂x)·t and c ↦ (∂y/∂x)ᵀ·c, given Σ along the axis. */
  readonly push: (t: Tensor, y: Tensor, total: (x: Tensor) => Tensor) => Tensor;
  readonly pull: (c: Tensor, y: Tensor, total: (x: Tensor) => Tensor) => Tensor;
  /** y_i from Σ_j exp(x_j − x_i), which is 1/softmax without a maximum taken off. */
  readonly reference: (sum: number) => number;
}

function normalized({ push, pull, reference, ...spec }: Spec): UnaryRecord<SoftmaxOptions> {
  const { name } = spec;
  const totalAlong =
    ({ axis = -1 }: SoftmaxOptions) =>
    (x: Tensor): Tensor =>
      sum(x, { axis, keepDims: true });
  return {
    ...spec,
    family: "softmax",
    inputNames: ["x"],
    infer: ([x], { axis = -1 }) => {
      requireDType(name, "x", x.dtype, floatDTypes);
      normalizeAxis(name, axis, x.shape.length);
      return [{ shape: x.shape, dtype: x.dtype }];
    },
    forward: {
      kernel: name,
      with: ({ axis = -1 }, [x]) => ({ axis: normalizeAxis(name, axis, shapeOf(x).length) }),
    },
    jvp: ([t], { outputs: [y], attributes }) => [t && push(t, y, totalAlong(attributes))],
    vjp: ([c], { outputs: [y], attributes }) => [pull(c, y, totalAlong(attributes))],
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1 });
      const axis = draw.integer(-shape.length, shape.length - 1);
      return {
        inputs: [draw.values(shape, nearOrFar(draw))],
        attributes: draw.boolean() ? { axis } : {},
      };
    },
    errors: [
      {
        inputs: [nd([1, 2])],
        attributes: { axis: 1 },
        message: `${name}: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.`,
      },
      {
        inputs: [nd(1)],
        attributes: {},
        message: `${name}: expected axis to be absent for a 0-d tensor, got -1. The tensor has 0 axes; negative axes count from the end.`,
      },
      floatsOnly(name, {}),
    ],
    reference: (inputs, { axis = -1 }) =>
      inputs.map((x) => {
        const along = normalizeAxis(name, axis, x.shape.length);
        return tabulate(x.shape, (index) => {
          const here = at(x, index);
          return reference(
            fibre(x, index, [along]).reduce((total, u) => total + Math.exp(u - here), 0),
          );
        });
      }),
  };
}

function lengthOf({ inputs: [x], attributes: { axis = -1 } }: BoundInputs<SoftmaxOptions>): number {
  return x?.shape.at(axis) ?? 0;
}

/** max x − min x over everything: a difference of two elements is rounded to within u of it. */
function span(x: NdArray | undefined): number {
  const data = x?.data ?? [];
  const top = data.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const bottom = data.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return data.length === 0 ? 0 : Math.ceil(top - bottom);
}

/** The record of `softmax`. */
export const softmaxOp: UnaryRecord<SoftmaxOptions> = normalized({
  name: "softmax",
  formula: "y_i = exp(x_i − m) / Σ_j exp(x_j − m), m = max x",
  source: "Bridle 1990; dy = y ⊙ (dx − Σ y ⊙ dx)",
  push: (t, y, total) => multiply(y, subtract(t, total(multiply(y, t)))),
  // The Jacobian diag(y) − y·yᵀ is symmetric.
  pull: (c, y, total) => multiply(y, subtract(c, total(multiply(y, c)))),
  special: [
    {
      title: "equal arguments share equally, however large",
      inputs: [nd([1000, 1000])],
      attributes: {},
      output: nd([0.5, 0.5]),
      cotangent: nd([1, 0]),
      gradients: [nd([0.25, -0.25])],
    },
    {
      title: "an argument −∞ gets 0 and no gradient",
      inputs: [nd([Number.NEGATIVE_INFINITY, 0])],
      attributes: {},
      output: nd([0, 1]),
      cotangent: nd([1, 2]),
      gradients: [nd([0, 0])],
    },
  ],
  reference: (sum) => 1 / sum,
  bound: summation(
    (of: BoundInputs<SoftmaxOptions>) => lengthOf(of) + 8 + 3 * span(of.inputs[0]),
    ({ output }) => output,
    "a sum of n positive terms, a division, and exp of three rounded differences: γ_{n+8+3·span}·y",
  ),
});

/** The record of `logSoftmax`. */
export const logSoftmaxOp: UnaryRecord<SoftmaxOptions> = normalized({
  name: "logSoftmax",
  formula: "y_i = (x_i − m) − log Σ_j exp(x_j − m), m = max x",
  source: "definition; dy = dx − Σ exp(y) ⊙ dx",
  push: (t, y, total) => subtract(t, total(multiply(exp(y), t))),
  pull: (c, y, total) => subtract(c, multiply(exp(y), total(c))),
  special: [
    {
      title: "far behind the maximum it falls linearly, not to −∞",
      inputs: [nd([0, 1000])],
      attributes: {},
      output: nd([-1000, 0]),
      cotangent: nd([1, 0]),
      gradients: [nd([1, -1])],
    },
  ],
  reference: (sum) => -Math.log(sum),
  bound: summation(
    (of: BoundInputs<SoftmaxOptions>) => lengthOf(of) + 10,
    ({ output }) => mapElements(output, (y) => 1 + Math.abs(y)),
    "x − m and log Σ are each at most |y|, the sum has n terms in [0, 1]: γ_{n+10}·(1 + |y|)",
  ),
});

/**
 * Softmax along `axis`. x: [..., n] of a float dtype → [..., n], entries in [0, 1], sum 1.
 * NaN where every element is −∞, as in PyTorch. Throws AxisError if `axis` is outside [-rank, rank) (a 0-d
 * tensor has none), DTypeError for int32 and bool. Bridle 1990.
 */
export function softmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return bindOne(softmaxOp, [x], options);
}

/**
 * Logarithm of softmax along `axis`, without its underflow. x: [..., n] of a float dtype → [..., n], entries ≤ 0.
 * NaN where every element is −∞, as in PyTorch. Throws AxisError, DTypeError as `softmax`.
 */
export function logSoftmax(x: Tensor, options: SoftmaxOptions = {}): Tensor {
  return bindOne(logSoftmaxOp, [x], options);
}

/** The records of this file. */
export const softmaxOps: readonly OpRecord[] = [softmaxOp, logSoftmaxOp];
