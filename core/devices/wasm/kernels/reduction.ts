/**
 * Reductions over any axes at any strides, in the order that fold.ts fixes. The axes that stay number the outputs,
 * the others, row-major, the elements of each.
 * Words: 0 function, 1 dtype, 2 x, 3 outputs, 4 elements each, 5 chunks each, 6 target, 7 finish, 8 target's dtype,
 * 9 shifts (float64, one an output), 10 columns a piece (0: one output a piece), 11 axes that stay, 12 axes reduced,
 * 13…18 lengths and 19…24 strides of those that stay, 25…30 and 31…36 of those reduced. Real 0: divisor.
 */
import {
  DEVIATIONS, EXPONENTIALS, LARGEST, LARGEST_SIZE, SCALED, SHIFTED, SMALLEST, SQUARES, SUM,
  chunk, clearSums, foldBlock, foldRun, joinEight, joinTwo, rowsAtOnce,
} from "./fold";
import { log64 } from "./math";
import { offsetOf } from "./offset";
import { pointer, real, word } from "./task";

const KEPT = 13, REDUCED = 25;

// What becomes of a fold: itself among the chunks' sums, itself, its root, its logarithm and the shift, its mean, its
// mean and the shift, its root times the shift.
const PART = 0, RESULT = 1, ROOT = 2, LOGARITHM = 3, MEAN = 4, SHIFTED_MEAN = 5, SCALED_ROOT = 6;

function finished(task: usize, output: i32, total: f64): f64 {
  const finish = word(task, 7);
  if (finish == RESULT) return total;
  if (finish == ROOT) return sqrt(total);
  if (finish == MEAN) return total / real(task, 0);
  const shift = load<f64>(pointer(task, 9) + (<usize>output << 3));
  if (finish == SHIFTED_MEAN) return shift + total / real(task, 0);
  if (!(abs(shift) < Infinity)) return shift;
  if (finish == LOGARITHM) return shift + log64(total);
  return shift == 0 ? 0 : shift * sqrt(total);
}

function emit(task: usize, part: i32, output: i32, total: f64): void {
  const target = pointer(task, 6);
  if (word(task, 7) == PART) {
    store<f64>(target + (<usize>(part * word(task, 3) + output) << 3), total);
    return;
  }
  const y = finished(task, output, total);
  switch (word(task, 8)) {
    case 0: store<f32>(target + (<usize>output << 2), <f32>y); return;
    case 1: store<f64>(target + (<usize>output << 3), y); return;
    // Sums of int32 are exact integers here, and wrap.
    default: store<i32>(target + (<usize>output << 2), <i32><i64>y); return;
  }
}

// @ts-ignore: decorator
@inline
function foldOutput<T>(task: usize, fn: i32, output: i32, part: i32, scratch: usize): void {
  const rank = word(task, 12), size = <i32>sizeof<T>();
  const x = pointer(task, 2) + offsetOf(task, KEPT, word(task, 11), output);
  const shift = fn >= SHIFTED && fn <= SCALED ? load<f64>(pointer(task, 9) + (<usize>output << 3)) : 0;
  const length = rank > 0 ? word(task, REDUCED + rank - 1) : 1;
  const stride = rank > 0 ? word(task, REDUCED + 6 + rank - 1) : size;
  const end = min(word(task, 4), (part + 1) * chunk);
  const direct = stride == size && (rank <= 1 || length % 8 == 0);
  clearSums(fn, scratch, 8);
  let packed = scratch + 64;
  for (let k = part * chunk; k < end; ) {
    const run = k / length, first = k - run * length;
    const count = min(length - first, end - k);
    let p = x + offsetOf(task, REDUCED, rank - 1, run) + first * stride;
    if (direct) {
      foldRun<T>(fn, p, count, shift, scratch);
    } else {
      for (let i = 0; i < count; i++) {
        store<T>(packed, load<T>(p));
        packed += size;
        p += stride;
      }
    }
    k += count;
  }
  if (!direct) foldRun<T>(fn, scratch + 64, end - part * chunk, shift, scratch);
  emit(task, part, output, joinEight(fn, scratch, 8));
}

// @ts-ignore: decorator
@inline
function foldColumns<T>(task: usize, fn: i32, output: i32, columns: i32, part: i32, scratch: usize): void {
  const rank = word(task, 12);
  const x = pointer(task, 2) + offsetOf(task, KEPT, word(task, 11), output);
  const shifts = pointer(task, 9) + (<usize>output << 3);
  const length = rank > 0 ? word(task, REDUCED + rank - 1) : 1;
  const stride = rank > 0 ? word(task, REDUCED + 6 + rank - 1) : 0;
  const end = min(word(task, 4), (part + 1) * chunk);
  const rows = scratch, sums = scratch + 64;
  clearSums(fn, sums, 8 * ((columns + 3) & ~3));
  let count = 0;
  for (let k = part * chunk; k < end; ) {
    const run = k / length, first = k - run * length;
    const stop = k + min(length - first, end - k);
    let p = x + offsetOf(task, REDUCED, rank - 1, run) + first * stride;
    for (; k < stop; k++) {
      store<u32>(rows + (<usize>count << 2), <u32>p);
      if (++count == rowsAtOnce) {
        foldBlock<T>(fn, rows, count, columns, shifts, sums);
        count = 0;
      }
      p += stride;
    }
  }
  if (count > 0) foldBlock<T>(fn, rows, count, columns, shifts, sums);
  for (let i = 0; i < columns; i++) {
    emit(task, part, output + i, joinEight(fn, sums + (<usize>(i >> 2) << 8) + (<usize>(i & 3) << 3), 32));
  }
}

