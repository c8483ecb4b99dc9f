/**
 * GroupNorm and InstanceNorm2d: normalize each example by itself, over groups of channels, or channel by channel.
 * Rests on normalization and core.
 */
import { groupNorm, type Tensor, ValueError } from "../core/index.ts";
import { Normalization, type NormOptions, requireChannels } from "./normalization.ts";
import { requireCount } from "./require-count.ts";

/** Options of GroupNorm. */
export interface GroupNormLayerOptions extends NormOptions {
  /** Number of groups, an integer ≥ 1 that divides the channels; 1 is LayerNorm over channels and pixels. */
  readonly groups: number;
}

/**
 * y = γ·(x - μ)/√(σ² + ε) + β, with μ and the biased σ² of an example's group of channels; γ, β: [C].
 * x: [N, C, ...] → the same. Training and evaluation are alike.
 * Throws ValueError for options out of range, ShapeError for an x of other channels. Wu & He 2018, section 3.
 *
 * @example
 * new GroupNorm(64, { groups: 32 });
 */
export class GroupNorm extends Normalization {
  readonly kind: string = "groupNorm";
  readonly channels: number;
  readonly groups: number;

  constructor(channels: number, { groups, ...options }: GroupNormLayerOptions) {
    super([channels], options);
    this.channels = requireCount(this.className, "channels", channels);
    this.groups = requireCount(this.className, "groups", groups);
    if (channels % groups !== 0) {
      throw new ValueError({
        where: this.className,
        argument: "groups",
        expected: `to divide the number of channels, ${channels}`,
        got: String(groups),
        fix: "All groups have equally many channels",
      });
    }
  }

  protected override get className(): string {
    return "GroupNorm";
  }

  override forward(x: Tensor): Tensor {
    const { channels, groups, epsilon } = this;
    requireChannels(this.className, x, channels, `[N, ${channels}, ...]`);
    return groupNorm(x, ...this.scaleAndShift(), { groups, epsilon });
  }
}

/**
 * GroupNorm with a group for each channel: μ and the biased σ² of each channel of each example. γ and β, [C], are not
 * learned by default, as in PyTorch. x: [N, C, H, W] → the same. Training and evaluation are alike; statistics are
 * never averaged. A single pixel is its own mean: it gives β, where PyTorch refuses it.
 * Throws ValueError for options out of range, ShapeError for another x. Ulyanov, Vedaldi & Lempitsky 2016.
 *
 * @example
 * new InstanceNorm2d(16, { affine: true });
 */
export class InstanceNorm2d extends GroupNorm {
  override readonly kind = "instanceNorm";

  constructor(channels: number, { affine = false, ...options }: NormOptions = {}) {
    super(channels, { ...options, affine, groups: channels });
  }

  protected override get className(): string {
    return "InstanceNorm2d";
  }

  override forward(x: Tensor): Tensor {
    requireChannels(this.className, x, this.channels, `[N, ${this.channels}, H, W]`, [4]);
    return super.forward(x);
  }
}
