/**
 * The weight gradient of a convolution: dw = Σ over pixels of x·dy; rests on convolution-window and pack.
 * The images are cut into leaves, runs of neighbouring images by a rule that knows only their number and the
 * shape. In a leaf, the sum of each band of rows starts from 0, goes over its pixels in order, and is added to
 * the leaf's sum, images and bands in order; convolution-weights then adds the leaves in a fixed tree.
 * Rows of pixels whose tap lies above or below the image are left out; beside it, x = 0 counts.
 * A register tile holds 4 neighbours of (s, c), or the last 2, by two vectors of output channels.
 */
import { copyWindow, endInside, firstInside } from "./convolution-window";
import { packPanel } from "./pack";
import { pointer, word } from "./task";

/** One tile: sum += Σ over `rows` × `columns` pixels of x (4 numbers) times dy (two vectors, packed). */
export function gradientTile<T>(
  rows: i32,
  columns: i32,
  x: usize,
  xRow: usize,
  xColumn: usize,
  dy: usize,
  sum: usize,
): void {
  let s00 = i64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  for (let row = 0; row < rows; row++) {
    let at = x;
    const end = dy + <usize>columns * 32;
    while (dy != end) {
      const d0 = v128.load(dy);
      const d1 = v128.load(dy, 16);
      let v = v128.load_splat<T>(at);
      s00 = v128.add<T>(s00, v128.mul<T>(v, d0));
      s01 = v128.add<T>(s01, v128.mul<T>(v, d1));
      v = v128.load_splat<T>(at, sizeof<T>());
      s10 = v128.add<T>(s10, v128.mul<T>(v, d0));
      s11 = v128.add<T>(s11, v128.mul<T>(v, d1));
      v = v128.load_splat<T>(at, 2 * sizeof<T>());
      s20 = v128.add<T>(s20, v128.mul<T>(v, d0));
      s21 = v128.add<T>(s21, v128.mul<T>(v, d1));
      v = v128.load_splat<T>(at, 3 * sizeof<T>());
      s30 = v128.add<T>(s30, v128.mul<T>(v, d0));
      s31 = v128.add<T>(s31, v128.mul<T>(v, d1));
      at += xColumn;
      dy += 32;
    }
    x += xRow;
  }
  v128.store(sum, v128.add<T>(v128.load(sum), s00));
  v128.store(sum, v128.add<T>(v128.load(sum, 16), s01), 16);
  v128.store(sum, v128.add<T>(v128.load(sum, 32), s10), 32);
  v128.store(sum, v128.add<T>(v128.load(sum, 48), s11), 48);
  v128.store(sum, v128.add<T>(v128.load(sum, 64), s20), 64);
  v128.store(sum, v128.add<T>(v128.load(sum, 80), s21), 80);
  v128.store(sum, v128.add<T>(v128.load(sum, 96), s30), 96);
  v128.store(sum, v128.add<T>(v128.load(sum, 112), s31), 112);
}

/** `gradientTile` for 2 numbers of x, for the end of a run: the same sums in the same order. */
function gradientPair<T>(
  rows: i32,
  columns: i32,
  x: usize,
  xRow: usize,
  xColumn: usize,
  dy: usize,
  sum: usize,
): void {
  let s00 = i64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  for (let row = 0; row < rows; row++) {
    let at = x;
    const end = dy + <usize>columns * 32;
    while (dy != end) {
      const d0 = v128.load(dy);
      const d1 = v128.load(dy, 16);
      let v = v128.load_splat<T>(at);
      s00 = v128.add<T>(s00, v128.mul<T>(v, d0));
      s01 = v128.add<T>(s01, v128.mul<T>(v, d1));
      v = v128.load_splat<T>(at, sizeof<T>());
      s10 = v128.add<T>(s10, v128.mul<T>(v, d0));
      s11 = v128.add<T>(s11, v128.mul<T>(v, d1));
      at += xColumn;
      dy += 32;
    }
    x += xRow;
  }
  v128.store(sum, v128.add<T>(v128.load(sum), s00));
  v128.store(sum, v128.add<T>(v128.load(sum, 16), s01), 16);
  v128.store(sum, v128.add<T>(v128.load(sum, 32), s10), 32);
  v128.store(sum, v128.add<T>(v128.load(sum, 48), s11), 48);
}

/**
 * Words: as `convolve` up to 21 (1 is dy, 2 the leaves), strides of dy: 22 image, 23 channel, 24 row, 25 column;
 * 26 output rows of a band, 27 output columns of a segment, 28 a buffer, 0: the scratch, 29 bytes of the buffer's
 * part for x, 30 images, 31 images of a leaf, 32 bytes of a leaf, 33 panels that one piece takes.
 * A leaf is [group][panel][run][number of the run, padded to a multiple of 4][two vectors]; a run is the (s, c)
 * of one r where the columns of the window touch, else the c of one (r, s).
 * One piece is one stretch of panels of one group of one leaf.
 */
