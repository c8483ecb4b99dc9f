/**
 * Winograd's convolution F(2×2, 3×3), F(4×4, 3×3) or F(2×2, 5×5) of float32, forward: also the input gradient.
 * Rests on winograd-tiles and convolution-tile. Each output is Aᵀ·z·A of its tile, where z = Σ over c in order of
 * (G·w·Gᵀ) ⊙ (Bᵀ·x·B), from 0 on.
 * Both numbers of channels are multiples of 8, and there is one group.
 */
import { productTiles, scatterTile } from "./convolution-tile";
import { packPanel } from "./pack";
import { pointer, word } from "./task";
import { lookAt, transformImage } from "./winograd-tiles";
import { gatherTile, transformWeights } from "./winograd-transforms";
import {
  gatherWidePair,
  gatherWideTile,
  keepNumbers,
  transformFiveWeights,
  transformWideWeights,
} from "./winograd-wide";

/** Bytes of an element's weights: 64 more than they take, so that the 16 do not meet in the same places of a cache. */
// @ts-ignore: decorator
@inline
function slabOfWeights(channels: i32): usize {
  return (<usize>channels << 5) + 64;
}

/**
 * G·w·Gᵀ as [panel of 8 output channels][element][c][8], with 64 bytes after each [c][8]. Words: 0 w, 1 target,
 * 2 channels; strides of w: 3 output channel, 4 channel, 5 r, 6 s; 7 side, 8 taps. One piece is one panel.
 */
export function winogradWeights(task: usize, from: i32, to: i32, scratch: usize): void {
  const channels = word(task, 2);
  const lane = <usize>word(task, 3);
  const side = word(task, 7);
  const taps = word(task, 8);
  const elements = (side + taps - 1) * (side + taps - 1);
  const slab = slabOfWeights(channels);
  const bytes = <usize>channels * 32;
  const packs = scratch + 480;
  for (let piece = from; piece < to; piece++) {
    const w = pointer(task, 0) + <usize>(piece * 8) * lane;
    let packed = packs;
    for (let r = 0; r < taps; r++) {
      for (let s = 0; s < taps; s++) {
        const tap = w + <usize>r * <usize>word(task, 5) + <usize>s * <usize>word(task, 6);
        packPanel<f32>(packed, 8, tap, lane, <usize>word(task, 4), 8, channels);
        packed += slab;
      }
    }
    const target = pointer(task, 1) + <usize>(piece * elements) * slab;
    for (let at: usize = 0; at < bytes; at += 16) {
      if (taps == 5) transformFiveWeights(packs + at, slab, target + at, slab, scratch);
      else if (side == 2) transformWeights(packs + at, slab, target + at, slab);
      else transformWideWeights(packs + at, slab, target + at, slab, scratch);
    }
  }
}

/**
 * One tile of 8 channels to its 2×2 pixels, of which `rows` × `columns` are there. Gives their sum. `spare`: 128
 * bytes.
 */
// @ts-ignore: decorator
@inline
function gatherPixels(
  z: usize,
  slab: usize,
  y: usize,
  yRow: usize,
  yColumn: usize,
  yChannel: usize,
  rows: i32,
  columns: i32,
  spare: usize,
): v128 {
  if (yChannel == 4) {
    // Pixels beside the output go where nobody looks.
    const y01 = columns > 1 ? y + yColumn : spare;
    const y10 = rows > 1 ? y + yRow : spare;
    const y11 = rows > 1 && columns > 1 ? y10 + yColumn : spare;
    const total = gatherTile(z, slab, y, y01, y10, y11);
    return f32x4.add(total, gatherTile(z + 16, slab, y + 16, y01 + 16, y10 + 16, y11 + 16));
  }
  let total = i64x2.splat(0);
  for (let half: usize = 0; half < 32; half += 16) {
    const s = spare + half;
    total = f32x4.add(total, gatherTile(z + half, slab, s, s + 32, s + 64, s + 96));
  }
  scatterTile<f32>(spare, y, yColumn, yChannel, columns, 8);
  if (rows > 1) scatterTile<f32>(spare + 64, y + yRow, yColumn, yChannel, columns, 8);
  return total;
}

/** The same of a tile of 6×6, to `side` × `side` pixels; `scratch` as `winograd` lays it out. */
function gatherWidePixels(
  side: i32,
  z: usize,
  slab: usize,
  y: usize,
  yRow: usize,
  yColumn: usize,
  yChannel: usize,
  rows: i32,
  columns: i32,
  scratch: usize,
): v128 {
  const vectors = scratch + 192;
  const spare = scratch + 832;
  const inPlace = yChannel == 4;
  let line = inPlace ? y : spare;
  const stepRow = inPlace ? yRow : <usize>side << 5;
  const stepColumn = inPlace ? yColumn : 32;
  let place = scratch;
  for (let r = 0; r < side; r++) {
    let pixel = line;
    for (let q = 0; q < side; q++) {
      store<usize>(place, !inPlace || (r < rows && q < columns) ? pixel : spare);
      pixel += stepColumn;
      place += 4;
    }
    line += stepRow;
  }
  const total =
    side == 4
      ? f32x4.add(
          gatherWideTile(z, slab, scratch, 0, vectors),
          gatherWideTile(z + 16, slab, scratch, 16, vectors),
        )
      : f32x4.add(
          gatherWidePair(z, slab, scratch, 0, vectors),
          gatherWidePair(z + 16, slab, scratch, 16, vectors),
        );
  if (!inPlace) {
    for (let r = 0; r < rows; r++) {
      scatterTile<f32>(spare + <usize>r * stepRow, y + <usize>r * yRow, yColumn, yChannel, columns, 8);
    }
  }
  return total;
}

