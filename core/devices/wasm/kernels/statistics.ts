/**
 * Means and sums of squared deviations of float32 rows, in float64, and the tree that joins them. A row is cut into
 * segments of 64. A segment's elements are shifted by its first, d = x - x0, so that equal ones have no deviation at
 * all; d and d² of element w go to partial sum w mod 4, and Σ(x - mean)² = Σd² - (Σd)²/n loses little: x0 is among the
 * elements, so Σd² is at most n + 1 times as large. Segments join two by two in order, as bits carry in counting:
 * Chan, Golub & LeVeque 1983, equation 2.1. A convolution that has a row at hand can do the same with the same bits.
 */

/** Elements of a segment at most. */
export const segmentLength: i32 = 64;

/** The bytes that a tree over `columns` columns needs. */
// @ts-ignore: decorator
@inline
export function treeBytes(columns: i32): usize {
  return 256 + 32 * 16 * <usize>columns;
}

/** Two float32 in float64, or the first alone. */
// @ts-ignore: decorator
@inline
function pairAt(p: usize, two: bool): v128 {
  return f64x2.promote_low_f32x4(two ? v128.load64_zero(p) : v128.load32_zero(p));
}

/** Where finite x itself, else 0. */
// @ts-ignore: decorator
@inline
function finite(x: v128): v128 {
  return v128.and(x, f64x2.lt(f64x2.abs(x), f64x2.splat(Infinity)));
}

// @ts-ignore: decorator
@inline
function squaresLeft(sum: v128, squares: v128, inverse: v128): v128 {
  const left = f64x2.sub(squares, f64x2.mul(sum, f64x2.mul(sum, inverse)));
  // Rounding may take it below 0; NaN stays.
  return v128.andnot(left, f64x2.lt(left, f64x2.splat(0)));
}

/** What `segmentAlong` found. */
export let foundMean: f64 = 0;
export let foundSquares: f64 = 0;

/** Mean and squared deviations of a segment of `count` neighbours at `x`, left in `foundMean` and `foundSquares`. */
// @ts-ignore: decorator
@inline
export function segmentAlong(x: usize, count: i32): void {
  const first = finite(f64x2.promote_low_f32x4(v128.load32_splat(x)));
  let sLow = f64x2.splat(0), sHigh = f64x2.splat(0), qLow = f64x2.splat(0), qHigh = f64x2.splat(0);
  let w = 0;
  for (; w + 4 <= count; w += 4) {
    const low = f64x2.sub(pairAt(x, true), first), high = f64x2.sub(pairAt(x + 8, true), first);
    sLow = f64x2.add(sLow, low);
    sHigh = f64x2.add(sHigh, high);
    qLow = f64x2.add(qLow, f64x2.mul(low, low));
    qHigh = f64x2.add(qHigh, f64x2.mul(high, high));
    x += 16;
  }
  const rest = count - w, one = i64x2(-1, 0);
  if (rest > 0) {
    let low = f64x2.sub(pairAt(x, rest > 1), first);
    if (rest == 1) low = v128.and(low, one);
    sLow = f64x2.add(sLow, low);
    qLow = f64x2.add(qLow, f64x2.mul(low, low));
  }
  if (rest > 2) {
    const high = v128.and(f64x2.sub(pairAt(x + 8, false), first), one);
    sHigh = f64x2.add(sHigh, high);
    qHigh = f64x2.add(qHigh, f64x2.mul(high, high));
  }
  const s = f64x2.add(sLow, sHigh), q = f64x2.add(qLow, qHigh);
  const sum = f64x2.splat(f64x2.extract_lane(s, 0) + f64x2.extract_lane(s, 1));
  const all = f64x2.splat(f64x2.extract_lane(q, 0) + f64x2.extract_lane(q, 1));
  const inverse = f64x2.splat(1 / <f64>count);
  foundMean = f64x2.extract_lane(f64x2.add(first, f64x2.mul(sum, inverse)), 0);
  foundSquares = f64x2.extract_lane(squaresLeft(sum, all, inverse), 0);
}

/** Statistics of two neighbouring columns, or of one. */
// @ts-ignore: decorator
@inline
function columnPair(x: usize, stride: i32, count: i32, two: bool, means: usize, squares: usize): void {
  const inverse = f64x2.splat(1 / <f64>count);
  const first = finite(pairAt(x, two));
  let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0, q0 = s0, q1 = s0, q2 = s0, q3 = s0;
  let p = x, w = 0;
  for (; w + 4 <= count; w += 4) {
    const a = f64x2.sub(pairAt(p, two), first), b = f64x2.sub(pairAt(p + stride, two), first);
    s0 = f64x2.add(s0, a);
    s1 = f64x2.add(s1, b);
    q0 = f64x2.add(q0, f64x2.mul(a, a));
    q1 = f64x2.add(q1, f64x2.mul(b, b));
    p += 2 * stride;
    const d = f64x2.sub(pairAt(p, two), first), e = f64x2.sub(pairAt(p + stride, two), first);
    s2 = f64x2.add(s2, d);
    s3 = f64x2.add(s3, e);
    q2 = f64x2.add(q2, f64x2.mul(d, d));
    q3 = f64x2.add(q3, f64x2.mul(e, e));
    p += 2 * stride;
  }
  if (w < count) {
    const d = f64x2.sub(pairAt(p, two), first);
    s0 = f64x2.add(s0, d);
    q0 = f64x2.add(q0, f64x2.mul(d, d));
  }
  if (w + 1 < count) {
    const d = f64x2.sub(pairAt(p + stride, two), first);
    s1 = f64x2.add(s1, d);
    q1 = f64x2.add(q1, f64x2.mul(d, d));
  }
  if (w + 2 < count) {
    const d = f64x2.sub(pairAt(p + 2 * stride, two), first);
    s2 = f64x2.add(s2, d);
    q2 = f64x2.add(q2, f64x2.mul(d, d));
  }
  const sum = f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3));
  const all = f64x2.add(f64x2.add(q0, q2), f64x2.add(q1, q3));
  const mean = f64x2.add(first, f64x2.mul(sum, inverse)), left = squaresLeft(sum, all, inverse);
  if (two) {
    v128.store(means, mean);
    v128.store(squares, left);
  } else {
    v128.store64_lane(means, mean, 0);
    v128.store64_lane(squares, left, 0);
  }
}

