/**
 * Normalization once more, on plain arrays: the definitions and error bounds that records are checked against.
 * Rests on nd-array.
 */
import { at, average, fibre, mapElements, type NdArray, tabulate } from "../nd-array.ts";
import { reducedShape } from "../shape.ts";

/** x̂, mean and biased variance of a plain array. */
export function normalizeArray(
  x: NdArray,
  axes: readonly number[],
  epsilon: number,
): readonly [NdArray, NdArray, NdArray] {
  const kept = reducedShape(x.shape, axes, true);
  const centre = tabulate(kept, (index) => average(fibre(x, index, axes)));
  const spread = tabulate(kept, (index) =>
    average(fibre(x, index, axes).map((value) => (value - at(centre, index)) ** 2)),
  );
  const standard = tabulate(
    x.shape,
    (index) => (at(x, index) - at(centre, index)) / Math.sqrt(at(spread, index) + epsilon),
  );
  return [standard, centre, spread];
}

/**
 * With e = (n + 8)·u and A = max|x| over a fibre of n elements: the mean is within e·A, the variance within
 * e·variance + 2(e·A)², and x̂ within e·A/√(variance + ε) and half the relative error of variance + ε.
 * Higham 2002, section 1.9: the two-pass variance.
 */
export function momentsError(
  x: NdArray,
  axes: readonly number[],
  epsilon: number,
  unit: number,
): readonly [NdArray, NdArray, NdArray] {
  const [standard, centre, spread] = normalizeArray(x, axes, epsilon);
  const scale = (index: readonly number[]): number => {
    const values = fibre(x, index, axes).map(Math.abs);
    return (values.length + 8) * unit * Math.max(...values);
  };
  const count = axes.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1);
  const e = (count + 8) * unit;
  const ofSpread = (index: readonly number[]): number =>
    e * at(spread, index) + 2 * scale(index) * scale(index);
  return [
    tabulate(x.shape, (index) => {
      const total = at(spread, index) + epsilon;
      const relative = ofSpread(index) / total + 8 * unit;
      return scale(index) / Math.sqrt(total) + Math.abs(at(standard, index)) * relative;
    }),
    tabulate(centre.shape, scale),
    tabulate(spread.shape, ofSpread),
  ];
}

/** γ·x̂ + β, plain; `parameter` gives the index of a scale for the index of an element. */
export function affineArray(
  standard: NdArray,
  gamma: NdArray,
  beta: NdArray,
  parameter: (index: readonly number[]) => readonly number[],
): NdArray {
  return tabulate(
    standard.shape,
    (index) => at(gamma, parameter(index)) * at(standard, index) + at(beta, parameter(index)),
  );
}

/** The error of γ·x̂ + β: that of x̂, scaled, with two roundings more. */
export function affineError(
  error: NdArray,
  standard: NdArray,
  gamma: NdArray,
  beta: NdArray,
  parameter: (index: readonly number[]) => readonly number[],
  unit: number,
): NdArray {
  const size = affineArray(
    mapElements(standard, Math.abs),
    mapElements(gamma, Math.abs),
    mapElements(beta, Math.abs),
    parameter,
  );
  return tabulate(
    error.shape,
    (index) =>
      Math.abs(at(gamma, parameter(index))) * at(error, index) + 4 * unit * at(size, index),
  );
}
