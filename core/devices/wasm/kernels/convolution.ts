/**
 * Convolution of float32 and float64, forward: also the input gradient, which is one with turned weights.
 * Rests on convolution-window and convolution-tile. Each output is acc = 0; acc = acc + x·w over (r, s, c) in row-major order of the
 * taps. Rows of taps above or below the image are left out; beside it, x = 0 counts like any other number.
 */
import { convolutionPair, convolutionTiles, scatterTile } from "./convolution-tile";
import { copyWindow, endInside, firstInside } from "./convolution-window";
import { pointer, word } from "./task";

/**
 * Words: 0 x, 1 packed weights, 2 y, 3 groups, 4 channels and 5 output channels of a group, 6 H, 7 W, 8 H′, 9 W′,
 * 10 R, 11 S, 12 and 13 stride, 14 and 15 dilation, 16 top and 17 left padding (negative: cut off);
 * strides of x: 18 image, 19 channel, 20 row, 21 column, and of y from 22; 26 output rows of a band, 27 output
 * columns of a segment, 28 a buffer for the window, 0: the scratch, 29: 1 reads x where it lies (no padding
 * beside it, channels adjacent). One piece is one band of one group of one image.
 */
function convolve<T>(task: usize, from: i32, to: i32, scratch: usize): void {
  const groups = word(task, 3);
  const channels = word(task, 4);
  const kernels = word(task, 5);
  const outHeight = word(task, 8);
  const outWidth = word(task, 9);
  const r = word(task, 10);
  const s = word(task, 11);
  const strideRow = word(task, 12);
  const strideColumn = word(task, 13);
  const dilationRow = word(task, 14);
  const dilationColumn = word(task, 15);
  const height = word(task, 6);
  const top = word(task, 16);
  const xRow = <usize>word(task, 20);
  const xColumn = <usize>word(task, 21);
  const yChannel = <usize>word(task, 23);
  const yRow = <usize>word(task, 24);
  const yColumn = <usize>word(task, 25);
  const band = word(task, 26);
  const segment = word(task, 27);
  const spare = scratch;
  const buffer = word(task, 28) != 0 ? pointer(task, 28) : scratch + 256;
  const inPlace = word(task, 29) != 0;
  const bands = (outHeight + band - 1) / band;
  const lanes: i32 = 32 / sizeof<T>();
  const panels = (kernels + lanes - 1) / lanes;
  const panelBytes = <usize>(r * s * channels) * 32;
  const pixelBytes = <usize>channels * sizeof<T>();
  for (let piece = from; piece < to; piece++) {
    const part = piece / bands;
    const group = part % groups;
    const row0 = (piece % bands) * band;
    const rows = min(band, outHeight - row0);
    const x =
      pointer(task, 0) +
      <usize>(part / groups) * <usize>word(task, 18) +
      <usize>(group * channels) * <usize>word(task, 19);
    const y =
      pointer(task, 2) + <usize>(part / groups) * <usize>word(task, 22) + <usize>(group * kernels) * yChannel;
    for (let column0 = 0; column0 < outWidth; column0 += segment) {
      const columns = min(segment, outWidth - column0);
      let window = buffer;
      let windowRow = xRow;
      let windowColumn = xColumn;
      if (inPlace) {
        window = x + <usize>(row0 * strideRow) * xRow + <usize>(column0 * strideColumn) * xColumn;
      } else {
        const wide = (columns - 1) * strideColumn + (s - 1) * dilationColumn + 1;
        const high = (rows - 1) * strideRow + (r - 1) * dilationRow + 1;
        const above = row0 * strideRow - top;
        const left = column0 * strideColumn - word(task, 17);
        const channel = <usize>word(task, 19);
        const width = word(task, 7);
        copyWindow<T>(buffer, x, channels, height, width, channel, xRow, xColumn, above, high, left, wide);
        windowColumn = pixelBytes;
        windowRow = <usize>wide * pixelBytes;
      }
      // Neighbouring columns that touch are one run.
      const joined = windowColumn == pixelBytes && dilationColumn == 1;
      const runs = joined ? min(s, 1) : s;
      const length = joined ? s * channels : channels;
      const runGap = joined ? 0 : <usize>dilationColumn * windowColumn - pixelBytes;
      const used = <usize>runs * (<usize>length * sizeof<T>() + runGap);
      const rowGap = <usize>dilationRow * windowRow - used;
      const step = <usize>strideColumn * windowColumn;
      for (let panel = 0; panel < panels; panel++) {
        const w = pointer(task, 1) + <usize>(group * panels + panel) * panelBytes;
        const deep = min(lanes, kernels - panel * lanes);
        for (let row = 0; row < rows; row++) {
          const above = (row0 + row) * strideRow - top;
          const first = firstInside(above, dilationRow, r);
          const taps = endInside(above, dilationRow, r, height) - first;
          let p = window + <usize>(row * strideRow + first * dilationRow) * windowRow;
          const weights = w + <usize>(first * runs * length) * 32;
          let out = y + <usize>(row0 + row) * yRow + <usize>column0 * yColumn + <usize>(panel * lanes) * yChannel;
          const whole = deep == lanes && yChannel == sizeof<T>();
          let column = 0;
          if (whole && columns >= 4) {
            const tiles = columns / 4;
            const p1 = p + step;
            const p2 = p1 + step;
            convolutionTiles<T>(
              step, tiles, taps, runs, length, runGap, rowGap, p, p1, p2, p2 + step, weights, out, yColumn,
            );
            column = 4 * tiles;
            p += <usize>column * step;
            out += <usize>column * yColumn;
          }
          for (; column < columns; column += 4) {
            const pixels = columns - column;
            // Pixels beyond the row's end repeat the last one and are not stored.
            const p1 = p + (pixels > 1 ? step : 0);
            const p2 = p1 + (pixels > 2 ? step : 0);
            const p3 = p2 + (pixels > 3 ? step : 0);
            if (pixels > 2) {
              const even = pixels > 3 ? step : 0;
              convolutionTiles<T>(even, 1, taps, runs, length, runGap, rowGap, p, p1, p2, p3, weights, spare, 32);
              scatterTile<T>(spare, out, yColumn, yChannel, min(4, pixels), deep);
            } else if (whole && pixels == 2) {
              convolutionPair<T>(taps, runs, length, runGap, rowGap, p, p1, weights, out, yColumn);
            } else {
              convolutionPair<T>(taps, runs, length, runGap, rowGap, p, p1, weights, spare, 32);
              scatterTile<T>(spare, out, yColumn, yChannel, pixels, deep);
            }
            p += 4 * step;
            out += 4 * yColumn;
          }
        }
      }
    }
  }
}

/** The convolution; see `convolve`. */
export function convolutionF32(task: usize, from: i32, to: i32, scratch: usize): void {
  convolve<f32>(task, from, to, scratch);
}

/** The convolution; see `convolve`. */
export function convolutionF64(task: usize, from: i32, to: i32, scratch: usize): void {
  convolve<f64>(task, from, to, scratch);
}
