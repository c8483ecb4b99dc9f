/**
 * Normalization: statistics of the fibres that are normalized over, then x̂ = (x - mean)·scale.
 * A fibre is, for each example of the batch, rows; statistics.ts joins an example's rows, then the examples.
 * Words of `fibreStatistics`: 0 x, 1 means and 2 squared deviations (float64, [batch, fibres]), 3 fibres, 4 rows an
 * example, 5 bytes between examples, 6 elements a row, 7 bytes between them, 8 columns a piece (0: rows in line, one
 * fibre a piece), 11 axes that stay, 12 axes of rows, 13…24 the former's lengths and strides, 25…36 the latter's.
 */
import { offsetOf } from "./offset";
import {
  closeTree, foundMean, foundSquares, nextLeaf, packedBytes, pushLeaf, pushOne, segmentAcross, segmentAlong,
  segmentLength,
} from "./statistics";
import { innerStride, load4, rowAddress, segment, store4 } from "./walk";
import { pointer, real, word } from "./task";

const KEPT = 13, ROWS = 25;

/** One example's part of one fibre, whose rows are in line. The result stands at tree + 256. */
function exampleAlong(task: usize, x: usize, tree: usize): void {
  const rows = word(task, 4), length = word(task, 6), rank = word(task, 12);
  let depth = 0, leaves = 0;
  for (let row = 0; row < rows; row++) {
    let p = x + offsetOf(task, ROWS, rank, row);
    for (let first = 0; first < length; first += segmentLength) {
      const count = min(segmentLength, length - first);
      segmentAlong(p, count);
      depth = pushOne(tree, depth, ++leaves, <f64>count, foundMean, foundSquares);
      p += segmentLength << 2;
    }
  }
  closeTree(tree, 1, depth);
}

/** One example's part of neighbouring fibres. The results stand at tree + 256. */
function exampleAcross(task: usize, x: usize, columns: i32, scratch: usize): void {
  const rows = word(task, 4), length = word(task, 6), stride = word(task, 7), rank = word(task, 12);
  const tree = scratch + packedBytes(columns), half = <usize>columns << 3;
  let depth = 0, leaves = 0;
  for (let row = 0; row < rows; row++) {
    let p = x + offsetOf(task, ROWS, rank, row);
    for (let first = 0; first < length; first += segmentLength) {
      const count = min(segmentLength, length - first);
      const leaf = nextLeaf(tree, columns, depth);
      segmentAcross(p, stride, count, columns, leaf, leaf + half, scratch);
      depth = pushLeaf(tree, columns, depth, ++leaves, <f64>count);
      p += segmentLength * stride;
    }
  }
  closeTree(tree, columns, depth);
}

/** Statistics of each example's part of each fibre. A piece is one fibre, or a block of neighbouring ones, of one example. */
export function fibreStatistics(task: usize, from: i32, to: i32, scratch: usize): void {
  const fibres = word(task, 3), width = word(task, 8);
  const length = width == 0 ? 1 : word(task, KEPT + word(task, 11) - 1);
  const blocks = width == 0 ? 1 : (length + width - 1) / width;
  const groups = (fibres / length) * blocks;
  for (let piece = from; piece < to; piece++) {
    const batch = piece / groups, group = piece - batch * groups;
    const line = group / blocks, first = (group - line * blocks) * width;
    const columns = width == 0 ? 1 : min(width, length - first);
    const fibre = line * length + first;
    const x = pointer(task, 0) + <usize>(batch * word(task, 5)) + offsetOf(task, KEPT, word(task, 11), fibre);
    const at = <usize>(batch * fibres + fibre) << 3, bytes = <usize>columns << 3;
    let result = scratch + 256;
    if (width == 0) {
      exampleAlong(task, x, scratch);
    } else {
      exampleAcross(task, x, columns, scratch);
      result += packedBytes(columns);
    }
    memory.copy(pointer(task, 1) + at, result, bytes);
    memory.copy(pointer(task, 2) + at, result + bytes, bytes);
  }
}

// @ts-ignore: decorator
@inline
function finishFibres<T>(task: usize, from: i32, to: i32, scratch: usize): void {
  const fibres = word(task, 3), batch = word(task, 4), count = real(task, 0);
  for (let fibre = from; fibre < to; fibre++) {
    let depth = 0;
    for (let n = 0; n < batch; n++) {
      const at = <usize>(n * fibres + fibre) << 3;
      const mean = load<f64>(pointer(task, 1) + at), squares = load<f64>(pointer(task, 2) + at);
      depth = pushOne(scratch, depth, n + 1, count, mean, squares);
    }
    closeTree(scratch, 1, depth);
    const variance = load<f64>(scratch + 264) / (count * <f64>batch);
    const at = <usize>fibre * sizeof<T>();
    store<T>(pointer(task, 5) + at, <T>load<f64>(scratch + 256));
    store<T>(pointer(task, 6) + at, <T>variance);
    store<T>(pointer(task, 7) + at, <T>(1 / sqrt(variance + real(task, 1))));
  }
}

