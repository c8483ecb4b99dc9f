/**
 * Residual blocks: a function added to what it was given, and the shortcut where shapes change on the way.
 * Rests on layer and core. He et al. 2016, "Deep Residual Learning for Image Recognition", section 3.
 */
import { add, pad, ShapeError, slice, type Tensor, ValueError } from "../core/index.ts";
import { formatShape, sameShape } from "../core/shape.ts";
import { Layer } from "./layer.ts";
import { requireCount } from "./require-count.ts";

/** Options of Residual. */
export interface ResidualOptions {
  /** What x goes through beside the body; the identity where absent. */
  readonly shortcut?: Layer;
}

/**
 * y = body(x) + shortcut(x). x: what the body takes → what the body gives, which the shortcut must give as
 * well: nothing is broadcast. Throws ShapeError where the two differ.
 *
 * @example
 * new Residual(new Sequential([new Conv2d(8, 8, { kernel: 3, padding: 1 }), new BatchNorm(8)]));
 */
export class Residual extends Layer {
  readonly kind = "residual";
  readonly body: Layer;
  readonly shortcut: Layer | null;

  constructor(body: Layer, { shortcut }: ResidualOptions = {}) {
    super();
    this.body = body;
    this.shortcut = shortcut ?? null;
  }

  override forward(x: Tensor): Tensor {
    const change = this.body.forward(x);
    const past = this.shortcut === null ? x : this.shortcut.forward(x);
    if (!sameShape(change.shape, past.shape)) {
      throw new ShapeError({
        where: "Residual",
        argument: "the body",
        expected: `to give the shape of its shortcut, ${formatShape(past.shape)}`,
        got: formatShape(change.shape),
        fix: "Pad the body's convolutions, or give a shortcut such as ZeroPadShortcut",
      });
    }
    return add(change, past); // The body first: a device may lay the sum out as it laid out the body's value.
  }
}

/** Options of ZeroPadShortcut. */
export interface ZeroPadShortcutOptions {
  /** Takes every stride-th pixel, from the first, along height and width; integer ≥ 1, default 1. */
  readonly stride?: number;
}

/**
 * Subsamples pixels and adds channels of zeros, ⌊(out - in)/2⌋ before and the rest after those of x. Nothing to learn.
 * x: [N, in, H, W] → [N, out, ⌈H/stride⌉, ⌈W/stride⌉], as a 3×3 convolution of this stride and padding 1.
 * Throws ValueError unless all are integers ≥ 1 and out ≥ in.
 * He et al. 2016, section 3.3, option A; the paper does not say where the zeros go.
 */
export class ZeroPadShortcut extends Layer {
  readonly kind = "zeroPadShortcut";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;

  constructor(
    inChannels: number,
    outChannels: number,
    { stride = 1 }: ZeroPadShortcutOptions = {},
  ) {
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
        fix: "Zeros can be added, not channels taken away: project with a 1×1 Conv2d instead",
      });
    }
  }

  override forward(x: Tensor): Tensor {
    const { inChannels, outChannels, stride } = this;
    if (x.rank !== 4 || x.shape[1] !== inChannels) {
      throw new ShapeError({
        where: "ZeroPadShortcut",
        argument: "x",
        expected: `to be [N, ${inChannels}, H, W]`,
        got: formatShape(x.shape),
        fix: "Make the shortcut with the number of channels that x has",
      });
    }
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
