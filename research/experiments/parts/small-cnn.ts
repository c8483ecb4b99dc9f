/**
 * A small CNN for small images: two stages of 3×3 convolutions, then a linear layer.
 * Rests on layers and init. In the manner of Simonyan & Zisserman 2015, section 2.
 */
import { xavierNormal } from "../../../init/index.ts";
import {
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "../../../layers/index.ts";

/** What a small CNN is made of. */
export interface SmallCnnOptions {
  /** Channels, height and width of an image. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** Channels of the first stage, integer ≥ 1; the second has twice as many. */
  readonly width: number;
  /** Convolutions of both stages together, integer ≥ 2; the first has the odd one more. */
  readonly depth: number;
}

/** Input and output channels of each convolution, stage by stage. */
function stagesOf({
  shape: [channels],
  width,
  depth,
}: SmallCnnOptions): readonly (readonly [number, number])[][] {
  const first = Math.ceil(depth / 2);
  const stage = (from: number, to: number, count: number): (readonly [number, number])[] =>
    Array.from({ length: count }, (_, index) => [index === 0 ? from : to, to] as const);
  return [stage(channels, width, first), stage(width, 2 * width, depth - first)];
}

/** Numbers that reach the last layer: each stage ends by halving height and width. */
function featuresOf({ shape: [, height, width], width: channels }: SmallCnnOptions): number {
  return 2 * channels * Math.floor(height / 4) * Math.floor(width / 4);
}

/**
 * Two stages of 3×3 convolutions with ReLU, each halved by 2×2 max pooling, and a linear layer.
 * x: [N, C, H, W] → [N, classes]. Not assembled yet.
 */
export function smallCnn(options: SmallCnnOptions): Layer {
  const stages = stagesOf(options).flatMap((convolutions) => [
    ...convolutions.flatMap(([from, to]) => [
      new Conv2d(from, to, { kernel: 3, padding: 1 }),
      new ReLU(),
    ]),
    new MaxPool2d({ window: 2 }),
  ]);
  const last = new Linear(featuresOf(options), options.classes, { init: xavierNormal() });
  return new Sequential([...stages, new Flatten(), last]);
}
