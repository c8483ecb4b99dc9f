/** Layers: parameterised functions, and nets made of them. */
export { Activation, GELU, LeakyReLU, ReLU, Sigmoid, Tanh } from "./activation.ts";
export { type AssembleOptions, assemble } from "./assemble.ts";
export { BatchNorm, type BatchNormOptions } from "./batch-norm.ts";
export { Conv2d, type Conv2dLayerOptions } from "./conv2d.ts";
export { Dropout } from "./dropout.ts";
export { Flatten } from "./flatten.ts";
export { type Assembly, type Declaration, type Declarations, Layer } from "./layer.ts";
export { Linear, type WeightOptions } from "./linear.ts";
export {
  type CifarResNetOptions,
  cifarResNet,
  type LenetOptions,
  lenet,
  type MlpOptions,
  mlp,
  type ResidualBlockOptions,
  residualBlock,
} from "./nets/index.ts";
export { AvgPool2d, GlobalAvgPool, MaxPool2d } from "./pooling.ts";
export {
  Residual,
  type ResidualOptions,
  ZeroPadShortcut,
  type ZeroPadShortcutOptions,
} from "./residual.ts";
export { Sequential } from "./sequential.ts";
