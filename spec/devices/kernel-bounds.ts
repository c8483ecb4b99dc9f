/**
 * How far a device's kernel may lie from the reference device's, and why: one entry for each kernel of the table.
 * Rests on launch-bounds and the records of the registry, whose bounds it asks where an op and its kernel are the same function.
 *
 * null asks for the same bits. Otherwise the reference runs in float64, and the entry gives the allowed distance from
 * what came out, for each output, as the records do (core/error-bound.ts).
 */
import type { KernelName } from "../../core/devices/kernels.ts";
import { referenceDevice } from "../../core/devices/reference/index.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { denseLayout } from "../../core/layout.ts";
import type { NdArray } from "../../core/nd-array.ts";
import { registry } from "../../core/ops/registry.ts";
import { sizeOf } from "../../core/shape.ts";
import { convolved } from "./convolution-bounds.ts";
import {
  type Allowed,
  isWithinRange,
  type KernelBound,
  type Launch,
  type PlainOperand,
  perform,
  sizes,
  summed,
} from "./launch-bounds.ts";

const same: KernelBound<never> = {
  isExact: () => true,
  allowed: () => [],
};

/** The record's own bound of its only output. */
function declared<Name extends KernelName>(
  opOf: (launch: Launch<Name>) => { readonly op: string; readonly attributes: object },
): KernelBound<Name>["allowed"] {
  return (launch) => {
    const { op, attributes } = opOf(launch);
    const record = registry.find(({ name }) => name === op);
    if (record === undefined) throw new Error(`no record named ${op}`);
    const { unit, tiny } = launch;
    const inputs = launch.inputs.map(arrayOf);
    return launch.outputs.map((output) => {
      const { data } = record.bound.of({ inputs, attributes, output: arrayOf(output), unit, tiny });
      // A bound that grew beyond all numbers promises nothing of a number, but what is none is none.
      return data.map((room, i) => {
        if (!Number.isFinite(output.handle[i])) return 0;
        return room >= 0 && room < Number.POSITIVE_INFINITY ? room : Number.NaN;
      });
    });
  };
}

/** The elements of an operand at any layout. */
export function arrayOf(operand: PlainOperand): NdArray {
  const data = Array.from(referenceDevice.read(operand));
  return { shape: operand.shape, data, kind: "float" };
}

const inFloat64 = (launch: { readonly dtype: DType }): boolean => launch.dtype !== "float32";
const bounded = <Name extends KernelName>(
  allowed: KernelBound<Name>["allowed"],
  isExact: KernelBound<Name>["isExact"] = () => false,
): KernelBound<Name> => ({
  isExact: (launch) => !isFloat(launch.dtype) || isExact(launch),
  allowed,
});

/** max |x| over the axes and the number of elements there. */
function extent(
  x: PlainOperand | undefined,
  output: PlainOperand | undefined,
  axes: readonly number[],
): { readonly largest: readonly number[]; readonly count: number } {
  if (!x || !output) return { largest: [], count: 0 };
  const [top] = perform("reduce", [sizes(x)], [output], { fn: "max", axes });
  const count = axes.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1);
  return { largest: Array.from(top?.handle ?? []), count };
}

/** Two-pass moments of n elements: errors grow as (n + 8)·u·max|x|, as in core/ops/normalize.ts. */
function momentErrors(
  { inputs: [x], outputs, unit, tiny }: Launch<"moments"> | Launch<"normalize">,
  axes: readonly number[],
  [mean, variance]: readonly [PlainOperand | undefined, PlainOperand | undefined],
): Allowed {
  const { largest, count } = extent(x, mean ?? outputs[0], axes);
  const relative = (count + 8) * unit;
  // No op declares which moment of an infinity is infinite and which is NaN.
  if (x?.handle.some((element) => !Number.isFinite(element))) {
    return [mean, variance].map((moment) => Array.from(moment?.handle ?? [], () => Infinity));
  }
  const ofMean = largest.map((top) => relative * top + tiny);
  const ofVariance = Array.from(variance?.handle ?? [], (spread, i) => {
    const scale = ofMean[i] ?? 0;
    return relative * spread + 2 * scale * scale + tiny;
  });
  return [ofMean, ofVariance];
}

