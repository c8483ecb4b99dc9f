/**
 * Shortcuts where a residual body changes shapes: padded with zeros, or projected.
 * Rests on layers and core. He et al. 2016, "Deep Residual Learning for Image Recognition", section 3.3.
 */
import { pad, slice, type Tensor, ValueError } from "../core/index.ts";
import { BatchNorm2d } from "./batch-norm.ts";
import { Conv2d } from "./conv2d.ts";
import { Layer } from "./layer.ts";
import { requireChannels } from "./normalization.ts";
import { requireCount } from "./require-count.ts";
import { Sequential } from "./sequential.ts";

/** Options of the shortcuts. */
export interface ShortcutOptions {
  /** Takes every stride-th pixel, from the first, along height and width; integer ≥ 1, default 1. */
  readonly stride?: number;
}

/**
 * Subsamples pixels and adds channels of zeros, ⌊(out - in)/2⌋ before and the rest after those of x. Nothing to learn.
 * x: [N, in, H, W] → [N, out, ⌈H/stride⌉, ⌈W/stride⌉], as a 3×3 convolution of this stride and padding 1.
 * Throws ValueError unless all are integers ≥ 1 and out ≥ in.
 * He et al. 2016, section 3.3, option A; the paper does not say where the zeros go.
 *
 * @example
 * new Residual(body, { shortcut: new ZeroPadShortcut(16, 32, { stride: 2 }) });
 */
export class ZeroPadShortcut extends Layer {
  readonly kind = "zeroPadShortcut";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;

  constructor(inChannels: number, outChannels: number, { stride = 1 }: ShortcutOptions = {}) {
    super();
    this.inChannels = requireCount("ZeroPadShortcut", "inChannels", inChannels);
    this.outChannels = requireCount("ZeroPadShortcut", "outChannels", outChannels);
    this.stride = requireCount("ZeroPadShortcut", "stride", stride);
    if (outChannels < inChannels) {
      throw new ValueError({
        where: "ZeroPadShortcut",
        argument: "outChannels",
        expected: `to be at least inChannels, ${inChannels}`,
        got: String(outChannels),
        fix: "Zeros can be added, not channels taken away: use projectionShortcut instead",
      });
    }
  }

  override forward(x: Tensor): Tensor {
    const { inChannels, outChannels, stride } = this;
    requireChannels("ZeroPadShortcut", x, inChannels, `[N, ${inChannels}, H, W]`, [4]);
    const every = [null, null, stride] as const;
    const pixels = stride === 1 ? x : slice(x, [null, null, every, every]);
    const before = Math.floor((outChannels - inChannels) / 2);
    const after = outChannels - inChannels - before;
    if (after === 0) return pixels;
    return pad(pixels, [
      [0, 0],
      [before, after],
      [0, 0],
      [0, 0],
    ]);
  }
}

/**
 * A 1×1 convolution without bias and its normalization: what the body may change, a shortcut learns to follow.
 * x: [N, in, H, W] → [N, out, ⌈H/stride⌉, ⌈W/stride⌉]. Throws ValueError unless all are integers ≥ 1.
 * He et al. 2016, section 3.3, option B.
 *
 * @example
 * new Residual(body, { shortcut: projectionShortcut(16, 32, { stride: 2 }) });
 */
export function projectionShortcut(
  inChannels: number,
  outChannels: number,
  { stride = 1 }: ShortcutOptions = {},
): Sequential {
  requireCount("projectionShortcut", "inChannels", inChannels);
  requireCount("projectionShortcut", "outChannels", outChannels);
  requireCount("projectionShortcut", "stride", stride);
  return new Sequential([
    new Conv2d(inChannels, outChannels, { kernel: 1, stride, bias: false }),
    new BatchNorm2d(outChannels),
  ]);
}
