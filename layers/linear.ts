/**
 * Linear: an affine map of the last axis.
 * Rests on layer and init.
 */
import { add, matmul, type Shape, type Tensor, transpose } from "../core/index.ts";
import { sizeOf } from "../core/shape.ts";
import { constant, type Initializer, kaimingNormal } from "../init/index.ts";
import { type Declarations, Layer } from "./layer.ts";
import { requireCount } from "./require-count.ts";

/** Options shared by layers with a weight and a bias. */
export interface WeightOptions {
  /** Whether there is a bias; default true. */
  readonly bias?: boolean;
  /**
   * First weights; default Kaiming normal by fan-in, variance 2/fanIn. PyTorch's default, uniform with
   * variance 1/(3·fanIn), is `kaimingUniform({ gain: Math.sqrt(1 / 3) })`. The bias starts at 0.
   */
  readonly init?: Initializer;
}

/**
 * y = x·Wᵀ + b. x: [..., in] → [..., out]. W: [out, in], b: [out].
 * Throws ValueError unless both sizes are integers ≥ 1.
 */
export class Linear extends Layer {
  readonly kind = "linear";
  readonly inFeatures: number;
  readonly outFeatures: number;
  readonly #options: Required<WeightOptions>;

  constructor(
    inFeatures: number,
    outFeatures: number,
    { bias = true, init = kaimingNormal() }: WeightOptions = {},
  ) {
    super();
    this.inFeatures = requireCount("Linear", "inFeatures", inFeatures);
    this.outFeatures = requireCount("Linear", "outFeatures", outFeatures);
    this.#options = { bias, init };
  }

  override declareParameters(): Declarations {
    const { bias, init } = this.#options;
    const weight = { shape: [this.outFeatures, this.inFeatures], init };
    return bias ? { weight, bias: { shape: [this.outFeatures], init: constant(0) } } : { weight };
  }

  override multiplyAdds(input: Shape): number {
    return sizeOf(input) * this.outFeatures;
  }

  override forward(x: Tensor): Tensor {
    const y = matmul(x, transpose(this.cell("weight")));
    return this.#options.bias ? add(y, this.cell("bias")) : y;
  }
}
