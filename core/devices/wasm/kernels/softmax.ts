/**
 * Softmax, its logarithm and the cross-entropy of both, a row at a time: the row's elements are neighbours. Shifted by
 * the row's maximum; Σ exp(x - m) in float64, in the order of fold.ts; the loss's sum in float64, from the first class on.
 * Words: 0 elements a row, 1 x, 2 y, 3 stride between x's rows, 4 between y's; the loss: 5 targets, 6 their rows' stride.
 */
import { EXPONENTIALS, clearSums, foldRun, joinEight } from "./fold";
import { exp32, exp64, log64 } from "./math";
import { pointer, word } from "./task";

// @ts-ignore: decorator
@inline
function largest<T>(p: usize, count: i32): T {
  let best: T = <T>-Infinity;
  let i = 0;
  if (sizeof<T>() == 4 && count >= 4) {
    let four = v128.load(p);
    for (i = 4; i + 4 <= count; i += 4) four = f32x4.max(four, v128.load(p + (<usize>i << 2)));
    best = <T>max(
      max(f32x4.extract_lane(four, 0), f32x4.extract_lane(four, 1)),
      max(f32x4.extract_lane(four, 2), f32x4.extract_lane(four, 3)),
    );
  }
  for (; i < count; i++) best = max<T>(best, load<T>(p + <usize>i * sizeof<T>()));
  return best;
}

/** Chunks do not matter here: a row has one set of partial sums, however long. */
// @ts-ignore: decorator
@inline
function sumOfExponentials<T>(p: usize, count: i32, top: T, scratch: usize): f64 {
  clearSums(EXPONENTIALS, scratch, 8);
  foldRun<T>(EXPONENTIALS, p, count, <f64>top, scratch);
  return joinEight(EXPONENTIALS, scratch, 8);
}

// @ts-ignore: decorator
@inline
function probabilities<T>(x: usize, y: usize, count: i32, scratch: usize): void {
  const top = largest<T>(x, count);
  if (sizeof<T>() == 8) {
    for (let i = 0; i < count; i++) {
      const at = <usize>i << 3;
      store<f64>(y + at, exp64(load<f64>(x + at) - <f64>top));
    }
  } else {
    const shift = f32x4.splat(<f32>top);
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const at = <usize>i << 2;
      v128.store(y + at, exp32(f32x4.sub(v128.load(x + at), shift)));
    }
    for (; i < count; i++) {
      const at = <usize>i << 2;
      v128.store32_lane(y + at, exp32(f32x4.sub(v128.load32_splat(x + at), shift)), 0);
    }
  }
  clearSums(0, scratch, 8);
  foldRun<T>(0, y, count, 0, scratch);
  const total = <T>joinEight(0, scratch, 8);
  if (sizeof<T>() == 4) {
    const all = f32x4.splat(<f32>total);
    let i = 0;
    for (; i + 4 <= count; i += 4) {
      const at = y + (<usize>i << 2);
      v128.store(at, f32x4.div(v128.load(at), all));
    }
    for (; i < count; i++) {
      const at = y + (<usize>i << 2);
      store<f32>(at, load<f32>(at) / <f32>total);
    }
  } else {
    for (let i = 0; i < count; i++) {
      const at = y + (<usize>i << 3);
      store<f64>(at, load<f64>(at) / <f64>total);
    }
  }
}

// @ts-ignore: decorator
@inline
function softmaxPieces<T>(task: usize, from: i32, to: i32, scratch: usize): void {
  for (let row = from; row < to; row++) {
    const x = pointer(task, 1) + <usize>row * word(task, 3), y = pointer(task, 2) + <usize>row * word(task, 4);
    probabilities<T>(x, y, word(task, 0), scratch);
  }
}

/** Softmax of float32 rows. A piece is a row. */
export function softmaxF32(task: usize, from: i32, to: i32, scratch: usize): void {
  softmaxPieces<f32>(task, from, to, scratch);
}

/** Softmax of float64 rows. */
export function softmaxF64(task: usize, from: i32, to: i32, scratch: usize): void {
  softmaxPieces<f64>(task, from, to, scratch);
}

// @ts-ignore: decorator
@inline
function logSoftmaxPieces<T>(task: usize, from: i32, to: i32, scratch: usize): void {
  const count = word(task, 0);
  for (let row = from; row < to; row++) {
    let x = pointer(task, 1) + <usize>row * word(task, 3), y = pointer(task, 2) + <usize>row * word(task, 4);
    const top = largest<T>(x, count);
    const logTotal = log64(sumOfExponentials<T>(x, count, top, scratch));
    for (let i = 0; i < count; i++) {
      store<T>(y, <T>(<f64>load<T>(x) - <f64>top - logTotal));
      x += sizeof<T>();
      y += sizeof<T>();
    }
  }
}

/** x - m - log Σ exp(x - m) of float32 rows, in float64, rounded once. */
export function logSoftmaxF32(task: usize, from: i32, to: i32, scratch: usize): void {
  logSoftmaxPieces<f32>(task, from, to, scratch);
}

/** The same of float64 rows. */
export function logSoftmaxF64(task: usize, from: i32, to: i32, scratch: usize): void {
  logSoftmaxPieces<f64>(task, from, to, scratch);
}

// @ts-ignore: decorator
@inline
function lossPieces<T>(task: usize, from: i32, to: i32, scratch: usize): void {
  const count = word(task, 0);
  for (let row = from; row < to; row++) {
    let x = pointer(task, 1) + <usize>row * word(task, 3), t = pointer(task, 5) + <usize>row * word(task, 6);
    const top = largest<T>(x, count);
    const logTotal = log64(sumOfExponentials<T>(x, count, top, scratch));
    let sum: f64 = 0;
    for (let i = 0; i < count; i++) {
      const weight = <f64>load<T>(t);
      // A class of weight 0 adds nothing, also where its logit is -∞.
      if (weight != 0) sum -= weight * (<f64>load<T>(x) - <f64>top - logTotal);
      x += sizeof<T>();
      t += sizeof<T>();
    }
    store<T>(pointer(task, 2) + <usize>row * sizeof<T>(), <T>sum);
  }
}

/** -Σ target·logSoftmax(logits) of float32 rows. */
export function crossEntropyF32(task: usize, from: i32, to: i32, scratch: usize): void {
  lossPieces<f32>(task, from, to, scratch);
}

/** The same of float64 rows. */
export function crossEntropyF64(task: usize, from: i32, to: i32, scratch: usize): void {
  lossPieces<f64>(task, from, to, scratch);
}
