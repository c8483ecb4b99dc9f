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
  ValueError,
  zerosLike,
} from "../core/index.ts";
import { powInteger } from "../core/scalar-math/index.ts";
import { withFormula } from "./formula.ts";
import { Optimizer, type OptimizerOptions } from "./optimizer.ts";
import { requireShare } from "./require-share.ts";
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

/**
 * m ← β1·m + (1 - β1)·g; v ← β2·v + (1 - β2)·g²; m̂ = m/(1 - β1^t); v̂ = v/(1 - β2^t);
 * x ← x - α·m̂/(√v̂ + ε).
 */
export function adamRule({
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-7,
  biasCorrection = true,
}: AdamHyperparameters = {}): UpdateRule {
  const biasOf = (beta: number, t: number): number =>
    biasCorrection ? 1 - powInteger(beta, t) : 1;
  const rule: UpdateRule = {
    name: "adam",
    init: (parameter) => ({ first: zerosLike(parameter), second: zerosLike(parameter) }),
    update: ({ parameter, gradient, state, t, rate }) => {
      const { first: m = zerosLike(parameter), second: v = zerosLike(parameter) } = state;
      const first = add(multiply(m, beta1), multiply(gradient, 1 - beta1));
      const second = add(multiply(v, beta2), multiply(square(gradient), 1 - beta2));
      const unbias = (moment: Tensor, beta: number): Tensor =>
        biasCorrection ? divide(moment, biasOf(beta, t)) : moment;
      const root = add(sqrt(unbias(second, beta2)), epsilon);
      const step = divide(multiply(unbias(first, beta1), rate), root);
      return { parameter: subtract(parameter, step), state: { first, second } };
    },
  };
  return withFormula(rule, (t, rate) => ({
    fn: "adam",
    rate,
    beta1,
    beta2,
    bias1: biasOf(beta1, t),
    bias2: biasOf(beta2, t),
    epsilon,
  }));
}

/**
 * Adam. Throws ValueError for a negative rate or ε, or a β outside [0, 1).
 *
 * @example
 * const optimizer = adam(net.parameters(), { learningRate: 1e-3 });
 */
export function adam(
  parameters: Iterable<Tensor>,
  { learningRate, ...hyperparameters }: AdamOptions,
): Optimizer {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-7 } = hyperparameters;
  requireShare("adam", "beta1", beta1);
  requireShare("adam", "beta2", beta2);
  if (!(epsilon >= 0 && Number.isFinite(epsilon))) {
    throw new ValueError({
      where: "adam",
      argument: "epsilon",
      expected: "to be a finite number ≥ 0",
      got: String(epsilon),
      fix: "Use a small number such as 1e-7",
    });
  }
  return new Optimizer(adamRule(hyperparameters), parameters, { learningRate });
}
