/**
 * Pooling and windows: maxima and averages of windows over [N, C, H, W], im2col and col2im.
 * Rests on memory and patches. A window is clipped to the image before the loop over it.
 */
import type { TypedArray } from "../../dtype.ts";
import type { KernelTable, Operand } from "../device.ts";
import type { WindowGeometry } from "../kernels.ts";
import { dense } from "./memory.ts";
import { columnsToImage, endInside, firstInside, imageToColumns, type Sliding } from "./patches.ts";

/** Calls `visit` for each output position of each plane with the pixels its window sees. */
function forEachWindow(
  image: readonly number[],
  pooled: readonly number[],
  { window, stride, padding, dilation }: WindowGeometry,
  visit: (out: number, plane: number, rows: number[], columns: number[]) => void,
): void {
  const [n, c, height, width] = image as [number, number, number, number];
  const [, , outHeight, outWidth] = pooled as [number, number, number, number];
  const pixels = (start: number, axis: 0 | 1, length: number): number[] => {
    const first = firstInside(start, dilation[axis], window[axis]);
    const end = endInside(start, dilation[axis], length, window[axis]);
    const list: number[] = [];
    for (let tap = first; tap < end; tap++) list.push(start + tap * dilation[axis]);
    return list;
  };
  const rowsOf = Array.from({ length: outHeight }, (_, p) =>
    pixels(p * stride[0] - padding[0][0], 0, height).map((y) => y * width),
  );
  const columnsOf = Array.from({ length: outWidth }, (_, q) =>
    pixels(q * stride[1] - padding[1][0], 1, width),
  );
  let out = 0;
  for (let plane = 0; plane < n * c; plane++) {
    const base = plane * height * width;
    for (const rows of rowsOf) for (const columns of columnsOf) visit(out++, base, rows, columns);
  }
}

function slidingOf(
  image: Operand<TypedArray>,
  geometry: WindowGeometry,
): Sliding & { readonly images: number } {
  const [images, channels, height, width] = image.shape as [number, number, number, number];
  const { window, stride, padding, dilation } = geometry;
  const slots = (axis: 0 | 1, length: number): number =>
    Math.floor(
      (length + padding[axis][0] + padding[axis][1] - dilation[axis] * (window[axis] - 1) - 1) /
        stride[axis],
    ) + 1;
  const outHeight = slots(0, height);
  const outWidth = slots(1, width);
  return { ...geometry, images, channels, height, width, outHeight, outWidth };
}

/** Kernels that slide a window over images. */
export const poolingKernels: Pick<
  KernelTable<TypedArray>,
  "maxPool2d" | "avgPool2d" | "avgPool2dGradient" | "im2col" | "col2im"
> = {
  maxPool2d: ([x], [y, position], geometry) => {
    const from = dense(x!);
    const out = dense(y!);
    const positions = dense(position!);
    forEachWindow(x!.shape, y!.shape, geometry, (to, plane, rows, columns) => {
      let best = Number.NEGATIVE_INFINITY;
      let found = rows[0]! + columns[0]!;
      for (const row of rows) {
        for (const column of columns) {
          const value = from[plane + row + column]!;
          // A NaN beats every number; neither a tie nor a second NaN replaces what came first.
          if (value > best || (Number.isNaN(value) && !Number.isNaN(best))) {
            best = value;
            found = row + column;
          }
        }
      }
      out[to] = best;
      positions[to] = found;
    });
  },
  avgPool2d: ([x], [y], { countPadding, ...geometry }) => {
    const from = dense(x!);
    const out = dense(y!);
    const whole = geometry.window[0] * geometry.window[1];
    forEachWindow(x!.shape, y!.shape, geometry, (to, plane, rows, columns) => {
      let sum = 0;
      for (const row of rows) for (const column of columns) sum += from[plane + row + column]!;
      out[to] = sum / (countPadding ? whole : rows.length * columns.length);
    });
  },
  avgPool2dGradient: ([dy], [dx], { countPadding, ...geometry }) => {
    const from = dense(dy!);
    const out = dense(dx!);
    const total = new Float64Array(out.length);
    const whole = geometry.window[0] * geometry.window[1];
    forEachWindow(dx!.shape, dy!.shape, geometry, (at, plane, rows, columns) => {
      const share = from[at]! / (countPadding ? whole : rows.length * columns.length);
      for (const row of rows) for (const column of columns) total[plane + row + column]! += share;
    });
    out.set(total);
  },
  im2col: ([x], [y], geometry) => {
    const from = dense(x!);
    const out = dense(y!);
    const at = slidingOf(x!, geometry);
    const size = out.length / at.images;
    for (let n = 0; n < at.images; n++) {
      const base = n * at.channels * at.height * at.width;
      imageToColumns(from, base, out.subarray(n * size, (n + 1) * size), at, 0, at.outHeight);
    }
  },
  col2im: ([y], [x], geometry) => {
    const from = dense(y!);
    const out = dense(x!);
    const at = slidingOf(x!, geometry);
    const total = new Float64Array(out.length);
    const size = from.length / at.images;
    for (let n = 0; n < at.images; n++) {
      const base = n * at.channels * at.height * at.width;
      columnsToImage(from.subarray(n * size, (n + 1) * size), total, base, at, 0, at.outHeight);
    }
    out.set(total);
  },
};
