/**
 * Fans: how many numbers one output sums over, and how many outputs one input reaches.
 * Rests on core's errors.
 */
import { type Shape, ShapeError } from "../core/index.ts";

/** Fan-in and fan-out of a weight. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Fans of a linear weight [out, in] or a convolution weight [out, in/groups, k, k]: fan-in is
 * k·k·(in/groups), fan-out k·k·out. Throws ShapeError for a rank below 2.
 *
 * @example
 * fans([16, 8, 3, 3]); // { fanIn: 72, fanOut: 144 }
 */
export function fans(shape: Shape): Fans {
  return fansFor("fans", shape);
}

/** The same for `where`, the user's function. */
export function fansFor(where: string, shape: Shape): Fans {
  const [out = 0, input, ...kernel] = shape;
  if (input === undefined) {
    throw new ShapeError({
      where,
      argument: "shape",
      expected: "to have at least 2 axes, [out, in, ...kernel]",
      got: `[${shape}]`,
      fix: "Use a constant initializer for biases and other vectors",
    });
  }
  const window = kernel.reduce((product, length) => product * length, 1);
  return { fanIn: input * window, fanOut: out * window };
}
