/**
 * Which convolutions are computed by Winograd's algorithm, F(2×2, 3×3), F(4×4, 3×3) or F(2×2, 5×5), their transforms as
 * matrices, and how often they round. Rests on the types of dtype, shape and devices/kernels. The choice is a fixed table
 * of shapes: it never looks at the number of images, at layouts or at time.
 */
import type { Conv2dGeometry } from "./devices/kernels.ts";
import type { DType } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/** Rows. */
export type Matrix = readonly (readonly number[])[];

/** F(side × side, taps × taps): Y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A of a tile x with side + taps − 1 pixels along a side. */
export interface WinogradForm {
  /** Pixels along a side of a tile's output. */
  readonly side: 2 | 4;
  /** Taps along a side of the window. */
  readonly taps: 3 | 5;
  /** Aᵀ [side, points]. */
  readonly output: Matrix;
  /** G [points, taps]. */
  readonly weight: Matrix;
  /** Bᵀ [points, side + taps − 1]. */
  readonly input: Matrix;
  /**
   * Roundings of an output besides those of a sum of products: of the transforms along both axes of x, of w or dy, and of
   * the result, and of the tree of at most 16 parts of a weight gradient (4).
   */
  readonly roundings: number;
}

/** F(2×2, 3×3): Lavin & Gray 2016, section 4.1; the last point has the other sign here. */
const small: WinogradForm = {
  side: 2,
  taps: 3,
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
};

/**
 * Forms of six points 0, ±a, ±b and ∞. Along an axis x is rounded 4 times, w at most 6 times and the result 4 times; of a
 * weight gradient, dy at most 3 times and the result 6 times.
 */
function ofSixPoints(side: 2 | 4, taps: 3 | 5): WinogradForm {
  const [a, b] = [3 / 2, 5 / 8];
  const [aa, bb] = [a * a, b * b];
  const [s, p] = [aa + bb, aa * bb];
  const [na, nb] = [1 / (2 * aa * (aa - bb)), 1 / (2 * bb * (bb - aa))];
  const points = [
    [0, 1 / p],
    [a, na],
    [-a, na],
    [b, nb],
    [-b, nb],
  ] as const;
  return {
    side,
    taps,
    output: Array.from({ length: side }, (_, power) => [
      ...points.map(([point]) => whole(point, power)),
      power === side - 1 ? 1 : 0,
    ]),
    weight: [
      ...points.map(([point, n]) => Array.from({ length: taps }, (_, k) => n * whole(point, k))),
      Array.from({ length: taps }, (_, k) => (k === taps - 1 ? 1 : 0)),
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

/** pointᵏ for a whole k ≥ 0: exact, for few binary digits. */
function whole(point: number, k: number): number {
  return k === 0 ? 1 : point * whole(point, k - 1);
}

const [large, five] = [ofSixPoints(4, 3), ofSixPoints(2, 5)];

/** All of them. */
export const winogradForms: readonly WinogradForm[] = [small, large, five];

/** Channels, in and out, between which the algorithm was measured to be faster; multiples of 8 of them. */
const leastChannels = 16;
const mostChannels = 512;
/** The most channels of tiles of 6×6 pixels: with more of them, few tiles fit into a cache beside their weights. */
const mostWideChannels = 256;
/** Pixels of the output along each axis from which on it was. */
const leastPixels = 6;

/**
 * How the convolution of a weight [K, C, R, S] with an output [N, K, H′, W′], and its two adjoints, may be computed: by
 * Winograd's algorithm for float32, 3×3 or 5×5, stride 1, dilation 1, one group, C and K multiples of 8 between 16 and 512
 * (256 for 5×5), H′ and W′ at least 6. Of 3×3 in tiles of 4×4 outputs with at most 256 channels, unless they cover more
 * than a third more than those of 2×2. Null: by the sums of products themselves.
 */
export function winogradForm(
  dtype: DType,
  weight: Shape,
  output: Shape,
  { stride, dilation, groups }: Omit<Conv2dGeometry, "padding">,
): WinogradForm | null {
  const [kernels = 0, channels = 0, ...window] = weight;
  const [, , ...pixels] = output;
  const isPlain =
    dtype === "float32" && groups === 1 && [...stride, ...dilation].every((step) => step === 1);
  const fits = [kernels, channels].every((n) => n >= leastChannels && n % 8 === 0);
  if (!isPlain || !fits || pixels.some((length) => length < leastPixels)) return null;
  const has = (taps: number): boolean => window.every((length) => length === taps);
  const most = Math.max(kernels, channels);
  if (has(5)) return most <= mostWideChannels ? five : null;
  if (!has(3) || most > mostChannels) return null;
  const covered = (side: number): number =>
    pixels.reduce((area, length) => area * side * Math.ceil(length / side), 1);
  return most <= mostWideChannels && 3 * covered(4) <= 4 * covered(2) ? large : small;
}
