/**
 * What the canonical run's net leaves out: every transcendental function, convolutions of every kind and the
 * normalizations, on drawn numbers, with gradients, in both float dtypes.
 * Rests on core.
 */
import {
  atan,
  conv2d,
  convTranspose2d,
  cos,
  cosh,
  cumsum,
  type DType,
  erf,
  erfc,
  exp,
  expm1,
  gelu,
  grad,
  groupNorm,
  layerNorm,
  log,
  log1p,
  logSoftmax,
  logSumExp,
  matmul,
  multiply,
  norm,
  pow,
  type RandomSource,
  randomNormal,
  relu,
  sigmoid,
  silu,
  sin,
  sinh,
  softmax,
  softplus,
  square,
  sum,
  type Tensor,
  tan,
  tanh,
  variance,
} from "../core/index.ts";

/** Functions of one argument, on all numbers. */
const everywhere: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  atan,
  cos,
  cosh,
  erf,
  erfc,
  exp,
  expm1,
  gelu,
  geluTanh: (x) => gelu(x, { approximate: "tanh" }),
  sigmoid,
  silu,
  sin,
  sinh,
  softplus,
  tan,
  tanh,
};

/** Functions of one argument, on positive numbers. */
const positive: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  log,
  log1p,
  power: (x) => pow(x, 0.3),
};

/** Functions of an image batch [2, 4, 9, 7] and a weight [4, 2, 3, 3]. */
const ofImages: Readonly<Record<string, (x: Tensor, w: Tensor) => Tensor>> = {
  convolution: (x, w) => conv2d(x, w, { padding: 1, groups: 2 }),
  strided: (x, w) => conv2d(x, w, { stride: 2, padding: "same", dilation: 2, groups: 2 }),
  transposed: (x, w) => convTranspose2d(x, w, { stride: 2 }),
  groupNorm: (x) => groupNorm(x, null, null, { groups: 2 }),
  layerNorm: (x) => layerNorm(x, null, null, { axes: 3 }),
  softmax: (x) => softmax(x, { axis: 1 }),
  logSoftmax: (x) => logSoftmax(x, { axis: 2 }),
  logSumExp: (x) => logSumExp(x, { axis: [0, 3] }),
  variance: (x) => variance(x, { axis: [0, 2, 3] }),
  norm: (x) => norm(x, { axis: 3 }),
  cumsum: (x) => cumsum(relu(x), { axis: 3 }),
  product: (x) => matmul(x, x.transpose()),
};

/** Values and gradients of all of these, by name. */
export function canonicalValues(source: RandomSource): Record<string, Tensor> {
  const dtypes: readonly DType[] = ["float32", "float64"];
  return Object.assign({}, ...dtypes.map((dtype) => valuesIn(dtype, source)));
}

function valuesIn(dtype: DType, source: RandomSource): Record<string, Tensor> {
  const draw = (name: string, shape: readonly number[]): Tensor =>
    randomNormal(shape, { stream: source.stream(`values/${name}`), dtype });
  const numbers = multiply(draw("numbers", [203]), 6);
  const x = draw("images", [2, 4, 9, 7]);
  const w = draw("weight", [4, 2, 3, 3]);
  const found: Record<string, Tensor> = {};
  const add = (name: string, f: (...x: Tensor[]) => Tensor, inputs: readonly Tensor[]): void => {
    found[`${name}/${dtype}`] = f(...inputs);
    const slope = grad((given: readonly Tensor[]) => sum(square(f(...given))));
    slope(inputs).forEach((gradient, i) => {
      found[`${name}/${dtype}/gradient${i}`] = gradient;
    });
  };
  for (const [name, f] of Object.entries(everywhere)) add(name, f, [numbers]);
  for (const [name, f] of Object.entries(positive)) add(name, f, [square(numbers)]);
  for (const [name, f] of Object.entries(ofImages)) {
    add(name, f, f.length === 2 ? [x, w] : [x]);
  }
  return found;
}
