/**
 * Identity initializers: layers that begin as x ↦ x.
 * Rests on core. Le, Jaitly & Hinton 2015 for the matrix; Zagoruyko & Komodakis 2017, "DiracNets", for the kernel.
 */
import { type Shape, ShapeError, type Tensor, tensor } from "../core/index.ts";
import { requireInteger } from "../core/require-number.ts";
import { sizeOf } from "../core/shape.ts";
import type { InitContext, Initializer } from "./initializer.ts";

/** Options of `dirac`. */
export interface DiracOptions {
  /** Groups of the convolution, integer ≥ 1 that divides its outputs; default 1. */
  readonly groups?: number;
}

/**
 * The matrix [out, in] with ones on its diagonal: a Linear layer passes its first inputs through. Draws nothing.
 * Throws ShapeError unless the rank is 2. PyTorch's eye_.
 *
 * @example
 * new Linear(100, 100, { init: identity() });
 */
export function identity(): Initializer {
  return (shape, context) => {
    if (shape.length !== 2) {
      throw refusal("identity", "to be [out, in]", shape, "Use dirac for convolutions");
    }
    return passing(shape, 1, context);
  };
}

/**
 * The kernel [out, in/groups, ...k] with a one in the middle, at ⌊k/2⌋, of channel c's window on channel c, in each
 * group: a convolution with padding ⌊k/2⌋ passes its first channels through. Draws nothing.
 * Throws ShapeError unless the rank is 3 or more and groups divide out; ValueError unless groups is an integer ≥ 1.
 * PyTorch's dirac_.
 *
 * @example
 * new Conv2d(16, 16, { kernel: 3, padding: 1, init: dirac() });
 */
export function dirac({ groups = 1 }: DiracOptions = {}): Initializer {
  requireInteger("dirac", "groups", groups, 1, "Give the groups of the convolution");
  return (shape, context) => {
    if (shape.length < 3) {
      throw refusal(
        "dirac",
        "to be [out, in, ...kernel] with a kernel",
        shape,
        "Use identity for matrices",
      );
    }
    if ((shape[0] ?? 0) % groups !== 0) {
      const expected = `to have a number of outputs that ${groups} groups divide`;
      throw refusal("dirac", expected, shape, "Give the groups of the convolution");
    }
    return passing(shape, groups, context);
  };
}

/** Ones where an output of a group meets the input of its own number, in the middle of the kernel. */
function passing(shape: Shape, groups: number, { dtype }: InitContext): Tensor {
  const [out = 0, input = 0, ...kernel] = shape;
  const elements = new Float64Array(sizeOf(shape));
  const window = sizeOf(kernel);
  const middle = kernel.reduce((at, length) => at * length + Math.floor(length / 2), 0);
  const perGroup = out / groups;
  for (let o = 0; o < out; o++) {
    const channel = o % perGroup;
    if (channel < input) elements[(o * input + channel) * window + middle] = 1;
  }
  return tensor(elements, { shape, dtype });
}

function refusal(where: string, expected: string, shape: Shape, fix: string): ShapeError {
  return new ShapeError({ where, argument: "shape", expected, got: `[${shape.join(", ")}]`, fix });
}
