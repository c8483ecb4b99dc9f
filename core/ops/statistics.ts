/**
 * Statistics over axes: moments (mean and variance in two passes), variance, std; norm and logSumExp.
 * Rests on reduce, sum, norm and the elementwise ops. A reduced axis disappears unless `keepDims`.
 */
import { bind, bindOne } from "../bind.ts";
import { floatDTypes } from "../dtype.ts";
import type { BoundInputs, ErrorBound } from "../error-bound.ts";
import { ValueError } from "../errors.ts";
import { average, mapElements, type NdArray, nd } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { floatsOnly, nearOrFar } from "../op-examples.ts";
import type { ErrorExample, Sample, Sampler } from "../sampling.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { divide, multiply, subtract } from "./arithmetic.ts";
import { equal, where } from "./compare.ts";
import { sqrt } from "./power.ts";
import { mean } from "./reduce.ts";
import { addMaybe, type UnaryRecord } from "./shorthand.ts";
import {
  axesOf,
  axisErrors,
  countOf,
  drawReduction,
  inferReduction,
  keepReduced,
  type ReduceOptions,
  reduceArray,
  reducedCount,
  sum,
} from "./sum.ts";
import { broadcastTo } from "./view.ts";

/** Options of moments, variance and std. */
export interface VarianceOptions extends ReduceOptions {
  /**
   * Taken from the number of elements n: Σ(x − mean)²/(n − correction). A number ≥ 0 and, unless 0, below n.
   * Default 0, the biased variance of the batch-norm papers; PyTorch's default is 1.
   */
  readonly correction?: number;
}

type At = BoundInputs<VarianceOptions>;

function inferVariance(name: string, x: TensorType, options: VarianceOptions): TensorType {
  const { correction = 0 } = options;
  const type = inferReduction(name, x, options, floatDTypes);
  if (!(correction >= 0 && correction < Number.POSITIVE_INFINITY)) {
    throw new ValueError({
      where: name,
      argument: "correction",
      expected: "to be a finite number ≥ 0",
      got: String(correction),
      fix: "Use 0 for the biased variance, 1 for the unbiased one",
    });
  }
  const count = reducedCount(x.shape, options.axis);
  if (correction > 0 && correction >= count) {
    throw new ValueError({
      where: name,
      argument: "correction",
      expected: `to be below ${count}, the number of elements reduced`,
      got: String(correction),
      fix: "Reduce over more elements, or use 0",
    });
  }
  return type;
}

function varianceErrors(name: string): readonly ErrorExample<VarianceOptions>[] {
  return [
    ...axisErrors(name),
    floatsOnly(name, {}),
    {
      inputs: [nd([1, 2])],
      attributes: { correction: -1 },
      message: `${name}: expected correction to be a finite number ≥ 0, got -1. Use 0 for the biased variance, 1 for the unbiased one.`,
    },
    {
      inputs: [nd([1, 2])],
      attributes: { correction: Number.POSITIVE_INFINITY },
      message: `${name}: expected correction to be a finite number ≥ 0, got Infinity. Use 0 for the biased variance, 1 for the unbiased one.`,
    },
    {
      inputs: [nd([1])],
      attributes: { correction: 1 },
      message: `${name}: expected correction to be below 1, the number of elements reduced, got 1. Reduce over more elements, or use 0.`,
    },
  ];
}

function sampleVariance(draw: Sampler): Sample<VarianceOptions> {
  const { shape, options } = drawReduction(draw);
  const correction = reducedCount(shape, options.axis) > 1 ? draw.pick([0, 1, 0.5]) : 0;
  return {
    inputs: [draw.distinct(shape, nearOrFar(draw))],
    attributes: { ...options, correction },
  };
}

function meanArray(x: NdArray, options: VarianceOptions): NdArray {
  return reduceArray("mean", x, options, average);
}

function varianceArray(x: NdArray, options: VarianceOptions): NdArray {
  return reduceArray("variance", x, options, (xs) => {
    const centre = average(xs);
    const squares = xs.reduce((total, element) => total + (element - centre) ** 2, 0);
    return squares / (xs.length - (options.correction ?? 0));
  });
}

