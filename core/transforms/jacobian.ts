/**
 * Whole Jacobians and Hessians, one reverse sweep for each output element.
 * Rests on reverse and ops. Meant for small problems: an [n] → [m] function gives n·m numbers.
 */
import { hasHistory } from "../interpreter.ts";
import { stack } from "../ops/join.ts";
import { eye, zeros, zerosLike } from "../ops/make.ts";
import { reshape, slice } from "../ops/view.ts";
import { scopeUnless } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { expandTree, leavesOf, mapTree, type Tree } from "../tree.ts";
import { gradientOf, record } from "./reverse.ts";

/**
 * The Jacobian of `f`: a function that gives, for each tensor y of f(x), a tree like `x` of ∂y/∂x with
 * shape [...y, ...x]. Where f(x) is one tensor, the result is one such tree; otherwise f's tree of them.
 *
 * @example
 * jacobian((x: Tensor) => square(x))(tensor([1, 2])); // [[2, 0], [0, 4]]
 */
export function jacobian<X extends Tree>(f: (x: X) => Tree): (x: X) => Tree {
  return jacobianOf("jacobian", f);
}

function jacobianOf<X extends Tree>(where: string, f: (x: X) => Tree): (x: X) => Tree {
  return (x) =>
    scopeUnless(hasHistory, () => {
      const { value, pull } = record(where, f, x);
      const rowsOf = (output: Tensor, position: number): Tree => {
        const sweeps = basis(output).map((direction) =>
          leavesOf(
            pull(mapTree(value, (leaf, i) => (i === position ? direction : zerosLike(leaf)))),
          ),
        );
        return mapTree<Tree>(x, (leaf, index) => {
          const rows = sweeps.flatMap((sweep) => sweep[index] ?? []);
          const shape = [...output.shape, ...leaf.shape];
          return rows.length === 0
            ? zeros(shape, { dtype: leaf.dtype })
            : reshape(stack(rows), shape);
        });
      };
      return expandTree(value, rowsOf);
    });
}

/**
 * The Hessian of a scalar `f`: for each tensor of x a tree like `x` of second derivatives, [...x, ...x′].
 * Where x is one tensor, the result is one tensor [...x, ...x].
 *
 * @example
 * hessian((x: Tensor) => sum(pow(x, 3)))(tensor([1, 2])); // [[6, 0], [0, 12]]
 */
export function hessian<X extends Tree>(f: (x: X) => Tensor): (x: X) => Tree {
  return jacobianOf("hessian", gradientOf("hessian", f));
}

/** The unit vectors of the space of `output`. */
function basis(output: Tensor): readonly Tensor[] {
  const { dtype, shape, size } = output;
  const rows = eye(size, size, { dtype });
  return Array.from({ length: size }, (_, row) => reshape(slice(rows, [row]), shape));
}
