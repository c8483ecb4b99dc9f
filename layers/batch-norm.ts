/**
 * BatchNorm: normalizes each channel over the batch, and remembers statistics for evaluation.
 * Rests on normalization, init and core. Ioffe & Szegedy 2015.
 */
import {
  add,
  assign,
  batchNorm,
  batchNormInference,
  full,
  isReplaying,
  multiply,
  noGrad,
  reshape,
  ShapeError,
  scope,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import { requireOneOf } from "../core/require-one-of.ts";
import { constant } from "../init/index.ts";
import type { Declarations } from "./layer.ts";
import { Normalization, type NormOptions, requireChannels } from "./normalization.ts";
import { requireCount } from "./require-count.ts";

/** Options of BatchNorm. */
export interface BatchNormOptions extends NormOptions {
  /**
   * ρ, the share of the old moving average that is kept at each step, in [0, 1); default 0.9.
   * PyTorch's `momentum` is the new share, 1 - ρ = 0.1.
   */
  readonly rho?: number;
  /**
   * `"moving"` (default): by ρ. `"cumulative"`: all batches seen so far count alike, and a `rho` is refused;
   * PyTorch's `momentum: None`.
   */
  readonly average?: "moving" | "cumulative";
  /**
   * Whether the remembered variance is that of the batch times n/(n - 1), n its elements a channel, as in PyTorch;
   * then n = 1 is refused in training. Default false, the biased variance. What training normalizes by is biased always.
   */
  readonly unbiased?: boolean;
  /** Whether statistics are remembered; without, evaluation too uses those of the batch. Default true. */
  readonly track?: boolean;
}

/**
 * y = γ·(x - μ)/√(σ² + ε) + β per channel. x: [N, C, ...] → the same shape; [N, C] or [N, C, H, W] as a rule.
 * Training: μ and the biased σ² of the batch, over all axes but the channel, and
 * moving ← ρ·moving + (1 - ρ)·batch. Evaluation: the moving averages, which start at 0 and 1.
 * The moving variance is biased, as the batch's; PyTorch's is unbiased. γ starts at 1, β at 0.
 * Throws ValueError for options out of range, ShapeError for an x of other channels.
 *
 * @example
 * new Sequential([new Linear(64, 32, { bias: false }), new BatchNorm(32), new ReLU()]);
 */
export class BatchNorm extends Normalization {
  readonly kind = "batchNorm";
  readonly channels: number;
  readonly rho: number;
  readonly average: "moving" | "cumulative";
  readonly unbiased: boolean;
  readonly track: boolean;

  constructor(channels: number, options: BatchNormOptions = {}) {
    super([channels], options);
    const { rho, average = "moving", unbiased = false, track = true } = options;
    this.channels = requireCount(this.className, "channels", channels);
    requireOneOf(this.className, "average", average, ["moving", "cumulative"]);
    this.average = average;
    this.rho = this.#requireRho(rho);
    this.unbiased = unbiased;
    this.track = track;
  }

  protected override get className(): string {
    return "BatchNorm";
  }

  /** What x must be: as it is written, and the ranks allowed; none means any. */
  protected get form(): readonly [written: string, ranks: readonly number[]] {
    return [`[N, ${this.channels}, ...]`, []];
  }

  override declareBuffers(): Declarations {
    if (!this.track) return {};
    const shape = [this.channels];
    const moving = {
      movingMean: { shape, init: constant(0) },
      movingVariance: { shape, init: constant(1) },
    };
    if (this.average === "moving") return moving;
    return { ...moving, batches: { shape: [], init: () => full([], 0, { dtype: "int32" }) } };
  }

  override forward(x: Tensor): Tensor {
    const { epsilon, channels } = this;
    requireChannels(this.className, x, channels, ...this.form);
    const [gamma, beta] = this.scaleAndShift();
    if (!this.training && this.track) {
      const [mean, variance] = [this.cell("movingMean"), this.cell("movingVariance")];
      return batchNormInference(x, gamma, beta, mean, variance, { epsilon });
    }
    const { output, mean, variance } = batchNorm(x, gamma, beta, { epsilon });
    if (this.track && !isReplaying()) {
      const unbias = this.#unbiasing(x.size / channels);
      noGrad(() =>
        scope(() => {
          const kept = this.#keptShare();
          this.#track("movingMean", mean, kept, 1);
          this.#track("movingVariance", variance, kept, unbias);
        }),
      );
    }
    return output;
  }

  /**
   * Puts exact statistics in place of the averages: `mean` and the biased `variance`, [C], of `count` elements a channel,
   * met in `batches` batches. Throws ShapeError for other shapes, or one element where the variance is unbiased.
   */
  setStatistics(mean: Tensor, variance: Tensor, count: number, batches: number): void {
    const factor = this.#unbiasing(count);
    noGrad(() =>
      scope(() => {
        assign(this.cell("movingMean"), mean);
        assign(this.cell("movingVariance"), multiply(variance, factor));
        if (this.average === "cumulative") this.#count(batches);
      }),
    );
  }

  /** The share of the old average that this batch leaves: ρ, or 1 - 1/t after t batches. */
  #keptShare(): number {
    if (this.average === "moving") return this.rho;
    const batches = this.cell("batches").item() + 1;
    this.#count(batches);
    return 1 - 1 / batches;
  }

  #count(batches: number): void {
    assign(this.cell("batches"), full([], batches, { dtype: "int32" }));
  }

  /** moving ← kept·moving + (1 - kept)·factor·batch. */
  #track(name: string, batch: Tensor, kept: number, factor: number): void {
    const moving = this.cell(name);
    const fresh = multiply(reshape(batch, [this.channels]), (1 - kept) * factor);
    assign(moving, add(multiply(moving, kept), fresh));
  }

  /** n/(n - 1) for the n elements of a channel, or 1. */
  #unbiasing(count: number): number {
    if (!this.unbiased) return 1;
    if (count < 2) {
      throw new ShapeError({
        where: this.className,
        argument: "x",
        expected: "to have two elements or more in each channel, for an unbiased variance",
        got: String(count),
        fix: "Use larger batches, or the biased variance",
      });
    }
    return count / (count - 1);
  }

  #requireRho(rho: number | undefined): number {
    if (rho !== undefined && this.average === "cumulative") {
      throw new ValueError({
        where: this.className,
        argument: "rho",
        expected: 'to be absent with average "cumulative"',
        got: String(rho),
        fix: "A cumulative average keeps 1 - 1/t after t batches: leave rho out",
      });
    }
    const kept = rho ?? 0.9;
    if (!(kept >= 0 && kept < 1)) {
      throw new ValueError({
        where: this.className,
        argument: "rho",
        expected: "to be in [0, 1), the share of the old average that is kept",
        got: String(kept),
        fix: "PyTorch's momentum m is rho = 1 - m",
      });
    }
    return kept;
  }
}

/**
 * BatchNorm of vectors or sequences. x: [N, C] or [N, C, L] → the same shape; throws ShapeError for others.
 *
 * @example
 * new BatchNorm1d(32, { rho: 0.99 });
 */
export class BatchNorm1d extends BatchNorm {
  protected override get className(): string {
    return "BatchNorm1d";
  }

  protected override get form(): readonly [string, readonly number[]] {
    return [`[N, ${this.channels}] or [N, ${this.channels}, L]`, [2, 3]];
  }
}

/**
 * BatchNorm of images: each channel over N, H and W. x: [N, C, H, W] → the same shape; throws ShapeError for others.
 *
 * @example
 * new Sequential([new Conv2d(3, 16, { kernel: 3, bias: false }), new BatchNorm2d(16), new ReLU()]);
 */
export class BatchNorm2d extends BatchNorm {
  protected override get className(): string {
    return "BatchNorm2d";
  }

  protected override get form(): readonly [string, readonly number[]] {
    return [`[N, ${this.channels}, H, W]`, [4]];
  }
}
