/**
 * Normalize: x̂ = (x − mean)/√(variance + ε) over some axes, with the mean and the biased variance.
 * Rests on bind, arithmetic and reduce. Batch, layer and group normalization are made of it.
 */
import { bind } from "../bind.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import type { BoundInputs, ErrorBound } from "../error-bound.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { at, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { floatsOnly, nearOrFar } from "../op-examples.ts";
import {
  type Axes,
  formatShape,
  normalizeAxes,
  reducedShape,
  type Shape,
  sameShape,
} from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { add, divide, multiply, subtract } from "./arithmetic.ts";
import { multiplyAdd } from "./multiply-add.ts";
import { momentsError, normalizeArray } from "./normalize-definitions.ts";
import { normalizeGradient } from "./normalize-gradient.ts";
import { mean } from "./reduce.ts";
import { addMaybe } from "./shorthand.ts";
import { broadcastTo, reshape } from "./view.ts";

/** Options of `normalize`. */
export interface NormalizeOptions {
  /** Axes that mean and variance are taken over; negative ones count from the end. */
  readonly axes: Axes;
  /** Added to the variance, > 0 and finite. */
  readonly epsilon: number;
}

/** x̂, mean and biased variance; the last two keep the axes with length 1. */
type Moments = readonly [standard: Tensor, mean: Tensor, variance: Tensor];

/** Throws ValueError unless `epsilon` is a finite number > 0: at 0 a variance of 0 would give NaN. */
export function requireEpsilon(where: string, epsilon: number): void {
  if (!(epsilon > 0 && Number.isFinite(epsilon))) {
    throw new ValueError({
      where,
      argument: "epsilon",
      expected: "to be a finite number > 0",
      got: String(epsilon),
      fix: "Use a small number such as 1e-5",
    });
  }
}

/** Throws ShapeError where mean and variance would be taken over nothing. */
export function requireElements(where: string, shape: Shape, axes: readonly number[]): void {
  if (axes.some((axis) => shape[axis] === 0)) {
    throw new ShapeError({
      where,
      argument: "x",
      expected: "to have an element to normalize over",
      got: `x ${formatShape(shape)}`,
      fix: "The mean of no elements does not exist: leave an empty batch out",
    });
  }
}

/** Throws unless a scale or shift has the shape asked for and the dtype of x. */
export function requireParameter(
  where: string,
  argument: string,
  parameter: TensorType | null,
  x: TensorType,
  shape: Shape,
  because: string,
): void {
  if (parameter === null) return;
  sameDType(where, ["x", argument], x.dtype, parameter.dtype);
  if (!sameShape(parameter.shape, shape)) {
    throw new ShapeError({
      where,
      argument,
      expected: `to be ${formatShape(shape)}, ${because}`,
      got: formatShape(parameter.shape),
      fix: "Reshape it, or make one of that shape",
    });
  }
}

/** γ·x̂ + β with both reshaped to `shape`, which broadcasts to x̂; null leaves one out. */
export function affine(
  standard: Tensor,
  gamma: Tensor | null,
  beta: Tensor | null,
  shape: Shape,
): Tensor {
  if (gamma !== null && beta !== null) {
    return multiplyAdd(standard, reshape(gamma, shape), reshape(beta, shape));
  }
  const scaled = gamma === null ? standard : multiply(standard, reshape(gamma, shape));
  return beta === null ? scaled : add(scaled, reshape(beta, shape));
}

/** The bound of x̂ for outputs shaped like x, and the larger of the other two for those of mean and variance. */
const bound: ErrorBound<NormalizeOptions> = {
  reason: "two-pass moments of n elements: errors grow as (n + 8)·u·max|x|",
  of: ({ inputs: [x], attributes, output, unit, tiny }: BoundInputs<NormalizeOptions>) => {
    if (x === undefined) return output;
    const axes = normalizeAxes("normalize", attributes.axes, x.shape.length);
    const [standard, centre, spread] = momentsError(x, axes, attributes.epsilon, unit);
    if (sameShape(output.shape, x.shape)) return standard;
    return tabulate(output.shape, (index) => Math.max(at(centre, index), at(spread, index), tiny));
  },
};

/** The record of `normalize`, which the user meets as batchNorm, layerNorm and groupNorm. */
export const normalizeOp: OpRecord<NormalizeOptions, readonly [Tensor], Moments> = {
  name: "normalize",
  family: "normalization",
  inputNames: ["x"],
  formula: "x̂ = (x − mean x)/√(mean (x − mean x)² + ε); also mean and variance",
  source: "Ioffe & Szegedy 2015, algorithm 1; its gradients in section 3",
  infer: ([x], { axes, epsilon }) => {
    requireDType("normalize", "x", x.dtype, floatDTypes);
    const normalized = normalizeAxes("normalize", axes, x.shape.length);
    requireElements("normalize", x.shape, normalized);
    requireEpsilon("normalize", epsilon);
    const kept = { shape: reducedShape(x.shape, normalized, true), dtype: x.dtype };
    return [{ shape: x.shape, dtype: x.dtype }, kept, kept];
  },
  forward: {
    kernel: "normalize",
    with: ({ axes, epsilon }, [x]) => ({
      axes: normalizeAxes("normalize", axes, shapeOf(x).length),
      epsilon,
    }),
  },
  // ∂mean = E t and ∂variance = 2 E (x − mean)t, so ∂x̂ = (t − E t − x̂·E x̂t)/√(variance + ε).
  jvp: ([t], { inputs: [x], outputs: [standard, centre, spread], attributes }) => {
    const over = { axis: attributes.axes, keepDims: true };
    return [
      t && normalizeGradient(t, standard, spread, attributes),
      t && mean(t, over),
      t && multiply(mean(multiply(subtract(x, centre), t), over), 2),
    ];
  },
  // The first map is symmetric; the others spread their cotangent over the n elements.
  vjp: (
    [c, cMean, cVariance],
    { inputs: [x], outputs: [standard, centre, spread], attributes },
  ) => {
    const count = x.size / centre.size;
    const fromStandard = c && normalizeGradient(c, standard, spread, attributes);
    const fromMean = cMean && broadcastTo(divide(cMean, count), x.shape);
    const fromVariance = cVariance && multiply(subtract(x, centre), multiply(cVariance, 2 / count));
    return [addMaybe(addMaybe(fromStandard, fromMean), fromVariance)];
  },
  sample: (draw) => {
    const drawn = draw.shape();
    const axes = draw.axes(drawn.length);
    const shape = drawn.map((length, axis) => (axes.includes(axis) ? Math.max(length, 1) : length));
    return {
      inputs: [draw.values(shape, nearOrFar(draw))],
      attributes: {
        axes: draw.boolean() ? axes : axes.map((axis) => axis - shape.length),
        epsilon: draw.pick([0.5, 0.1, 0.01]),
      },
    };
  },
  special: [
    {
      title: "elements without variance are all 0, with a finite gradient",
      inputs: [
        nd([
          [2, 1],
          [2, 5],
        ]),
      ],
      attributes: { axes: 0, epsilon: 0.25 },
      cotangent: nd([
        [1, 0],
        [3, 0],
      ]),
      gradients: [
        nd([
          [-2, 0],
          [2, 0],
        ]),
      ],
    },
    {
      title: "a single element is its own mean: 0, and no gradient reaches it through x̂",
      inputs: [nd([7])],
      attributes: { axes: 0, epsilon: 0.25 },
      output: nd([0]),
      cotangent: nd([5]),
      gradients: [nd([0])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2])],
      attributes: { axes: 1, epsilon: 1 },
      message:
        "normalize: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.",
    },
    {
      inputs: [nd([1, 2])],
      attributes: { axes: 0, epsilon: 0 },
      message:
        "normalize: expected epsilon to be a finite number > 0, got 0. Use a small number such as 1e-5.",
    },
    {
      inputs: [nd([])],
      attributes: { axes: 0, epsilon: 1 },
      message:
        "normalize: expected x to have an element to normalize over, got x [0]. The mean of no elements does not exist: leave an empty batch out.",
    },
    floatsOnly("normalize", { axes: 0, epsilon: 1 }),
  ],
  reference: ([x], { axes, epsilon }) =>
    x ? normalizeArray(x, normalizeAxes("normalize", axes, x.shape.length), epsilon) : [],
  bound,
};

/**
 * x̂ = (x − mean)/√(variance + ε) over `axes`, with the mean and the biased variance that made it.
 * x: [...] → x̂ as x, mean and variance with `axes` kept as 1.
 * Throws AxisError for a bad axis, ShapeError over no elements, ValueError unless epsilon > 0.
 */
export function normalize(x: Tensor, options: NormalizeOptions): Moments {
  return bind(normalizeOp, [x], options);
}

/** The records of this file. */
export const normalizeOps: readonly OpRecord[] = [normalizeOp];
