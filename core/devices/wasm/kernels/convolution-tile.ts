/**
 * Register tiles of the forward convolution: 4 pixels of a row, or 2 at its end, by two vectors of output channels.
 * Rests on nothing. A tile whose pixels lie a usual number of bytes apart has that number compiled in: it counts up
 * one address instead of four. (Unrolled by two, V8 of Node 20 spills: 27 instead of 40 GFLOP/s.)
 */

// Bytes from pixel to pixel, as a type whose size they are. Of size 0: known only when it runs.
@unmanaged
class Apart {}
@unmanaged
class Apart4 {
  a!: f32;
}
@unmanaged
class Apart12 extends Apart4 {
  b!: f32;
  c!: f32;
}
@unmanaged
class Apart32 {
  a!: v128;
  b!: v128;
}
@unmanaged
class Apart64 extends Apart32 {
  c!: v128;
  d!: v128;
}
@unmanaged
class Apart128 extends Apart64 {
  e!: v128;
  f!: v128;
  g!: v128;
  h!: v128;
}
@unmanaged
class Apart256 extends Apart128 {
  i!: v128;
  j!: v128;
  k!: v128;
  l!: v128;
  m!: v128;
  n!: v128;
  o!: v128;
  p!: v128;
}

// How many runs of numbers a tile sums, as a type: any, or one.
@unmanaged
class Any {}
@unmanaged
class One {
  a!: f32;
}

/** The number at pixel `i` of a tile that starts at p0, where it would lie at p if `Step` is Apart. */
// @ts-ignore: decorator
@inline
function spread<T, Step>(p0: usize, i: i32, p: usize): v128 {
  if (offsetof<Step>() == 0) return v128.load_splat<T>(p);
  if (i == 1) return v128.load_splat<T>(p0, offsetof<Step>());
  if (i == 2) return v128.load_splat<T>(p0, 2 * offsetof<Step>());
  return v128.load_splat<T>(p0, 3 * offsetof<Step>());
}

/**
 * Tiles side by side: acc[i] = Σ over `height` rows of `runs` runs of `length` numbers each, from p[i] on, times the
 * weights; `runGap` and `rowGap` are the bytes from a run's end to the next run's start, and likewise for rows. Each
 * tile starts 4·step bytes behind the one before. Where `Runs` is `One` there is one run, and no loop over runs.
 */
function tileRow<T, Step, Runs>(
  step: usize,
  tiles: i32,
  height: i32,
  runs: i32,
  length: i32,
  runGap: usize,
  rowGap: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  w: usize,
  to: usize,
  pixel: usize,
): void {
  const runBytes = <usize>length * sizeof<T>();
  for (; tiles > 0; tiles--) {
    let s00 = i64x2.splat(0);
    let s01 = s00;
    let s10 = s00;
    let s11 = s00;
    let s20 = s00;
    let s21 = s00;
    let s30 = s00;
    let s31 = s00;
    let q0 = p0;
    let q1 = p1;
    let q2 = p2;
    let q3 = p3;
    let weights = w;
    const isOne = offsetof<Runs>() != 0;
    let r = 0;
    if (isOne || (height > 0 && runs > 0)) do {
      let run = 0;
      do {
        const end = q0 + runBytes;
        while (q0 != end) {
          const w0 = v128.load(weights);
          const w1 = v128.load(weights, 16);
          let v = v128.load_splat<T>(q0);
          s00 = v128.add<T>(s00, v128.mul<T>(v, w0));
          s01 = v128.add<T>(s01, v128.mul<T>(v, w1));
          v = spread<T, Step>(q0, 1, q1);
          s10 = v128.add<T>(s10, v128.mul<T>(v, w0));
          s11 = v128.add<T>(s11, v128.mul<T>(v, w1));
          v = spread<T, Step>(q0, 2, q2);
          s20 = v128.add<T>(s20, v128.mul<T>(v, w0));
          s21 = v128.add<T>(s21, v128.mul<T>(v, w1));
          v = spread<T, Step>(q0, 3, q3);
          s30 = v128.add<T>(s30, v128.mul<T>(v, w0));
          s31 = v128.add<T>(s31, v128.mul<T>(v, w1));
          q0 += sizeof<T>();
          if (offsetof<Step>() == 0) {
            q1 += sizeof<T>();
            q2 += sizeof<T>();
            q3 += sizeof<T>();
          }
          weights += 32;
        }
        if (!isOne) {
          q0 += runGap;
          if (offsetof<Step>() == 0) {
            q1 += runGap;
            q2 += runGap;
            q3 += runGap;
          }
        }
      } while (!isOne && ++run < runs);
      if (!isOne) {
        q0 += rowGap;
        if (offsetof<Step>() == 0) {
          q1 += rowGap;
          q2 += rowGap;
          q3 += rowGap;
        }
      }
    } while (!isOne && ++r < height);
    v128.store(to, s00);
    v128.store(to, s01, 16);
    to += pixel;
    v128.store(to, s10);
    v128.store(to, s11, 16);
    to += pixel;
    v128.store(to, s20);
    v128.store(to, s21, 16);
    to += pixel;
    v128.store(to, s30);
    v128.store(to, s31, 16);
    to += pixel;
    p0 += 4 * step;
    if (offsetof<Step>() == 0) {
      p1 += 4 * step;
      p2 += 4 * step;
      p3 += 4 * step;
    }
  }
}

