/**
 * normalizeAffine: γ·x̂ + β with x̂ = (x − mean)/√(variance + ε), one γ and one β for each mean; and its gradient, an op
 * of its own because the two sums that it takes over a fibre are those of γ and β as well.
 * Rests on bind, arithmetic, normalize and normalize-gradient. Batch normalization is made of it.
 */
import { bind } from "../bind.ts";
import { sameDType } from "../dtype.ts";
import type { BoundInputs, ErrorBound } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { at, fibre, type NdArray, nd, nothing, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { nearOrFar } from "../op-examples.ts";
import type { Sampler } from "../sampling.ts";
import { formatShape, normalizeAxes, reducedShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { multiplyAdd } from "./multiply-add.ts";
import { type NormalizeOptions, normalize, normalizeOp } from "./normalize.ts";
import { affineArray, affineError, momentsError, normalizeArray } from "./normalize-definitions.ts";
import {
  normalizeGradientArray,
  normalizeGradientBound,
  normalizeGradientOp,
} from "./normalize-gradient.ts";
import { addMaybe } from "./shorthand.ts";
import { sum } from "./sum.ts";
import { broadcastTo } from "./view.ts";

const name = "normalizeAffine";
const gradientName = "normalizeAffineGradient";

/** Throws unless `parameter` has the shape of a mean, and the dtype of the first argument. */
function requireMeanLike(
  where: string,
  [firstName, first]: readonly [string, TensorType],
  [argument, parameter]: readonly [string, TensorType],
  kept: Shape,
): void {
  sameDType(where, [firstName, argument], first.dtype, parameter.dtype);
  if (sameShape(parameter.shape, kept)) return;
  throw new ShapeError({
    where,
    argument,
    expected: `to be ${formatShape(kept)}, one number for each mean`,
    got: formatShape(parameter.shape),
    fix: "Reshape it, or make one of that shape",
  });
}

/** A shape without empty axes to reduce, and the axes. */
function drawShape(draw: Sampler): readonly [shape: Shape, axes: readonly number[]] {
  const drawn = draw.shape();
  const axes = draw.axes(drawn.length);
  return [drawn.map((length, axis) => (axes.includes(axis) ? Math.max(length, 1) : length)), axes];
}

const asIs = (index: readonly number[]): readonly number[] => index;

const bound: ErrorBound<NormalizeOptions> = {
  reason: "two-pass moments of n elements, then γ·x̂ + β with two roundings",
  of: ({ inputs, attributes, output, unit, tiny }: BoundInputs<NormalizeOptions>) => {
    const [x = nothing, gamma = nothing, beta = nothing] = inputs;
    const axes = normalizeAxes(name, attributes.axes, x.shape.length);
    const [error, centre, spread] = momentsError(x, axes, attributes.epsilon, unit);
    if (!sameShape(output.shape, x.shape)) {
      return tabulate(output.shape, (index) =>
        Math.max(at(centre, index), at(spread, index), tiny),
      );
    }
    const [standard] = normalizeArray(x, axes, attributes.epsilon);
    const scaled = affineError(error, standard, gamma, beta, asIs, unit);
    // y and x̂ have one shape, and so has a mean over axes of length 1: the widest of the bounds.
    return tabulate(output.shape, (index) =>
      Math.max(at(scaled, index), at(error, index), at(centre, index), at(spread, index)),
    );
  },
};

const gradientBound: ErrorBound<NormalizeOptions> = {
  reason: "that of normalizeGradient, scaled; sums of n terms with two roundings each",
  of: (given: BoundInputs<NormalizeOptions>) => {
    const { inputs, attributes, output, unit, tiny } = given;
    const [t = nothing, standard = nothing, , gamma = nothing] = inputs;
    const axes = normalizeAxes(gradientName, attributes.axes, t.shape.length);
    const ofSums = (index: readonly number[]): number => {
      const beside = fibre(standard, index, axes);
      const sizes = fibre(t, index, axes).map((value, i) => [value, value * (beside[i] ?? 0)]);
      const total = sizes.reduce((s, [a = 0, b = 0]) => s + Math.max(Math.abs(a), Math.abs(b)), 0);
      return (sizes.length + 4) * (unit * total + tiny);
    };
    if (!sameShape(output.shape, t.shape)) return tabulate(output.shape, ofSums);
    const error = normalizeGradientBound.of({ ...given, inputs: inputs.slice(0, 3) });
    return tabulate(output.shape, (index) =>
      Math.max(Math.abs(at(gamma, index)) * at(error, index) * 1.5, ofSums(index)),
    );
  },
};

type Three = readonly [Tensor, Tensor, Tensor];

/** The record of `normalizeAffine`. */
export const normalizeAffineOp: OpRecord<
  NormalizeOptions,
  Three,
  readonly [y: Tensor, standard: Tensor, mean: Tensor, variance: Tensor]
> = {
  name,
  family: "normalization",
  inputNames: ["x", "gamma", "beta"],
  formula: "y = γ·x̂ + β with x̂ = (x − mean x)/√(variance x + ε); also x̂, mean and variance",
  source: "Ioffe & Szegedy 2015, algorithm 1; its gradients in section 3",
  infer: ([x, gamma, beta], options) => {
    const [standard, mean, variance] = normalizeOp.infer([x], options);
    requireMeanLike(name, ["x", x], ["gamma", gamma], mean.shape);
    requireMeanLike(name, ["x", x], ["beta", beta], mean.shape);
    return [standard, standard, mean, variance];
  },
  forward: {
    opaque: ([x, gamma, beta], options) => {
      const moments = normalize(x, options);
      return [multiplyAdd(moments[0], gamma, beta), ...moments];
    },
  },
  jvp: (
    [tx, tGamma, tBeta],
    { inputs: [x, gamma], outputs: [y, standard, ...rest], attributes },
  ) => {
    const outputs = [standard, ...rest] as const;
    const [ts = null, tMean = null, tVariance = null] =
      normalizeOp.jvp?.([tx], { inputs: [x], outputs, attributes }) ?? [];
    const ofScale = addMaybe(ts && multiply(ts, gamma), tGamma && multiply(standard, tGamma));
    const tangent = addMaybe(ofScale, tBeta && broadcastTo(tBeta, y.shape));
    return [tangent, ts, tMean, tVariance];
  },
  vjp: (
    [c, cStandard, cMean, cVariance],
    { inputs: [x, gamma], outputs: [, standard, mean, variance], attributes },
    [wantX],
  ) => {
    const [fromY, ofGamma, ofBeta] =
      c === null
        ? [null, null, null]
        : normalizeAffineGradient([c, standard, variance, gamma], attributes);
    if (!wantX) return [null, ofGamma, ofBeta];
    const outputs = [standard, mean, variance] as const;
    const cotangents = [cStandard, cMean, cVariance] as const;
    const [fromMoments = null] =
      normalizeOp.vjp?.(cotangents, { inputs: [x], outputs, attributes }, [true]) ?? [];
    return [addMaybe(fromY, fromMoments), ofGamma, ofBeta];
  },
  sample: (draw) => {
    const [shape, axes] = drawShape(draw);
    const kept = reducedShape(shape, axes, true);
    const parameter = { min: -3, max: 3 };
    return {
      inputs: [
        draw.values(shape, nearOrFar(draw)),
        draw.values(kept, parameter),
        draw.values(kept, parameter),
      ],
      attributes: { axes, epsilon: draw.pick([0.5, 0.1, 0.01]) },
    };
  },
  special: [
    {
      title: "elements without variance are β, with a finite gradient",
      inputs: [nd([2, 2]), nd([3]), nd([1])],
      attributes: { axes: 0, epsilon: 0.25 },
      output: nd([1, 1]),
      cotangent: nd([1, 3]),
      gradients: [nd([-6, 6]), nd([0]), nd([4])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2], "int32"), nd([1], "int32"), nd([1], "int32")],
      attributes: { axes: 0, epsilon: 1 },
      message: `normalize: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").`,
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1])],
      attributes: { axes: 0, epsilon: 1 },
      message:
        "normalizeAffine: expected gamma to be [1], one number for each mean, got [2]. Reshape it, or make one of that shape.",
    },
    {
      inputs: [nd([1, 2]), nd([1]), nd([1], "int32")],
      attributes: { axes: 0, epsilon: 1 },
      message: `normalizeAffine: expected beta to have the dtype of x, float64, got int32. Cast one of them, for example beta.cast("float64").`,
    },
  ],
  reference: ([x = nothing, gamma = nothing, beta = nothing], { axes, epsilon }) => {
    const moments = normalizeArray(x, normalizeAxes(name, axes, x.shape.length), epsilon);
    return [affineArray(moments[0], gamma, beta, asIs), ...moments];
  },
  bound,
};

