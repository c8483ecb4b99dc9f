/**
 * Which convolutions are computed by Winograd's algorithm, F(4×4, 3×3) or F(2×2, 3×3), their transforms as matrices, and
 * how often they round. Rests on the types of dtype, shape and devices/kernels. The choice is a fixed table of shapes: it
 * never looks at the number of images, at layouts or at time.
 */
import type { Conv2dGeometry } from "./devices/kernels.ts";
import type { DType } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** Channels, in and out, between which the algorithm was measured to be faster; multiples of 8 of them. */
const leastChannels = 16;
const mostChannels = 512;
/** The most channels of tiles of 6×6 pixels: with more of them, few tiles fit into a cache beside their weights. */
const mostWideChannels = 256;
/** Pixels of the output along each axis from which on it was. */
const leastPixels = 6;

/** Pixels along a side of a tile's output; 0: the sums of products themselves. */
export type WinogradSide = 0 | 2 | 4;

/**
 * How the convolution of a weight [K, C, R, S] with an output [N, K, H′, W′], and its two adjoints, may be computed: by
 * Winograd's algorithm for float32, 3×3, stride 1, dilation 1, one group, C and K multiples of 8 between 16 and 512, H′
 * and W′ at least 6. In tiles of 4×4 outputs with at most 256 channels, unless they cover a third more than those of 2×2.
 */
export function winogradSide(
  dtype: DType,
  weight: Shape,
  output: Shape,
  { stride, dilation, groups }: Omit<Conv2dGeometry, "padding">,
): WinogradSide {
  const [kernels = 0, channels = 0, ...window] = weight;
  const [, , ...pixels] = output;
  const fits = (count: number): boolean =>
    count >= leastChannels && count <= mostChannels && count % 8 === 0;
  const isWinograd =
    dtype === "float32" &&
    groups === 1 &&
    window.every((taps) => taps === 3) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    fits(kernels) &&
    fits(channels) &&
    pixels.every((length) => length >= leastPixels);
  if (!isWinograd) return 0;
  const covered = (side: number): number =>
    pixels.reduce((area, length) => area * side * Math.ceil(length / side), 1);
  const isNarrow = Math.max(kernels, channels) <= mostWideChannels;
  return isNarrow && 3 * covered(4) <= 4 * covered(2) ? 4 : 2;
}

/** Rows. */
export type Matrix = readonly (readonly number[])[];

/** Y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A: the three matrices, and roundings in them. */
export interface WinogradTransforms {
  /** Aᵀ [outputs, points]. */
  readonly output: Matrix;
  /** G [points, 3]. */
  readonly weight: Matrix;
  /** Bᵀ [points, outputs + 2]. */
  readonly input: Matrix;
  /**
   * Roundings of an output besides those of a sum of products: of the transforms along both axes of x, of w or dy, and of
   * the result, and of the tree of at most 16 parts of a weight gradient (4).
   */
  readonly roundings: number;
}

/** By the side of a tile's output. Lavin & Gray 2016, section 4.1; points of the larger one: see `wide`. */
export const winogradTransforms: Readonly<Record<2 | 4, WinogradTransforms>> = {
  2: {
    output: [
      [1, 1, 1, 0],
      [0, 1, -1, 1],
    ],
    weight: [
      [1, 0, 0],
      [1 / 2, 1 / 2, 1 / 2],
      [1 / 2, -1 / 2, 1 / 2],
      [0, 0, 1],
    ],
    input: [
      [1, 0, -1, 0],
      [0, 1, 1, 0],
      [0, -1, 1, 0],
      [0, -1, 0, 1],
    ],
    roundings: 12,
  },
  4: wide(3 / 2, 5 / 8),
};

/**
 * F(4, 3) with the points 0, ±a, ±b and ∞. Along an axis x is rounded 4 times, w 5 times and the result 4 times; of a weight
 * gradient, dy 3 times and the result 6 times.
 */
function wide(a: number, b: number): WinogradTransforms {
  const [aa, bb] = [a * a, b * b];
  const [s, p] = [aa + bb, aa * bb];
  const [na, nb] = [1 / (2 * aa * (aa - bb)), 1 / (2 * bb * (bb - aa))];
  return {
    output: [
      [1, 1, 1, 1, 1, 0],
      [0, a, -a, b, -b, 0],
      [0, aa, aa, bb, bb, 0],
      [0, a * aa, -a * aa, b * bb, -b * bb, 1],
    ],
    weight: [
      [1 / p, 0, 0],
      [na, na * a, na * aa],
      [na, -na * a, na * aa],
      [nb, nb * b, nb * bb],
      [nb, -nb * b, nb * bb],
      [0, 0, 1],
    ],
    input: [
      [p, 0, -s, 0, 1, 0],
      [0, -a * bb, -bb, a, 1, 0],
      [0, a * bb, -bb, -a, 1, 0],
      [0, -b * aa, -aa, b, 1, 0],
      [0, b * aa, -aa, -b, 1, 0],
      [0, p, 0, -s, 0, 1],
    ],
    roundings: 30,
  };
}
