/**
 * The registry: every optimiser, listed by hand, with what is promised of it. The common laws are made from it.
 * Rests on the optimisers. Nothing of the library imports it.
 */
import type { Sampler } from "../core/sampling.ts";
import { adaGrad } from "./adagrad.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adamw.ts";
import { amsGrad } from "./amsgrad.ts";
import type { OptimizerOptions, Trainable } from "./group.ts";
import { lion } from "./lion.ts";
import type { Optimizer } from "./optimizer.ts";
import { rmsProp } from "./rmsprop.ts";
import { sgd } from "./sgd.ts";

/** Hyper-parameters by name. */
export type Hyperparameters = Readonly<Record<string, number | boolean>>;

/**
 * What multiplying every gradient by 2^k does to the steps, exactly, with ε = 0: nothing, or the same as multiplying the
 * rate by it.
 */
type Scaling = "invariant" | "proportional";

/** An optimiser with some of its options set. */
export interface OptimizerRecord {
  /** The function, and the setting where there are several. */
  readonly name: string;
  /** The exported function's name. */
  readonly call: string;
  /** One line for a table. */
  readonly summary: string;
  readonly source: string;
  readonly scaling: Scaling;
  /** Whether weight decay is a step of its own, whatever the options say. */
  readonly isDecoupled: boolean;
  /** Decay where none is given. */
  readonly defaultDecay: number;
  /** Hyper-parameters of its own, drawn from their ranges. */
  sample(draw: Sampler): Hyperparameters;
  /** One with its own hyper-parameters as drawn. */
  make(
    parameters: Trainable<OptimizerOptions>,
    options: OptimizerOptions,
    hyper: Hyperparameters,
  ): Optimizer;
}

/** What differs between entries; the rest is `entry`'s. */
interface Entry<H extends Hyperparameters> {
  readonly name: string;
  readonly summary: string;
  readonly source: string;
  readonly scaling: Scaling;
  readonly isDecoupled?: boolean;
  readonly defaultDecay?: number;
  readonly sample: (draw: Sampler) => H;
  readonly make: (
    parameters: Trainable<OptimizerOptions>,
    options: OptimizerOptions & H,
  ) => Optimizer;
}

function entry<H extends Hyperparameters>({
  isDecoupled = false,
  defaultDecay = 0,
  make,
  ...rest
}: Entry<H>): OptimizerRecord {
  return {
    ...rest,
    call: rest.name.split(" ", 1)[0] ?? rest.name,
    isDecoupled,
    defaultDecay,
    make: (parameters, options, hyper) => make(parameters, { ...options, ...(hyper as H) }),
  };
}

const share = (draw: Sampler): number => draw.number({ min: 0, max: 0.99 });
const adamLike = (draw: Sampler) =>
  ({
    beta1: share(draw),
    beta2: draw.number({ min: 0.5, max: 0.999 }),
    epsilon: draw.pick([1e-8, 1e-7, 1e-3]),
    biasCorrection: draw.boolean(),
  }) as const;

/** All optimisers, from the simplest on. */
export const optimizers: readonly OptimizerRecord[] = [
  entry({
    name: "sgd",
    summary: "a step against the gradient",
    source: "Robbins & Monro 1951",
    scaling: "proportional",
    sample: () => ({}),
    make: sgd,
  }),
  entry({
    name: "sgd with momentum",
    summary: "a step along all gradients so far, the older the fainter",
    source: "Polyak 1964",
    scaling: "proportional",
    sample: (draw) => ({ momentum: draw.number({ min: 0.1, max: 0.95 }) }),
    make: sgd,
  }),
  entry({
    name: "sgd with nesterov",
    summary: "momentum whose gradient counts as if taken ahead",
    source: "Nesterov 1983; Sutskever, Martens, Dahl & Hinton 2013",
    scaling: "proportional",
    sample: (draw) => ({ momentum: draw.number({ min: 0.1, max: 0.95 }), nesterov: true }),
    make: sgd,
  }),
  entry({
    name: "adaGrad",
    summary: "the gradient over the root of the sum of its squares",
    source: "Duchi, Hazan & Singer 2011",
    scaling: "invariant",
    sample: (draw) => ({ epsilon: draw.pick([1e-10, 1e-3]), initialSum: draw.pick([0, 0.1]) }),
    make: adaGrad,
  }),
  entry({
    name: "rmsProp",
    summary: "the gradient over the root of a moving average of its square",
    source: "Tieleman & Hinton 2012",
    scaling: "invariant",
    sample: (draw) => ({
      alpha: share(draw),
      epsilon: draw.pick([1e-8, 1e-3]),
      momentum: draw.pick([0, 0.5, 0.9]),
    }),
    make: rmsProp,
  }),
  entry({
    name: "rmsProp with centered",
    summary: "the gradient over its moving standard deviation",
    source: "Graves 2013",
    scaling: "invariant",
    sample: (draw) => ({
      centered: true,
      alpha: draw.number({ min: 0.5, max: 0.99 }),
      epsilon: draw.pick([1e-8, 1e-3]),
      momentum: draw.pick([0, 0.5, 0.9]),
    }),
    make: rmsProp,
  }),
  entry({
    name: "adam",
    summary: "momentum over the root of a moving average of squares",
    source: "Kingma & Ba 2015",
    scaling: "invariant",
    sample: adamLike,
    make: adam,
  }),
  entry({
    name: "amsGrad",
    summary: "Adam whose divisor never shrinks",
    source: "Reddi, Kale & Kumar 2018",
    scaling: "invariant",
    sample: adamLike,
    make: amsGrad,
  }),
  entry({
    name: "adamW",
    summary: "Adam with decoupled weight decay",
    source: "Loshchilov & Hutter 2019",
    scaling: "invariant",
    isDecoupled: true,
    defaultDecay: 0.01,
    sample: adamLike,
    make: adamW,
  }),
  entry({
    name: "lion",
    summary: "a step of one length along the sign of a mean of gradients",
    source: "Chen et al. 2023",
    scaling: "invariant",
    isDecoupled: true,
    sample: (draw) => ({ beta1: share(draw), beta2: share(draw) }),
    make: lion,
  }),
];
