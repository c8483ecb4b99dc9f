/**
 * Sequential: layers one after the other.
 * Rests on layer.
 */
import type { Tensor } from "../core/index.ts";
import { Layer } from "./layer.ts";

/** forward(x) = last(…second(first(x))). */
export class Sequential extends Layer {
  readonly kind = "sequential";
  readonly layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    super();
    this.layers = layers;
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, layer) => layer.forward(value), x);
  }
}
