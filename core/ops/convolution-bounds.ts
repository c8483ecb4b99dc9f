/**
 * Error bounds of convolutions and their adjoints. Rests on error-bound and on the table of the shapes that a device
 * may compute by Winograd's algorithm. There the bound is the larger of both algorithms': an output that overflows in
 * the transforms is summed directly.
 */
import type { Conv2dGeometry } from "../devices/kernels.ts";
import { type BoundInputs, type ErrorBound, summation } from "../error-bound.ts";
import type { NdArray } from "../nd-array.ts";
import type { Shape } from "../shape.ts";
import { isWinograd, widened, winogradRoundings } from "../winograd-shapes.ts";

/** What one of the three sums of a convolution adds up, in absolute values. */
export interface ConvolutionSums {
  readonly geometry: Conv2dGeometry;
  /** Shapes of the convolution's weight and output. */
  readonly weight: Shape;
  readonly output: Shape;
  /** Products of an output, and the rounding of one. */
  readonly terms: number;
  /** Products of an output in one element of its tile. */
  readonly tileTerms: number;
  /** Σ|term| of each output, `mix` being called once: on what stands for the weight. */
  magnitude(mix: (weight: NdArray) => NdArray): NdArray;
}

/** The bound of sums that `describe` describes; `reason`: why the direct ones are no farther off. */
export function convolutionBound<A extends object>(
  describe: (at: BoundInputs<A>) => ConvolutionSums,
  reason: string,
): ErrorBound<A> {
  const direct = summation<A>(
    (at) => describe(at).terms,
    (at) => describe(at).magnitude((weight) => weight),
    reason,
  );
  return {
    reason: `${reason}; float32 of large enough shapes by Winograd's F(2×2, 3×3), whose transforms mix the products of a window`,
    of: (at) => {
      const { geometry, weight, output, tileTerms, magnitude } = describe(at);
      const { unit, tiny } = at;
      const allowed = direct.of(at);
      const dtype = unit > 2 ** -40 ? "float32" : "float64";
      if (!isWinograd(dtype, weight, output, geometry)) return allowed;
      const n = tileTerms + winogradRoundings;
      const gamma = (n * unit) / (1 - n * unit);
      // Halving is exact but for the smallest numbers, which it rounds as if they were tiny/u.
      const mixed = magnitude((w) => ({ ...w, data: widened(w.data.map((v) => v + tiny / unit)) }));
      return {
        ...allowed,
        data: allowed.data.map((room, i) => {
          const size = mixed.data[i] ?? 0;
          return Math.max(room, gamma * size + 16 * n * tiny);
        }),
      };
    },
  };
}
