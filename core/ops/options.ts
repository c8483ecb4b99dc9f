/**
 * The options of the ops, gathered as types for programs that hand them on.
 * Rests on the files of each, which say what they mean.
 */
export type { EluOptions, GeluOptions, LeakyReluOptions } from "./activation.ts";
export type { ArgOptions } from "./arg.ts";
export type { ClampOptions } from "./clamp.ts";
export type { BiasOption, ConvolutionOptions } from "./convolution-shapes.ts";
export type { TransposedOptions } from "./convolution-transpose.ts";
export type { CrossEntropyOptions } from "./cross-entropy.ts";
export type { DropoutOptions } from "./dropout.ts";
export type { Padding, PairLike, SlidingOptions } from "./geometry.ts";
export type { IndexOptions } from "./indexing.ts";
export type { AlongOptions } from "./join.ts";
export type { LossOptions, LossReduction } from "./loss-reduction.ts";
export type { MakeOptions } from "./make.ts";
export type {
  BatchNormOptions,
  BatchNormResult,
  GroupNormOptions,
  LayerNormOptions,
} from "./normalization.ts";
export type { TensorLike } from "./operands.ts";
export type { TransposeOptions } from "./permute.ts";
export type { GlobalPoolOptions } from "./pooling.ts";
export type {
  BernoulliOptions,
  IntegersOptions,
  NormalOptions,
  RandomFloatOptions,
  RandomOptions,
  TruncatedNormalOptions,
  UniformOptions,
} from "./random.ts";
export type { FlattenOptions } from "./reshape.ts";
export type { CumsumOptions } from "./scan.ts";
export type { FlipOptions, Range } from "./slice.ts";
export type { SoftmaxOptions } from "./softmax.ts";
export type { VarianceOptions } from "./statistics.ts";
export type { ReduceOptions } from "./sum.ts";
export type { OneHotOptions } from "./take.ts";
export type { SqueezeOptions } from "./unit-axis.ts";
export type { Col2imOptions, WindowOptions } from "./window.ts";