type Four = readonly [t: Tensor, standard: Tensor, variance: Tensor, gamma: Tensor];

/** The record of `normalizeAffineGradient`. With u = γ·t its first output is normalizeGradient of u. */
export const normalizeAffineGradientOp: OpRecord<NormalizeOptions, Four, Three> = {
  name: gradientName,
  family: "normalization",
  inputNames: ["t", "standard", "variance", "gamma"],
  formula: "γ·(t − mean t − x̂·mean x̂t)/√(variance + ε); also Σ x̂t and Σ t",
  source: "Ioffe & Szegedy 2015, section 3",
  infer: ([t, standard, variance, gamma], options) => {
    const [y] = normalizeGradientOp.infer([t, standard, variance], options);
    requireMeanLike(gradientName, ["t", t], ["gamma", gamma], variance.shape);
    return [y, variance, variance];
  },
  forward: {
    kernel: "normalizeGradient",
    with: ({ axes, epsilon }, [t]) => ({
      axes: normalizeAxes(gradientName, axes, shapeOf(t).length),
      epsilon,
    }),
  },
  jvp: ([tt, ts, tv, tg], { inputs: [t, x, v, gamma], outputs: [y], attributes }) => {
    const over = { axis: attributes.axes, keepDims: true };
    const u = multiply(t, gamma);
    const tu = addMaybe(tt && multiply(tt, gamma), tg && multiply(t, tg));
    const [fromAll = null] =
      normalizeGradientOp.jvp?.([tu, ts, tv], { inputs: [u, x, v], outputs: [y], attributes }) ??
      [];
    const ofProducts = addMaybe(tt && multiply(tt, x), ts && multiply(t, ts));
    return [fromAll, ofProducts && sum(ofProducts, over), tt && sum(tt, over)];
  },
  vjp: (
    [c, cProducts, cSum],
    { inputs: [t, x, v, gamma], outputs: [y], attributes },
    [wantT, wantX, wantV, wantGamma],
  ) => {
    const over = { axis: attributes.axes, keepDims: true };
    const at = { inputs: [multiply(t, gamma), x, v], outputs: [y], attributes } as const;
    const wanted = [wantT || wantGamma, wantX, wantV] as const;
    const [cu = null, cx = null, cv = null] =
      c === null ? [] : (normalizeGradientOp.vjp?.([c], at, wanted) ?? []);
    const ofSums = addMaybe(
      cProducts && multiply(cProducts, x),
      cSum && broadcastTo(cSum, t.shape),
    );
    return [
      wantT ? addMaybe(cu && multiply(cu, gamma), ofSums) : null,
      wantX ? addMaybe(cx, cProducts && multiply(cProducts, t)) : null,
      cv,
      wantGamma && cu ? sum(multiply(cu, t), over) : null,
    ];
  },
  sample: (draw) => {
    const [shape, axes] = drawShape(draw);
    const kept = reducedShape(shape, axes, true);
    const range = { min: -3, max: 3 };
    return {
      inputs: [
        draw.values(shape, range),
        draw.values(shape, range),
        draw.values(kept, { min: 0.1, max: 3 }),
        draw.values(kept, range),
      ],
      attributes: { axes, epsilon: draw.pick([0.5, 0.1, 0.01]) },
    };
  },
  special: [
    {
      title: "what all elements of a fibre share passes to the sums alone",
      inputs: [nd([3, 3]), nd([1, -1]), nd([0.75]), nd([5])],
      attributes: { axes: 0, epsilon: 0.25 },
      output: nd([0, 0]),
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1]), nd([1, 2])],
      attributes: { axes: 0, epsilon: 1 },
      message:
        "normalizeAffineGradient: expected gamma to be [1], one number for each mean, got [2]. Reshape it, or make one of that shape.",
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1]), nd([1], "int32")],
      attributes: { axes: 0, epsilon: 1 },
      message: `normalizeAffineGradient: expected gamma to have the dtype of t, float64, got int32. Cast one of them, for example gamma.cast("float64").`,
    },
  ],
  reference: (inputs, options) => {
    const [t = nothing, standard = nothing, variance = nothing, gamma = nothing] = inputs;
    const axes = normalizeAxes(gradientName, options.axes, t.shape.length);
    const plain = normalizeGradientArray(inputs, options);
    const products = tabulate(t.shape, (index) => at(t, index) * at(standard, index));
    const total = (x: NdArray): NdArray =>
      tabulate(variance.shape, (index) => fibre(x, index, axes).reduce((a, b) => a + b, 0));
    return [
      tabulate(t.shape, (index) => at(gamma, index) * at(plain, index)),
      total(products),
      total(t),
    ];
  },
  bound: gradientBound,
};

/**
 * γ·x̂ + β over `axes`, and the x̂, mean and biased variance that it is made of. x: [...], γ and β: with `axes` kept
 * as 1 → y and x̂ as x, mean and variance as γ. Throws as `normalize`, ShapeError and DTypeError for γ and β.
 */
export function normalizeAffine(
  inputs: Three,
  options: NormalizeOptions,
): readonly [y: Tensor, standard: Tensor, mean: Tensor, variance: Tensor] {
  return bind(normalizeAffineOp, inputs, options);
}

/** The gradients of γ·x̂ + β applied to t: those of x, γ and β. Throws ShapeError, DTypeError, AxisError. */
function normalizeAffineGradient(inputs: Four, options: NormalizeOptions): Three {
  return bind(normalizeAffineGradientOp, inputs, options);
}

/** The records of this file. */
export const normalizeAffineOps: readonly OpRecord[] = [
  normalizeAffineOp,
  normalizeAffineGradientOp,
];
