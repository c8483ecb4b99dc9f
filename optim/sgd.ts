/**
 * Stochastic gradient descent: plain, with momentum, with Nesterov's momentum.
 * Rests on optimizer, momentum and nesterov. Robbins & Monro 1951.
 */
import { multiply, subtract, ValueError } from "../core/index.ts";
import { withFormula } from "./formula.ts";
import type { Algorithm, OptimizerOptions, Scheduled, Trainable } from "./group.ts";
import { momentumRule } from "./momentum.ts";
import { nesterovRule } from "./nesterov.ts";
import { Optimizer } from "./optimizer.ts";
import { requireShare } from "./require.ts";
import type { UpdateRule } from "./rule.ts";

/** Options of `sgd`. */
export interface SgdOptions extends OptimizerOptions {
  /** ρ, the share of the velocity kept at each step, in [0, 1), or a schedule of it; default 0. */
  readonly momentum?: Scheduled;
  /** Whether the gradient counts as if taken ahead, where the velocity leads; default false. Needs a momentum. */
  readonly nesterov?: boolean;
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

const algorithm: Algorithm<SgdOptions> = {
  name: "sgd",
  rule: ({ momentum = 0, nesterov = false }, at) => {
    if (nesterov && momentum === 0) {
      throw new ValueError({
        where: "sgd",
        argument: "momentum",
        expected: "to be in (0, 1) with nesterov",
        got: "0",
        fix: "Give a momentum such as 0.9, or leave nesterov out",
      });
    }
    if (momentum === 0) return sgdRule;
    const rho = requireShare("sgd", "momentum", at(momentum));
    return nesterov ? nesterovRule(rho) : momentumRule(rho);
  },
};

/**
 * SGD: x ← x - α·v with v ← ρ·v + g; without momentum v = g; with Nesterov's, x ← x - α·(g + ρ·v).
 * Weight decay is coupled unless `decoupledDecay`. Throws ValueError for a negative rate or decay, a momentum outside
 * [0, 1), or `nesterov` without momentum.
 *
 * @example
 * const optimizer = sgd(net.parameters(), { learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4 });
 */
export function sgd(parameters: Trainable<SgdOptions>, options: SgdOptions): Optimizer {
  return new Optimizer(algorithm, parameters, options);
}
