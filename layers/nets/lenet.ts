/**
 * LeNet: two convolutions, two linear layers, for small images.
 * Rests on layers and init. After LeCun et al. 1998, "Gradient-based learning applied to document recognition".
 */
import { ValueError } from "../../core/index.ts";
import { xavierNormal } from "../../init/index.ts";
import { ReLU } from "../activation.ts";
import { Conv2d } from "../conv2d.ts";
import { Flatten } from "../flatten.ts";
import { Linear } from "../linear.ts";
import { MaxPool2d } from "../pooling.ts";
import { requireCount } from "../require-count.ts";
import { Sequential } from "../sequential.ts";

/** Options of `lenet`. */
export interface LenetOptions {
  /** Channels, height and width of an image, height and width multiples of 4; default [1, 28, 28]. */
  readonly shape?: readonly [number, number, number];
  /** Integer ≥ 1; default 10. */
  readonly classes?: number;
}

/**
 * Twice a 5×5 convolution (16, then 32 channels; height and width stay), ReLU and 2×2 max pooling; then 128
 * hidden units with ReLU, and the logits. x: [N, C, H, W] → [N, classes]. Not assembled yet.
 * The original has sigmoids, average pooling and partly connected maps; this is the form in use since.
 * Throws ValueError for sizes that are no integers ≥ 1, or a height or width that is no multiple of 4.
 *
 * @example
 * const net = assemble(lenet(), { seed: 0 });
 */
export function lenet({ shape = [1, 28, 28], classes = 10 }: LenetOptions = {}): Sequential {
  const [channels, height, width] = shape;
  for (const length of [channels, height, width]) requireCount("lenet", "shape", length);
  requireCount("lenet", "classes", classes);
  if (height % 4 !== 0 || width % 4 !== 0) {
    throw new ValueError({
      where: "lenet",
      argument: "shape",
      expected: "to have a height and a width that are multiples of 4",
      got: `[${shape.join(", ")}]`,
      fix: "Pad the images: both poolings halve them",
    });
  }
  return new Sequential([
    new Conv2d(channels, 16, { kernel: 5, padding: 2 }),
    new ReLU(),
    new MaxPool2d({ window: 2 }),
    new Conv2d(16, 32, { kernel: 5, padding: 2 }),
    new ReLU(),
    new MaxPool2d({ window: 2 }),
    new Flatten(),
    new Linear(32 * (height / 4) * (width / 4), 128),
    new ReLU(),
    new Linear(128, classes, { init: xavierNormal() }),
  ]);
}
