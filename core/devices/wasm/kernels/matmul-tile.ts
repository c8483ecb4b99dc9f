/**
 * Register tiles of the matrix product, and how they get in and out of y; rests on pack. Each element of a tile
 * is c = c + a[k]·b[k] for k = 0, 1, 2, …, lanes never across k. 4 rows by two vectors, not unrolled: engines keep
 * its 8 sums in registers; larger ones spill in some.
 */
import { gatherChannels } from "./pack";

/** 4 rows by 2 vectors of c: c = (first ? 0 : c) + Σ_k a·b; a packed 4 wide, b 2 vectors wide. */
export function packedTile<T>(depth: i32, a: usize, b: usize, c: usize, row: usize, first: bool): void {
  const c1 = c + row;
  const c2 = c1 + row;
  const c3 = c2 + row;
  let s00 = i64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (!first) {
    s00 = v128.load(c);
    s01 = v128.load(c, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  const end = b + <usize>depth * 32;
  while (b != end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load_splat<T>(a);
    s00 = v128.add<T>(s00, v128.mul<T>(v, b0));
    s01 = v128.add<T>(s01, v128.mul<T>(v, b1));
    v = v128.load_splat<T>(a, sizeof<T>());
    s10 = v128.add<T>(s10, v128.mul<T>(v, b0));
    s11 = v128.add<T>(s11, v128.mul<T>(v, b1));
    v = v128.load_splat<T>(a, 2 * sizeof<T>());
    s20 = v128.add<T>(s20, v128.mul<T>(v, b0));
    s21 = v128.add<T>(s21, v128.mul<T>(v, b1));
    v = v128.load_splat<T>(a, 3 * sizeof<T>());
    s30 = v128.add<T>(s30, v128.mul<T>(v, b0));
    s31 = v128.add<T>(s31, v128.mul<T>(v, b1));
    a += 4 * sizeof<T>();
    b += 32;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** The same with the rows of a where they lie: the k-th numbers at a0 + k·aItem …, of b at b + k·bItem. */
export function stridedTile<T>(
  depth: i32,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  aItem: usize,
  b: usize,
  bItem: usize,
  c: usize,
  row: usize,
  first: bool,
): void {
  const c1 = c + row;
  const c2 = c1 + row;
  const c3 = c2 + row;
  let s00 = i64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  let s20 = s00;
  let s21 = s00;
  let s30 = s00;
  let s31 = s00;
  if (!first) {
    s00 = v128.load(c);
    s01 = v128.load(c, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  for (let k = 0; k < depth; k++) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let v = v128.load_splat<T>(a0);
    s00 = v128.add<T>(s00, v128.mul<T>(v, b0));
    s01 = v128.add<T>(s01, v128.mul<T>(v, b1));
    v = v128.load_splat<T>(a1);
    s10 = v128.add<T>(s10, v128.mul<T>(v, b0));
    s11 = v128.add<T>(s11, v128.mul<T>(v, b1));
    v = v128.load_splat<T>(a2);
    s20 = v128.add<T>(s20, v128.mul<T>(v, b0));
    s21 = v128.add<T>(s21, v128.mul<T>(v, b1));
    v = v128.load_splat<T>(a3);
    s30 = v128.add<T>(s30, v128.mul<T>(v, b0));
    s31 = v128.add<T>(s31, v128.mul<T>(v, b1));
    a0 += aItem;
    a1 += aItem;
    a2 += aItem;
    a3 += aItem;
    b += bItem;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** One row by 4 vectors of c, like `stridedTile`. */
export function rowTile<T>(depth: i32, a: usize, aItem: usize, b: usize, bItem: usize, c: usize, first: bool): void {
  let s0 = i64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  if (!first) {
    s0 = v128.load(c);
    s1 = v128.load(c, 16);
    s2 = v128.load(c, 32);
    s3 = v128.load(c, 48);
  }
  for (let k = 0; k < depth; k++) {
    const v = v128.load_splat<T>(a);
    s0 = v128.add<T>(s0, v128.mul<T>(v, v128.load(b)));
    s1 = v128.add<T>(s1, v128.mul<T>(v, v128.load(b, 16)));
    s2 = v128.add<T>(s2, v128.mul<T>(v, v128.load(b, 32)));
    s3 = v128.add<T>(s3, v128.mul<T>(v, v128.load(b, 48)));
    a += aItem;
    b += bItem;
  }
  v128.store(c, s0);
  v128.store(c, s1, 16);
  v128.store(c, s2, 32);
  v128.store(c, s3, 48);
}

/** Copies a tile of y out, `row` bytes a row. */
export function loadTile<T>(
  tile: usize,
  row: usize,
  y: usize,
  yRow: usize,
  yColumn: usize,
  rows: i32,
  columns: i32,
): void {
  gatherChannels<T>(tile, row, y, yColumn, yRow, columns, rows);
}

/** Copies a tile into y. */
export function storeTile<T>(
  tile: usize,
  row: usize,
  y: usize,
  yRow: usize,
  yColumn: usize,
  rows: i32,
  columns: i32,
): void {
  // Where y is transposed, its columns are the runs to write.
  if (yRow == sizeof<T>()) {
    gatherChannels<T>(y, yColumn, tile, row, sizeof<T>(), rows, columns);
    return;
  }
  for (let i = 0; i < rows; i++) {
    let at = y;
    for (let j = 0; j < columns; j++) {
      store<T>(at, load<T>(tile + <usize>j * sizeof<T>()));
      at += yColumn;
    }
    y += yRow;
    tile += row;
  }
}