/** Bytes apart from which on a segment's rows are copied side by side first: they would share few sets of the cache. */
const far: i32 = 512;

/** Bytes that `segmentAcross` needs for rows side by side. */
// @ts-ignore: decorator
@inline
export function packedBytes(columns: i32): usize {
  return <usize>segmentLength * <usize>(columns + 3 & ~3) << 2;
}

/**
 * The same for `columns` neighbouring columns at once, written to `means` and `squares`; the segment's elements are
 * `stride` bytes apart. `packed` is memory for `packedBytes`.
 */
export function segmentAcross(
  x: usize, stride: i32, count: i32, columns: i32, means: usize, squares: usize, packed: usize,
): void {
  if (stride >= far && columns >= 4) {
    const row = <i32>(columns + 3 & ~3) << 2;
    for (let w = 0; w < count; w++) {
      const from = x + <usize>(w * stride), to = packed + <usize>(w * row);
      let c = 0;
      for (; c + 4 <= columns; c += 4) v128.store(to + (<usize>c << 2), v128.load(from + (<usize>c << 2)));
      for (; c < columns; c++) store<f32>(to + (<usize>c << 2), load<f32>(from + (<usize>c << 2)));
    }
    x = packed;
    stride = row;
  }
  for (let c = 0; c + 2 <= columns; c += 2) {
    columnPair(x, stride, count, true, means, squares);
    x += 8; means += 16; squares += 16;
  }
  if ((columns & 1) != 0) columnPair(x, stride, count, false, means, squares);
}

/** Joins level `top` of the tree into the one below. */
function joinTop(tree: usize, columns: i32, top: i32): void {
  const size = <usize>columns << 4, half = <usize>columns << 3;
  let b = tree + 256 + <usize>top * size, a = b - size;
  const counts = tree + (<usize>top << 3);
  const countA = load<f64>(counts - 8), countB = load<f64>(counts), count = countA + countB;
  const weight = countA == countB ? 0.5 : countB / count;
  const spread = countA * weight;
  store<f64>(counts - 8, count);
  const weights = f64x2.splat(weight), spreads = f64x2.splat(spread);
  let c = 0;
  for (; c + 2 <= columns; c += 2) {
    const mean = v128.load(a), delta = f64x2.sub(v128.load(b), mean);
    v128.store(a, f64x2.add(mean, f64x2.mul(delta, weights)));
    const both = f64x2.add(v128.load(a + half), v128.load(b + half));
    v128.store(a + half, f64x2.add(both, f64x2.mul(f64x2.mul(delta, delta), spreads)));
    a += 16; b += 16;
  }
  if (c < columns) {
    const mean = load<f64>(a), delta = load<f64>(b) - mean;
    store<f64>(a, mean + delta * weight);
    store<f64>(a + half, load<f64>(a + half) + load<f64>(b + half) + delta * delta * spread);
  }
}

/** Where a tree of `depth` levels takes the next leaf's means; its squares follow 8·columns bytes on. */
// @ts-ignore: decorator
@inline
export function nextLeaf(tree: usize, columns: i32, depth: i32): usize {
  return tree + 256 + (<usize>depth * <usize>columns << 4);
}

/**
 * Takes in the leaf that was written to `nextLeaf`, number `leaves` (from 1 on) of the tree, of `count` elements;
 * returns the new depth.
 */
// @ts-ignore: decorator
@inline
export function pushLeaf(tree: usize, columns: i32, depth: i32, leaves: i32, count: f64): i32 {
  store<f64>(tree + (<usize>depth << 3), count);
  for (let t = leaves; (t & 1) == 0; t >>= 1) {
    joinTop(tree, columns, depth);
    depth--;
  }
  return depth + 1;
}

/**
 * The same for a tree of one column, whose leaf is given by its mean and squares. Its levels hold the mean and, 8 bytes
 * on, the squares.
 */
// @ts-ignore: decorator
@inline
export function pushOne(tree: usize, depth: i32, leaves: i32, count: f64, mean: f64, squares: f64): i32 {
  for (let t = leaves; (t & 1) == 0; t >>= 1) {
    depth--;
    const before = load<f64>(tree + (<usize>depth << 3)), level = tree + 256 + (<usize>depth << 4);
    const all = before + count, weight = before == count ? 0.5 : count / all;
    const meanBefore = load<f64>(level), delta = mean - meanBefore;
    squares = load<f64>(level, 8) + squares + delta * delta * (before * weight);
    mean = meanBefore + delta * weight;
    count = all;
  }
  const level = tree + 256 + (<usize>depth << 4);
  store<f64>(tree + (<usize>depth << 3), count);
  store<f64>(level, mean);
  store<f64>(level, squares, 8);
  return depth + 1;
}

/** Joins what is left; the result stands where the first leaf was written. */
// @ts-ignore: decorator
@inline
export function closeTree(tree: usize, columns: i32, depth: i32): void {
  for (; depth > 1; depth--) joinTop(tree, columns, depth - 1);
}
