/**
 * Optimisers by name, as arms of an experiment.
 * Rests on optim.
 */
import type { Tensor } from "../../../core/index.ts";
import {
  adaGrad,
  adam,
  type Optimizer,
  rmsProp,
  type Scheduled,
  sgd,
} from "../../../optim/index.ts";

/** The names. */
export type OptimizerName = "sgd" | "momentum" | "adagrad" | "rmsprop" | "adam";

/** Makes one; all but the rate is the library's default, and momentum keeps 0.9 of the velocity. */
export type MakeOptimizer = (
  parameters: readonly Tensor[],
  options: { readonly learningRate: Scheduled },
) => Optimizer;

/** Each by its name. */
export const optimizers: Readonly<Record<OptimizerName, MakeOptimizer>> = {
  sgd,
  momentum: (parameters, options) => sgd(parameters, { ...options, momentum: 0.9 }),
  adagrad: adaGrad,
  rmsprop: rmsProp,
  adam,
};

/** The names in order, for a schema: `z.enum(optimizerNames)`. */
export const optimizerNames: readonly ["sgd", "momentum", "adagrad", "rmsprop", "adam"] = [
  "sgd",
  "momentum",
  "adagrad",
  "rmsprop",
  "adam",
];
