/**
 * Nesterov's momentum: the gradient counts as if taken where the velocity is about to lead.
 * Rests on rule. Nesterov 1983; Sutskever, Martens, Dahl & Hinton 2013, section 2, in the variable that PyTorch keeps:
 * x here is the point at which the gradient was taken.
 */
import { add, multiply, subtract, zerosLike } from "../core/index.ts";
import type { UpdateRule } from "./rule.ts";

/** v ← ρ·v + g; x ← x - α·(g + ρ·v), with v = 0 at the start. ρ = `rho` in [0, 1). */
export function nesterovRule(rho: number): UpdateRule {
  return {
    name: "nesterov",
    init: (parameter) => ({ velocity: zerosLike(parameter) }),
    update: ({ parameter, gradient, state, rate }) => {
      const { velocity = zerosLike(parameter) } = state;
      const next = add(multiply(velocity, rho), gradient);
      const ahead = add(gradient, multiply(next, rho));
      return {
        parameter: subtract(parameter, multiply(ahead, rate)),
        state: { velocity: next },
      };
    },
  };
}
