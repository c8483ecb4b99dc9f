/**
 * LayerNorm: normalizes each example by itself, over its last axes.
 * Rests on normalization and core. Ba, Kiros & Hinton 2016, "Layer Normalization", section 3.
 */
import { layerNorm, type Shape, ShapeError, type Tensor } from "../core/index.ts";
import { formatShape, sameShape } from "../core/shape.ts";
import { Normalization, type NormOptions } from "./normalization.ts";
import { requireCount } from "./require-count.ts";

/**
 * y = γ·(x - μ)/√(σ² + ε) + β, with μ and the biased σ² of the axes in `shape`, the last ones of x; γ, β: of `shape`.
 * x: [..., ...shape] → the same. Training and evaluation are alike. A number stands for one axis.
 * Throws ValueError for options out of range, ShapeError for an empty shape or an x that does not end in it.
 *
 * @example
 * new LayerNorm(64); // vectors of 64
 * new LayerNorm([16, 8, 8]); // images, over channels and pixels
 */
export class LayerNorm extends Normalization {
  readonly kind = "layerNorm";

  constructor(shape: number | Shape, options: NormOptions = {}) {
    super([shape].flat(), options);
    for (const length of this.affineShape) requireCount("LayerNorm", "shape", length);
    if (this.affineShape.length === 0) {
      throw new ShapeError({
        where: "LayerNorm",
        argument: "shape",
        expected: "to have at least one axis",
        got: "[]",
        fix: "Give the lengths of the last axes of x",
      });
    }
  }

  protected override get className(): string {
    return "LayerNorm";
  }

  override forward(x: Tensor): Tensor {
    const axes = this.affineShape.length;
    if (!sameShape(x.shape.slice(-axes), this.affineShape)) {
      throw new ShapeError({
        where: "LayerNorm",
        argument: "x",
        expected: `to end in the axes ${formatShape(this.affineShape)}`,
        got: formatShape(x.shape),
        fix: "Make the layer with the lengths of the last axes of x",
      });
    }
    return layerNorm(x, ...this.scaleAndShift(), { axes, epsilon: this.epsilon });
  }
}
