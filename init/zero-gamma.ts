/**
 * Zero γ: residual blocks that begin as the identity.
 * Rests on core. Goyal et al. 2017, section 5.1: the last normalization of each residual branch begins with γ = 0.
 */
import { assign, scope, type Tensor, ValueError, zerosLike } from "../core/index.ts";

/** What `zeroLastGamma` needs of a residual branch; a layer that is assembled has it. */
export interface ResidualBranch {
  /** Parameters by name, in the order in which signals meet them; a normalization's scale is called `….gamma`. */
  namedParameters(): Readonly<Record<string, Tensor>>;
}

/**
 * Sets the last γ of a residual branch to 0, so that the block gives its shortcut alone, bit for bit, and passes
 * gradients to it unchanged. Gives the name of that γ. Throws ValueError where the branch has none, or where parameters
 * other than its β come after it: a bias there would add to the shortcut.
 *
 * @example
 * for (const layer of net.walk()) if (layer instanceof Residual) zeroLastGamma(layer.body);
 */
export function zeroLastGamma(branch: ResidualBranch): string {
  const parameters = Object.entries(branch.namedParameters());
  const last = parameters.findLast(([name]) => name.endsWith(".gamma"));
  if (last === undefined) {
    const names = parameters.map(([name]) => name).join(", ");
    throw new ValueError({
      where: "zeroLastGamma",
      argument: "branch",
      expected: "to have a parameter called gamma",
      got: names === "" ? "no parameters" : names,
      fix: "End the branch with a normalization such as BatchNorm",
    });
  }
  const [name, gamma] = last;
  const names = parameters.map(([other]) => other);
  const shift = `${name.slice(0, -"gamma".length)}beta`;
  const after = names.slice(names.indexOf(name) + 1).filter((other) => other !== shift);
  if (after.length > 0) {
    throw new ValueError({
      where: "zeroLastGamma",
      argument: "branch",
      expected: `to end with ${name} and its β`,
      got: `${after.join(", ")} after it`,
      fix: "End the branch with a normalization such as BatchNorm",
    });
  }
  scope(() => assign(gamma, zerosLike(gamma)));
  return name;
}
