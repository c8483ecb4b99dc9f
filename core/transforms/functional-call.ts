/**
 * functionalCall: makes a net a pure function of its parameters.
 * Rests on substitution, tree and the identity op.
 */
import { ValueError } from "../errors.ts";
import { identity } from "../ops/view.ts";
import { sameShape } from "../shape.ts";
import { currentSubstitution, substituted, withSubstitution } from "../substitution.ts";
import type { Tensor } from "../tensor.ts";
import { mapTree } from "../tree.ts";

/** What functionalCall needs of a net. */
export interface FunctionalNet<Inputs extends readonly unknown[], Output> {
  /** Parameters by name. */
  namedParameters(): Readonly<Record<string, Tensor>>;
  forward(...inputs: Inputs): Output;
}

/**
 * net.forward(…inputs) with `parameters` in place of the net's own of the same names; the net is not
 * changed. Names left out keep the net's values. With it, Hessian-vector products and per-example
 * gradients of a real net are one line.
 *
 * Throws ValueError for a name that the net does not have, or a tensor of another shape or dtype.
 *
 * @example
 * const loss = (p: Record<string, Tensor>) => crossEntropy(functionalCall(net, p, x), labels);
 * const product = hvp(loss, net.namedParameters(), direction);
 */
export function functionalCall<Inputs extends readonly unknown[], Output>(
  net: FunctionalNet<Inputs, Output>,
  parameters: Readonly<Record<string, Tensor>>,
  ...inputs: Inputs
): Output {
  const own = net.namedParameters();
  const substitution = new Map<Tensor, Tensor>(currentSubstitution());
  for (const [name, tensor] of Object.entries(parameters)) {
    const target = Object.hasOwn(own, name) ? own[name] : undefined;
    if (target === undefined) {
      throw new ValueError({
        where: "functionalCall",
        argument: "parameters",
        expected: `to name parameters of the net (${Object.keys(own).join(", ")})`,
        got: `"${name}"`,
        fix: "Use the names that net.namedParameters() gives",
      });
    }
    if (!sameShape(target.shape, tensor.shape) || target.dtype !== tensor.dtype) {
      throw new ValueError({
        where: "functionalCall",
        argument: `parameters["${name}"]`,
        expected: `to be like the net's ${target.describe()}`,
        got: tensor.describe(),
        fix: "Give a tensor of the same shape and dtype",
      });
    }
    // A new handle: what stands in for one cell may be another cell, which must not be substituted again.
    substitution.set(target, identity(tensor));
  }
  return withSubstitution(substitution, () => mapTree(net.forward(...inputs), substituted));
}
