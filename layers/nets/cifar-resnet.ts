/**
 * The residual nets for CIFAR, of depth 6n + 2, and the plain nets they were compared with.
 * Rests on layers, residual, shortcut and init. He et al. 2016, "Deep Residual Learning for Image Recognition", section 4.2.
 */
import { ValueError } from "../../core/index.ts";
import { requireOneOf } from "../../core/require-one-of.ts";
import { constant, xavierNormal } from "../../init/index.ts";
import { ReLU } from "../activation.ts";
import { BatchNorm2d } from "../batch-norm.ts";
import { Conv2d } from "../conv2d.ts";
import type { Layer } from "../layer.ts";
import { Linear } from "../linear.ts";
import { GlobalAvgPool } from "../pooling.ts";
import { requireCount } from "../require-count.ts";
import { Residual } from "../residual.ts";
import { Sequential } from "../sequential.ts";
import { projectionShortcut, ZeroPadShortcut } from "../shortcut.ts";

/** What the blocks of a residual net have in common. */
export interface BlockOptions {
  /** Leaves the shortcuts out, all else equal; default false. */
  readonly plain?: boolean;
  /** Where shapes change: padded with zeros (option A of the paper, the default), or projected (option B). */
  readonly shortcut?: "zeroPad" | "projection";
  /**
   * Whether the last γ of each block is 0 at first, so that blocks begin as their shortcuts (Goyal et al. 2017,
   * section 5.1); default false.
   */
  readonly zeroGamma?: boolean;
}

/** Options of `cifarResNet`. */
export interface CifarResNetOptions extends BlockOptions {
  /** Layers with weights, 6n + 2 for an integer n ≥ 1: 8, 14, 20, …; default 20. */
  readonly depth?: number;
  /** Channels of an image, integer ≥ 1; default 3. */
  readonly channels?: number;
  /** Integer ≥ 1; default 10. */
  readonly classes?: number;
  /** Channels of the first stage, doubled in the second and third; integer ≥ 1, default 16. */
  readonly width?: number;
}

/** Options of `residualBlock`. */
export interface ResidualBlockOptions extends BlockOptions {
  /** Of the first convolution and the shortcut; integer ≥ 1, default 1. */
  readonly stride?: number;
}

/**
 * ReLU(body(x) + shortcut(x)), its body two 3×3 convolutions with normalization and a ReLU between them, its
 * shortcut the identity, or a zero-padded or projected one where shapes change.
 * x: [N, in, H, W] → [N, out, ⌈H/stride⌉, ⌈W/stride⌉]. Throws ValueError for sizes that are no integers ≥ 1,
 * out < in with zero padding, another word for `shortcut`, or `plain` together with `shortcut` or `zeroGamma`.
 *
 * @example
 * residualBlock(16, 32, { stride: 2, shortcut: "projection" });
 */
export function residualBlock(
  inChannels: number,
  outChannels: number,
  { stride = 1, ...block }: ResidualBlockOptions = {},
): Sequential {
  const { plain, shortcut, zeroGamma } = resolveBlock("residualBlock", block);
  const body = [
    ...normalizedConvolution(inChannels, outChannels, stride),
    new ReLU(),
    ...normalizedConvolution(outChannels, outChannels, 1, zeroGamma ? 0 : 1),
  ];
  if (plain) return new Sequential([...body, new ReLU()]);
  const sequence = new Sequential(body);
  if (stride === 1 && inChannels === outChannels) {
    return new Sequential([new Residual(sequence), new ReLU()]);
  }
  const past =
    shortcut === "projection"
      ? projectionShortcut(inChannels, outChannels, { stride })
      : new ZeroPadShortcut(inChannels, outChannels, { stride });
  return new Sequential([new Residual(sequence, { shortcut: past }), new ReLU()]);
}

/**
 * The CIFAR ResNet: a 3×3 convolution; three stages of n blocks, with 16, 32 and 64 channels, the second and
 * third halving height and width; the mean of each channel; the logits. ResNet-20 has 269,722 parameters.
 * x: [N, C, H, W] → [N, classes]. Not assembled yet. Convolutions are Kaiming normal without biases, the last
 * layer is Xavier normal. Throws ValueError unless depth = 6n + 2 with n ≥ 1, and the other sizes are integers ≥ 1;
 * and for options of blocks that `residualBlock` refuses.
 *
 * @example
 * const net = assemble(cifarResNet({ depth: 20 }), { seed: 0 });
 */
export function cifarResNet({
  depth = 20,
  channels = 3,
  classes = 10,
  width = 16,
  ...block
}: CifarResNetOptions = {}): Sequential {
  const blocks = (depth - 2) / 6;
  if (!Number.isInteger(blocks) || blocks < 1) {
    throw new ValueError({
      where: "cifarResNet",
      argument: "depth",
      expected: "to be 6n + 2 for an integer n ≥ 1",
      got: String(depth),
      fix: "Take 8, 14, 20, 32, 44, 56 or 110",
    });
  }
  requireCount("cifarResNet", "channels", channels);
  requireCount("cifarResNet", "classes", classes);
  requireCount("cifarResNet", "width", width);
  resolveBlock("cifarResNet", block);
  const stage = (from: number, to: number, stride: number): Layer[] =>
    Array.from({ length: blocks }, (_, index) =>
      residualBlock(index === 0 ? from : to, to, { ...block, stride: index === 0 ? stride : 1 }),
    );
  return new Sequential([
    ...normalizedConvolution(channels, width, 1),
    new ReLU(),
    ...stage(width, width, 1),
    ...stage(width, 2 * width, 2),
    ...stage(2 * width, 4 * width, 2),
    new GlobalAvgPool(),
    new Linear(4 * width, classes, { init: xavierNormal() }),
  ]);
}

/** Options of a block with their defaults. A plain net has no shortcuts to choose, or to begin as. */
function resolveBlock(where: string, block: BlockOptions): Required<BlockOptions> {
  const { plain = false, shortcut = "zeroPad", zeroGamma = false } = block;
  requireOneOf(where, "shortcut", shortcut, ["zeroPad", "projection"]);
  if (!plain || (block.shortcut === undefined && !zeroGamma)) return { plain, shortcut, zeroGamma };
  const [argument, got] =
    block.shortcut === undefined ? ["zeroGamma", "true"] : ["shortcut", JSON.stringify(shortcut)];
  throw new ValueError({
    where,
    argument,
    expected: "to be absent from a plain net, which has no shortcuts",
    got,
    fix: `Leave out either plain or ${argument}`,
  });
}

/** A 3×3 convolution and its normalization, whose β is the bias and whose γ starts as given. */
function normalizedConvolution(from: number, to: number, stride: number, gamma = 1): Layer[] {
  return [
    new Conv2d(from, to, { kernel: 3, stride, padding: 1, bias: false }),
    new BatchNorm2d(to, { gamma: constant(gamma) }),
  ];
}
