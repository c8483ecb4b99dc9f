/**
 * Patches: the pixels that a sliding window sees, laid out as columns, and columns added back to pixels.
 * Rests on the kernel table's types. Kernel ranges are clipped once a row, never tested a pixel.
 *
 * One tap (c, r, s) of the window sees, for output (p, q), the pixel (p·stride + r·dilation − top,
 * q·stride + s·dilation − left) of channel c, or the zeros of the padding.
 */
import type { WindowGeometry } from "../kernels.ts";

/** Where a window slides: input lengths, output lengths, and the window's geometry. */
export interface Sliding extends WindowGeometry {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** Elements that memory may hold; float64 wherever sums are formed. */
type Elements = Float32Array | Float64Array | Int32Array | Uint8Array;

/** The first output position whose pixel position·stride + shift is ≥ 0, within [0, count]. */
export function firstInside(shift: number, stride: number, count: number): number {
  return shift >= 0 ? 0 : Math.min(count, Math.ceil(-shift / stride));
}

/** One past the last output position whose pixel position·stride + shift is < length, within [0, count]. */
export function endInside(shift: number, stride: number, length: number, count: number): number {
  return Math.max(0, Math.min(count, Math.ceil((length - shift) / stride)));
}

/**
 * Writes the columns of output rows [row0, row1) of the image at `base`, tap by tap, into `columns`
 * [C·R·S, (row1 − row0)·W′].
 */
export function imageToColumns(
  image: Elements,
  base: number,
  columns: Elements,
  at: Sliding,
  row0: number,
  row1: number,
): void {
  const { height, width, outWidth, window, stride, padding, dilation } = at;
  const [strideY, strideX] = stride;
  let column = 0;
  for (let c = 0; c < at.channels; c++) {
    for (let r = 0; r < window[0]; r++) {
      const shiftY = r * dilation[0] - padding[0][0];
      for (let s = 0; s < window[1]; s++) {
        const shiftX = s * dilation[1] - padding[1][0];
        const q0 = firstInside(shiftX, strideX, outWidth);
        const q1 = Math.max(q0, endInside(shiftX, strideX, width, outWidth));
        for (let p = row0; p < row1; p++, column += outWidth) {
          const y = p * strideY + shiftY;
          if (y < 0 || y >= height) {
            columns.fill(0, column, column + outWidth);
            continue;
          }
          const from = base + (c * height + y) * width + shiftX;
          for (let q = 0; q < q0; q++) columns[column + q] = 0;
          for (let q = q0; q < q1; q++) columns[column + q] = image[from + q * strideX]!;
          for (let q = q1; q < outWidth; q++) columns[column + q] = 0;
        }
      }
    }
  }
}

/** The adjoint of `imageToColumns`: adds each column's elements to the pixels they came from. */
export function columnsToImage(
  columns: Elements,
  image: Elements,
  base: number,
  at: Sliding,
  row0: number,
  row1: number,
): void {
  const { height, width, outWidth, window, stride, padding, dilation } = at;
  const [strideY, strideX] = stride;
  let column = 0;
  for (let c = 0; c < at.channels; c++) {
    for (let r = 0; r < window[0]; r++) {
      const shiftY = r * dilation[0] - padding[0][0];
      for (let s = 0; s < window[1]; s++) {
        const shiftX = s * dilation[1] - padding[1][0];
        const q0 = firstInside(shiftX, strideX, outWidth);
        const q1 = endInside(shiftX, strideX, width, outWidth);
        for (let p = row0; p < row1; p++, column += outWidth) {
          const y = p * strideY + shiftY;
          if (y < 0 || y >= height) continue;
          const to = base + (c * height + y) * width + shiftX;
          for (let q = q0; q < q1; q++) image[to + q * strideX]! += columns[column + q]!;
        }
      }
    }
  }
}
