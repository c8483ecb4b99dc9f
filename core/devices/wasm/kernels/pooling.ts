/**
 * Windows over [N, C, H, W] at any strides: maxima, averages, and the adjoint of averages. Four windows at a time in
 * float32, side by side along the channels where these are neighbours, else along the width. A window's pixels are
 * taken row by row: averages are sums in that order, divided once.
 * Words: 0 x, 1…4 its strides, 5 y, 6…9 its strides, 10 positions, 11…14 their strides, 15…18 N, C, H, W, 19 H', 20 W',
 * 21 window's height, 22 width, 23 24 stride, 25 26 padding above and left, 27 28 dilation, 29 whether padding counts.
 * All strides in bytes. x is the image throughout, y the windows.
 */
import { pointer, word } from "./task";
import { load4, store4 } from "./walk";

/** The first tap whose pixel start + tap·step is ≥ 0, at most `taps`. */
// @ts-ignore: decorator
@inline
function firstTap(start: i32, step: i32, taps: i32): i32 {
  return start >= 0 ? 0 : min(taps, (step - 1 - start) / step);
}

/** One past the last tap whose pixel start + tap·step is < length. */
// @ts-ignore: decorator
@inline
function endTap(start: i32, step: i32, length: i32, taps: i32): i32 {
  const left = length - start;
  return left <= 0 ? 0 : min(taps, (left + step - 1) / step);
}

/** Whether lanes lie along the channels: else along the width. */
// @ts-ignore: decorator
@inline
function alongChannels(task: usize): bool {
  return word(task, 2) == 4 && word(task, 16) > 1;
}

/** The window that output (p, q) sees: rows r0 … r1 - 1 and columns s0 … s1 - 1 of its taps. */
let r0: i32 = 0;
let r1: i32 = 0;
let s0: i32 = 0;
let s1: i32 = 0;
/** Row and column of tap (0, 0). */
let top: i32 = 0;
let left: i32 = 0;

// @ts-ignore: decorator
@inline
function rowsOf(task: usize, p: i32): void {
  top = p * word(task, 23) - word(task, 25);
  r0 = firstTap(top, word(task, 27), word(task, 21));
  r1 = endTap(top, word(task, 27), word(task, 17), word(task, 21));
}

// @ts-ignore: decorator
@inline
function columnsOf(task: usize, q: i32): void {
  left = q * word(task, 24) - word(task, 26);
  s0 = firstTap(left, word(task, 28), word(task, 22));
  s1 = endTap(left, word(task, 28), word(task, 18), word(task, 22));
}

/** Where `value` replaces `best`: a NaN beats every number; neither a tie nor a second NaN replaces what came first. */
// @ts-ignore: decorator
@inline
function beating(value: v128, best: v128): v128 {
  return v128.andnot(f32x4.eq(best, best), f32x4.le(value, best));
}

/**
 * `maximum4` for a multiple of 4 channels that are neighbours everywhere, of one output. x is its
 * first tap inside the image, `first` that tap's position; `rows` × `columns` taps lie inside, at the distances given.
 */
// @ts-ignore: decorator
@inline
function maximumPixel(x: usize, channels: i32, y: usize, at: usize, rows: i32, columns: i32, strideH: i32, strideW: i32, first: i32, stepH: i32, stepW: i32): void {
  for (const end = x + (<usize>channels << 2); x != end; x += 16) {
    let best = f32x4.splat(-Infinity);
    let found = i32x4.splat(first);
    let row = x, rowPosition = first;
    for (let r = 0; r < rows; r++) {
      let p = row, position = rowPosition;
      for (let s = 0; s < columns; s++) {
        const value = v128.load(p);
        const beats = beating(value, best);
        best = v128.bitselect(value, best, beats);
        found = v128.bitselect(i32x4.splat(position), found, beats);
        p += strideW;
        position += stepW;
      }
      row += strideH;
      rowPosition += stepH;
    }
    v128.store(y, best);
    v128.store(at, found);
    y += 16;
    at += 16;
  }
}

/** Maxima of the windows of `lanes` ≤ 4 outputs whose tap (0, 0) is at x, laneX bytes apart. */
// @ts-ignore: decorator
@inline
function maximum4(task: usize, x: usize, laneX: i32, lanes: i32, y: usize, laneY: i32, at: usize, laneAt: i32, step: i32): void {
  const strideH = word(task, 3) * word(task, 27), strideW = word(task, 4) * word(task, 28);
  const width = word(task, 18), dilationY = word(task, 27), dilationX = word(task, 28);
  // Lane l's window starts l·step pixels further right.
  const apart = i32x4.mul(i32x4(0, 1, 2, 3), i32x4.splat(step));
  let best = f32x4.splat(-Infinity);
  let found = i32x4.add(i32x4.splat((top + r0 * dilationY) * width + left + s0 * dilationX), apart);
  for (let r = r0; r < r1; r++) {
    let p = x + r * strideH + s0 * strideW;
    let position = (top + r * dilationY) * width + left + s0 * dilationX;
    for (let s = s0; s < s1; s++) {
      const value = load4(p, laneX, lanes);
      const beats = beating(value, best);
      best = v128.bitselect(value, best, beats);
      found = v128.bitselect(i32x4.add(i32x4.splat(position), apart), found, beats);
      p += strideW;
      position += dilationX;
    }
  }
  store4(y, laneY, best, lanes);
  store4(at, laneAt, found, lanes);
}

