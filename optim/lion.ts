/**
 * Lion: a step of one length along the sign of a mean of gradients.
 * Rests on optimizer; the decay is the shell's. Chen et al. 2023, Algorithm 2.
 */
import { multiply, sign, subtract, zerosLike } from "../core/index.ts";
import { blend } from "./blend.ts";
import type { Algorithm, DecoupledOptions, Trainable } from "./group.ts";
import { Optimizer } from "./optimizer.ts";
import { requireShare } from "./require.ts";
import type { UpdateRule } from "./rule.ts";

/** The hyper-parameters of Lion's rule. */
export interface LionHyperparameters {
  /** Share of the old mean in the direction of a step, in [0, 1); default 0.9. */
  readonly beta1?: number;
  /** Share of the old mean that is kept, in [0, 1); default 0.99. */
  readonly beta2?: number;
}

/** Options of `lion`; its decay is always decoupled. */
export interface LionOptions extends DecoupledOptions, LionHyperparameters {}

/** x ← x - α·sign(β1·m + (1 - β1)·g); m ← β2·m + (1 - β2)·g, with m = 0 at the start. */
export function lionRule({ beta1 = 0.9, beta2 = 0.99 }: LionHyperparameters = {}): UpdateRule {
  return {
    name: "lion",
    init: (parameter) => ({ mean: zerosLike(parameter) }),
    update: ({ parameter, gradient, state, rate }) => {
      const { mean = zerosLike(parameter) } = state;
      const direction = sign(blend(mean, gradient, beta1));
      return {
        parameter: subtract(parameter, multiply(direction, rate)),
        state: { mean: blend(mean, gradient, beta2) },
      };
    },
  };
}

const algorithm: Algorithm<LionOptions> = {
  name: "lion",
  isDecoupled: true,
  rule: ({ beta1 = 0.9, beta2 = 0.99 }) =>
    lionRule({
      beta1: requireShare("lion", "beta1", beta1),
      beta2: requireShare("lion", "beta2", beta2),
    }),
};

/**
 * Lion: x ← x - α·λ·x, then a step of length α along every axis. The paper takes a rate 3 to 10 times smaller than
 * AdamW's and a decay as many times larger. λ = `weightDecay`, default 0. Throws ValueError for a negative rate or decay,
 * or a β outside [0, 1).
 *
 * @example
 * const optimizer = lion(net.parameters(), { learningRate: 1e-4, weightDecay: 0.1 });
 */
export function lion(parameters: Trainable<LionOptions>, options: LionOptions): Optimizer {
  return new Optimizer(algorithm, parameters, options);
}
