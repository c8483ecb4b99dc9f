/**
 * RMSProp: the gradient divided by the root of a moving average of its square.
 * Rests on optimizer. Tieleman & Hinton 2012, lecture 6.5; centred: Graves 2013, equations 38 to 41, where ε stands
 * under the root. Here it is added after the root, and momentum is applied to the divided gradient, as in PyTorch.
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
import { blend } from "./blend.ts";
import type { Algorithm, OptimizerOptions, Scheduled, Trainable } from "./group.ts";
import { Optimizer } from "./optimizer.ts";
import { requireEpsilon, requireShare } from "./require.ts";
import type { RuleState, UpdateRule } from "./rule.ts";

/** The hyper-parameters of RMSProp's rule. */
export interface RmsPropHyperparameters {
  /** Share of the averages kept at each step, in [0, 1); default 0.99. */
  readonly alpha?: number;
  /** Added to the root, ≥ 0; default 1e-8. */
  readonly epsilon?: number;
  /** Whether to divide by the standard deviation of the gradient, not the root of its mean square; default false. */
  readonly centered?: boolean;
  /** ρ, the share of the velocity kept at each step, in [0, 1); default none, which is 0 without the memory. */
  readonly momentum?: number;
}

/** Options of `rmsProp`. */
export interface RmsPropOptions extends OptimizerOptions, Omit<RmsPropHyperparameters, "momentum"> {
  /** ρ, the share of the velocity kept at each step, in [0, 1), or a schedule of it; default 0. */
  readonly momentum?: Scheduled;
}

/** The averages after a gradient, and what stands under the root. */
interface Averages {
  readonly state: RuleState;
  readonly power: Tensor;
}

/** s ← a·s + (1 - a)·g². */
function aboutZero(gradient: Tensor, state: RuleState, alpha: number): Averages {
  const { meanSquare = zerosLike(gradient) } = state;
  const next = blend(meanSquare, square(gradient), alpha);
  return { state: { meanSquare: next }, power: next };
}

/**
 * d ← a·(d + (1 - a)·(g - m)²), then m ← a·m + (1 - a)·g. This is d = s - m² without the difference, which cancels: no
 * rounding makes it negative.
 */
function aboutMean(gradient: Tensor, state: RuleState, alpha: number): Averages {
  const { mean = zerosLike(gradient), deviation = zerosLike(gradient) } = state;
  const surprise = square(subtract(gradient, mean));
  const next = multiply(add(deviation, multiply(surprise, 1 - alpha)), alpha);
  return { state: { mean: blend(mean, gradient, alpha), deviation: next }, power: next };
}

/**
 * s ← a·s + (1 - a)·g²; x ← x - α·g/(√s + ε). Centred, s - m² stands under the root, with m the same average of g.
 * With momentum v ← ρ·v + g/(√s + ε); x ← x - α·v. All averages start at 0, and that bias stays.
 */
export function rmsPropRule({
  alpha = 0.99,
  epsilon = 1e-8,
  centered = false,
  momentum,
}: RmsPropHyperparameters = {}): UpdateRule {
  return {
    name: "rmsProp",
    init: (parameter) => ({
      ...(centered
        ? { mean: zerosLike(parameter), deviation: zerosLike(parameter) }
        : { meanSquare: zerosLike(parameter) }),
      ...(momentum === undefined ? {} : { velocity: zerosLike(parameter) }),
    }),
    update: ({ parameter, gradient, state, rate }) => {
      const averages = (centered ? aboutMean : aboutZero)(gradient, state, alpha);
      const scaled = divide(gradient, add(sqrt(averages.power), epsilon));
      if (momentum === undefined) {
        return { parameter: subtract(parameter, multiply(scaled, rate)), state: averages.state };
      }
      const { velocity = zerosLike(parameter) } = state;
      const next = add(multiply(velocity, momentum), scaled);
      return {
        parameter: subtract(parameter, multiply(next, rate)),
        state: { ...averages.state, velocity: next },
      };
    },
  };
}

const algorithm: Algorithm<RmsPropOptions> = {
  name: "rmsProp",
  rule: ({ alpha = 0.99, epsilon = 1e-8, centered = false, momentum = 0 }, at) =>
    rmsPropRule({
      alpha: requireShare("rmsProp", "alpha", alpha),
      epsilon: requireEpsilon("rmsProp", epsilon),
      centered,
      ...(momentum === 0 ? {} : { momentum: requireShare("rmsProp", "momentum", at(momentum)) }),
    }),
};

/**
 * RMSProp. Throws ValueError for a negative rate, decay or ε, or an alpha or momentum outside [0, 1). With ε = 0 a
 * coordinate whose gradients were all 0 becomes NaN.
 *
 * @example
 * const optimizer = rmsProp(net.parameters(), { learningRate: 1e-3, alpha: 0.9 });
 */
export function rmsProp(parameters: Trainable<RmsPropOptions>, options: RmsPropOptions): Optimizer {
  return new Optimizer(algorithm, parameters, options);
}
