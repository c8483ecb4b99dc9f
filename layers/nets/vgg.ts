/**
 * VGG: stages of 3×3 convolutions, each halved by pooling, then linear layers.
 * Rests on layers and init. Simonyan & Zisserman 2015, "Very Deep Convolutional Networks", section 2 and table 1.
 */
import { ValueError } from "../../core/index.ts";
import { xavierNormal } from "../../init/index.ts";
import { ReLU } from "../activation.ts";
import { BatchNorm2d } from "../batch-norm.ts";
import { Conv2d } from "../conv2d.ts";
import { Flatten } from "../flatten.ts";
import type { Layer } from "../layer.ts";
import { Linear } from "../linear.ts";
import { MaxPool2d } from "../pooling.ts";
import { requireCount } from "../require-count.ts";
import { Sequential } from "../sequential.ts";

/** Options of `vgg`. */
export interface VggOptions {
  /** Channels, height and width of an image; default [3, 32, 32]. Each stage halves height and width. */
  readonly shape?: readonly [number, number, number];
  /** Integer ≥ 1; default 10. */
  readonly classes?: number;
  /** Convolutions of each stage, integers ≥ 1; default [1, 1, 2, 2]. */
  readonly stages?: readonly number[];
  /** Channels of the first stage, doubled by each next one up to eightfold; integer ≥ 1, default 32. */
  readonly width?: number;
  /** Units of the linear layers before the last, integers ≥ 1; default [256]. */
  readonly hidden?: readonly number[];
  /** Whether each convolution is normalized before its ReLU, and goes without a bias; default false. */
  readonly batchNorm?: boolean;
}

/**
 * In each stage 3×3 convolutions with ReLU, height and width kept, then 2×2 max pooling; linear layers with ReLU; the
 * logits. x: [N, C, H, W] → [N, classes]. Not assembled yet. Weights before a ReLU are Kaiming normal, the last ones
 * Xavier normal. The paper's dropout between the linear layers is left out.
 * VGG-16 is `{ shape: [3, 224, 224], classes: 1000, stages: [2, 2, 3, 3, 3], width: 64, hidden: [4096, 4096] }`.
 * Throws ValueError for sizes that are no integers ≥ 1, no stages, or a height or width that they cannot halve evenly.
 *
 * @example
 * const net = assemble(vgg({ batchNorm: true }), { seed: 0 });
 */
export function vgg({
  shape = [3, 32, 32],
  classes = 10,
  stages = [1, 1, 2, 2],
  width = 32,
  hidden = [256],
  batchNorm = false,
}: VggOptions = {}): Sequential {
  for (const [argument, counts] of Object.entries({ shape, stages, hidden })) {
    for (const count of counts) requireCount("vgg", argument, count);
  }
  requireCount("vgg", "classes", classes);
  requireCount("vgg", "width", width);
  const [channels, imageHeight, imageWidth] = shape;
  const shrink = stages.reduce((product) => product * 2, 1);
  if (stages.length === 0 || imageHeight % shrink !== 0 || imageWidth % shrink !== 0) {
    throw new ValueError({
      where: "vgg",
      argument: "stages",
      expected: "to be one or more, which halve the height and width of shape evenly",
      got: `${stages.length} for [${shape.join(", ")}]`,
      fix: "Leave stages out, or pad the images",
    });
  }
  const layers: Layer[] = [];
  let from = channels;
  stages.forEach((count, stage) => {
    const to = width * ([1, 2, 4][stage] ?? 8);
    for (let index = 0; index < count; index++) {
      layers.push(new Conv2d(from, to, { kernel: 3, padding: 1, bias: !batchNorm }));
      if (batchNorm) layers.push(new BatchNorm2d(to));
      layers.push(new ReLU());
      from = to;
    }
    layers.push(new MaxPool2d({ window: 2 }));
  });
  layers.push(new Flatten());
  let features = from * (imageHeight / shrink) * (imageWidth / shrink);
  for (const units of hidden) {
    layers.push(new Linear(features, units), new ReLU());
    features = units;
  }
  return new Sequential([...layers, new Linear(features, classes, { init: xavierNormal() })]);
}