/** Values of fibres, shaped like `kept`, for each element of `shape`. */
function spread(
  values: ArrayLike<number>,
  kept: PlainOperand,
  shape: readonly number[],
  axes: readonly number[],
): ArrayLike<number> {
  const strides = denseLayout(kept.shape).strides.map((stride, i) =>
    axes.includes(i) ? 0 : stride,
  );
  const from = { handle: Float64Array.from(values), dtype: "float64", offset: 0 } as const;
  return referenceDevice.read({ ...from, shape, strides });
}

/** Exactly one entry a kernel. */
export const kernelBounds: { readonly [Name in KernelName]: KernelBound<Name> } = {
  copy: same,
  update: same,
  fill: same,
  range: same,
  unary: bounded(
    declared(({ attributes: { fn } }) =>
      fn === "geluTanh"
        ? { op: "gelu", attributes: { approximate: "tanh" } }
        : { op: fn, attributes: {} },
    ),
    // In float64 both run core/scalar-math; rational functions round once in any order.
    (launch) =>
      inFloat64(launch) ||
      ["negate", "abs", "sign", "sqrt", "square", "relu"].includes(launch.attributes.fn),
  ),
  clamp: same,
  binary: bounded(
    declared(({ attributes: { fn } }) => ({ op: fn, attributes: {} })),
    (launch) => inFloat64(launch) || launch.attributes.fn !== "pow",
  ),
  multiplyAdd: same,
  compare: same,
  logical: same,
  logicalNot: same,
  select: same,
  reduce: bounded(
    (launch) => {
      const { fn, axes } = launch.attributes;
      if (fn === "sum") {
        // Sums run in float64 and are rounded once, so the dtype's roundoff counts once however many terms there are.
        const exactSum = summed("reduce", ({ inputs: [x], outputs: [y] }: Launch<"reduce">) =>
          x && y ? sizeOf(x.shape) / Math.max(1, sizeOf(y.shape)) : 0,
        );
        const wide = { ...launch, dtype: "float64", unit: 2 ** -52, tiny: 0 } as const;
        const rounding = launch.dtype === "float32" ? 2 ** -24 : 0;
        return exactSum(wide).map((errors, k) =>
          errors.map(
            (error, i) =>
              error + rounding * Math.abs(launch.outputs[k]?.handle[i] ?? 0) + launch.tiny,
          ),
        );
      }
      const op = fn === "norm2" ? "norm" : fn;
      return declared<"reduce">(() => ({ op, attributes: { axis: axes } }))(launch);
    },
    ({ attributes: { fn } }) => ["max", "min", "any", "all"].includes(fn),
  ),
  moments: bounded((launch) => {
    const { axes, divisor } = launch.attributes;
    const { inputs, outputs } = launch;
    const { count } = extent(inputs[0], outputs[0], axes);
    const [ofMean = [], ofVariance = []] = momentErrors(launch, axes, [outputs[0], outputs[1]]);
    const share = Math.max(1, count / divisor);
    return [ofMean, ofVariance.map((error) => share * error)];
  }),
  argReduce: same,
  cumulativeSum: same,
  softmax: bounded(declared(({ attributes }) => ({ op: "softmax", attributes }))),
  logSoftmax: bounded(declared(({ attributes }) => ({ op: "logSoftmax", attributes }))),
  softmaxCrossEntropy: bounded(
    declared(({ attributes }) => ({ op: "softmaxCrossEntropy", attributes })),
  ),
  // In float64 both sum over k in order.
  matmul: bounded(
    summed("matmul", ({ inputs: [a] }) => a?.shape.at(-1) ?? 0),
    inFloat64,
  ),
  conv2d: bounded(convolved("conv2d")),
  conv2dInputGradient: bounded(convolved("conv2dInputGradient")),
  conv2dWeightGradient: bounded(convolved("conv2dWeightGradient")),
  maxPool2d: same,
  avgPool2d: bounded(
    summed(
      "avgPool2d",
      ({ attributes: { window } }) => window[0] * window[1] + 1,
      ({ attributes: { window } }) => window[0] * window[1],
    ),
  ),
  avgPool2dGradient: bounded(
    summed("avgPool2dGradient", ({ attributes: { window } }) => window[0] * window[1] + 1),
  ),
  im2col: same,
  col2im: bounded(summed("col2im", ({ attributes: { window } }) => window[0] * window[1])),
  gather: same,
  // In float64 both add in row-major order of the updates.
  scatterAdd: bounded(
    summed(
      "scatterAdd",
      ({ inputs: [, indices], attributes: { axis } }) => indices?.shape[axis] ?? 0,
    ),
    inFloat64,
  ),
  concat: same,
  embed: same,
  normalize: bounded((launch) => {
    const { axes, epsilon } = launch.attributes;
    const { inputs, outputs, unit, tiny } = launch;
    const [standard, mean, variance] = outputs;
    const [ofMean = [], ofVariance = []] = momentErrors(launch, axes, [mean, variance]);
    const [x] = inputs;
    if (!x || !standard || !mean || !variance) return [];
    // x̂ = (x − mean)/√(variance + ε): the errors of both, spread over the elements of their fibre.
    const shifts = spread(
      ofMean.map((error, i) => error / Math.sqrt((variance.handle[i] ?? 0) + epsilon)),
      mean,
      x.shape,
      axes,
    );
    const scales = spread(
      ofVariance.map((error, i) => error / ((variance.handle[i] ?? 0) + epsilon) + 8 * unit),
      mean,
      x.shape,
      axes,
    );
    const ofStandard = Array.from(
      standard.handle,
      (y, i) => (shifts[i] ?? 0) + Math.abs(y) * (scales[i] ?? 0) + tiny,
    );
    return [ofStandard, ofMean, ofVariance];
  }),
  normalizeGradient: bounded((launch) => {
    const { attributes, inputs, outputs, unit, tiny } = launch;
    const { axes, epsilon } = attributes;
    const [t, standard, variance, gamma] = inputs;
    if (!t || !standard || !variance) return [];
    const [own, beside] = [sizes(t), sizes(standard)];
    const fn = "multiply" as const;
    const products = perform("binary", [own, beside], [own], { fn });
    const count = sizeOf(t.shape) / Math.max(1, sizeOf(variance.shape));
    const totals = [own, ...products].map((x) => {
      const sums = perform("reduce", [x], [variance], { fn: "sum", axes });
      return Array.from(sums[0]?.handle ?? []);
    });
    const [drift, tilt] = totals.map((total) => spread(total, variance, t.shape, axes));
    const scales = spread(variance.handle, variance, t.shape, axes);
    const factors = gamma && spread(referenceDevice.read(sizes(gamma)), variance, t.shape, axes);
    const x = referenceDevice.read(beside);
    // As core/ops/normalize-gradient.ts bounds it: two means of n terms, three subtractions and products.
    const room = Array.from(referenceDevice.read(own), (size, i) => {
      if (!Number.isFinite(outputs[0]?.handle[i])) return Number.POSITIVE_INFINITY;
      const terms = size + ((drift?.[i] ?? 0) + (x[i] ?? 0) * (tilt?.[i] ?? 0)) / count;
      const factor = (factors?.[i] ?? 1) / Math.sqrt((scales[i] ?? 0) + epsilon);
      // An x̂ of 0 does not make up for an infinite mean.
      if (!isWithinRange(Math.max(terms * count, tilt?.[i] ?? 0), launch)) return Number.NaN;
      // γ/√(variance + ε) is rounded on its own.
      if (gamma !== undefined && !isWithinRange(factor, launch)) return Number.NaN;
      return ((count + 16) * unit * terms + 4 * tiny) * factor;
    });
    // Sums of n terms, a product and a sum each.
    const [ofSum = [], ofProducts = []] = totals.map((total, k) =>
      total.map((size, i) => {
        if (!Number.isFinite(outputs[2 - k]?.handle[i])) return Number.POSITIVE_INFINITY;
        return isWithinRange(size, launch) ? (count + 4) * (unit * size + tiny) : Number.NaN;
      }),
    );
    return gamma === undefined ? [room] : [room, ofProducts, ofSum];
  }),
  dropout: same,
  random: same,
};
