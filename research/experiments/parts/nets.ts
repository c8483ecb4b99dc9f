/**
 * Nets that several experiments train: a small convolutional one, and a perceptron with knobs for what is compared.
 * Rests on layers and init.
 */
import { xavierNormal } from "../../../init/index.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  Conv2d,
  Flatten,
  GroupNorm,
  type Layer,
  Linear,
  ReLU,
  Sequential,
  type WeightOptions,
} from "../../../layers/index.ts";

/** How the convolutional net is normalized; `"layer"` is LayerNorm over channels and pixels: GroupNorm of one group. */
export type NormName = "none" | "batch" | "group" | "layer";

/** Sizes of the convolutional net. */
export interface SmallConvNetOptions {
  /** Channels, height, width of an image. */
  readonly shape: readonly [number, number, number];
  readonly classes: number;
  /** Channels of the first convolution, a multiple of 4, doubled twice. */
  readonly width: number;
  readonly norm: NormName;
  /** ρ of BatchNorm, as there. */
  readonly rho?: number;
  /** Groups of GroupNorm, a divisor of `width`; default 4. */
  readonly groups?: number;
  /** First weights of the convolutions; default Kaiming normal. */
  readonly init?: Exclude<WeightOptions["init"], undefined>;
}

/**
 * Three 3×3 convolutions of stride 2, each normalized and rectified, and the logits.
 * x: [N, C, H, W] → [N, classes]. Not assembled yet.
 */
export function smallConvNet(options: SmallConvNetOptions): Sequential {
  const { shape, classes, width, norm, init } = options;
  const [channels, ...sides] = shape;
  const widths = [channels, width, 2 * width, 4 * width];
  const blocks = widths.slice(1).flatMap((to, index) => [
    new Conv2d(widths[index] ?? 1, to, {
      kernel: 3,
      stride: 2,
      padding: 1,
      bias: norm === "none",
      ...(init === undefined ? {} : { init }),
    }),
    ...normalization(to, options),
    new ReLU(),
  ]);
  // Three times a half, rounded up.
  const pixels = sides.reduce((product, side) => product * Math.ceil(side / 8), 1);
  const last = new Linear(4 * width * pixels, classes, { init: xavierNormal() });
  return new Sequential([...blocks, new Flatten(), last]);
}

function normalization(width: number, options: SmallConvNetOptions): Layer[] {
  const { norm, rho, groups = 4 } = options;
  switch (norm) {
    case "none":
      return [];
    case "batch":
      return [new BatchNorm2d(width, rho === undefined ? {} : { rho })];
    case "group":
      return [new GroupNorm(width, { groups })];
    case "layer":
      return [new GroupNorm(width, { groups: 1 })];
  }
}

/** What follows a hidden linear layer: only its activation, BatchNorm before it, or BatchNorm after it. */
export type NormOrder = "none" | "before" | "after";

/** Sizes of the perceptron. */
export interface PerceptronOptions {
  /** Numbers of an example. */
  readonly inputs: number;
  readonly classes: number;
  readonly width: number;
  /** Hidden layers. */
  readonly depth: number;
  readonly order: NormOrder;
  /** Makes the activation; default ReLU. */
  readonly activation?: () => Layer;
  /** First weights of the hidden layers; default Kaiming normal. */
  readonly init?: Exclude<WeightOptions["init"], undefined>;
}

/** A perceptron with BatchNorm where `order` says. x: [N, ...] → [N, classes]. Not assembled yet. */
export function perceptron(options: PerceptronOptions): Sequential {
  const { inputs, classes, width, depth, order, init, activation = () => new ReLU() } = options;
  const hidden = Array.from({ length: depth }, (_, layer) => [
    new Linear(layer === 0 ? inputs : width, width, {
      bias: order !== "before",
      ...(init === undefined ? {} : { init }),
    }),
    ...(order === "before" ? [new BatchNorm1d(width)] : []),
    activation(),
    ...(order === "after" ? [new BatchNorm1d(width)] : []),
  ]);
  const last = new Linear(width, classes, { init: xavierNormal() });
  return new Sequential([new Flatten(), ...hidden.flat(), last]);
}
