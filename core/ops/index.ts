/** The ops as functions, by family. Each has a record in the registry. */

export {
  elu,
  gelu,
  leakyRelu,
  relu,
  selu,
  sigmoid,
  silu,
  softplus,
} from "./activation.ts";
export { argmax, argmin } from "./arg.ts";
export { add, divide, multiply, pow, subtract } from "./arithmetic.ts";
export { cast } from "./cast.ts";
export {
  clamp,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  maximum,
  minimum,
  notEqual,
  where,
} from "./compare.ts";
export {
  type Conv2dOptions,
  type ConvTranspose2dOptions,
  conv2d,
  convTranspose2d,
} from "./convolution.ts";
export { dropout } from "./dropout.ts";
export { einsum } from "./einsum.ts";
export { erf, erfc } from "./error-function.ts";
export { exp, expm1, log, log1p } from "./exponential.ts";
export { cosh, sinh, tanh } from "./hyperbolic.ts";
export { gather, index, oneHot, scatterAdd } from "./indexing.ts";
export { concat, pad, split, stack, tile } from "./join.ts";
export { binaryCrossEntropyWithLogits, crossEntropy, mse } from "./loss.ts";
export {
  arange,
  eye,
  full,
  linspace,
  lowerTriangle,
  ones,
  onesLike,
  upperTriangle,
  zeros,
  zerosLike,
} from "./make.ts";
export { dot, matmul, outer } from "./matmul.ts";
export { batchNorm, batchNormInference, groupNorm, layerNorm } from "./normalization.ts";
export type * from "./options.ts";
export {
  type AvgPool2dOptions,
  avgPool2d,
  globalAvgPool2d,
  globalMaxPool2d,
  type MaxPool2dOptions,
  maxPool2d,
} from "./pooling.ts";
export { rsqrt, sqrt, square } from "./power.ts";
export {
  randomBernoulli,
  randomIntegers,
  randomNormal,
  randomTruncatedNormal,
  randomUniform,
} from "./random.ts";
export { all, any, max, mean, min, prod } from "./reduce.ts";
export { cumsum } from "./scan.ts";
export { abs, negate, sign } from "./sign.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { logSumExp, norm, std, variance } from "./statistics.ts";
export { sum } from "./sum.ts";
export { atan, cos, sin, tan } from "./trigonometric.ts";
export {
  broadcastTo,
  detach,
  expandDims,
  flatten,
  flip,
  permute,
  reshape,
  slice,
  squeeze,
  transpose,
} from "./view.ts";
export { col2im, im2col } from "./window.ts";