function maximum64(task: usize, x: usize, y: usize, at: usize): void {
  const strideH = word(task, 3) * word(task, 27), strideW = word(task, 4) * word(task, 28);
  const width = word(task, 18), dilationY = word(task, 27), dilationX = word(task, 28);
  let best = -Infinity;
  let found = (top + r0 * dilationY) * width + left + s0 * dilationX;
  for (let r = r0; r < r1; r++) {
    for (let s = s0; s < s1; s++) {
      const value = load<f64>(x + r * strideH + s * strideW);
      if (value > best || (value != value && best == best)) {
        best = value;
        found = (top + r * dilationY) * width + left + s * dilationX;
      }
    }
  }
  store<f64>(y, best);
  store<i32>(at, found);
}

/** Averages of the windows of `lanes` ≤ 4 outputs. */
// @ts-ignore: decorator
@inline
function average4(task: usize, x: usize, laneX: i32, lanes: i32, y: usize, laneY: i32): void {
  const strideH = word(task, 3) * word(task, 27), strideW = word(task, 4) * word(task, 28);
  let sum = f32x4.splat(0);
  for (let r = r0; r < r1; r++) {
    let p = x + r * strideH + s0 * strideW;
    for (let s = s0; s < s1; s++) {
      sum = f32x4.add(sum, load4(p, laneX, lanes));
      p += strideW;
    }
  }
  store4(y, laneY, f32x4.div(sum, f32x4.splat(<f32>divisorOf(task))), lanes);
}

function average64(task: usize, x: usize, y: usize): void {
  const strideH = word(task, 3) * word(task, 27), strideW = word(task, 4) * word(task, 28);
  let sum: f64 = 0;
  for (let r = r0; r < r1; r++) {
    for (let s = s0; s < s1; s++) sum += load<f64>(x + r * strideH + s * strideW);
  }
  store<f64>(y, sum / <f64>divisorOf(task));
}

/** Pixels that an average is over. */
// @ts-ignore: decorator
@inline
function divisorOf(task: usize): i32 {
  return word(task, 29) != 0 ? word(task, 21) * word(task, 22) : (r1 - r0) * (s1 - s0);
}

