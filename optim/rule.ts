/**
 * Update rules: the mathematics of an optimiser, without the bookkeeping.
 * Rests on core.
 */
import type { Tensor } from "../core/index.ts";

/** What a rule remembers of one parameter, by name. */
export type RuleState = Readonly<Record<string, Tensor>>;

/** One parameter at one step. */
export interface RuleInput {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly state: RuleState;
  /** Number of this step, from 1. */
  readonly t: number;
  /** Learning rate of this step. */
  readonly rate: number;
}

/** The parameter and the state after the step. */
export interface RuleOutput {
  readonly parameter: Tensor;
  readonly state: RuleState;
}

/** A pure update rule. */
export interface UpdateRule {
  readonly name: string;
  /** The state before the first step: all names that `update` gives, without a full stop, else ValueError. */
  init(parameter: Tensor): RuleState;
  /** One step, a function of its input alone. Its state has the names of `init`, else a step throws ValueError. */
  update(input: RuleInput): RuleOutput;
}
