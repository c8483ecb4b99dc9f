/**
 * BatchNorm: normalizes each channel over the batch, and remembers statistics for evaluation.
 * Rests on layer, init and core. Ioffe & Szegedy 2015.
 */
import {
  add,
  assign,
  batchNorm,
  batchNormInference,
  isReplaying,
  multiply,
  noGrad,
  reshape,
  scope,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import { constant } from "../init/index.ts";
import { type Declarations, Layer } from "./layer.ts";
import { requireCount } from "./require-count.ts";

/** Options of BatchNorm. */
export interface BatchNormOptions {
  /**
   * ρ, the share of the old moving average that is kept at each step, in [0, 1); default 0.9.
   * PyTorch's `momentum` is the new share, 1 - ρ = 0.1.
   */
  readonly rho?: number;
  /** Added to the variance, > 0; default 1e-5. */
  readonly epsilon?: number;
}

/**
 * y = γ·(x - μ)/√(σ² + ε) + β per channel. x: [N, C] or [N, C, H, W] → the same shape.
 * Training: μ and the biased σ² of the batch, over all axes but the channel, and
 * moving ← ρ·moving + (1 - ρ)·batch. Evaluation: the moving averages.
 * The moving variance is biased, as the batch's; PyTorch's is unbiased.
 */
export class BatchNorm extends Layer {
  readonly kind = "batchNorm";
  readonly channels: number;
  readonly rho: number;
  readonly epsilon: number;

  constructor(channels: number, { rho = 0.9, epsilon = 1e-5 }: BatchNormOptions = {}) {
    super();
    this.channels = requireCount("BatchNorm", "channels", channels);
    if (!(rho >= 0 && rho < 1)) {
      throw new ValueError({
        where: "BatchNorm",
        argument: "rho",
        expected: "to be in [0, 1), the share of the old average that is kept",
        got: String(rho),
        fix: "PyTorch's momentum m is rho = 1 - m",
      });
    }
    if (!(epsilon > 0 && Number.isFinite(epsilon))) {
      throw new ValueError({
        where: "BatchNorm",
        argument: "epsilon",
        expected: "to be a finite number > 0",
        got: String(epsilon),
        fix: "Use a small number such as 1e-5",
      });
    }
    this.rho = rho;
    this.epsilon = epsilon;
  }

  override declareParameters(): Declarations {
    const shape = [this.channels];
    return { gamma: { shape, init: constant(1) }, beta: { shape, init: constant(0) } };
  }

  override declareBuffers(): Declarations {
    const shape = [this.channels];
    return {
      movingMean: { shape, init: constant(0) },
      movingVariance: { shape, init: constant(1) },
    };
  }

  override forward(x: Tensor): Tensor {
    const { epsilon } = this;
    const [gamma, beta] = [this.cell("gamma"), this.cell("beta")];
    const [movingMean, movingVariance] = [this.cell("movingMean"), this.cell("movingVariance")];
    if (!this.training) {
      return batchNormInference(x, gamma, beta, movingMean, movingVariance, { epsilon });
    }
    const { output, mean, variance } = batchNorm(x, gamma, beta, { epsilon });
    if (!isReplaying()) {
      this.#track(movingMean, mean);
      this.#track(movingVariance, variance);
    }
    return output;
  }

  /** moving ← ρ·moving + (1 - ρ)·batch. */
  #track(moving: Tensor, batch: Tensor): void {
    noGrad(() =>
      scope(() => {
        const fresh = multiply(reshape(batch, [this.channels]), 1 - this.rho);
        assign(moving, add(multiply(moving, this.rho), fresh));
      }),
    );
  }
}
