/**
 * What a deep net of infinite width does to a signal: the recursion of variances, by quadrature.
 * Rests on core's scalar-math. Poole et al. 2016, "Exponential expressivity", equation 3; no biases.
 */
import { requireInteger, requirePositive } from "../core/require-number.ts";
import { exp } from "../core/scalar-math/index.ts";

/** What an activation makes of a normal input. */
export interface ActivationMoments {
  /** E[φ(√q·z)]. */
  readonly mean: number;
  /** E[φ(√q·z)²]. */
  readonly meanSquare: number;
  /** √(meanSquare - mean²). */
  readonly std: number;
}

/** Options of `infiniteWidth`. */
export interface InfiniteWidthOptions {
  /** Variance of a weight times fan-in, > 0: s²·n. */
  readonly weightVariance: number;
  /** φ, from core's scalar-math or a few operations: it decides the bits. Smooth but at 0. */
  readonly activation: (z: number) => number;
  /** Layers, integer ≥ 1. */
  readonly depth: number;
  /** E[x²] of the input, > 0; default 1. */
  readonly inputMeanSquare?: number;
}

/** One layer of infinite width. */
export interface InfiniteLayer extends ActivationMoments {
  /** q, the variance of what enters the activation. */
  readonly variance: number;
}

/**
 * The layers of a net of infinite width: q₁ = s²n·E[x²], then q' = s²n·E[φ(√q·z)²]. Throws ValueError for options out of
 * range.
 *
 * @example
 * // 6 layers of width 4096, weights 0.01·randn, tanh: stds .492 .289 .179 .113 .072 .046
 * infiniteWidth({ weightVariance: 4096 * 1e-4, activation: tanh, depth: 6 }).map(({ std }) => std);
 */
export function infiniteWidth(options: InfiniteWidthOptions): readonly InfiniteLayer[] {
  const { weightVariance, activation, depth, inputMeanSquare = 1 } = options;
  const fix = "Give a variance, such as the std of a weight squared times fan-in";
  requirePositive("infiniteWidth", "weightVariance", weightVariance, fix);
  requirePositive("infiniteWidth", "inputMeanSquare", inputMeanSquare, fix);
  requireInteger("infiniteWidth", "depth", depth, 1, "Give a number of layers");
  const layers: InfiniteLayer[] = [];
  let meanSquare = inputMeanSquare;
  for (let layer = 0; layer < depth; layer++) {
    const variance = weightVariance * meanSquare;
    const moments = activationMoments(activation, variance);
    layers.push({ variance, ...moments });
    meanSquare = moments.meanSquare;
  }
  return layers;
}

/** Beyond 12 standard deviations a normal has 4e-33 of its mass. */
const reach = 12;
/** Intervals on each side of 0: even. Simpson's rule is then off by less than 1e-9 for √q ≤ 20 and the usual φ. */
const intervals = 4000;

/**
 * E φ(√q·z) and E φ(√q·z)² over a standard normal z: Simpson's rule on either side of 0, where φ may have a kink.
 *
 * @example
 * activationMoments((z) => Math.max(z, 0), 2).meanSquare; // 1
 */
export function activationMoments(
  activation: (z: number) => number,
  variance: number,
): ActivationMoments {
  const scale = Math.sqrt(variance);
  const step = reach / intervals;
  let [mass, mean, meanSquare] = [0, 0, 0];
  for (const side of [-1, 1]) {
    for (let i = 0; i <= intervals; i++) {
      const z = side * i * step;
      const weight = (i === 0 || i === intervals ? 1 : i % 2 === 1 ? 4 : 2) * exp((-z * z) / 2);
      const value = activation(scale * z);
      mass += weight;
      mean += weight * value;
      meanSquare += weight * value * value;
    }
  }
  mean /= mass;
  meanSquare /= mass;
  return { mean, meanSquare, std: Math.sqrt(Math.max(meanSquare - mean * mean, 0)) };
}
