/**
 * Forward mode: jvp over trees of tensors, and hvp as forward over reverse.
 * Rests on forward-mode, reverse and ops.
 */
import { GradientError } from "../errors.ts";
import { ForwardMode } from "../forward-mode.ts";
import { forget, hasHistory, withInterpreter } from "../interpreter.ts";
import { zerosLike } from "../ops/make.ts";
import { identity } from "../ops/view.ts";
import { scopeUnless } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { formatTree, leavesOf, mapTree, type Tree } from "../tree.ts";
import { gradientOf, requireFloat, requireLike } from "./reverse.ts";

/** What `jvp` gives. */
export interface ValueAndTangent<Y extends Tree> {
  /** f(x). */
  readonly value: Y;
  /** J·t. */
  readonly tangent: Y;
}

/**
 * f(x) and its directional derivative J·t along `tangent`, a tree like `x`.
 * Throws DTypeError for a leaf that is no float; GradientError, ShapeError or DTypeError where x and tangent differ.
 *
 * @example
 * jvp((x) => square(x), tensor([1, 2]), tensor([1, 0])).tangent; // [2, 0]
 */
export function jvp<X extends Tree, Y extends Tree>(
  f: (x: X) => Y,
  x: X,
  tangent: X,
): ValueAndTangent<Y> {
  return push("jvp", "tangent", f, x, tangent);
}

/**
 * The Hessian of `f` at `x` times `direction`, without forming the Hessian: the derivative of the gradient
 * along the direction. `f` must return a 0-d tensor. Pearlmutter 1994.
 *
 * @example
 * hvp((x) => sum(pow(x, 3)), tensor([1, 2]), tensor([1, 1])); // [6, 12]
 */
export function hvp<X extends Tree>(f: (x: X) => Tensor, x: X, direction: X): X {
  const gradient = gradientOf("hvp", f);
  return scopeUnless(hasHistory, () => push("hvp", "direction", gradient, x, direction).tangent);
}

/** `jvp` on behalf of the user's function `where`, whose direction is called `argument`. */
function push<X extends Tree, Y extends Tree>(
  where: string,
  argument: string,
  f: (x: X) => Y,
  x: X,
  direction: X,
): ValueAndTangent<Y> {
  requireFloat(where, x);
  if (formatTree(direction) !== formatTree(x)) {
    throw new GradientError({
      where,
      argument,
      expected: `to be a tree like x, ${formatTree(x)}`,
      got: formatTree(direction),
      fix: `Give one ${argument} for each tensor of x, under the same keys`,
    });
  }
  const directions = leavesOf(direction);
  return scopeUnless(hasHistory, () => {
    const mode = new ForwardMode();
    const variables = mapTree(x, (leaf, index) => {
      const variable = identity(leaf);
      const toward = directions[index] ?? zerosLike(leaf);
      requireLike(where, argument, toward, "tensor", leaf);
      mode.seed(variable, toward);
      return variable;
    });
    const value = withInterpreter(mode, () => f(variables));
    const tangent = mapTree(value, (leaf) => mode.tangentOf(leaf) ?? zerosLike(leaf));
    forget(mode, leavesOf(value));
    return { value, tangent };
  });
}