/** Allowed error of the mean: the first element taken off, n terms added, divided, put back. */
function meanError(at: At, x: NdArray): NdArray {
  const terms = 2 * countOf(at) + 4;
  return mapElements(
    meanArray(mapElements(x, Math.abs), at.attributes),
    (magnitude) => terms * at.unit * magnitude + terms * at.tiny,
  );
}

/** Allowed error of the variance: an error e of the mean adds n·e²/(n − correction), since Σ(x − mean) = 0. */
function varianceError(at: At, x: NdArray): NdArray {
  const n = countOf(at);
  const stretch = n / (n - (at.attributes.correction ?? 0));
  const errors = meanError(at, x).data;
  const exactly = varianceArray(x, at.attributes);
  const data = exactly.data.map(
    (y, i) => (n + 6) * at.unit * y + 2 * stretch * (errors[i] ?? 0) ** 2 + n * at.tiny,
  );
  return { ...exactly, data };
}

function bounded(reason: string, of: (at: At, x: NdArray) => NdArray): ErrorBound<VarianceOptions> {
  return { reason, of: (at) => (at.inputs[0] ? of(at, at.inputs[0]) : at.output) };
}

/** The record of `moments`: one kernel, two outputs. */
export const momentsOp: OpRecord<VarianceOptions, readonly [Tensor], readonly [Tensor, Tensor]> = {
  name: "moments",
  family: "statistics",
  formula: "m = Σx/n, v = Σ(x − m)²/(n − correction)",
  source:
    "two-pass algorithm: Chan, Golub & LeVeque 1983, equation 1.1; dv = 2·Σ(x − m)·dx/(n − correction)",
  inputNames: ["x"],
  infer: ([x], options) => {
    const type = inferVariance("moments", x, options);
    return [type, type];
  },
  forward: {
    kernel: "moments",
    with: ({ axis, correction = 0 }, [x]) => {
      const shape = shapeOf(x);
      return {
        axes: axesOf(shape, axis),
        divisor: reducedCount(shape, axis) - correction,
      };
    },
  },
  jvp: ([t], { inputs: [x], outputs: [m], attributes }) => {
    const { axis, correction = 0 } = attributes;
    const centred = subtract(x, keepReduced(m, x, axis));
    const products = t && sum(multiply(t, centred), attributes);
    const divisor = reducedCount(x.shape, axis) - correction;
    return [t && mean(t, attributes), products && divide(multiply(products, 2), divisor)];
  },
  vjp: ([cm, cv], { inputs: [x], outputs: [m], attributes: { axis, correction = 0 } }) => {
    const count = reducedCount(x.shape, axis);
    const spread = (c: Tensor, divisor: number): Tensor =>
      broadcastTo(divide(keepReduced(c, x, axis), divisor), x.shape);
    const fromVariance =
      cv &&
      multiply(spread(multiply(cv, 2), count - correction), subtract(x, keepReduced(m, x, axis)));
    return [addMaybe(cm && spread(cm, count), fromVariance)];
  },
  sample: sampleVariance,
  special: [
    {
      title: "equal elements have their value as mean and a flat variance",
      inputs: [nd([0.1, 0.1, 0.1])],
      attributes: {},
      output: nd(0.1),
      cotangent: nd(3),
      gradients: [nd([1, 1, 1])],
    },
  ],
  errors: varianceErrors("moments"),
  reference: (inputs, options) =>
    inputs.flatMap((x) => [meanArray(x, options), varianceArray(x, options)]),
  bound: bounded("the error of the mean, or of the variance", (at, x) => {
    const fromMean = meanError(at, x);
    const fromVariance = varianceError(at, x);
    return { ...fromMean, data: fromMean.data.map((e, i) => e + (fromVariance.data[i] ?? 0)) };
  }),
};

