/**
 * Matrix products y = a·b of float32 and float64 at any strides; rests on pack and matmul-tile. Each element is
 * acc = 0; acc = acc + a[k]·b[k] for k = 0, 1, 2, …: a register tile holds 4 rows by two vectors of columns,
 * lanes never cross k, and where k is cut into blocks the running sums are stored in y and loaded again,
 * which rounds nothing. So the bits do not depend on the path, the tile, the strides or the threads.
 */
import { loadTile, packedTile, rowTile, storeTile, stridedTile } from "./matmul-tile";
import { packPanel } from "./pack";
import { pointer, word } from "./task";

/** Rows of a register tile. */
const tileRows: i32 = 4;
/** Row panels of a packed block of a: 64 rows of 2 KiB, a share of the second-level cache. */
const blockPanels: i32 = 16;
/** Longest run of k at a time, in bytes of one column: a panel of b then takes 16 KiB of the first-level cache. */
const blockBytes: i32 = 2048;
/** The same where b's panel is used for few rows. */
const skinnyDepth: i32 = 512;
/** Most rows for which b is read in place where its columns are adjacent: packing would cost as much as it saves. */
const rowsInPlace: i32 = 8;
/** Batch axes that a task has room for. */
const batchAxes: i32 = 8;

/** Bytes from the first matrix of a batch to matrix `index`; `axes` lengths lie at word `at`, then strides. */
function batchOffset(task: usize, at: i32, axes: i32, stridesAt: i32, index: i32): usize {
  let offset: usize = 0;
  for (let axis = axes - 1; axis >= 0; axis--) {
    const length = word(task, at + axis);
    offset += <usize>(index % length) * <usize>word(task, stridesAt + axis);
    index /= length;
  }
  return offset;
}

/**
 * Words: 0 b, 1 packed, 2 N, 3 K, 4 b's row stride, 5 b's column stride, 6 bytes of one packed matrix,
 * 7 batch axes, then their lengths from 8 and b's strides from 16. One piece is one panel of one matrix.
 */
function packColumns<T>(task: usize, from: i32, to: i32): void {
  const columns = word(task, 2);
  const depth = word(task, 3);
  const row = <usize>word(task, 4);
  const column = <usize>word(task, 5);
  const width: i32 = 32 / sizeof<T>();
  const panels = (columns + width - 1) / width;
  for (let piece = from; piece < to; ) {
    const batch = piece / panels;
    const first = piece % panels;
    const count = min(to - piece, panels - first);
    const b = pointer(task, 0) + batchOffset(task, 8, word(task, 7), 8 + batchAxes, batch);
    const packed = pointer(task, 1) + <usize>batch * <usize>word(task, 6);
    // 64 rows of b at a time, so that neighbouring panels find their cache lines and pages still there.
    for (let k = 0; k < depth; k += 64) {
      for (let panel = first; panel < first + count; panel++) {
        const lanes = min(width, columns - panel * width);
        const at = b + <usize>k * row + <usize>(panel * width) * column;
        const target = packed + (<usize>panel * <usize>depth + <usize>k) * 32;
        packPanel<T>(target, width, at, column, row, lanes, min(64, depth - k));
      }
    }
    piece += count;
  }
}

/**
 * Words: 0 a, 1 packed b, 2 y, 3 M, 4 N, 5 K, 6 a's row stride, 7 a's column stride, 8 y's row stride,
 * 9 y's column stride, 10 bytes from one packed matrix to the next, 11 batch axes, then their lengths from 12,
 * a's strides from 20 and y's from 28. One piece is 4 rows of one matrix.
 */
function multiplyPacked<T>(task: usize, from: i32, to: i32, scratch: usize): void {
  const rows = word(task, 3);
  const columns = word(task, 4);
  const depth = word(task, 5);
  const aRow = <usize>word(task, 6);
  const aColumn = <usize>word(task, 7);
  const yRow = <usize>word(task, 8);
  const yColumn = <usize>word(task, 9);
  const axes = word(task, 11);
  const width: i32 = 32 / sizeof<T>();
  const panels = (rows + tileRows - 1) / tileRows;
  const blockDepth = blockBytes / sizeof<T>();
  const spare = scratch;
  const block = scratch + 256;
  for (let piece = from; piece < to; ) {
    const batch = piece / panels;
    const first = piece % panels;
    const count = min(min(to - piece, panels - first), blockPanels);
    const row0 = first * tileRows;
    const a = pointer(task, 0) + batchOffset(task, 12, axes, 12 + batchAxes, batch) + <usize>row0 * aRow;
    const y = pointer(task, 2) + batchOffset(task, 12, axes, 12 + 2 * batchAxes, batch) + <usize>row0 * yRow;
    const b = pointer(task, 1) + <usize>batch * <usize>word(task, 10);
    let k = 0;
    do {
      const length = min(blockDepth, depth - k);
      const panelBytes = <usize>(length * tileRows) * sizeof<T>();
      for (let i = 0; i < count; i++) {
        const at = a + <usize>(i * tileRows) * aRow + <usize>k * aColumn;
        const lanes = min(tileRows, rows - row0 - i * tileRows);
        packPanel<T>(block + <usize>i * panelBytes, tileRows, at, aRow, aColumn, lanes, length);
      }
      for (let column = 0; column < columns; column += width) {
        const panel = b + (<usize>(column / width) * <usize>depth + <usize>k) * 32;
        const wide = min(width, columns - column);
        for (let i = 0; i < count; i++) {
          const high = min(tileRows, rows - row0 - i * tileRows);
          const at = y + <usize>(i * tileRows) * yRow + <usize>column * yColumn;
          const left = block + <usize>i * panelBytes;
          if (high == tileRows && wide == width && yColumn == sizeof<T>()) {
            packedTile<T>(length, left, panel, at, yRow, k == 0);
          } else {
            if (k != 0) loadTile<T>(spare, 32, at, yRow, yColumn, high, wide);
            packedTile<T>(length, left, panel, spare, 32, k == 0);
            storeTile<T>(spare, 32, at, yRow, yColumn, high, wide);
          }
        }
      }
      k += blockDepth;
    } while (k < depth);
    piece += count;
  }
}

