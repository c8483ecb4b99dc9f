/** Layers: parameterised functions, and nets made of them. */
export {
  Activation,
  ELU,
  GELU,
  LeakyReLU,
  LogSoftmax,
  ReLU,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
} from "./activation.ts";
export { type AssembleOptions, assemble } from "./assemble.ts";
export { BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormOptions } from "./batch-norm.ts";
export { Conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
export { Dropout, Dropout2d, DropPath } from "./dropout.ts";
export { Flatten } from "./flatten.ts";
export { GroupNorm, type GroupNormLayerOptions, InstanceNorm2d } from "./group-norm.ts";
export { type Assembly, type Declaration, type Declarations, Layer } from "./layer.ts";
export { LayerNorm } from "./layer-norm.ts";
export { Linear, type WeightOptions } from "./linear.ts";
export {
  type BlockOptions,
  type CifarResNetOptions,
  cifarResNet,
  type LenetOptions,
  lenet,
  type MlpOptions,
  mlp,
  type ResidualBlockOptions,
  residualBlock,
  type VggOptions,
  vgg,
} from "./nets/index.ts";
export { Normalization, type NormOptions } from "./normalization.ts";
export type { Activity, ActivityGradient, LayerObserver } from "./observe.ts";
export { AvgPool2d, GlobalAvgPool, MaxPool2d } from "./pooling.ts";
export { type ReestimateBatch, reestimate } from "./reestimate.ts";
export { Residual, type ResidualOptions } from "./residual.ts";
export { Sequential } from "./sequential.ts";
export { projectionShortcut, type ShortcutOptions, ZeroPadShortcut } from "./shortcut.ts";
export { formatSummary, type Summary, type SummaryRow, summary } from "./summary.ts";
