/**
 * AdaGrad: each coordinate's rate falls with the root of all its squared gradients so far.
 * Rests on optimizer. Duchi, Hazan & Singer 2011, figure 1, with the diagonal matrix; ε is added after the root.
 */
import { add, divide, multiply, sqrt, square, subtract, zerosLike } from "../core/index.ts";
import type { Algorithm, OptimizerOptions, Trainable } from "./group.ts";
import { Optimizer } from "./optimizer.ts";
import { requireEpsilon, requireSize } from "./require.ts";
import type { UpdateRule } from "./rule.ts";

/** The hyper-parameters of AdaGrad's rule. */
export interface AdaGradHyperparameters {
  /** Added to the root, ≥ 0; default 1e-10, as in PyTorch. */
  readonly epsilon?: number;
  /** Each coordinate's sum of squares before the first step, ≥ 0; default 0. */
  readonly initialSum?: number;
}

/** Options of `adaGrad`. */
export interface AdaGradOptions extends OptimizerOptions, AdaGradHyperparameters {}

/** s ← s + g²; x ← x - α·g/(√s + ε), with s = `initialSum` at the start. */
export function adaGradRule({
  epsilon = 1e-10,
  initialSum = 0,
}: AdaGradHyperparameters = {}): UpdateRule {
  return {
    name: "adaGrad",
    init: (parameter) => ({ sumOfSquares: add(zerosLike(parameter), initialSum) }),
    update: ({ parameter, gradient, state, rate }) => {
      const { sumOfSquares = zerosLike(parameter) } = state;
      const next = add(sumOfSquares, square(gradient));
      const step = divide(multiply(gradient, rate), add(sqrt(next), epsilon));
      return { parameter: subtract(parameter, step), state: { sumOfSquares: next } };
    },
  };
}

const algorithm: Algorithm<AdaGradOptions> = {
  name: "adaGrad",
  rule: ({ epsilon = 1e-10, initialSum = 0 }) =>
    adaGradRule({
      epsilon: requireEpsilon("adaGrad", epsilon),
      initialSum: requireSize("adaGrad", "initialSum", initialSum, "Start from 0 or a little more"),
    }),
};

/**
 * AdaGrad. PyTorch's `lr_decay` η is the schedule t ↦ α/(1 + η·t). Throws ValueError for a negative rate, decay, ε or
 * initial sum. With ε = 0 and `initialSum` 0 a coordinate whose gradients were all 0 becomes NaN.
 *
 * @example
 * const optimizer = adaGrad(net.parameters(), { learningRate: 0.01 });
 */
export function adaGrad(parameters: Trainable<AdaGradOptions>, options: AdaGradOptions): Optimizer {
  return new Optimizer(algorithm, parameters, options);
}