// @ts-ignore: decorator
@inline
function foldPieces<T>(task: usize, fn: i32, from: i32, to: i32, scratch: usize): void {
  const width = word(task, 10), outputs = word(task, 3);
  if (width == 0) {
    for (let piece = from; piece < to; piece++) {
      const part = piece / outputs;
      foldOutput<T>(task, fn, piece - part * outputs, part, scratch);
    }
    return;
  }
  // Blocks of columns do not cross the end of the innermost axis that stays.
  const length = word(task, KEPT + word(task, 11) - 1);
  const blocks = (length + width - 1) / width;
  const groups = (outputs / length) * blocks;
  for (let piece = from; piece < to; piece++) {
    const part = piece / groups, group = piece - part * groups;
    const row = group / blocks, first = (group - row * blocks) * width;
    foldColumns<T>(task, fn, row * length + first, min(width, length - first), part, scratch);
  }
}

// One kernel for each function and dtype: in one large function the engines spill registers in the inner loops.
// A piece is one chunk of one output, or of a block of neighbouring outputs.

export function foldSumF32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f32>(task, SUM, from, to, scratch);
}

export function foldSumF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, SUM, from, to, scratch);
}

export function foldSumI32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<i32>(task, SUM, from, to, scratch);
}

export function foldSquaresF32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f32>(task, SQUARES, from, to, scratch);
}

export function foldShiftedF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, SHIFTED, from, to, scratch);
}

export function foldDeviationsF32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f32>(task, DEVIATIONS, from, to, scratch);
}

export function foldDeviationsF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, DEVIATIONS, from, to, scratch);
}

export function foldExponentialsF32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f32>(task, EXPONENTIALS, from, to, scratch);
}

export function foldExponentialsF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, EXPONENTIALS, from, to, scratch);
}

export function foldScaledF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, SCALED, from, to, scratch);
}

export function foldLargestF32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f32>(task, LARGEST, from, to, scratch);
}

export function foldLargestF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, LARGEST, from, to, scratch);
}

export function foldLargestI32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<i32>(task, LARGEST, from, to, scratch);
}

export function foldSmallestF32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f32>(task, SMALLEST, from, to, scratch);
}

export function foldSmallestF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, SMALLEST, from, to, scratch);
}

export function foldSmallestI32(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<i32>(task, SMALLEST, from, to, scratch);
}

export function foldLargestSizeF64(task: usize, from: i32, to: i32, scratch: usize): void {
  foldPieces<f64>(task, LARGEST_SIZE, from, to, scratch);
}

/** Joins the chunks' sums at pointer 2, each chunk's for all outputs side by side. A piece is an output. */
export function foldFinish(task: usize, from: i32, to: i32, scratch: usize): void {
  const fn = word(task, 0), outputs = word(task, 3), chunks = word(task, 5);
  for (let output = from; output < to; output++) {
    let p = pointer(task, 2) + (<usize>output << 3);
    let total = load<f64>(p);
    for (let part = 1; part < chunks; part++) {
      p += <usize>outputs << 3;
      total = joinTwo(fn, total, load<f64>(p));
    }
    emit(task, 0, output, total);
  }
}

/** Whether any element (word 0 is 0) or every element (1) of bool fibres is true. A piece is an output. */
export function decideRows(task: usize, from: i32, to: i32, scratch: usize): void {
  const all = word(task, 0) == 1, rank = word(task, 12), elements = word(task, 4);
  for (let output = from; output < to; output++) {
    const x = pointer(task, 2) + offsetOf(task, KEPT, word(task, 11), output);
    let k = 0;
    while (k < elements && (load<u8>(x + offsetOf(task, REDUCED, rank, k)) != 0) == all) k++;
    store<u8>(pointer(task, 6) + output, u8((k == elements) == all));
  }
}

/** Makes what is not finite 0 among the float64 at pointer 0, word 1 of them. One piece. */
export function finiteOrZero(task: usize, from: i32, to: i32, scratch: usize): void {
  const p = pointer(task, 0);
  for (let i = 0; i < word(task, 1); i++) {
    const at = p + (<usize>i << 3);
    if (!(abs(load<f64>(at)) < Infinity)) store<f64>(at, 0);
  }
}
