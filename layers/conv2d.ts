/**
 * Conv2d: a learned 2-D cross-correlation.
 * Rests on layer and init.
 */
import { type Conv2dOptions, conv2d, type Shape, type Tensor, ValueError } from "../core/index.ts";
import { resolvePair } from "../core/ops/geometry.ts";
import { sizeOf } from "../core/shape.ts";
import { constant, kaimingNormal } from "../init/index.ts";
import { type Declarations, Layer } from "./layer.ts";
import type { WeightOptions } from "./linear.ts";
import { requireCount } from "./require-count.ts";
import { requireConvolution } from "./require-window.ts";

/** Options of Conv2d: those of the op, of the weight, and the kernel's size. */
export interface Conv2dLayerOptions extends WeightOptions, Omit<Conv2dOptions, "bias"> {
  /** Height and width of the kernel in pixels, one number for both. */
  readonly kernel: number | readonly [number, number];
}

/**
 * y = x ⋆ W + b. x: [N, in, H, W] → [N, out, H′, W′]. W: [out, in/groups, kernel], b: [out].
 * Stride 1 and no padding by default. Throws ValueError for sizes that are no integers ≥ 1, or channels
 * that the groups do not divide, and for a stride, padding or dilation that conv2d does not take.
 */
export class Conv2d extends Layer {
  readonly kind = "conv";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly options: Conv2dLayerOptions;

  constructor(inChannels: number, outChannels: number, options: Conv2dLayerOptions) {
    super();
    this.inChannels = requireCount("Conv2d", "inChannels", inChannels);
    this.outChannels = requireCount("Conv2d", "outChannels", outChannels);
    const { kernel, groups = 1 } = options;
    for (const length of [kernel].flat()) requireCount("Conv2d", "kernel", length);
    resolvePair("Conv2d", "kernel", kernel, 1);
    requireCount("Conv2d", "groups", groups);
    for (const [argument, channels] of Object.entries({ inChannels, outChannels })) {
      if (channels % groups !== 0) {
        throw new ValueError({
          where: "Conv2d",
          argument,
          expected: `to be a multiple of groups, ${groups}`,
          got: String(channels),
          fix: "Each group takes and gives the same number of channels",
        });
      }
    }
    this.options = options;
    requireConvolution("Conv2d", this.#weightShape, options);
  }

  override declareParameters(): Declarations {
    const { bias = true, init = kaimingNormal() } = this.options;
    const weight = { shape: this.#weightShape, init };
    return bias ? { weight, bias: { shape: [this.outChannels], init: constant(0) } } : { weight };
  }

  /** Each output pixel is a product of as many terms as a filter has weights; padding counts as any pixel. */
  override multiplyAdds(_input: Shape, output: Shape): number {
    return sizeOf(output) * sizeOf(this.#weightShape.slice(1));
  }

  override forward(x: Tensor): Tensor {
    const { kernel: _kernel, init: _init, bias = true, ...geometry } = this.options;
    const options = bias ? { ...geometry, bias: this.cell("bias") } : geometry;
    return conv2d(x, this.cell("weight"), options);
  }

  get #weightShape(): Shape {
    const { kernel, groups = 1 } = this.options;
    const [height, width] = typeof kernel === "number" ? [kernel, kernel] : kernel;
    return [this.outChannels, this.inChannels / groups, height, width];
  }
}