/** Goes through the outputs of image n and row p, `maxima` or averages. */
// @ts-ignore: decorator
@inline
function outputRow(task: usize, maxima: bool, double: bool, n: i32, p: i32): void {
  rowsOf(task, p);
  const channels = word(task, 16), outWidth = word(task, 20);
  // Tap (0, 0) may lie outside the image; addresses of taps inside do not.
  const xRow = pointer(task, 0) + n * word(task, 1) + top * word(task, 3);
  const yRow = pointer(task, 5) + n * word(task, 6) + p * word(task, 8);
  const atRow = pointer(task, 10) + n * word(task, 11) + p * word(task, 13);
  const xC = word(task, 2), yC = word(task, 7), atC = word(task, 12);
  const xW = word(task, 4), yW = word(task, 9), atW = word(task, 14);
  if (!double && !alongChannels(task)) {
    // Outputs whose windows lie inside the image share their taps: the others go one by one.
    const strideX = word(task, 24), reach = word(task, 28) * (word(task, 22) - 1);
    const inner = word(task, 26) == 0 ? 0 : (word(task, 26) + strideX - 1) / strideX;
    const room = word(task, 18) + word(task, 26) - reach;
    const outer = room <= 0 ? 0 : min(outWidth, (room + strideX - 1) / strideX);
    for (let c = 0; c < channels; c++) {
      for (let q = 0; q < outWidth; ) {
        columnsOf(task, q);
        const lanes = q >= inner && q < outer ? min(4, outer - q) : 1;
        const x = xRow + c * xC + left * xW, y = yRow + c * yC + q * yW;
        if (maxima) {
          maximum4(task, x, strideX * xW, lanes, y, yW, atRow + c * atC + q * atW, atW, strideX);
        } else {
          average4(task, x, strideX * xW, lanes, y, yW);
        }
        q += lanes;
      }
    }
    return;
  }
  if (maxima && !double && (channels & 3) == 0 && yC == 4 && atC == 4) {
    const dilationY = word(task, 27), dilationX = word(task, 28), width = word(task, 18);
    const rows = r1 - r0, first = (top + r0 * dilationY) * width, x = xRow + r0 * dilationY * word(task, 3);
    const strideH = dilationY * word(task, 3), strideW = dilationX * xW;
    for (let q = 0; q < outWidth; q++) {
      columnsOf(task, q);
      const column = left + s0 * dilationX;
      maximumPixel(x + column * xW, channels, yRow + q * yW, atRow + q * atW, rows, s1 - s0, strideH, strideW, first + column, dilationY * width, dilationX);
    }
    return;
  }
  for (let q = 0; q < outWidth; q++) {
    columnsOf(task, q);
    const x = xRow + left * xW, y = yRow + q * yW, at = atRow + q * atW;
    if (double) {
      for (let c = 0; c < channels; c++) {
        if (maxima) maximum64(task, x + c * xC, y + c * yC, at + c * atC);
        else average64(task, x + c * xC, y + c * yC);
      }
    } else {
      for (let c = 0; c < channels; c += 4) {
        const lanes = min(4, channels - c);
        if (maxima) maximum4(task, x + c * xC, xC, lanes, y + c * yC, yC, at + c * atC, atC, 0);
        else average4(task, x + c * xC, xC, lanes, y + c * yC, yC);
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function outputRows(task: usize, maxima: bool, double: bool, from: i32, to: i32): void {
  const outHeight = word(task, 19);
  for (let piece = from; piece < to; piece++) {
    const n = piece / outHeight;
    outputRow(task, maxima, double, n, piece - n * outHeight);
  }
}

/** Maxima of windows and the positions of the first in the H·W plane, float32. A piece is a row of one image's outputs. */
export function maxPoolF32(task: usize, from: i32, to: i32, scratch: usize): void {
  outputRows(task, true, false, from, to);
}

/** The same in float64. */
export function maxPoolF64(task: usize, from: i32, to: i32, scratch: usize): void {
  outputRows(task, true, true, from, to);
}

/** Averages of windows, float32. */
export function averagePoolF32(task: usize, from: i32, to: i32, scratch: usize): void {
  outputRows(task, false, false, from, to);
}

/** The same in float64. */
export function averagePoolF64(task: usize, from: i32, to: i32, scratch: usize): void {
  outputRows(task, false, true, from, to);
}

/** Adds to the pixels of row h of image n and channels c … c + lanes - 1 their shares of row p's windows. */
// @ts-ignore: decorator
@inline
function spreadRow<T>(task: usize, n: i32, h: i32, c: i32, lanes: i32): void {
  const stride = word(task, 23), dilation = word(task, 27), outWidth = word(task, 20);
  const xW = word(task, 4), xC = word(task, 2), yW = word(task, 9), yC = word(task, 7);
  const x = pointer(task, 0) + n * word(task, 1) + c * xC + h * word(task, 3);
  for (let w = 0; w < word(task, 18); w++) {
    if (sizeof<T>() == 4) store4(x + w * xW, xC, f32x4.splat(0), lanes);
    else store<f64>(x + w * xW, 0);
  }
  // Windows in their order: the last tap's come first.
  for (let r = word(task, 21) - 1; r >= 0; r--) {
    const from = h + word(task, 25) - r * dilation, p = from / stride;
    if (from < 0 || p * stride != from || p >= word(task, 19)) continue;
    rowsOf(task, p);
    const y = pointer(task, 5) + n * word(task, 6) + c * yC + p * word(task, 8);
    for (let q = 0; q < outWidth; q++) {
      columnsOf(task, q);
      let pixel = x + (left + s0 * word(task, 28)) * xW;
      if (sizeof<T>() == 4) {
        const share = f32x4.div(load4(y + q * yW, yC, lanes), f32x4.splat(<f32>divisorOf(task)));
        for (let s = s0; s < s1; s++) {
          store4(pixel, xC, f32x4.add(load4(pixel, xC, lanes), share), lanes);
          pixel += word(task, 28) * xW;
        }
      } else {
        const share = load<f64>(y + q * yW) / <f64>divisorOf(task);
        for (let s = s0; s < s1; s++) {
          store<f64>(pixel, load<f64>(pixel) + share);
          pixel += word(task, 28) * xW;
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function spreadRows<T>(task: usize, from: i32, to: i32): void {
  const height = word(task, 17), channels = word(task, 16);
  const most = sizeof<T>() == 4 ? 4 : 1;
  for (let piece = from; piece < to; piece++) {
    const n = piece / height;
    for (let c = 0; c < channels; c += most) {
      spreadRow<T>(task, n, piece - n * height, c, min(most, channels - c));
    }
  }
}

/** The adjoint of averages: y's shares added to the pixels x, float32. A piece is a row of one image's pixels. */
export function averageSpreadF32(task: usize, from: i32, to: i32, scratch: usize): void {
  spreadRows<f32>(task, from, to);
}

/** The same in float64. */
export function averageSpreadF64(task: usize, from: i32, to: i32, scratch: usize): void {
  spreadRows<f64>(task, from, to);
}
