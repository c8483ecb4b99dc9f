/**
 * Clipping: gradients cut to a largest element, or scaled down to a largest norm.
 * Rests on require and core. Pascanu, Mikolov & Bengio 2013, section 3.2 (by norm).
 */
import {
  add,
  cast,
  clamp,
  divide,
  minimum,
  multiply,
  norm,
  stack,
  type Tensor,
  zeros,
} from "../core/index.ts";
import { requireEpsilon, requireLimit } from "./require.ts";

/**
 * Every element cut to [-limit, limit]; NaN stays NaN. gradients: any shapes → the same shapes. The direction changes.
 * Throws ValueError unless `limit` is finite and > 0.
 *
 * @example
 * const [a, b] = clipByValue([ga, gb], 1);
 */
export function clipByValue(gradients: readonly Tensor[], limit: number): readonly Tensor[] {
  requireLimit("clipByValue", "limit", limit);
  return gradients.map((gradient) => clamp(gradient, { min: -limit, max: limit }));
}

/**
 * √Σ‖g‖² over all gradients as one vector, 0-d, of their widest dtype; 0 for none. No square overflows. Its last bits
 * depend on the order of the gradients. Throws DTypeError for what is no float.
 */
export function globalNorm(gradients: readonly Tensor[]): Tensor {
  if (gradients.length === 0) return zeros([]);
  const dtype = gradients.some((gradient) => gradient.dtype === "float64") ? "float64" : "float32";
  return norm(stack(gradients.map((gradient) => cast(norm(gradient), dtype))));
}

/** Options of `clipByNorm`. */
export interface ClipByNormOptions {
  /** Added to the norm before dividing, ≥ 0; default 1e-6, as in PyTorch. The paper's is 0, which makes 0/0 of no gradient. */
  readonly epsilon?: number;
}

/**
 * g·min(1, limit/(n + ε)), n the norm of all gradients together: their direction stays. gradients: any shapes → the same
 * shapes. One NaN makes all of them NaN. Throws ValueError unless `limit` is finite and > 0 and ε ≥ 0.
 *
 * @example
 * const [a, b] = clipByNorm([ga, gb], 1);
 */
export function clipByNorm(
  gradients: readonly Tensor[],
  limit: number,
  { epsilon = 1e-6 }: ClipByNormOptions = {},
): readonly Tensor[] {
  requireLimit("clipByNorm", "limit", limit);
  requireEpsilon("clipByNorm", epsilon);
  const total = add(globalNorm(gradients), epsilon);
  const scale = minimum(divide(limit, total), 1);
  return gradients.map((gradient) => multiply(gradient, cast(scale, gradient.dtype)));
}
