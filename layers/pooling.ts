/**
 * Pooling as layers.
 * Rests on layer and core.
 */
import {
  type AvgPool2dOptions,
  avgPool2d,
  globalAvgPool2d,
  type MaxPool2dOptions,
  maxPool2d,
  type Tensor,
} from "../core/index.ts";
import { Layer } from "./layer.ts";
import { requirePool } from "./require-window.ts";

/**
 * Largest value of each window. x: [N, C, H, W] → [N, C, H′, W′]; the stride defaults to the window.
 * Throws ValueError for options that `maxPool2d` does not take.
 */
export class MaxPool2d extends Layer {
  readonly kind = "maxPool";
  readonly options: MaxPool2dOptions;

  constructor(options: MaxPool2dOptions) {
    super();
    requirePool("MaxPool2d", options);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.options);
  }
}

/**
 * Mean of each window. x: [N, C, H, W] → [N, C, H′, W′]; the stride defaults to the window.
 * Throws ValueError for options that `avgPool2d` does not take.
 */
export class AvgPool2d extends Layer {
  readonly kind = "avgPool";
  readonly options: AvgPool2dOptions;

  constructor(options: AvgPool2dOptions) {
    super();
    requirePool("AvgPool2d", options);
    this.options = options;
  }

  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.options);
  }
}

/** Mean of each channel. x: [N, C, H, W] → [N, C]. */
export class GlobalAvgPool extends Layer {
  readonly kind = "globalAvgPool";

  override forward(x: Tensor): Tensor {
    return globalAvgPool2d(x);
  }
}
