/**
 * checkOptimizer: every law of optimisers, on one optimiser.
 * Rests on the laws of optimisers.
 */
import type { Sampler } from "../../core/sampling.ts";
import type { Optimizer, OptimizerOptions, Trainable } from "../../optim/index.ts";
import type { Hyperparameters, OptimizerRecord } from "../../optim/registry.ts";
import { type OptimizerSubject, optimizerLaws } from "../laws/optimizers.ts";
import type { PlainStep } from "../laws/plain-path.ts";
import { type CheckOptions, type Held, holdTrials, settle } from "./options.ts";

/** Options of `checkOptimizer`: what the optimiser promises. */
export interface OptimizerCheckOptions extends Omit<CheckOptions, "order" | "dtype"> {
  /** What it is called in messages; default the function's name. */
  readonly name?: string;
  /** Hyper-parameters of its own, drawn from their ranges; default none. They stand beside the learning rate in options. */
  readonly sample?: (draw: Sampler) => Hyperparameters;
  /** The step of one coordinate once more, on plain numbers: how far x goes down. Absent: not compared. */
  readonly plain?: (hyper: Hyperparameters) => PlainStep;
  /**
   * What multiplying every gradient by 2^k does, exactly, with ε = 0: nothing (`"invariant"`), or the same as
   * multiplying the rate by it (`"proportional"`). Absent: nothing is promised.
   */
  readonly scaling?: "invariant" | "proportional";
  /** Whether weight decay is decoupled whatever the options say; default false. */
  readonly isDecoupled?: boolean;
  /** Decay where none is given; default 0. */
  readonly defaultDecay?: number;
}

/**
 * Holds every law of optimisers against those that `make` makes from parameters, options and hyper-parameters: the first
 * steps of the pseudo-code (where `plain` is given), descent on a bowl, stopping and resuming to the bit, zero
 * gradients, decay, scaling by powers of two, one launch or many, the order of parameters, groups. `runs`: default 8.
 *
 * Throws LawError for the first law that is broken, with the shrunk hyper-parameters; ValueError for options out of
 * range.
 *
 * @example
 * checkOptimizer((parameters, options) => new Optimizer(signum, parameters, options), { name: "signum" });
 */
export function checkOptimizer(
  make: (
    parameters: Trainable<OptimizerOptions>,
    options: OptimizerOptions,
    hyper: Hyperparameters,
  ) => Optimizer,
  options: OptimizerCheckOptions = {},
): readonly Held[] {
  const settings = settle("checkOptimizer", { ...options, runs: options.runs ?? 8 });
  const { name = make.name === "" ? "the optimiser" : make.name } = options;
  const { isDecoupled = false, defaultDecay = 0, scaling = null, plain = null } = options;
  const { sample = (): Hyperparameters => ({}) } = options;
  const about = { name, isDecoupled, defaultDecay, scaling, plain };
  const subject: OptimizerSubject = { ...about, sample, make };
  return holdTrials("checkOptimizer", optimizerLaws, subject, name, settings);
}

/** A record of the registry as the laws take it. */
export function optimizerSubject(
  record: OptimizerRecord,
  plain: OptimizerSubject["plain"],
): OptimizerSubject {
  const { name, scaling, isDecoupled, defaultDecay } = record;
  return {
    ...{ name, scaling, isDecoupled, defaultDecay, plain },
    sample: (draw) => record.sample(draw),
    make: (parameters, options, hyper) => record.make(parameters, options, hyper),
  };
}