/** The record of `variance`. */
export const varianceOp: UnaryRecord<VarianceOptions> = {
  name: "variance",
  family: "statistics",
  formula: "y = Σ(x − mean x)²/(n − correction) over the axes",
  source: "definition; NumPy var with ddof = correction",
  inputNames: ["x"],
  infer: ([x], options) => [inferVariance("variance", x, options)],
  forward: { compose: ([x], options) => [moments(x, options)[1]] },
  sample: sampleVariance,
  special: [
    {
      title: "equal elements have variance 0 and a flat gradient",
      inputs: [nd([0.1, 0.1, 0.1])],
      attributes: {},
      output: nd(0),
      gradients: [nd([0, 0, 0])],
    },
    {
      title: "a large mean does not swamp a small variance",
      inputs: [nd([1e9 + 1, 1e9 + 2, 1e9 + 3])],
      attributes: { correction: 1 },
      output: nd(1),
      gradients: [nd([-1, 0, 1])],
    },
    {
      title: "the variance of no elements is NaN, as in NumPy",
      inputs: [nd([])],
      attributes: {},
      output: nd(Number.NaN),
      gradients: [nd([])],
    },
  ],
  errors: varianceErrors("variance"),
  reference: (inputs, options) => inputs.map((x) => varianceArray(x, options)),
  bound: bounded("two passes: n terms, and the error of the mean squared", varianceError),
};

/** √v, flat where v is 0: there the root's slope is infinite and the variance's zero. */
function rootOfVariance(v: Tensor): Tensor {
  const zero = equal(v, 0);
  return where(zero, 0, sqrt(where(zero, 1, v)));
}

/** The record of `std`. */
export const stdOp: UnaryRecord<VarianceOptions> = {
  name: "std",
  family: "statistics",
  formula: "y = √variance(x)",
  source: "definition; the gradient at variance 0 is 0, a subgradient",
  inputNames: ["x"],
  infer: ([x], options) => [inferVariance("std", x, options)],
  forward: { compose: ([x], options) => [rootOfVariance(moments(x, options)[1])] },
  sample: sampleVariance,
  special: [
    {
      title: "equal elements have std 0 and gradient 0, not NaN",
      inputs: [nd([0.1, 0.1, 0.1])],
      attributes: {},
      output: nd(0),
      gradients: [nd([0, 0, 0])],
    },
  ],
  errors: varianceErrors("std"),
  reference: (inputs, options) =>
    inputs.map((x) => mapElements(varianceArray(x, options), Math.sqrt)),
  bound: bounded("an error e of v moves √v by at most min(e/√v, √e)", (at, x) => {
    const errors = varianceError(at, x).data;
    const data = at.output.data.map((y, i) => {
      const e = errors[i] ?? 0;
      return Math.min(y === 0 ? Math.sqrt(e) : e / y, Math.sqrt(e)) + 2 * at.unit * y;
    });
    return { ...at.output, data };
  }),
};

/**
 * Mean and variance over axes, in two passes. x: [...] of a float dtype → two tensors, x without the axes.
 * Equal elements have exactly their own value as mean, and variance 0. NaN over no elements.
 * Throws AxisError, DTypeError, and ValueError for a `correction` that is negative or not below n.
 */
function moments(x: Tensor, options: VarianceOptions = {}): readonly [Tensor, Tensor] {
  return bind(momentsOp, [x], options);
}

/**
 * Variance over axes: Σ(x − mean)²/(n − correction). x: [...] of a float dtype → x without the axes.
 * `correction` is 0 by default (biased); PyTorch's default is 1 (unbiased). NaN over no elements.
 * Throws AxisError, DTypeError, and ValueError for a `correction` that is negative or not below n.
 *
 * @example
 * variance(tensor([1, 2, 3]), { correction: 1 }); // 1
 */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  return bindOne(varianceOp, [x], options);
}

/**
 * Standard deviation over axes: √variance. x: [...] of a float dtype → x without the axes.
 * `correction` as in `variance`: 0 by default, 1 in PyTorch. The gradient is 0 where the variance is 0.
 * Throws AxisError, DTypeError, and ValueError for a `correction` that is negative or not below n.
 */
export function std(x: Tensor, options: VarianceOptions = {}): Tensor {
  return bindOne(stdOp, [x], options);
}

export { logSumExp, norm } from "./norm.ts";

/** The records of this file. */
export const statisticsOps: readonly OpRecord[] = [momentsOp, varianceOp, stdOp];
