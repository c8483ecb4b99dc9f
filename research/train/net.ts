/**
 * The first net: a small convolutional classifier of images.
 * Rests on layers and init. After LeCun et al. 1998, with batch normalization and ReLU.
 */
import { xavierNormal } from "../../init/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "../../layers/index.ts";

/** Options of `smallCnn`. */
export interface SmallCnnOptions {
  /** Channels, height, width of an image; height and width multiples of 4. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  readonly seed: number;
}

/**
 * Two convolutions with normalization and ReLU, the first with stride 2, pooling, a linear layer. No ReLU
 * follows the last, so Xavier keeps its variance.
 */
export function smallCnn({ shape, classes, seed }: SmallCnnOptions): Sequential {
  const [channels, height, width] = shape;
  const net = new Sequential([
    new Conv2d(channels, 8, { kernel: 5, stride: 2, padding: 2, bias: false }),
    new BatchNorm(8),
    new ReLU(),
    new Conv2d(8, 16, { kernel: 3, padding: 1, bias: false }),
    new BatchNorm(16),
    new ReLU(),
    new MaxPool2d({ window: 2 }),
    new Flatten(),
    new Linear(16 * (height / 4) * (width / 4), classes, { init: xavierNormal() }),
  ]);
  return assemble(net, { seed });
}
