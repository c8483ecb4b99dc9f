/**
 * Activations as layers, for use inside Sequential: nothing to learn, nothing to draw.
 * Rests on layer and core, whose op of the same name holds formula, derivative and source.
 */
import {
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

/** x for x > 0, else slope·x; slope default 0.01. */
export class LeakyReLU extends Activation {
  constructor(options: LeakyReluOptions = {}) {
    super("leakyRelu", (x) => leakyRelu(x, options));
  }
}

/** x for x > 0, else α·(e^x - 1); α default 1. */
export class ELU extends Activation {
  constructor(options: EluOptions = {}) {
    super("elu", (x) => elu(x, options));
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

/** e^x_i/Σ e^x_j along an axis, the last one by default. */
export class Softmax extends Activation {
  constructor(options: SoftmaxOptions = {}) {
    super("softmax", (x) => softmax(x, options));
  }
}

/** The logarithm of Softmax. */
export class LogSoftmax extends Activation {
  constructor(options: SoftmaxOptions = {}) {
    super("logSoftmax", (x) => logSoftmax(x, options));
  }
}
