/**
 * AdamW: Adam with decoupled weight decay, which the divisor does not touch.
 * Rests on adam; the decay is the shell's. Loshchilov & Hutter 2019, Algorithm 2, with the decay multiplied by the rate,
 * as in PyTorch.
 */
import { type AdamHyperparameters, adamRule, requireAdam } from "./adam.ts";
import type { Algorithm, DecoupledOptions, Trainable } from "./group.ts";
import { Optimizer } from "./optimizer.ts";

/** Options of `adamW`; its decay is always decoupled. */
export interface AdamWOptions extends DecoupledOptions, AdamHyperparameters {}

const algorithm: Algorithm<AdamWOptions> = {
  name: "adamW",
  defaultDecay: 0.01,
  isDecoupled: true,
  rule: (options) => {
    requireAdam("adamW", options);
    return adamRule(options);
  },
};

/**
 * AdamW: x ← x - α·λ·x, then Adam's step. λ = `weightDecay`, default 0.01, as in PyTorch. Throws ValueError as `adam`.
 *
 * @example
 * const optimizer = adamW(net.parameters(), { learningRate: 1e-3, weightDecay: 0.05 });
 */
export function adamW(parameters: Trainable<AdamWOptions>, options: AdamWOptions): Optimizer {
  return new Optimizer(algorithm, parameters, options);
}
