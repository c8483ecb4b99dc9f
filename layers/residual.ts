/**
 * Residual: a function added to what it was given. Shortcuts for where shapes change on the way are in shortcut.
 * Rests on layer and core. He et al. 2016, "Deep Residual Learning for Image Recognition", section 3.
 */
import { add, ShapeError, type Tensor } from "../core/index.ts";
import { formatShape, sameShape } from "../core/shape.ts";
import { Layer } from "./layer.ts";

/** Options of Residual. */
export interface ResidualOptions {
  /** What x goes through beside the body; the identity where absent. */
  readonly shortcut?: Layer;
}

/**
 * y = body(x) + shortcut(x). x: what the body takes → what the body gives, which the shortcut must give as
 * well: nothing is broadcast. Throws ShapeError where the two differ.
 *
 * @example
 * new Residual(new Sequential([new Conv2d(8, 8, { kernel: 3, padding: 1 }), new BatchNorm2d(8)]));
 */
export class Residual extends Layer {
  readonly kind = "residual";
  readonly body: Layer;
  readonly shortcut: Layer | null;

  constructor(body: Layer, { shortcut }: ResidualOptions = {}) {
    super();
    this.body = body;
    this.shortcut = shortcut ?? null;
  }

  override forward(x: Tensor): Tensor {
    const change = this.body.forward(x);
    const past = this.shortcut === null ? x : this.shortcut.forward(x);
    if (!sameShape(change.shape, past.shape)) {
      throw new ShapeError({
        where: "Residual",
        argument: "the body",
        expected: `to give the shape of its shortcut, ${formatShape(past.shape)}`,
        got: formatShape(change.shape),
        fix: "Pad the body's convolutions, or give a shortcut such as ZeroPadShortcut",
      });
    }
    return add(change, past); // The body first: a device may lay the sum out as it laid out the body's value.
  }
}
