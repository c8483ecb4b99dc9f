/**
 * im2col and its adjoint: the pixels that each tap of a sliding window sees, as rows of outputs, and back.
 * Words as in pooling.ts; y is dense, [N, C·R·S, H'·W']. Sums of the adjoint take a pixel's taps in order.
 */
import { pointer, word } from "./task";

/** Outputs q0 … q1 - 1 whose pixel q·stride + shift lies in [0, length). */
let q0: i32 = 0;
let q1: i32 = 0;

// @ts-ignore: decorator
@inline
function clip(shift: i32, stride: i32, length: i32, outputs: i32): void {
  q0 = shift >= 0 ? 0 : min(outputs, (stride - 1 - shift) / stride);
  q1 = length - shift <= 0 ? 0 : min(outputs, (length - shift + stride - 1) / stride);
  q1 = max(q0, q1);
}

// @ts-ignore: decorator
@inline
function columnRow<T>(task: usize, n: i32, row: i32): void {
  const across = word(task, 22), height = word(task, 21), outWidth = word(task, 20);
  const size = <i32>sizeof<T>();
  const s = row % across, r = (row / across) % height, c = row / (across * height);
  const shiftX = s * word(task, 28) - word(task, 26), shiftY = r * word(task, 27) - word(task, 25);
  const image = pointer(task, 0) + n * word(task, 1) + c * word(task, 2);
  const xH = word(task, 3), xW = word(task, 4), step = xW * word(task, 24);
  let y = pointer(task, 5) + n * word(task, 6) + row * word(task, 7);
  clip(shiftX, word(task, 24), word(task, 18), outWidth);
  for (let p = 0; p < word(task, 19); p++) {
    const h = p * word(task, 23) + shiftY;
    if (h < 0 || h >= word(task, 17)) {
      memory.fill(y, 0, outWidth * size);
    } else {
      let x = image + h * xH + (q0 * word(task, 24) + shiftX) * xW;
      memory.fill(y, 0, q0 * size);
      if (step == size) {
        memory.copy(y + q0 * size, x, (q1 - q0) * size);
      } else {
        for (let q = q0; q < q1; q++) {
          store<T>(y + q * size, load<T>(x));
          x += step;
        }
      }
      memory.fill(y + q1 * size, 0, (outWidth - q1) * size);
    }
    y += outWidth * size;
  }
}

// @ts-ignore: decorator
@inline
function columnRows<T>(task: usize, from: i32, to: i32): void {
  const rows = word(task, 16) * word(task, 21) * word(task, 22);
  for (let piece = from; piece < to; piece++) {
    const n = piece / rows;
    columnRow<T>(task, n, piece - n * rows);
  }
}

/** Columns of elements of 4 bytes. A piece is one tap of one image. */
export function columns4(task: usize, from: i32, to: i32, scratch: usize): void {
  columnRows<u32>(task, from, to);
}

/** Columns of elements of 8 bytes. */
export function columns8(task: usize, from: i32, to: i32, scratch: usize): void {
  columnRows<u64>(task, from, to);
}

// @ts-ignore: decorator
@inline
function addRow<T>(x: usize, step: i32, y: usize, count: i32): void {
  let q = 0;
  if (sizeof<T>() == 4 && step == 4) {
    for (; q + 4 <= count; q += 4) {
      v128.store(x, f32x4.add(v128.load(x), v128.load(y)));
      x += 16;
      y += 16;
    }
  }
  for (; q < count; q++) {
    store<T>(x, <T>(load<T>(x) + load<T>(y)));
    x += step;
    y += sizeof<T>();
  }
}

// @ts-ignore: decorator
@inline
function addPlane<T>(task: usize, n: i32, c: i32): void {
  const height = word(task, 17), width = word(task, 18), outHeight = word(task, 19), outWidth = word(task, 20);
  const xH = word(task, 3), xW = word(task, 4), size = <i32>sizeof<T>();
  const image = pointer(task, 0) + n * word(task, 1) + c * word(task, 2);
  for (let h = 0; h < height; h++) {
    for (let w = 0; w < width; w++) store<T>(image + h * xH + w * xW, <T>0);
  }
  const taps = word(task, 21) * word(task, 22);
  let y = pointer(task, 5) + n * word(task, 6) + c * taps * word(task, 7);
  for (let r = 0; r < word(task, 21); r++) {
    const shiftY = r * word(task, 27) - word(task, 25);
    for (let s = 0; s < word(task, 22); s++) {
      const shiftX = s * word(task, 28) - word(task, 26);
      clip(shiftX, word(task, 24), width, outWidth);
      for (let p = 0; p < outHeight; p++) {
        const h = p * word(task, 23) + shiftY;
        if (h >= 0 && h < height) {
          const x = image + h * xH + (q0 * word(task, 24) + shiftX) * xW;
          addRow<T>(x, xW * word(task, 24), y + q0 * size, q1 - q0);
        }
        y += outWidth * size;
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function addPlanes<T>(task: usize, from: i32, to: i32): void {
  const channels = word(task, 16);
  for (let piece = from; piece < to; piece++) {
    const n = piece / channels;
    addPlane<T>(task, n, piece - n * channels);
  }
}

/** The adjoint of columns in float32. A piece is a channel of an image. */
export function addColumnsF32(task: usize, from: i32, to: i32, scratch: usize): void {
  addPlanes<f32>(task, from, to);
}

/** The same in float64. */
export function addColumnsF64(task: usize, from: i32, to: i32, scratch: usize): void {
  addPlanes<f64>(task, from, to);
}
