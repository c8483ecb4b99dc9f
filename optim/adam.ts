/**
 * Adam: momentum over gradients, divided by the root of a moving average of their squares.
 * Rests on optimizer. Kingma & Ba 2015, Algorithm 1; ε is added after the root, as there.
 */
import {
  add,
  divide,
  multiply,
  sqrt,
  square,
  subtract,
  type Tensor,
  zerosLike,
} from "../core/index.ts";
import { powInteger } from "../core/scalar-math/index.ts";
import { blend } from "./blend.ts";
import { withFormula } from "./formula.ts";
import type { Algorithm, OptimizerOptions, Trainable } from "./group.ts";
import { Optimizer } from "./optimizer.ts";
import { requireEpsilon, requireShare } from "./require.ts";
import type { UpdateRule } from "./rule.ts";

/** The hyper-parameters of Adam's rule. */
export interface AdamHyperparameters {
  /** Share of the first moment kept at each step, in [0, 1); default 0.9. */
  readonly beta1?: number;
  /** Share of the second moment kept at each step, in [0, 1); default 0.999. */
  readonly beta2?: number;
  /** Added to the root, ≥ 0; default 1e-7, as in the notes. PyTorch's is 1e-8. */
  readonly epsilon?: number;
  /** Whether moments are divided by 1 - β^t; default true. Without it early steps are too long. */
  readonly biasCorrection?: boolean;
}

/** Options of `adam`. */
export interface AdamOptions extends OptimizerOptions, AdamHyperparameters {}

/** Given `biasCorrection`, what a moment with share β is divided by after step t: 1 - β^t, or 1. */
export function adamBias(
  { biasCorrection = true }: AdamHyperparameters,
  beta: number,
  t: number,
): number {
  return biasCorrection ? 1 - powInteger(beta, t) : 1;
}

/** α·m̂/(√v̂ + ε), with m̂ and v̂ the moments over their biases after step t. */
export function adamStep(
  moments: { readonly first: Tensor; readonly second: Tensor },
  { t, rate }: { readonly t: number; readonly rate: number },
  options: AdamHyperparameters,
): Tensor {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7, biasCorrection = true } = options;
  const unbias = (moment: Tensor, beta: number): Tensor =>
    biasCorrection ? divide(moment, adamBias(options, beta, t)) : moment;
  const root = add(sqrt(unbias(moments.second, beta2)), epsilon);
  return divide(multiply(unbias(moments.first, beta1), rate), root);
}

/**
 * m ← β1·m + (1 - β1)·g; v ← β2·v + (1 - β2)·g²; m̂ = m/(1 - β1^t); v̂ = v/(1 - β2^t);
 * x ← x - α·m̂/(√v̂ + ε).
 */
export function adamRule(options: AdamHyperparameters = {}): UpdateRule {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  const rule: UpdateRule = {
    name: "adam",
    init: (parameter) => ({ first: zerosLike(parameter), second: zerosLike(parameter) }),
    update: ({ parameter, gradient, state, t, rate }) => {
      const { first: m = zerosLike(parameter), second: v = zerosLike(parameter) } = state;
      const first = blend(m, gradient, beta1);
      const second = blend(v, square(gradient), beta2);
      const step = adamStep({ first, second }, { t, rate }, options);
      return { parameter: subtract(parameter, step), state: { first, second } };
    },
  };
  return withFormula(rule, (t, rate) => ({
    fn: "adam",
    rate,
    beta1,
    beta2,
    bias1: adamBias(options, beta1, t),
    bias2: adamBias(options, beta2, t),
    epsilon,
  }));
}

/** Throws ValueError unless the hyper-parameters are in their ranges. */
export function requireAdam(where: string, options: AdamHyperparameters): void {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = options;
  requireShare(where, "beta1", beta1);
  requireShare(where, "beta2", beta2);
  requireEpsilon(where, epsilon);
}

const algorithm: Algorithm<AdamOptions> = {
  name: "adam",
  rule: (options) => {
    requireAdam("adam", options);
    return adamRule(options);
  },
};

/**
 * Adam. Weight decay is coupled unless `decoupledDecay`, which is AdamW.
 * Throws ValueError for a negative rate, decay or ε, or a β outside [0, 1).
 *
 * @example
 * const optimizer = adam(net.parameters(), { learningRate: 1e-3 });
 */
export function adam(parameters: Trainable<AdamOptions>, options: AdamOptions): Optimizer {
  return new Optimizer(algorithm, parameters, options);
}
