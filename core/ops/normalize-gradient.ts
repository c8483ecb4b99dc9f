/**
 * The gradient of normalize: the symmetric map t ↦ (t − E t − x̂·E x̂t)/√(variance + ε), an op of its own because on
 * large activations it is two passes over memory where its parts are many.
 * Rests on bind, arithmetic and reduce. E is the mean over the axes.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import type { BoundInputs, ErrorBound } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { at, average, fibre, type NdArray, nd, nothing, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { type Axes, formatShape, normalizeAxes, reducedShape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { add, divide, multiply } from "./arithmetic.ts";
import { rsqrt } from "./power.ts";
import { mean } from "./reduce.ts";
import { addMaybe } from "./shorthand.ts";
import { negate } from "./sign.ts";
import { sum } from "./sum.ts";

/** Options of `normalizeGradient`: those of the normalization. */
interface Options {
  readonly axes: Axes;
  readonly epsilon: number;
}

const name = "normalizeGradient";

function inferType(
  t: TensorType,
  standard: TensorType,
  variance: TensorType,
  { axes }: Options,
): TensorType {
  requireDType(name, "t", t.dtype, floatDTypes);
  sameDType(name, ["t", "standard"], t.dtype, standard.dtype);
  sameDType(name, ["t", "variance"], t.dtype, variance.dtype);
  const kept = reducedShape(t.shape, normalizeAxes(name, axes, t.shape.length), true);
  for (const [argument, type, shape] of [
    ["standard", standard, t.shape],
    ["variance", variance, kept],
  ] as const) {
    if (!sameShape(type.shape, shape)) {
      throw new ShapeError({
        where: name,
        argument,
        expected: `to be ${formatShape(shape)} beside t ${formatShape(t.shape)}`,
        got: formatShape(type.shape),
        fix: "Give what normalize made over the same axes",
      });
    }
  }
  return { shape: t.shape, dtype: t.dtype };
}

/** f(t, mean t, x̂, mean x̂t, scale) of each element, plain; `size` takes magnitudes throughout. */
function projected(
  [t = nothing, standard = nothing, variance = nothing]: readonly NdArray[],
  { axes, epsilon }: Options,
  f: (t: number, drift: number, x: number, tilt: number, scale: number) => number,
  size: (x: number) => number = (x) => x,
): NdArray {
  const over = normalizeAxes(name, axes, t.shape.length);
  return tabulate(t.shape, (index) => {
    const own = fibre(t, index, over);
    const beside = fibre(standard, index, over);
    return f(
      size(at(t, index)),
      average(own.map(size)),
      size(at(standard, index)),
      average(own.map((value, i) => size(value * (beside[i] ?? 0)))),
      1 / Math.sqrt(at(variance, index) + epsilon),
    );
  });
}

/** The definition on plain arrays: t, x̂ and variance, further inputs are not looked at. */
export function normalizeGradientArray(inputs: readonly NdArray[], options: Options): NdArray {
  return projected(inputs, options, (t, drift, x, tilt, scale) => (t - drift - x * tilt) * scale);
}

/** The bound of the gradient: of everything but γ in `normalizeAffineGradient`, too. */
export const normalizeGradientBound: ErrorBound<Options> = {
  reason: "two means of n terms, three subtractions and products: (n + 16)·u of the magnitudes",
  of: ({ inputs, attributes, output, unit, tiny }: BoundInputs<Options>) => {
    const [t = nothing] = inputs;
    const over = normalizeAxes(name, attributes.axes, output.shape.length);
    const count = over.reduce((n, axis) => n * (t.shape[axis] ?? 1), 1);
    return projected(
      inputs,
      attributes,
      (own, drift, x, tilt, scale) =>
        ((count + 16) * unit * (own + drift + x * tilt) + 4 * tiny) * scale,
      Math.abs,
    );
  },
};

/** The record of `normalizeGradient`. */
export const normalizeGradientOp: OpRecord<
  Options,
  readonly [Tensor, Tensor, Tensor],
  readonly [Tensor]
