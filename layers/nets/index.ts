/** Ready nets: layers put together as in the papers that made them known. */
export {
  type BlockOptions,
  type CifarResNetOptions,
  cifarResNet,
  type ResidualBlockOptions,
  residualBlock,
} from "./cifar-resnet.ts";
export { type LenetOptions, lenet } from "./lenet.ts";
export { type MlpOptions, mlp } from "./mlp.ts";
export { type VggOptions, vgg } from "./vgg.ts";