/**
 * For few rows: every thread packs its own columns of b, or reads them in place, and a stays where it is.
 * Words: as `multiplyPacked`, but 1 is b, 10 b's row stride, and from 36 b's batch strides, 44 its column stride.
 * One piece is 4 vectors of columns of one matrix.
 */
function multiplySkinny<T>(task: usize, from: i32, to: i32, scratch: usize): void {
  const rows = word(task, 3);
  const columns = word(task, 4);
  const depth = word(task, 5);
  const aRow = <usize>word(task, 6);
  const aColumn = <usize>word(task, 7);
  const yRow = <usize>word(task, 8);
  const yColumn = <usize>word(task, 9);
  const bRow = <usize>word(task, 10);
  const axes = word(task, 11);
  const bColumn = <usize>word(task, 12 + 4 * batchAxes);
  const half: i32 = 32 / sizeof<T>();
  const width = 2 * half;
  const stretches = (columns + width - 1) / width;
  const spare = scratch;
  const block = scratch + 256;
  for (let piece = from; piece < to; piece++) {
    const batch = piece / stretches;
    const column = (piece % stretches) * width;
    const wide = min(width, columns - column);
    const a = pointer(task, 0) + batchOffset(task, 12, axes, 12 + batchAxes, batch);
    const y =
      pointer(task, 2) + batchOffset(task, 12, axes, 12 + 2 * batchAxes, batch) + <usize>column * yColumn;
    const b =
      pointer(task, 1) + batchOffset(task, 12, axes, 12 + 3 * batchAxes, batch) + <usize>column * bColumn;
    const inPlace = rows <= rowsInPlace && wide == width && bColumn == sizeof<T>();
    const bItem: usize = inPlace ? bRow : 64;
    // Rows of b in place may all fall into one set of a cache, which 64 of them still fit.
    const longest = inPlace && rows > tileRows ? 64 : skinnyDepth;
    let k = 0;
    do {
      const length = min(longest, depth - k);
      let panel = b + <usize>k * bRow;
      if (!inPlace) {
        packPanel<T>(block, width, panel, bColumn, bRow, wide, length);
        panel = block;
      }
      for (let row = 0; row < rows; row += tileRows) {
        const high = min(tileRows, rows - row);
        const a0 = a + <usize>row * aRow + <usize>k * aColumn;
        const at = y + <usize>row * yRow;
        if (high == 1) {
          const straight = wide == width && yColumn == sizeof<T>();
          if (!straight && k != 0) loadTile<T>(spare, 64, at, yRow, yColumn, 1, wide);
          rowTile<T>(length, a0, aColumn, panel, bItem, straight ? at : spare, k == 0);
          if (!straight) storeTile<T>(spare, 64, at, yRow, yColumn, 1, wide);
          continue;
        }
        // Rows that are missing repeat the last one and are not stored.
        const a1 = a0 + aRow;
        const a2 = high > 2 ? a1 + aRow : a1;
        const a3 = high > 3 ? a2 + aRow : a2;
        for (let start = 0; start < wide; start += half) {
          const part = min(half, wide - start);
          const to = at + <usize>start * yColumn;
          const right = panel + <usize>start * sizeof<T>();
          if (high == tileRows && part == half && yColumn == sizeof<T>()) {
            stridedTile<T>(length, a0, a1, a2, a3, aColumn, right, bItem, to, yRow, k == 0);
          } else {
            if (k != 0) loadTile<T>(spare, 32, to, yRow, yColumn, high, part);
            stridedTile<T>(length, a0, a1, a2, a3, aColumn, right, bItem, spare, 32, k == 0);
            storeTile<T>(spare, 32, to, yRow, yColumn, high, part);
          }
        }
      }
      k += longest;
    } while (k < depth);
  }
}

/** Packs b's columns; see `packColumns`. */
export function matmulPackF32(task: usize, from: i32, to: i32, scratch: usize): void {
  packColumns<f32>(task, from, to);
}

/** Packs b's columns; see `packColumns`. */
export function matmulPackF64(task: usize, from: i32, to: i32, scratch: usize): void {
  packColumns<f64>(task, from, to);
}

/** The product with a packed b; see `multiplyPacked`. */
export function matmulPackedF32(task: usize, from: i32, to: i32, scratch: usize): void {
  multiplyPacked<f32>(task, from, to, scratch);
}

/** The product with a packed b; see `multiplyPacked`. */
export function matmulPackedF64(task: usize, from: i32, to: i32, scratch: usize): void {
  multiplyPacked<f64>(task, from, to, scratch);
}

/** The product of few rows; see `multiplySkinny`. */
export function matmulSkinnyF32(task: usize, from: i32, to: i32, scratch: usize): void {
  multiplySkinny<f32>(task, from, to, scratch);
}

/** The product of few rows; see `multiplySkinny`. */
export function matmulSkinnyF64(task: usize, from: i32, to: i32, scratch: usize): void {
  multiplySkinny<f64>(task, from, to, scratch);
}
