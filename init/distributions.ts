/**
 * Initializers that are a distribution and nothing else: uniform, normal (Gaussian), truncated normal.
 * Rests on core. Their parameters do not look at the weight's shape.
 */
import { randomNormal, randomTruncatedNormal, randomUniform, ValueError } from "../core/index.ts";
import { requireFinite, requirePositive } from "../core/require-number.ts";
import type { Initializer } from "./initializer.ts";

/** Options of `uniform`. */
export interface UniformOptions {
  /** Finite; default 0. */
  readonly low?: number;
  /** Finite, > low; default 1. */
  readonly high?: number;
}

/** Options of `normal`. */
export interface NormalOptions {
  /** Finite; default 0. */
  readonly mean?: number;
  /** > 0; default 1. */
  readonly std?: number;
}

/** Options of `truncatedNormal`. */
export interface TruncatedNormalOptions extends NormalOptions {
  /** Least value; default mean - 2·std. PyTorch's default is -2 whatever the std. */
  readonly low?: number;
  /** Greatest value, > low; default mean + 2·std. PyTorch's default is 2 whatever the std. */
  readonly high?: number;
}

/**
 * Uniform in [low, high): mean (low + high)/2, variance (high - low)²/12. Throws ValueError unless low < high.
 *
 * @example
 * new Linear(10, 10, { init: uniform({ low: -0.1, high: 0.1 }) });
 */
export function uniform({ low = 0, high = 1 }: UniformOptions = {}): Initializer {
  requireFinite("uniform", "low", low, "Give the least value");
  requireFinite("uniform", "high", high, "Give the greatest value");
  requireOrder("uniform", low, high);
  return (shape, { stream, dtype }) => randomUniform(shape, { stream, dtype, low, high });
}

/**
 * Normal of `mean` and `std`, whatever the shape: the lecture notes' 0.01·randn and 0.05·randn.
 * Throws ValueError unless mean is finite and std > 0.
 *
 * @example
 * new Linear(4096, 4096, { init: normal({ std: 0.01 }) });
 */
export function normal({ mean = 0, std = 1 }: NormalOptions = {}): Initializer {
  requireFinite("normal", "mean", mean, "Give the mean of the weights");
  requirePositive("normal", "std", std, "Give the standard deviation of the weights");
  return (shape, { stream, dtype }) => randomNormal(shape, { stream, dtype, mean, std });
}

/**
 * Normal on condition that it lies in [low, high]. `mean` and `std` are those of the whole normal: cut off at two std the
 * variance is 0.774·std². Throws ValueError unless mean is finite, std > 0 and low < high.
 *
 * @example
 * new Linear(10, 10, { init: truncatedNormal({ std: 0.02 }) });
 */
export function truncatedNormal(options: TruncatedNormalOptions = {}): Initializer {
  const { mean = 0, std = 1 } = options;
  requireFinite("truncatedNormal", "mean", mean, "Give the mean of the whole normal");
  requirePositive("truncatedNormal", "std", std, "Give the standard deviation of the whole normal");
  const { low = mean - 2 * std, high = mean + 2 * std } = options;
  requireOrder("truncatedNormal", low, high);
  return (shape, { stream, dtype }) =>
    randomTruncatedNormal(shape, { stream, dtype, mean, std, low, high });
}

function requireOrder(where: string, low: number, high: number): void {
  if (low < high) return;
  throw new ValueError({
    where,
    argument: "high",
    expected: `to be greater than low, ${low}`,
    got: String(high),
    fix: "Give low < high",
  });
}
