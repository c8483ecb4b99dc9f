/**
 * Convolution term by term: no columns, so no zeros in the place of padding.
 * Rests on the kernel table's types. For factors that are not finite: 0 times those is no 0, and padding contributes
 * nothing. Sums are float64.
 */
import type { TypedArray } from "../../dtype.ts";
import type { Sliding } from "./patches.ts";

/** What the loops need to know besides. */
interface Extent extends Sliding {
  readonly images: number;
  readonly groups: number;
  /** Output channels of one group. */
  readonly kernels: number;
}

/** Calls `visit` with the places, in y, x and w, of every product y ← w·x that meets a pixel of x. */
function forEachTerm(at: Extent, visit: (y: number, x: number, w: number) => void): void {
  const { channels, height, width, outHeight, outWidth, window, stride, padding, dilation } = at;
  let y = 0;
  for (let part = 0; part < at.images * at.groups; part++) {
    for (let k = 0; k < at.kernels; k++) {
      const kernel = ((part % at.groups) * at.kernels + k) * channels;
      for (let p = 0; p < outHeight; p++) {
        for (let q = 0; q < outWidth; q++, y++) {
          for (let c = 0; c < channels; c++) {
            for (let r = 0; r < window[0]; r++) {
              const row = p * stride[0] + r * dilation[0] - padding[0][0];
              if (row < 0 || row >= height) continue;
              for (let s = 0; s < window[1]; s++) {
                const column = q * stride[1] + s * dilation[1] - padding[1][0];
                if (column < 0 || column >= width) continue;
                const x = ((part * channels + c) * height + row) * width + column;
                visit(y, x, ((kernel + c) * window[0] + r) * window[1] + s);
              }
            }
          }
        }
      }
    }
  }
}

/** y = w ⋆ x. */
export function convolveDirectly(x: TypedArray, w: TypedArray, y: TypedArray, at: Extent): void {
  const total = new Float64Array(y.length);
  forEachTerm(at, (to, pixel, weight) => {
    total[to]! += w[weight]! * x[pixel]!;
  });
  y.set(total);
}

/** dw: the adjoint of `convolveDirectly` in w. */
export function correlateDirectly(x: TypedArray, dy: TypedArray, dw: TypedArray, at: Extent): void {
  const total = new Float64Array(dw.length);
  forEachTerm(at, (from, pixel, weight) => {
    total[weight]! += dy[from]! * x[pixel]!;
  });
  dw.set(total);
}

/** Whether 0 times every element is 0. */
export function allFinite(elements: TypedArray): boolean {
  return elements.every(Number.isFinite);
}
