/**
 * AMSGrad: Adam whose divisor never shrinks, so that rare large gradients are not forgotten.
 * Rests on adam. Reddi, Kale & Kumar 2018, Algorithm 2, with Adam's bias corrections, as in PyTorch; the paper's own form
 * is `biasCorrection: false`.
 */
import { maximum, square, subtract, zerosLike } from "../core/index.ts";
import { type AdamHyperparameters, type AdamOptions, adamStep, requireAdam } from "./adam.ts";
import { blend } from "./blend.ts";
import type { Algorithm, Trainable } from "./group.ts";
import { Optimizer } from "./optimizer.ts";
import type { UpdateRule } from "./rule.ts";

/**
 * m ← β1·m + (1 - β1)·g; v ← β2·v + (1 - β2)·g²; u ← max(u, v); m̂ = m/(1 - β1^t); û = u/(1 - β2^t);
 * x ← x - α·m̂/(√û + ε).
 */
export function amsGradRule(options: AdamHyperparameters = {}): UpdateRule {
  const { beta1 = 0.9, beta2 = 0.999 } = options;
  return {
    name: "amsGrad",
    init: (parameter) => ({
      first: zerosLike(parameter),
      second: zerosLike(parameter),
      largest: zerosLike(parameter),
    }),
    update: ({ parameter, gradient, state, t, rate }) => {
      const zero = zerosLike(parameter);
      const { first: m = zero, second: v = zero, largest: u = zero } = state;
      const first = blend(m, gradient, beta1);
      const second = blend(v, square(gradient), beta2);
      const largest = maximum(u, second);
      const step = adamStep({ first, second: largest }, { t, rate }, options);
      return { parameter: subtract(parameter, step), state: { first, second, largest } };
    },
  };
}

const algorithm: Algorithm<AdamOptions> = {
  name: "amsGrad",
  rule: (options) => {
    requireAdam("amsGrad", options);
    return amsGradRule(options);
  },
};

/**
 * AMSGrad, with Adam's options and defaults. Throws ValueError as `adam`.
 *
 * @example
 * const optimizer = amsGrad(net.parameters(), { learningRate: 1e-3 });
 */
export function amsGrad(parameters: Trainable<AdamOptions>, options: AdamOptions): Optimizer {
  return new Optimizer(algorithm, parameters, options);
}