function correlate<T>(task: usize, from: i32, to: i32, scratch: usize): void {
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
  const dyChannel = <usize>word(task, 23);
  const dyRow = <usize>word(task, 24);
  const dyColumn = <usize>word(task, 25);
  const band = word(task, 26);
  const segment = word(task, 27);
  const window = word(task, 28) != 0 ? pointer(task, 28) : scratch;
  const packed = window + <usize>word(task, 29);
  const images = word(task, 30);
  const perLeaf = word(task, 31);
  const perPiece = word(task, 33);
  const lanes: i32 = 32 / sizeof<T>();
  const panels = (kernels + lanes - 1) / lanes;
  const stretches = (panels + perPiece - 1) / perPiece;
  const pixelBytes = <usize>channels * sizeof<T>();
  const joined = dilationColumn == 1;
  const runs = joined ? 1 : s;
  const length = joined ? s * channels : channels;
  const tiles = (length + 3) / 4;
  const panelBytes = <usize>(r * runs * tiles) * 128;
  for (let piece = from; piece < to; piece++) {
    const leaf = piece / (groups * stretches);
    const group = (piece / stretches) % groups;
    const first = (piece % stretches) * perPiece;
    const count = min(perPiece, panels - first);
    const sums =
      pointer(task, 2) + <usize>leaf * <usize>word(task, 32) + <usize>(group * panels + first) * panelBytes;
    memory.fill(sums, 0, <usize>count * panelBytes);
    for (let image = leaf * perLeaf; image < min(images, (leaf + 1) * perLeaf); image++) {
      const x =
        pointer(task, 0) +
        <usize>image * <usize>word(task, 18) +
        <usize>(group * channels) * <usize>word(task, 19);
      const dy =
        pointer(task, 1) +
        <usize>image * <usize>word(task, 22) +
        <usize>(group * kernels + first * lanes) * dyChannel;
      for (let row0 = 0; row0 < outHeight; row0 += band) {
        const rows = min(band, outHeight - row0);
        for (let column0 = 0; column0 < outWidth; column0 += segment) {
          const columns = min(segment, outWidth - column0);
          const wide = (columns - 1) * strideColumn + (s - 1) * dilationColumn + 1;
          const high = (rows - 1) * strideRow + (r - 1) * dilationRow + 1;
          copyWindow<T>(
            window,
            x,
            channels,
            height,
            word(task, 7),
            <usize>word(task, 19),
            <usize>word(task, 20),
            <usize>word(task, 21),
            row0 * strideRow - top,
            high,
            column0 * strideColumn - word(task, 17),
            wide,
          );
          const windowRow = <usize>wide * pixelBytes;
          const xRow = <usize>strideRow * windowRow;
          const xColumn = <usize>strideColumn * pixelBytes;
          for (let panel = 0; panel < count; panel++) {
            const deep = min(lanes, kernels - (first + panel) * lanes);
            let target = packed;
            let at = dy + <usize>row0 * dyRow + <usize>column0 * dyColumn + <usize>(panel * lanes) * dyChannel;
            for (let row = 0; row < rows; row++) {
              packPanel<T>(target, lanes, at, dyChannel, dyColumn, deep, columns);
              target += <usize>columns * 32;
              at += dyRow;
            }
            let sum = sums + <usize>panel * panelBytes;
            for (let i = 0; i < r; i++) {
              const above = row0 * strideRow + i * dilationRow - top;
              const start = firstInside(above, strideRow, rows);
              const inside = endInside(above, strideRow, rows, height) - start;
              const right = packed + <usize>(start * columns) * 32;
              const origin = window + <usize>(start * strideRow + i * dilationRow) * windowRow;
              for (let run = 0; run < runs; run++) {
                let p = origin + <usize>(run * dilationColumn) * pixelBytes;
                for (let left = length; left > 0; left -= 4) {
                  if (left > 2) gradientTile<T>(inside, columns, p, xRow, xColumn, right, sum);
                  else gradientPair<T>(inside, columns, p, xRow, xColumn, right, sum);
                  p += 4 * sizeof<T>();
                  sum += 128;
                }
              }
            }
          }
        }
      }
    }
  }
}

/** The leaves of a weight gradient; see `correlate`. */
export function convolutionWeightGradientF32(task: usize, from: i32, to: i32, scratch: usize): void {
  correlate<f32>(task, from, to, scratch);
}

/** The leaves of a weight gradient; see `correlate`. */
export function convolutionWeightGradientF64(task: usize, from: i32, to: i32, scratch: usize): void {
  correlate<f64>(task, from, to, scratch);
}
