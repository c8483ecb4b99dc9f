/**
 * Reverse mode: vjp, grad and valueAndGrad over trees of tensors.
 * Rests on tape, pull and ops. Griewank & Walther 2008, chapter 3.
 */
import { isFloat, sameDType } from "../dtype.ts";
import { DTypeError, GradientError, ShapeError } from "../errors.ts";
import { forget, hasHistory, withInterpreter } from "../interpreter.ts";
import { add } from "../ops/arithmetic.ts";
import { onesLike, zerosLike } from "../ops/make.ts";
import { identity } from "../ops/view.ts";
import { pullBack, type Seed } from "../pull.ts";
import { scopeUnless } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import { Tape } from "../tape.ts";
import type { Tensor } from "../tensor.ts";
import { formatTree, leavesOf, mapTree, type Tree } from "../tree.ts";

/** What `vjp` gives. */
export interface Pullback<X extends Tree, Y extends Tree> {
  /** f(x). */
  readonly value: Y;
  /** Pulls a cotangent of the value's shape back to x: Jᵀ·c. May be called any number of times. */
  pull(cotangent: Y): X;
}

/**
 * f(x) and the map c ↦ Jᵀ·c, where J is the Jacobian of `f` at `x`.
 * x, f(x): trees of tensors. Throws DTypeError for a leaf of x that is no float. `pull` throws GradientError,
 * ShapeError or DTypeError for a cotangent that is no tree like f(x).
 *
 * @example
 * const { value, pull } = vjp((x) => square(x), tensor([1, 2]));
 * pull(tensor([1, 0])); // [2, 0]
 */
export function vjp<X extends Tree, Y extends Tree>(f: (x: X) => Y, x: X): Pullback<X, Y> {
  const { value, pull } = record("vjp", f, x);
  return { value, pull };
}

/** A pullback and the tape behind it. */
interface Recording<X extends Tree, Y extends Tree> extends Pullback<X, Y> {
  readonly tape: Tape;
}

/** `vjp` on behalf of the user's function `where`. */
export function record<X extends Tree, Y extends Tree>(
  where: string,
  f: (x: X) => Y,
  x: X,
): Recording<X, Y> {
  const tape = new Tape();
  requireFloat(where, x);
  const variables = mapTree(x, (leaf) => identity(leaf));
  const leaves = leavesOf(variables);
  for (const leaf of leaves) tape.watch(leaf);
  const value = withInterpreter(tape, () => f(variables));
  return {
    tape,
    value,
    pull: (cotangent) => {
      const seeds = seedsFor(where, value, cotangent);
      const pulled = pullBack(tape, seeds, add);
      return mapTree(x, (leaf, index) => {
        const variable = leaves[index];
        return (variable && pulled.get(variable)) ?? zerosLike(leaf);
      });
    },
  };
}

/** Pairs the tensors of a value with cotangents. Throws GradientError, ShapeError or DTypeError where they differ. */
function seedsFor(where: string, value: Tree, cotangent: Tree): readonly Seed[] {
  if (formatTree(cotangent) !== formatTree(value)) {
    throw new GradientError({
      where,
      argument: "cotangent",
      expected: `to be a tree like the value, ${formatTree(value)}`,
      got: formatTree(cotangent),
      fix: "Give one cotangent for each tensor of the value, under the same keys",
    });
  }
  const cotangents = leavesOf(cotangent);
  return leavesOf(value).flatMap((leaf, index): Seed[] => {
    const direction = cotangents[index];
    if (direction === undefined) return [];
    requireLike(where, "cotangent", direction, "value", leaf);
    return [[leaf, direction]];
  });
}

/** Throws ShapeError or DTypeError unless `tensor` has the shape and dtype of `model`. */
export function requireLike(
  where: string,
  argument: string,
  tensor: Tensor,
  modelName: string,
  model: Tensor,
): void {
  if (!sameShape(tensor.shape, model.shape)) {
    throw new ShapeError({
      where,
      argument,
      expected: `to have the ${modelName}'s shape ${formatShape(model.shape)}`,
      got: formatShape(tensor.shape),
      fix: `Give one ${argument} element for each element of the ${modelName}`,
    });
  }
  sameDType(where, [`the ${modelName}`, argument], model.dtype, tensor.dtype);
}

/** Throws DTypeError unless every leaf of `x` is a float. */
export function requireFloat(where: string, x: Tree): void {
  for (const leaf of leavesOf(x)) {
    if (!isFloat(leaf.dtype)) {
      throw new DTypeError({
        where,
        argument: "x",
        expected: "to hold float tensors",
        got: leaf.describe(),
        fix: "Pass labels and masks by closure or as a further argument",
      });
    }
  }
}

/** A value and the gradient with respect to the first argument. */
export interface ValueAndGradient<X extends Tree> {
  readonly value: Tensor;
  readonly gradient: X;
}

/**
 * The function that gives f(x, …rest) and its gradient with respect to `x`, a tree of tensors.
 * `f` must return a 0-d float, else GradientError. `rest` is held constant.
 *
 * @example
 * const { value, gradient } = valueAndGrad((w: Tensor) => sum(square(w)))(tensor([1, 2]));
 */
export function valueAndGrad<X extends Tree, Rest extends readonly unknown[]>(
  f: (x: X, ...rest: Rest) => Tensor,
): (x: X, ...rest: Rest) => ValueAndGradient<X> {
  return (x, ...rest) => differentiate("valueAndGrad", f, x, rest);
}

/**
 * The gradient of `f`: a function that gives ∂f/∂x at (x, …rest) as a tree like `x`.
 * `f` must return a 0-d float, else GradientError. Can be nested: grad(grad(f)).
 *
 * @example
 * grad((x: Tensor) => sum(square(x)))(tensor([1, 2])); // [2, 4]
 */
export function grad<X extends Tree, Rest extends readonly unknown[]>(
  f: (x: X, ...rest: Rest) => Tensor,
): (x: X, ...rest: Rest) => X {
  return gradientOf("grad", f);
}

/** `grad` on behalf of the user's function `where`. */
export function gradientOf<X extends Tree, Rest extends readonly unknown[]>(
  where: string,
  f: (x: X, ...rest: Rest) => Tensor,
): (x: X, ...rest: Rest) => X {
  return (x, ...rest) => scopeUnless(hasHistory, () => differentiate(where, f, x, rest).gradient);
}

function differentiate<X extends Tree, Rest extends readonly unknown[]>(
  where: string,
  f: (x: X, ...rest: Rest) => Tensor,
  x: X,
  rest: Rest,
): ValueAndGradient<X> {
  return scopeUnless(hasHistory, () => {
    const { value, pull, tape } = record(
      where,
      (variables: X) => scalar(where, f(variables, ...rest)),
      x,
    );
    const gradient = pull(onesLike(value));
    forget(tape, [value, ...leavesOf(gradient)]);
    return { value, gradient };
  });
}

/** Throws GradientError unless `value` is a 0-d float. */
function scalar(where: string, value: Tensor): Tensor {
  if (value.rank !== 0 || !isFloat(value.dtype)) {
    throw new GradientError({
      where,
      argument: "f",
      expected: "to return a 0-d float tensor",
      got: value.describe(),
      fix: "Reduce it, for example with sum or mean, or use vjp with a cotangent",
    });
  }
  return value;
}