/**
 * Joins the examples in order, and finishes. Words: 1 … 3 as above, 4 examples, 5 means, 6 variances, 7 scales
 * 1/√(variance + ε), 8 their dtype. Reals: 0 elements of a fibre an example, 1 ε. A piece is a fibre.
 */
export function finishStatistics(task: usize, from: i32, to: i32, scratch: usize): void {
  if (word(task, 8) == 0) finishFibres<f32>(task, from, to, scratch);
  else finishFibres<f64>(task, from, to, scratch);
}

/** Neighbours with neighbouring means and scales. */
// @ts-ignore: decorator
@inline
function standardizeEach(y: usize, x: usize, m: usize, s: usize, count: i32): void {
  const bytes = <usize>count << 2;
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    v128.store(y + i, f32x4.mul(f32x4.sub(v128.load(x + i), v128.load(m + i)), v128.load(s + i)));
  }
  for (; i < bytes; i += 4) store<f32>(y + i, (load<f32>(x + i) - load<f32>(m + i)) * load<f32>(s + i));
}

/** Neighbours with one mean and scale. */
// @ts-ignore: decorator
@inline
function standardizeAlike(y: usize, x: usize, m: usize, s: usize, count: i32): void {
  const bytes = <usize>count << 2, mean = v128.load32_splat(m), scale = v128.load32_splat(s);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(y + i, f32x4.mul(f32x4.sub(v128.load(x + i), mean), scale));
  for (; i < bytes; i += 4) store<f32>(y + i, (load<f32>(x + i) - load<f32>(m)) * load<f32>(s));
}

/** Rows of x̂, x, mean, scale: x̂ = (x - mean)·scale. Float32. */
export function standardizeF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const sy = innerStride(task, 0), sx = innerStride(task, 1);
  const sm = innerStride(task, 2), ss = innerStride(task, 3), segments = word(task, 3);
  const rank = word(task, 1), near = rank > 0 ? word(task, 12 + rank - 1) : 1;
  const each = sy == 4 && sx == 4 && sm == 4 && ss == 4, alike = sy == 4 && sx == 4 && sm == 0 && ss == 0;
  const stepY = word(task, 18 + rank - 1), stepX = word(task, 24 + rank - 1);
  const stepM = word(task, 30 + rank - 1), stepS = word(task, 36 + rank - 1);
  let y: usize = 0, x: usize = 0, m: usize = 0, s: usize = 0, count = word(task, 2);
  // Rows that still follow along the innermost of the outer axes.
  let rowsLeft = 0;
  for (let piece = from; piece < to; piece++) {
    if (rowsLeft > 0) {
      rowsLeft--;
      y += stepY; x += stepX; m += stepM; s += stepS;
    } else {
      const row = piece / segments, first = (piece - row * segments) * segment;
      count = min(segment, word(task, 2) - first);
      y = rowAddress(task, 0, row) + first * sy;
      x = rowAddress(task, 1, row) + first * sx;
      m = rowAddress(task, 2, row) + first * sm;
      s = rowAddress(task, 3, row) + first * ss;
      if (segments == 1) rowsLeft = near - row % near - 1;
    }
    if (each) standardizeEach(y, x, m, s, count);
    else if (alike) standardizeAlike(y, x, m, s, count);
    else standardizeStrided(y, sy, x, sx, m, sm, s, ss, count);
  }
}

function standardizeStrided(y: usize, sy: i32, x: usize, sx: i32, m: usize, sm: i32, s: usize, ss: i32, count: i32): void {
  for (let left = count; left > 0; left -= 4) {
    store4(y, sy, f32x4.mul(f32x4.sub(load4(x, sx, left), load4(m, sm, left)), load4(s, ss, left)), left);
    y += 4 * sy; x += 4 * sx; m += 4 * sm; s += 4 * ss;
  }
}

/** The same in float64. */
export function standardizeF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const sy = innerStride(task, 0), sx = innerStride(task, 1);
  const sm = innerStride(task, 2), ss = innerStride(task, 3), segments = word(task, 3);
  for (let piece = from; piece < to; piece++) {
    const row = piece / segments, first = (piece - row * segments) * segment;
    let y = rowAddress(task, 0, row) + first * sy, x = rowAddress(task, 1, row) + first * sx;
    let m = rowAddress(task, 2, row) + first * sm, s = rowAddress(task, 3, row) + first * ss;
    for (let left = min(segment, word(task, 2) - first); left > 0; left--) {
      store<f64>(y, (load<f64>(x) - load<f64>(m)) * load<f64>(s));
      y += sy; x += sx; m += sm; s += ss;
    }
  }
}