/** `tileRow` for pixels `step` bytes apart; of one tile, they may lie anywhere if `step` is 0. */
// @ts-ignore: decorator
@inline
export function convolutionTiles<T>(
  step: usize,
  tiles: i32,
  height: i32,
  runs: i32,
  length: i32,
  runGap: usize,
  rowGap: usize,
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  w: usize,
  to: usize,
  pixel: usize,
): void {
  switch (step) {
    case 4: return tileRow<T, Apart4, Any>(step, tiles, height, runs, length, runGap, rowGap, p0, p1, p2, p3, w, to, pixel);
    case 12: return tileRow<T, Apart12, Any>(step, tiles, height, runs, length, runGap, rowGap, p0, p1, p2, p3, w, to, pixel);
    case 32: return tileRow<T, Apart32, Any>(step, tiles, height, runs, length, runGap, rowGap, p0, p1, p2, p3, w, to, pixel);
    case 64: return tileRow<T, Apart64, Any>(step, tiles, height, runs, length, runGap, rowGap, p0, p1, p2, p3, w, to, pixel);
    case 128: return tileRow<T, Apart128, Any>(step, tiles, height, runs, length, runGap, rowGap, p0, p1, p2, p3, w, to, pixel);
    case 256: return tileRow<T, Apart256, Any>(step, tiles, height, runs, length, runGap, rowGap, p0, p1, p2, p3, w, to, pixel);
    default: return tileRow<T, Apart, Any>(step, tiles, height, runs, length, runGap, rowGap, p0, p1, p2, p3, w, to, pixel);
  }
}

/** `convolutionTiles` of one run: of four vectors of `length` numbers each, `bytes` apart, a matrix product. */
// @ts-ignore: decorator
@inline
export function productTiles<T>(bytes: usize, tiles: i32, length: i32, p: usize, w: usize, to: usize, pixel: usize): void {
  const p1 = p + bytes;
  const p2 = p1 + bytes;
  const p3 = p2 + bytes;
  switch (bytes) {
    case 64: return tileRow<T, Apart64, One>(bytes, tiles, 1, 1, length, 0, 0, p, p1, p2, p3, w, to, pixel);
    case 128: return tileRow<T, Apart128, One>(bytes, tiles, 1, 1, length, 0, 0, p, p1, p2, p3, w, to, pixel);
    case 256: return tileRow<T, Apart256, One>(bytes, tiles, 1, 1, length, 0, 0, p, p1, p2, p3, w, to, pixel);
    default: return tileRow<T, Apart, One>(bytes, tiles, 1, 1, length, 0, 0, p, p1, p2, p3, w, to, pixel);
  }
}

/** One tile of 2 pixels: the same sums in the same order, for the end of a row. */
export function convolutionPair<T>(
  height: i32,
  runs: i32,
  length: i32,
  runGap: usize,
  rowGap: usize,
  p0: usize,
  p1: usize,
  w: usize,
  to: usize,
  pixel: usize,
): void {
  let s00 = i64x2.splat(0);
  let s01 = s00;
  let s10 = s00;
  let s11 = s00;
  const runBytes = <usize>length * sizeof<T>();
  for (let r = 0; r < height; r++) {
    for (let run = 0; run < runs; run++) {
      const end = p0 + runBytes;
      while (p0 != end) {
        const w0 = v128.load(w);
        const w1 = v128.load(w, 16);
        let v = v128.load_splat<T>(p0);
        s00 = v128.add<T>(s00, v128.mul<T>(v, w0));
        s01 = v128.add<T>(s01, v128.mul<T>(v, w1));
        v = v128.load_splat<T>(p1);
        s10 = v128.add<T>(s10, v128.mul<T>(v, w0));
        s11 = v128.add<T>(s11, v128.mul<T>(v, w1));
        p0 += sizeof<T>();
        p1 += sizeof<T>();
        w += 32;
      }
      p0 += runGap;
      p1 += runGap;
    }
    p0 += rowGap;
    p1 += rowGap;
  }
  v128.store(to, s00);
  v128.store(to, s01, 16);
  to += pixel;
  v128.store(to, s10);
  v128.store(to, s11, 16);
}

/** Stores `pixels` × `channels` of a tile, two vectors a pixel, at any strides. */
export function scatterTile<T>(
  tile: usize,
  to: usize,
  pixelStride: usize,
  channelStride: usize,
  pixels: i32,
  channels: i32,
): void {
  for (let i = 0; i < pixels; i++) {
    let at = to;
    let from = tile;
    for (let k = 0; k < channels; k++) {
      store<T>(at, load<T>(from));
      at += channelStride;
      from += sizeof<T>();
    }
    to += pixelStride;
    tile += 32;
  }
}
