/**
 * The part of an image that a band of output pixels sees, copied channels-last with its padding as zeros, so
 * that the loops over it know neither strides nor borders. Rests on pack.
 */
import { gatherChannels } from "./pack";

/** The first tap, of `taps` that are `step` rows apart, that is not above the image if tap 0 is in row `row`. */
// @ts-ignore: decorator
@inline
export function firstInside(row: i32, step: i32, taps: i32): i32 {
  return row >= 0 ? 0 : min(taps, (step - 1 - row) / step);
}

/** One more than the last tap that is not below the image's `height` rows; at least `firstInside`. */
// @ts-ignore: decorator
@inline
export function endInside(row: i32, step: i32, taps: i32, height: i32): i32 {
  const end = row >= height ? 0 : min(taps, (height - 1 - row) / step + 1);
  return max(end, firstInside(row, step, taps));
}

/**
 * Copies rows `row0` … `row0 + rows - 1` and columns `column0` … of an image at `image` to [rows][columns][channels]
 * at `to`; what lies outside of height × width is 0. Strides in bytes.
 */
export function copyWindow<T>(
  to: usize,
  image: usize,
  channels: i32,
  height: i32,
  width: i32,
  channelStride: usize,
  rowStride: usize,
  columnStride: usize,
  row0: i32,
  rows: i32,
  column0: i32,
  columns: i32,
): void {
  const pixel = <usize>channels * sizeof<T>();
  const rowBytes = <usize>columns * pixel;
  const first = min(max(0, -column0), columns);
  const end = max(first, min(columns, width - column0));
  for (let i = 0; i < rows; i++) {
    const row = row0 + i;
    if (row < 0 || row >= height || first == end) {
      memory.fill(to, 0, rowBytes);
    } else {
      const inside = to + <usize>first * pixel;
      const from = image + <usize>row * rowStride + <usize>(column0 + first) * columnStride;
      if (first > 0) memory.fill(to, 0, <usize>first * pixel);
      gatherChannels<T>(inside, pixel, from, channelStride, columnStride, channels, end - first);
      if (end < columns) memory.fill(to + <usize>end * pixel, 0, <usize>(columns - end) * pixel);
    }
    to += rowBytes;
  }
}
