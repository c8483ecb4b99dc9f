/**
 * Stochastic gradient descent, plain and with momentum.
 * Rests on optimizer. Momentum: Polyak 1964, in the form v ← ρ·v + g; x ← x - α·v.
 */
import { add, multiply, subtract, type Tensor, zerosLike } from "../core/index.ts";
import { withFormula } from "./formula.ts";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";
import { requireShare } from "./require-share.ts";
import type { UpdateRule } from "./rule.ts";

/** Options of `sgd`. */
export interface SgdOptions extends OptimizerOptions {
  /** ρ, the share of the velocity kept at each step, in [0, 1); default 0. */
  readonly momentum?: number;
}

/** x ← x - α·g. */
export const sgdRule: UpdateRule = withFormula(
  {
    name: "sgd",
    init: () => ({}),
    update: ({ parameter, gradient, rate }) => ({
      parameter: subtract(parameter, multiply(gradient, rate)),
      state: {},
    }),
  },
  (_t, rate) => ({ fn: "sgd", rate }),
);

/** v ← ρ·v + g; x ← x - α·v, with v = 0 at the start. */
export function momentumRule(rho: number): UpdateRule {
  const rule: UpdateRule = {
    name: "sgd",
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

/**
 * SGD: x ← x - α·v with v ← ρ·v + g; without momentum v = g.
 * Throws ValueError for a negative rate or a momentum outside [0, 1).
 *
 * @example
 * const optimizer = sgd(net.parameters(), { learningRate: 0.1, momentum: 0.9 });
 */
export function sgd(
  parameters: Iterable<Tensor>,
  { momentum = 0, ...options }: SgdOptions,
): Optimizer {
  requireShare("sgd", "momentum", momentum);
  return new Optimizer(momentum === 0 ? sgdRule : momentumRule(momentum), parameters, options);
}
