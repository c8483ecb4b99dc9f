/**
 * Momentum: a step along all gradients so far, the older the fainter.
 * Rests on rule and formula. Polyak 1964, in the form of the notes, which is PyTorch's without dampening.
 */
import { add, multiply, subtract, zerosLike } from "../core/index.ts";
import { withFormula } from "./formula.ts";
import type { UpdateRule } from "./rule.ts";

/**
 * v ← ρ·v + g; x ← x - α·v, with v = 0 at the start. ρ = `rho` in [0, 1): the share of the velocity that is kept. A
 * constant gradient g is walked along at up to g/(1 - ρ).
 */
export function momentumRule(rho: number): UpdateRule {
  const rule: UpdateRule = {
    name: "momentum",
    init: (parameter) => ({ velocity: zerosLike(parameter) }),
    update: ({ parameter, gradient, state, rate }) => {
      const { velocity = zerosLike(parameter) } = state;
      const next = add(multiply(velocity, rho), gradient);
      return {
        parameter: subtract(parameter, multiply(next, rate)),
        state: { velocity: next },
      };
    },
  };
  return withFormula(rule, (_t, rate) => ({ fn: "momentum", rate, rho }));
}
