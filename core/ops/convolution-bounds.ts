/**
 * Error bounds of convolutions and their adjoints. Rests on error-bound, the definitions, and the table of the shapes that
 * a device may compute by Winograd's algorithm. There the bound is the larger of both algorithms': an output that is not
 * finite on the way of the latter is summed directly.
 */
import type { Conv2dGeometry } from "../devices/kernels.ts";
import { type BoundInputs, type ErrorBound, summation } from "../error-bound.ts";
import { mapElements } from "../nd-array.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { type ConvolutionName, winogradRoom } from "../winograd-bound.ts";
import { winogradForm } from "../winograd-shapes.ts";
import { convolve, convolveBack, correlate } from "./convolution-definitions.ts";

/** What a bound must know of the convolution that a sum belongs to. */
export interface ConvolutionSums {
  readonly geometry: Conv2dGeometry;
  /** Shapes of the convolution's weight and output. */
  readonly weight: Shape;
  readonly output: Shape;
}

const definitions = {
  conv2d: convolve,
  conv2dInputGradient: convolveBack,
  conv2dWeightGradient: correlate,
};

/** Products of an output of the direct sum, and the rounding of one. */
function termsOf(name: ConvolutionName, { weight, output }: ConvolutionSums): number {
  const [n = 0, , ...pixels] = output;
  if (name === "conv2dWeightGradient") return sizeOf([n, ...pixels]) + 1;
  return sizeOf(weight.toSpliced(name === "conv2d" ? 0 : 1, 1)) + 1;
}

/** The bound of sums that `describe` describes; `reason`: why the direct ones are no farther off. */
export function convolutionBound<A extends object>(
  name: ConvolutionName,
  describe: (at: BoundInputs<A>) => ConvolutionSums,
  reason: string,
): ErrorBound<A> {
  const direct = summation<A>(
    (at) => termsOf(name, describe(at)),
    (at) => {
      const [a, b] = at.inputs.map((one) => mapElements(one, Math.abs));
      return a && b ? definitions[name](a, b, describe(at).geometry, at.output.shape) : at.output;
    },
    reason,
  );
  return {
    reason: `${reason}; float32 of large enough shapes by Winograd's F(2×2, 3×3), F(4×4, 3×3) or F(2×2, 5×5): its transforms of absolute values`,
    of: (at) => {
      const { geometry, weight, output } = describe(at);
      const { unit, tiny } = at;
      const [a, b] = at.inputs;
      const allowed = direct.of(at);
      const form = winogradForm(unit > 2 ** -40 ? "float32" : "float64", weight, output, geometry);
      if (form === null || !a || !b) return allowed;
      const { padding } = geometry;
      const { shape } = at.output;
      const room = winogradRoom({ name, form, inputs: [a, b], padding, shape, unit, tiny });
      return { ...allowed, data: larger(allowed.data, room) };
    },
  };
}

/** The larger of both, place by place, the first where the second is not finite. */
export function larger(direct: readonly number[], room: readonly number[]): readonly number[] {
  return direct.map((size, i) => {
    const other = room[i] ?? 0;
    return Number.isFinite(other) ? Math.max(size, other) : size;
  });
}
