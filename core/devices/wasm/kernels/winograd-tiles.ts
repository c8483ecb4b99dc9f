/**
 * Tiles of images for Winograd's convolution: 4×4 pixels that start 2 apart, or 6×6 that start 4 apart, transformed
 * into 16 or 36 slabs of [tile][channel]. Rests on winograd-transforms, winograd-wide and convolution-window. Pixels
 * beside the image are zeros.
 */
import { copyWindow } from "./convolution-window";
import { transformCotangent, transformTile } from "./winograd-transforms";
import { transformWideCotangent, transformWidePair, transformWideTile } from "./winograd-wide";

/** Where the pixels of images lie; strides in bytes. Set by `lookAt`; each thread has its own. */
let origin: usize = 0;
let rowStride: usize = 0;
let columnStride: usize = 0;
/** The pixels that are there: rows and columns [low, high) of those that are asked for. */
let rowLow: i32 = 0, rowHigh: i32 = 0, columnLow: i32 = 0, columnHigh: i32 = 0;

/**
 * Makes the pixels of an image readable channel by channel, from pixel (row0, column0) on: `rows` × `columns` of
 * them, of which some may lie beside it. Where its channels do not touch, they are copied to `window`.
 */
export function lookAt(
  image: usize,
  channels: i32,
  height: i32,
  width: i32,
  channel: usize,
  row: usize,
  column: usize,
  row0: i32,
  rows: i32,
  column0: i32,
  columns: i32,
  window: usize,
): void {
  if (channel == 4) {
    origin = image + <usize>row0 * row + <usize>column0 * column;
    rowStride = row;
    columnStride = column;
    rowLow = -row0;
    rowHigh = height - row0;
    columnLow = -column0;
    columnHigh = width - column0;
    return;
  }
  copyWindow<f32>(window, image, channels, height, width, channel, row, column, row0, rows, column0, columns);
  origin = window;
  columnStride = <usize>channels << 2;
  rowStride = <usize>columns * columnStride;
  rowLow = 0;
  rowHigh = rows;
  columnLow = 0;
  columnHigh = columns;
}

/** Lists where the pixels of a square of `side` lie, row by row, those beside the image at `zeros`. */
// @ts-ignore: decorator
@inline
function listPixels(table: usize, side: i32, row0: i32, column0: i32, zeros: usize): void {
  let line = origin + <usize>row0 * rowStride + <usize>column0 * columnStride;
  const isInside =
    row0 >= rowLow && row0 + side <= rowHigh && column0 >= columnLow && column0 + side <= columnHigh;
  if (isInside) {
    const step = columnStride;
    for (let i = 0; i < side; i++) {
      let pixel = line;
      for (let j = 0; j < side; j += 2) {
        store<usize>(table, pixel);
        pixel += step;
        store<usize>(table, pixel, 4);
        pixel += step;
        table += 8;
      }
      line += rowStride;
    }
    return;
  }
  for (let row = row0; row < row0 + side; row++) {
    const isThere = row >= rowLow && row < rowHigh;
    let pixel = line;
    for (let column = column0; column < column0 + side; column++) {
      store<usize>(table, isThere && column >= columnLow && column < columnHigh ? pixel : zeros);
      pixel += columnStride;
      table += 4;
    }
    line += rowStride;
  }
}

/**
 * Bᵀ·x·B of `down` × `across` tiles, for outputs of `side` that see `taps` × `taps` pixels: element e of tile t goes to `to` + e·slab + t·bytes.
 * `bytes` of channels, a multiple of 16, of which `zeros` holds as many; `table` has room for the addresses of a
 * tile, `spare` is that of winograd-wide.
 */
export function transformImage(
  side: i32,
  taps: i32,
  down: i32,
  across: i32,
  bytes: usize,
  to: usize,
  slab: usize,
  table: usize,
  zeros: usize,
  spare: usize,
): void {
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) {
      listPixels(table, side + taps - 1, side * i, side * j, zeros);
      if (side + taps == 5) transformTile(table, bytes, to, slab);
      else transformWideTile(table, bytes, to, slab, spare);
      to += bytes;
    }
  }
}

/**
 * A·dy·Aᵀ of `down` × `across` squares of `side` pixels and `panels` panels of 8 channels: element e of square t of
 * panel p goes to `to` + e·slab + p·panel + 32·t.
 */
export function transformCotangents(
  side: i32,
  taps: i32,
  down: i32,
  across: i32,
  panels: i32,
  to: usize,
  slab: usize,
  panel: usize,
  table: usize,
  zeros: usize,
  spare: usize,
): void {
  for (let i = 0; i < down; i++) {
    for (let j = 0; j < across; j++) {
      listPixels(table, side, side * i, side * j, zeros);
      let at = to;
      for (let p = 0; p < panels; p++) {
        if (side == 4) transformWideCotangent(table, <usize>p << 5, at, slab, spare);
        else if (taps == 3) transformCotangent(table, <usize>p << 5, at, slab);
        else transformWidePair(table, <usize>p << 5, at, slab, spare);
        at += panel;
      }
      to += 32;
    }
  }
}
