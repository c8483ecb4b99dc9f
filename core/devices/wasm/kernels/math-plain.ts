/** Functions of one number in four float32 lanes that need no series: sign, relu, leakyRelu, and selu's constants. */
import { elu32 } from "./math-activation";

/** x / |x|, and x itself where it is ±0 or NaN. */
// @ts-ignore: decorator
@inline
export function sign32(x: v128): v128 {
  const one = v128.or(f32x4.splat(1), v128.and(x, i32x4.splat(i32.MIN_VALUE)));
  const plain = v128.or(f32x4.eq(x, f32x4.splat(0)), f32x4.ne(x, x));
  return v128.bitselect(x, one, plain);
}

/** max(x, 0); NaN stays. */
// @ts-ignore: decorator
@inline
export function relu32(x: v128): v128 {
  return v128.andnot(x, f32x4.le(x, f32x4.splat(0)));
}

/** x for x > 0, else slope · x with the slope in float32. */
// @ts-ignore: decorator
@inline
export function leaky32(x: v128, slope: f64): v128 {
  return v128.bitselect(x, f32x4.mul(f32x4.splat(<f32>slope), x), f32x4.gt(x, f32x4.splat(0)));
}

/** Klambauer et al. 2017, section 2: the fixed point of mean 0 and variance 1. */
export const seluAlpha: f64 = 1.6732632423543772;
export const seluScale: f64 = 1.0507009873554805;

/** selu in four float32 lanes. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function selu32(x: v128): v128 {
  return elu32(x, seluAlpha, seluScale);
}
