/**
 * Which convolutions are computed by Winograd's algorithm F(2×2, 3×3), and how far rounding may carry them.
 * Rests on the types of dtype, shape and devices/kernels. The choice is a fixed table of shapes: it never looks at the
 * number of images, at layouts or at time.
 */
import type { Conv2dGeometry } from "./devices/kernels.ts";
import type { DType } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** Channels, in and out, between which the algorithm was measured to be faster; multiples of 8 of them. */
const leastChannels = 16;
const mostChannels = 512;
/** Pixels of the output along each axis from which on it was. */
const leastPixels = 6;

/**
 * Whether the convolution of a weight [K, C, R, S] with an output [N, K, H′, W′], and its two adjoints, may be computed by
 * Winograd's algorithm: float32, 3×3, stride 1, dilation 1, one group, C and K multiples of 8 between 16 and 512,
 * H′ and W′ at least 6.
 */
export function isWinograd(
  dtype: DType,
  weight: Shape,
  output: Shape,
  { stride, dilation, groups }: Omit<Conv2dGeometry, "padding">,
): boolean {
  const [kernels = 0, channels = 0, ...window] = weight;
  const [, , ...pixels] = output;
  const fits = (count: number): boolean =>
    count >= leastChannels && count <= mostChannels && count % 8 === 0;
  return (
    dtype === "float32" &&
    groups === 1 &&
    window.every((taps) => taps === 3) &&
    [...stride, ...dilation].every((step) => step === 1) &&
    fits(kernels) &&
    fits(channels) &&
    pixels.every((length) => length >= leastPixels)
  );
}

/**
 * Which products |x[i]|·|w[j]| of a window of three a rounding of F(2, 3) is relative to, and how often: with the
 * absolute values of its transforms, x, Bx, Gw and AᵀZ add them up in these numbers, the larger of an even and an odd
 * output. F(3, 2) adds up the same ones, being the adjoint.
 */
const growth: readonly (readonly number[])[] = [
  [1, 1, 2],
  [1, 1, 1],
  [2, 1, 1],
];

/**
 * Roundings besides those of a sum of products: of the transforms of x (2), of w (4) or dy (2) and of the result (4),
 * and of the tree of at most 16 parts of a weight gradient (4).
 */
export const winogradRoundings = 12;

/**
 * Magnitudes of 3×3 windows, one after the other, as Winograd's algorithm mixes them: growth·|w|·growthᵀ. With u the unit
 * roundoff and n = winogradRoundings + the products that an output sums in each element of its tile, the error is at
 * most γ_n·Σ|x|·widened(|w|) of the direct sum; of a weight gradient, γ_n·widened(Σ|x|·|dy|).
 * Higham 2002, sections 3.1 and 24.2.2 for the way of counting.
 */
export function widened(windows: ArrayLike<number>): readonly number[] {
  return Array.from({ length: windows.length }, (_, place) => {
    const tap = place % 9;
    let sum = 0;
    growth[Math.floor(tap / 3)]?.forEach((down, i) => {
      growth[tap % 3]?.forEach((across, j) => {
        sum += down * across * (windows[place - tap + 3 * i + j] ?? 0);
      });
    });
    return sum;
  });
}
