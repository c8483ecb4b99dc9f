/** Optimisers: pure update rules and the shell that applies them, clipping, and averages of weights. */
export {
  type AdaGradHyperparameters,
  type AdaGradOptions,
  adaGrad,
  adaGradRule,
} from "./adagrad.ts";
export { type AdamHyperparameters, type AdamOptions, adam, adamRule } from "./adam.ts";
export { type AdamWOptions, adamW } from "./adamw.ts";
export { amsGrad, amsGradRule } from "./amsgrad.ts";
export { type ClipByNormOptions, clipByNorm, clipByValue, globalNorm } from "./clip.ts";
export type {
  Algorithm,
  At,
  DecoupledOptions,
  GroupOptions,
  OptimizerOptions,
  ParameterGroup,
  Scheduled,
  SharedOptions,
  Trainable,
} from "./group.ts";
export { type LionHyperparameters, type LionOptions, lion, lionRule } from "./lion.ts";
export { momentumRule } from "./momentum.ts";
export { nesterovRule } from "./nesterov.ts";
export { Optimizer } from "./optimizer.ts";
export {
  type RmsPropHyperparameters,
  type RmsPropOptions,
  rmsProp,
  rmsPropRule,
} from "./rmsprop.ts";
export type { RuleInput, RuleOutput, RuleState, UpdateRule } from "./rule.ts";
export { type SgdOptions, sgd, sgdRule } from "./sgd.ts";
export { WeightAverage, type WeightAverageOptions, weightAverage } from "./weight-average.ts";
