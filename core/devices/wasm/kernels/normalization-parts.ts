/** Four elements of a gradient of normalization: what the kernels of several passes share. */

/** t where γ·x̂ + β is > 0 or NaN, else 0: the gradient of a relu of that; `isMasked` false: t. */
// @ts-ignore: decorator
@inline
export function passed(t: v128, x: v128, gamma: v128, beta: v128, isMasked: bool): v128 {
  if (!isMasked) return t;
  return v128.andnot(t, f32x4.le(f32x4.add(f32x4.mul(x, gamma), beta), f32x4.splat(0)));
}

/** (t − mean − x̂·product)·scale. */
// @ts-ignore: decorator
@inline
export function project4(t: v128, x: v128, mean: v128, product: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.sub(f32x4.sub(t, mean), f32x4.mul(x, product)), scale);
}
