/**
 * Whitening: PCA and ZCA. The elements of x become uncorrelated, each of variance 1.
 * Rests on normalization, dataset and linear-algebra.
 */
import { ValueError } from "../errors.ts";
import { symmetricEigen } from "../linear-algebra/index.ts";
import type { FloatArray } from "../random/index.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { allocateRows, type Examples } from "./dataset.ts";
import { asFloats, checkFloatField, type InvertibleNormalization } from "./normalization.ts";

/** Mean and biased covariance of the D elements of x over a dataset. */
export interface Moments {
  /** Shape of one x. */
  readonly shape: Shape;
  /** [D] */
  readonly mean: Float64Array;
  /** [D, D], symmetric; the divisor is the number of examples. */
  readonly covariance: Float64Array;
}

/** Options of `pcaWhitening` and `zcaWhitening`. */
export interface WhiteningOptions {
  /** Added to every variance before the root, ≥ 0; default 0. Directions of little variance are whitened less. */
  readonly epsilon?: number;
}

/**
 * Mean and covariance of x over all examples as they are in epoch 0: mean first, then the products of the deviations,
 * added in the order of the dataset. Takes N·D² operations and D² numbers of memory.
 * Throws ValueError for a dataset without examples, or whose x is no float.
 *
 * @example moments(imageDataset(train))
 */
export function moments<Name extends string>(dataset: Examples<Name | "x">): Moments {
  const { shape } = checkFloatField("moments", dataset.fields);
  if (dataset.length < 1) {
    throw new ValueError({
      where: "moments",
      argument: "dataset",
      expected: "to hold at least one example",
      got: "none",
      fix: "Measure a set that is not empty",
    });
  }
  const row = allocateRows(dataset.fields);
  const x = asFloats(row.x);
  const size = sizeOf(shape);
  const mean = new Float64Array(size);
  for (let position = 0; position < dataset.length; position++) {
    dataset.write(position, 0, row);
    for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (x[i] ?? 0);
  }
  for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) / dataset.length;
  const covariance = new Float64Array(size * size);
  const deviation = new Float64Array(size);
  for (let position = 0; position < dataset.length; position++) {
    dataset.write(position, 0, row);
    for (let i = 0; i < size; i++) deviation[i] = (x[i] ?? 0) - (mean[i] ?? 0);
    for (let i = 0; i < size; i++) {
      const di = deviation[i] ?? 0;
      for (let j = 0; j <= i; j++) {
        const at = i * size + j;
        covariance[at] = (covariance[at] ?? 0) + di * (deviation[j] ?? 0);
      }
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = (covariance[i * size + j] ?? 0) / dataset.length;
      covariance[i * size + j] = value;
      covariance[j * size + i] = value;
    }
  }
  return { shape, mean, covariance };
}

/**
 * y = Λ^(−1/2)·V·(x − μ), with the eigenvectors of the covariance as rows of V, the largest eigenvalue first: y has
 * covariance 1 on the examples measured, λ/(λ + ε) with an ε. x = μ + Vᵀ·Λ^(1/2)·y takes it back.
 * Throws ValueError where a variance plus ε is 0 to rounding: ε > 0 is needed, also for pixels that never change.
 * Krizhevsky 2009, "Learning multiple layers of features from tiny images", appendix A.
 *
 * @example normalize(imageDataset(test), pcaWhitening(moments(imageDataset(train)), { epsilon: 0.01 }))
 */
export function pcaWhitening(
  measured: Moments,
  options: WhiteningOptions = {},
): InvertibleNormalization {
  const { size, vectors, stds } = decompose("pcaWhitening", measured, options);
  const forward = tabulated(size, (i, j) => (vectors[i * size + j] ?? 0) / (stds[i] ?? 1));
  const back = tabulated(size, (i, j) => (vectors[j * size + i] ?? 0) * (stds[j] ?? 1));
  return affine("pcaWhitening", measured, forward, back);
}

/**
 * y = Vᵀ·Λ^(−1/2)·V·(x − μ): whitened as by `pcaWhitening`, then turned back, so that of all whitenings this one moves x
 * least and y still looks like x. Throws as `pcaWhitening`. Bell & Sejnowski 1997, "The independent components of
 * natural scenes are edge filters"; Krizhevsky 2009, appendix A.
 *
 * @example normalize(imageDataset(test), zcaWhitening(moments(imageDataset(train)), { epsilon: 0.01 }))
 */
export function zcaWhitening(
  measured: Moments,
  options: WhiteningOptions = {},
): InvertibleNormalization {
  const { size, vectors, stds } = decompose("zcaWhitening", measured, options);
  const turned = (scale: (k: number) => number): Float64Array =>
    tabulated(size, (i, j) => {
      let sum = 0;
      for (let k = 0; k < size; k++) {
        sum += (vectors[k * size + i] ?? 0) * scale(k) * (vectors[k * size + j] ?? 0);
      }
      return sum;
    });
  const forward = turned((k) => 1 / (stds[k] ?? 1));
  const back = turned((k) => stds[k] ?? 1);
  return affine("zcaWhitening", measured, forward, back);
}

/** Eigenvectors as rows, and √(λ + ε) of each. */
function decompose(
  where: string,
  { covariance, mean }: Moments,
  { epsilon = 0 }: WhiteningOptions,
): { readonly size: number; readonly vectors: Float64Array; readonly stds: Float64Array } {
  if (!(epsilon >= 0 && epsilon < Infinity)) {
    const fix = "Give the variance below which directions are whitened less";
    const complaint = { where, argument: "epsilon", got: String(epsilon), fix };
    throw new ValueError({ ...complaint, expected: "to be finite and at least 0" });
  }
  const size = mean.length;
  const { values, vectors } = symmetricEigen(covariance, size);
  // Eigenvalues are off by some size·2⁻⁵³ of the largest: below that a variance is no variance.
  const least = size * 2 ** -52 * (values[0] ?? 0);
  const variances = values.map((value) => Math.max(value, 0) + epsilon);
  const weak = variances.filter((variance) => !(variance > least)).length;
  if (weak > 0) {
    throw new ValueError({
      where,
      argument: "epsilon",
      expected: `to leave every direction a variance above ${least}, 2^-52·${size} of the largest`,
      got: `${epsilon} where ${weak} of ${size} directions have less`,
      fix: "Give a small epsilon, or more examples than elements of x",
    });
  }
  return { size, vectors, stds: variances.map(Math.sqrt) };
}

/** x ↦ forward·(x − μ), and y ↦ back·y + μ. */
function affine(
  name: string,
  { shape, mean }: Moments,
  forward: Float64Array,
  back: Float64Array,
): InvertibleNormalization {
  const size = mean.length;
  const centred = new Float64Array(size);
  const product = (matrix: Float64Array, x: FloatArray, offset: FloatArray, into: FloatArray) => {
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) sum += (matrix[i * size + j] ?? 0) * (x[j] ?? 0);
      into[i] = sum + (offset[i] ?? 0);
    }
  };
  const nothing = new Float64Array(size);
  return {
    name,
    shape,
    apply: (x, into) => {
      for (let i = 0; i < size; i++) centred[i] = (x[i] ?? 0) - (mean[i] ?? 0);
      product(forward, centred, nothing, into);
    },
    invert: (y, into) => product(back, y, mean, into),
  };
}

function tabulated(size: number, element: (i: number, j: number) => number): Float64Array {
  return Float64Array.from({ length: size * size }, (_, at) =>
    element(Math.floor(at / size), at % size),
  );
}
