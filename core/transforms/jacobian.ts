/**
 * Whole Jacobians and Hessians, one reverse sweep for each output element.
 * Rests on reverse and ops. Meant for small problems: an [n] → [m] function gives n·m numbers.
 */
import { stack } from "../ops/join.ts";
import { eye, zeros, zerosLike } from "../ops/make.ts";
import { reshape, slice } from "../ops/view.ts";
import { Tensor } from "../tensor.ts";
import { leavesOf, mapTree, type Tree } from "../tree.ts";
import { grad, vjp } from "./reverse.ts";

/**
 * The Jacobian of `f`: a function that gives, for each tensor y of f(x), a tree like `x` of ∂y/∂x with
 * shape [...y, ...x]. Where f(x) is one tensor, the result is one such tree; otherwise f's tree of them.
 *
 * @example
 * jacobian((x: Tensor) => square(x))(tensor([1, 2])); // [[2, 0], [0, 4]]
 */
export function jacobian<X extends Tree>(f: (x: X) => Tree): (x: X) => Tree {
  return (x) => {
    const { value, pull } = vjp(f, x);
    const rowsOf = (output: Tensor): Tree => {
      const sweeps = basis(output).map((direction) =>
        leavesOf(pull(mapTree(value, (leaf) => (leaf === output ? direction : zerosLike(leaf))))),
      );
      return mapTree<Tree>(x, (leaf, index) => {
        const rows = sweeps.flatMap((sweep) => sweep[index] ?? []);
        const shape = [...output.shape, ...leaf.shape];
        return rows.length === 0
          ? zeros(shape, { dtype: leaf.dtype })
          : reshape(stack(rows), shape);
      });
    };
    return mapLeaves(value, rowsOf);
  };
}

/**
 * The Hessian of a scalar `f`: for each tensor of x a tree like `x` of second derivatives, [...x, ...x′].
 * Where x is one tensor, the result is one tensor [...x, ...x].
 *
 * @example
 * hessian((x: Tensor) => sum(pow(x, 3)))(tensor([1, 2])); // [[6, 0], [0, 12]]
 */
export function hessian<X extends Tree>(f: (x: X) => Tensor): (x: X) => Tree {
  return jacobian(grad(f));
}

/** The unit vectors of the space of `output`. */
function basis(output: Tensor): readonly Tensor[] {
  const { dtype, shape, size } = output;
  const rows = eye(size, size, { dtype });
  return Array.from({ length: size }, (_, row) => reshape(slice(rows, [row]), shape));
}

/** Replaces each tensor of `tree` by a tree. */
function mapLeaves(tree: Tree, f: (leaf: Tensor) => Tree): Tree {
  if (tree instanceof Tensor) return f(tree);
  if (Array.isArray(tree)) return tree.map((child: Tree) => mapLeaves(child, f));
  return Object.fromEntries(
    Object.entries(tree).map(([key, child]): [string, Tree] => [key, mapLeaves(child, f)]),
  );
}
