/**
 * Activations as layers, for use inside Sequential.
 * Rests on layer and core.
 */
import { gelu, leakyRelu, relu, sigmoid, type Tensor, tanh } from "../core/index.ts";
import { Layer } from "./layer.ts";

/** A layer that is one function of its input: nothing to learn, nothing to draw. */
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
  constructor({ slope = 0.01 }: { readonly slope?: number } = {}) {
    super("leakyRelu", (x) => leakyRelu(x, { slope }));
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

/** x·Φ(x), with Φ the normal distribution function. */
export class GELU extends Activation {
  constructor() {
    super("gelu", (x) => gelu(x));
  }
}
