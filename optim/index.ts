/** Optimisers: pure update rules and the shell that applies them. */
export { type AdamHyperparameters, type AdamOptions, adam, adamRule } from "./adam.ts";
export { Optimizer, type OptimizerOptions } from "./optimizer.ts";
export type { RuleInput, RuleOutput, RuleState, UpdateRule } from "./rule.ts";
export { momentumRule, type SgdOptions, sgd, sgdRule } from "./sgd.ts";
