/**
 * Convolution once more, on plain arrays: the definitions that records are checked against.
 * Rests on nd-array. Each is a sum written from its own output's point of view. Padding contributes nothing: x̃ is x,
 * and where it lies outside, there is no term, also if the other factor is no finite number.
 */
import type { Conv2dGeometry } from "../devices/kernels.ts";
import { at, indicesOf, type NdArray, tabulate } from "../nd-array.ts";
import type { Shape } from "../shape.ts";

/** factor·x[index], or nothing where the index leaves x. */
function term(factor: number, x: NdArray, index: readonly number[]): number {
  const inside = index.every((position, axis) => position >= 0 && position < (x.shape[axis] ?? 0));
  return inside ? factor * at(x, index) : 0;
}

/** y[n, k, p, q] = Σ_{c, r, s} w[k, c, r, s]·x̃[n, c′, p·stride + r·dilation − top, …]. */
export function convolve(
  x: NdArray,
  w: NdArray,
  { stride, padding, dilation, groups }: Conv2dGeometry,
  shape: Shape,
): NdArray {
  const [kernels = 0, ...kernel] = w.shape;
  const [perGroup = 0] = kernel;
  const taps = indicesOf(kernel);
  return tabulate(shape, ([n = 0, k = 0, p = 0, q = 0]) => {
    const firstChannel = Math.floor(k / (kernels / groups)) * perGroup;
    let sum = 0;
    for (const [c = 0, r = 0, s = 0] of taps) {
      const row = p * stride[0] + r * dilation[0] - padding[0][0];
      const column = q * stride[1] + s * dilation[1] - padding[1][0];
      sum += term(at(w, [k, c, r, s]), x, [n, firstChannel + c, row, column]);
    }
    return sum;
  });
}

/** dx[n, c, h, w] = Σ dy[n, k, p, q]·weight[k, c, r, s] over all (k, p, q, r, s) that meet pixel (h, w). */
export function convolveBack(
  dy: NdArray,
  w: NdArray,
  { stride, padding, dilation, groups }: Conv2dGeometry,
  shape: Shape,
): NdArray {
  const [kernels = 0, perGroup = 0, height = 0, width = 0] = w.shape;
  const share = kernels / groups;
  const taps = indicesOf([share, height, width]);
  return tabulate(shape, ([n = 0, channel = 0, h = 0, v = 0]) => {
    const group = Math.floor(channel / perGroup);
    let sum = 0;
    for (const [kernel = 0, r = 0, s = 0] of taps) {
      const k = group * share + kernel;
      const p = (h + padding[0][0] - r * dilation[0]) / stride[0];
      const q = (v + padding[1][0] - s * dilation[1]) / stride[1];
      if (!Number.isInteger(p) || !Number.isInteger(q)) continue;
      sum += term(at(w, [k, channel % perGroup, r, s]), dy, [n, k, p, q]);
    }
    return sum;
  });
}

/** dw[k, c, r, s] = Σ_{n, p, q} dy[n, k, p, q]·x̃[n, c′, p·stride + r·dilation − top, …]. */
export function correlate(
  x: NdArray,
  dy: NdArray,
  { stride, padding, dilation, groups }: Conv2dGeometry,
  shape: Shape,
): NdArray {
  const [n = 0, kernels = 0, height = 0, width = 0] = dy.shape;
  const [, perGroup = 0] = shape;
  const pixels = indicesOf([n, height, width]);
  return tabulate(shape, ([k = 0, c = 0, r = 0, s = 0]) => {
    const channel = Math.floor(k / (kernels / groups)) * perGroup + c;
    let sum = 0;
    for (const [image = 0, p = 0, q = 0] of pixels) {
      const row = p * stride[0] + r * dilation[0] - padding[0][0];
      const column = q * stride[1] + s * dilation[1] - padding[1][0];
      sum += term(at(dy, [image, k, p, q]), x, [image, channel, row, column]);
    }
    return sum;
  });
}
