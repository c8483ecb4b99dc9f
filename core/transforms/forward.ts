/**
 * Forward mode: jvp over trees of tensors, and hvp as forward over reverse.
 * Rests on forward-mode, reverse and ops.
 */
import { GradientError } from "../errors.ts";
import { ForwardMode } from "../forward-mode.ts";
import { forget, withInterpreter } from "../interpreter.ts";
import { zerosLike } from "../ops/make.ts";
import { identity } from "../ops/view.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { leavesOf, mapTree, type Tree } from "../tree.ts";
import { grad, requireFloat } from "./reverse.ts";

/** What `jvp` gives. */
export interface ValueAndTangent<Y extends Tree> {
  /** f(x). */
  readonly value: Y;
  /** J·t. */
  readonly tangent: Y;
}

/**
 * f(x) and its directional derivative J·t along `tangent`, a tree like `x`.
 * Throws DTypeError for a leaf that is no float, GradientError where x and tangent do not match.
 *
 * @example
 * jvp((x) => square(x), tensor([1, 2]), tensor([1, 0])).tangent; // [2, 0]
 */
export function jvp<X extends Tree, Y extends Tree>(
  f: (x: X) => Y,
  x: X,
  tangent: X,
): ValueAndTangent<Y> {
  requireFloat("jvp", x);
  const mode = new ForwardMode();
  const directions = leavesOf(tangent);
  const variables = mapTree(x, (leaf, index) => {
    const variable = identity(leaf);
    mode.seed(variable, matching(leaf, directions[index]));
    return variable;
  });
  const value = withInterpreter(mode, () => f(variables));
  const pushed = mapTree(value, (leaf) => mode.tangentOf(leaf) ?? zerosLike(leaf));
  forget(mode, leavesOf(value));
  return { value, tangent: pushed };
}

/**
 * The Hessian of `f` at `x` times `direction`, without forming the Hessian: the derivative of the gradient
 * along the direction. `f` must return a 0-d tensor. Pearlmutter 1994.
 *
 * @example
 * hvp((x) => sum(pow(x, 3)), tensor([1, 2]), tensor([1, 1])); // [6, 12]
 */
export function hvp<X extends Tree>(f: (x: X) => Tensor, x: X, direction: X): X {
  return jvp(grad(f), x, direction).tangent;
}

function matching(leaf: Tensor, tangent: Tensor | undefined): Tensor {
  if (
    tangent === undefined ||
    !sameShape(tangent.shape, leaf.shape) ||
    tangent.dtype !== leaf.dtype
  ) {
    throw new GradientError({
      where: "jvp",
      argument: "tangent",
      expected: `to match x ${formatShape(leaf.shape)} ${leaf.dtype}`,
      got: tangent === undefined ? "no tensor there" : tangent.describe(),
      fix: "Give one tangent for each tensor of x, of the same shape and dtype",
    });
  }
  return tangent;
}