/**
 * Words: as `convolve` to 25, 1 being transformed weights; 26 rows of tiles of a band, 27 tiles across of a segment,
 * 28 an int32 a piece, 1 where an output may not be finite, 29 pixels along a side of a tile's output (2 or 4), 30 images
 * whose tiles lie side by side, 31 images. One piece is one band of so many images.
 */
export function winograd(task: usize, from: i32, to: i32, scratch: usize): void {
  const channels = word(task, 4);
  const kernels = word(task, 5);
  const outHeight = word(task, 8);
  const outWidth = word(task, 9);
  const yChannel = <usize>word(task, 23);
  const yRow = <usize>word(task, 24);
  const yColumn = <usize>word(task, 25);
  const band = word(task, 26);
  const segment = word(task, 27);
  const side = word(task, 29);
  const group = word(task, 30);
  const images = word(task, 31);
  const taps = word(task, 10);
  const elements = (side + taps - 1) * (side + taps - 1);
  const tilesDown = (outHeight + side - 1) / side;
  const tilesAcross = (outWidth + side - 1) / side;
  const bands = (tilesDown + band - 1) / band;
  const bytes = <usize>channels << 2;
  const most = (group * band * segment + 3) & ~3;
  // 64 bytes more, as for weights.
  const slab = <usize>most * bytes + 64;
  const slabOut = <usize>most * 32 + 64;
  const table = scratch;
  const vectors = table + 192;
  const spare = table + 832;
  const zeros = spare + 512;
  const tiles = zeros + bytes;
  const sums = tiles + elements * slab;
  const window = sums + elements * slabOut;
  memory.fill(zeros, 0, bytes);
  keepNumbers(vectors);
  for (let piece = from; piece < to; piece++) {
    const first = (piece / bands) * group;
    const count = min(group, images - first);
    const down0 = (piece % bands) * band;
    const down = min(band, tilesDown - down0);
    let total = i64x2.splat(0);
    for (let across0 = 0; across0 < tilesAcross; across0 += segment) {
      const across = min(segment, tilesAcross - across0);
      const perImage = down * across;
      for (let image = 0; image < count; image++) {
        lookAt(
          pointer(task, 0) + <usize>(first + image) * <usize>word(task, 18),
          channels,
          word(task, 6),
          word(task, 7),
          <usize>word(task, 19),
          <usize>word(task, 20),
          <usize>word(task, 21),
          side * down0 - word(task, 16),
          side * down + taps - 1,
          side * across0 - word(task, 17),
          side * across + taps - 1,
          window,
        );
        const to = tiles + <usize>(image * perImage) * bytes;
        transformImage(side, taps, down, across, bytes, to, slab, table, zeros, vectors);
      }
      // Tiles that fill up the last four are of what was there before; nobody looks at them.
      const fours = (count * perImage + 3) >> 2;
      let w = pointer(task, 1);
      for (let k = 0; k < kernels; k += 8) {
        let p = tiles;
        let z = sums;
        for (let element = 0; element < elements; element++) {
          productTiles<f32>(bytes, fours, channels, p, w, z, 32);
          p += slab;
          z += slabOut;
          w += slabOfWeights(channels);
        }
        z = sums;
        for (let image = 0; image < count; image++) {
          const y =
            pointer(task, 2) + <usize>(first + image) * <usize>word(task, 22) + <usize>k * yChannel;
          for (let i = 0; i < down; i++) {
            const row = side * (down0 + i);
            const rows = min(side, outHeight - row);
            const line = y + <usize>row * yRow;
            for (let j = 0; j < across; j++) {
              const column = side * (across0 + j);
              const columns = min(side, outWidth - column);
              const to = line + <usize>column * yColumn;
              const sum =
                elements == 16
                  ? gatherPixels(z, slabOut, to, yRow, yColumn, yChannel, rows, columns, spare)
                  : gatherWidePixels(side, z, slabOut, to, yRow, yColumn, yChannel, rows, columns, table);
              total = f32x4.add(total, sum);
              z += 32;
            }
          }
        }
      }
    }
    const lost = v128.any_true(f32x4.ne(f32x4.sub(total, total), i64x2.splat(0)));
    store<i32>(pointer(task, 28) + (<usize>piece << 2), i32(lost));
  }
}

/**
 * Replaces what is not finite. Words: 0 y, 1 its replacement, 2 to 5 lengths of four axes; strides of y from 6, of
 * its replacement from 10. One piece is one of the first axis.
 */
export function winogradMend(task: usize, from: i32, to: i32, scratch: usize): void {
  for (let piece = from; piece < to; piece++) {
    for (let i = 0; i < word(task, 3); i++) {
      for (let j = 0; j < word(task, 4); j++) {
        let y = pointer(task, 0) + piece * word(task, 6) + i * word(task, 7) + j * word(task, 8);
        let other = pointer(task, 1) + piece * word(task, 10) + i * word(task, 11) + j * word(task, 12);
        for (let k = 0; k < word(task, 5); k++) {
          const value = load<f32>(y);
          if (value - value != 0) store<f32>(y, load<f32>(other));
          y += word(task, 9);
          other += word(task, 13);
        }
      }
    }
  }
}