> = {
  name,
  family: "normalization",
  inputNames: ["t", "standard", "variance"],
  formula: "y = (t − mean t − x̂·mean x̂t)/√(variance + ε)",
  source: "Ioffe & Szegedy 2015, section 3",
  infer: ([t, standard, variance], options) => [inferType(t, standard, variance, options)],
  forward: {
    kernel: "normalizeGradient",
    with: ({ axes, epsilon }, [t]) => ({
      axes: normalizeAxes(name, axes, shapeOf(t).length),
      epsilon,
    }),
  },
  jvp: ([tt, ts, tv], { inputs: [t, x, v], outputs: [y], attributes }) => {
    const fromT = tt && normalizeGradient(tt, x, v, attributes);
    const fromX = ts && negate(tilted([ts, x, t], [x, ts, t], v, attributes));
    const fromV = tv && multiply(y, multiply(tv, logSlope(v, attributes)));
    return [addMaybe(addMaybe(fromT, fromX), fromV)];
  },
  vjp: ([c], { inputs: [t, x, v], outputs: [y], attributes }, [wantT, wantX, wantV]) => {
    const over = { axis: attributes.axes, keepDims: true };
    return [
      wantT ? normalizeGradient(c, x, v, attributes) : null,
      wantX ? negate(tilted([c, x, t], [t, x, c], v, attributes)) : null,
      wantV ? multiply(sum(multiply(c, y), over), logSlope(v, attributes)) : null,
    ];
  },
  sample: (draw) => {
    const drawn = draw.shape();
    const axes = draw.axes(drawn.length);
    const shape = drawn.map((length, axis) => (axes.includes(axis) ? Math.max(length, 1) : length));
    const range = { min: -3, max: 3 };
    return {
      inputs: [
        draw.values(shape, range),
        draw.values(shape, range),
        draw.values(reducedShape(shape, axes, true), { min: 0.1, max: 3 }),
      ],
      attributes: {
        axes: draw.boolean() ? axes : axes.map((axis) => axis - shape.length),
        epsilon: draw.pick([0.5, 0.1, 0.01]),
      },
    };
  },
  special: [
    {
      title: "what all elements of a fibre share does not pass",
      inputs: [nd([3, 3]), nd([1, -1]), nd([0.75])],
      attributes: { axes: 0, epsilon: 0.25 },
      output: nd([0, 0]),
    },
    {
      title: "without variance the scale is 1/√ε",
      inputs: [nd([1, 3]), nd([0, 0]), nd([0])],
      attributes: { axes: 0, epsilon: 0.25 },
      output: nd([-2, 2]),
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2], "int32"), nd([1, 2], "int32"), nd([1], "int32")],
      attributes: { axes: 0, epsilon: 1 },
      message: `normalizeGradient: expected t to be float32 or float64, got int32. Cast it, for example t.cast("float32").`,
    },
    {
      inputs: [nd([1, 2]), nd([1]), nd([1])],
      attributes: { axes: 0, epsilon: 1 },
      message:
        "normalizeGradient: expected standard to be [2] beside t [2], got [1]. Give what normalize made over the same axes.",
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1, 2])],
      attributes: { axes: 0, epsilon: 1 },
      message:
        "normalizeGradient: expected variance to be [1] beside t [2], got [2]. Give what normalize made over the same axes.",
    },
    {
      inputs: [nd([1, 2]), nd([1, 2], "int32"), nd([1])],
      attributes: { axes: 0, epsilon: 1 },
      message: `normalizeGradient: expected standard to have the dtype of t, float64, got int32. Cast one of them, for example standard.cast("float64").`,
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1], "int32")],
      attributes: { axes: 0, epsilon: 1 },
      message: `normalizeGradient: expected variance to have the dtype of t, float64, got int32. Cast one of them, for example variance.cast("float64").`,
    },
    {
      inputs: [nd([1, 2]), nd([1, 2]), nd([1])],
      attributes: { axes: 1, epsilon: 1 },
      message:
        "normalizeGradient: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.",
    },
  ],
  reference: (inputs, options) => [normalizeGradientArray(inputs, options)],
  bound: normalizeGradientBound,
};

type Three = readonly [Tensor, Tensor, Tensor];

/** (a·E(x̂t) + e·E(u·w))/√(variance + ε): the product rule of x̂·E(x̂t), scaled. */
function tilted(
  [a, x, t]: Three,
  [e, u, w]: Three,
  variance: Tensor,
  { axes, epsilon }: Options,
): Tensor {
  const over = { axis: axes, keepDims: true };
  const left = multiply(a, mean(multiply(x, t), over));
  const right = multiply(e, mean(multiply(u, w), over));
  return multiply(add(left, right), rsqrt(add(variance, epsilon)));
}

/** ∂ log (v + ε)^(−1/2)/∂v. */
function logSlope(v: Tensor, { epsilon }: Options): Tensor {
  return divide(-0.5, add(v, epsilon));
}

/**
 * (t − mean t − x̂·mean x̂t)/√(variance + ε), the derivative of x̂ applied to t.
 * t, standard: [...], variance: with `axes` kept as 1 → as t. Throws ShapeError, DTypeError, AxisError.
 */
export function normalizeGradient(
  t: Tensor,
  standard: Tensor,
  variance: Tensor,
  options: Options,
): Tensor {
  return bindOne(normalizeGradientOp, [t, standard, variance], options);
}

/** The records of this file. */
export const normalizeGradientOps: readonly OpRecord[] = [normalizeGradientOp];
