/**
 * Activations as layers, for use inside Sequential: nothing to learn, nothing to draw.
 * Rests on layer and core, whose op of the same name holds formula, derivative and source.
 */
import {
  AxisError,
  type EluOptions,
  elu,
  type GeluOptions,
  gelu,
  type LeakyReluOptions,
  leakyRelu,
  logSoftmax,
  relu,
  type SoftmaxOptions,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  type Tensor,
  tanh,
} from "../core/index.ts";
import { finite } from "../core/ops/rectifier.ts";
import { Layer } from "./layer.ts";

/**
 * A layer that is one function of its input. x: what `f` takes → what `f` gives.
 *
 * @example
 * new Activation("sine", sin);
 */
export class Activation extends Layer {
  readonly kind: string;
  readonly #f: (x: Tensor) => Tensor;

  constructor(kind: string, f: (x: Tensor) => Tensor) {
    super();
    this.kind = kind;
    this.#f = f;
  }

  override forward(x: Tensor): Tensor {
    return this.#f(x);
  }
}

/** max(x, 0). */
export class ReLU extends Activation {
  constructor() {
    super("relu", relu);
  }
}

/** x for x > 0, else slope·x; slope default 0.01. Throws ValueError for a slope that is not finite. */
export class LeakyReLU extends Activation {
  constructor(options: LeakyReluOptions = {}) {
    super("leakyRelu", (x) => leakyRelu(x, options));
    finite("LeakyReLU", "slope", options.slope ?? 0.01);
  }
}

/** x for x > 0, else α·(e^x - 1); α default 1. Throws ValueError for an α that is not finite. */
export class ELU extends Activation {
  constructor(options: EluOptions = {}) {
    super("elu", (x) => elu(x, options));
    finite("ELU", "alpha", options.alpha ?? 1);
  }
}

/** ELU with the scale and the α that make mean 0 and variance 1 a fixed point. */
export class SELU extends Activation {
  constructor() {
    super("selu", selu);
  }
}

/** tanh x. */
export class Tanh extends Activation {
  constructor() {
    super("tanh", tanh);
  }
}

/** 1/(1 + exp(-x)). */
export class Sigmoid extends Activation {
  constructor() {
    super("sigmoid", sigmoid);
  }
}

/** x/(1 + exp(-x)), also called swish. */
export class SiLU extends Activation {
  constructor() {
    super("silu", silu);
  }
}

/** x·Φ(x), with Φ the normal distribution function, or its approximation by tanh. */
export class GELU extends Activation {
  constructor(options: GeluOptions = {}) {
    super("gelu", (x) => gelu(x, options));
  }
}

/** log(1 + e^x). */
export class Softplus extends Activation {
  constructor() {
    super("softplus", softplus);
  }
}

/** e^x_i/Σ e^x_j along an axis, the last one by default. Throws AxisError for an axis that is no integer. */
export class Softmax extends Activation {
  constructor(options: SoftmaxOptions = {}) {
    super("softmax", (x) => softmax(x, options));
    requireAxis("Softmax", options);
  }
}

/** The logarithm of Softmax. Throws as it does. */
export class LogSoftmax extends Activation {
  constructor(options: SoftmaxOptions = {}) {
    super("logSoftmax", (x) => logSoftmax(x, options));
    requireAxis("LogSoftmax", options);
  }
}

/** Whether the axis is one of x is known only when x is. */
function requireAxis(where: string, { axis = -1 }: SoftmaxOptions): void {
  if (Number.isInteger(axis)) return;
  throw new AxisError({
    where,
    argument: "axis",
    expected: "to be an integer",
    got: String(axis),
    fix: "Axes count from 0, negative ones from the end",
  });
}
