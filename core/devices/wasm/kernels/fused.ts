/**
 * What a repeated step does in one pass over memory where the step as written takes several. Each line of arithmetic is
 * that of the kernel that it stands for, operands in its order: the bits are the same.
 */
import { relu32 } from "./math-plain";
import { passed, project4 } from "./normalization-parts";
import { pointer, word } from "./task";
import { load4, segment, store4 } from "./walk";

const ADD = 1, TURNED = 2, RELU = 4;

/** One row of channels, four at a time. */
// @ts-ignore: decorator
@inline
function normalizedRow(
  flags: i32, bytes: usize, standard: usize, x: usize, mean: usize, scale: usize, gamma: usize, beta: usize,
  other: usize, result: usize,
): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const one = f32x4.mul(f32x4.sub(v128.load(x + i), v128.load(mean + i)), v128.load(scale + i));
    v128.store(standard + i, one);
    let y = f32x4.add(f32x4.mul(one, v128.load(gamma + i)), v128.load(beta + i));
    if (flags & ADD) {
      const z = v128.load(other + i);
      y = flags & TURNED ? f32x4.add(z, y) : f32x4.add(y, z);
    }
    v128.store(result + i, flags & RELU ? relu32(y) : y);
  }
}

// @ts-ignore: decorator
@inline
function normalizedRows(task: usize, flags: i32, from: i32, to: i32): void {
  const bytes = <usize>word(task, 2) << 2, mean = pointer(task, 6), scale = pointer(task, 7);
  const gamma = pointer(task, 8), beta = pointer(task, 9);
  const perPiece = word(task, 3), start = from * perPiece, end = min(to * perPiece, word(task, 1));
  const offset = <usize>start * bytes;
  let standard = pointer(task, 4) + offset, x = pointer(task, 5) + offset;
  let other = pointer(task, 10) + offset, result = pointer(task, 11) + offset;
  for (let row = start; row < end; row++) {
    normalizedRow(flags, bytes, standard, x, mean, scale, gamma, beta, other, result);
    standard += bytes; x += bytes; other += bytes; result += bytes;
  }
}

/**
 * x̂ = (x − mean)·scale, then γ·x̂ + β, then perhaps the sum with another array, then perhaps relu; float32, gapless rows of
 * channels, in fours. Words: 0 whether there is a sum (1), the other array first in it (2), relu (4); 1 rows, 2 channels, 3
 * rows a piece, 4 x̂, 5 x, 6 means, 7 scales, 8 γ, 9 β, 10 the other array, 11 the result.
 */
export function normalizeChainF32(task: usize, from: i32, to: i32, scratch: usize): void {
  switch (word(task, 0)) {
    case 0: return normalizedRows(task, 0, from, to);
    case RELU: return normalizedRows(task, RELU, from, to);
    case ADD: return normalizedRows(task, ADD, from, to);
    case ADD | RELU: return normalizedRows(task, ADD | RELU, from, to);
    case ADD | TURNED: return normalizedRows(task, ADD | TURNED, from, to);
    default: return normalizedRows(task, ADD | TURNED | RELU, from, to);
  }
}

// @ts-ignore: decorator
@inline
function masked(a: v128, b: v128, mask: v128): v128 {
  return v128.andnot(f32x4.add(a, b), f32x4.le(mask, f32x4.splat(0)));
}

/** a + b where the mask is > 0 or NaN, else 0; float32, gapless. Words: 0 elements, 1 the result, 2 mask, 3 a, 4 b. */
export function sumReluGradientF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const first = from * segment, offset = <usize>first << 2;
  let left = min(to * segment, word(task, 0)) - first;
  let y = pointer(task, 1) + offset, mask = pointer(task, 2) + offset;
  let a = pointer(task, 3) + offset, b = pointer(task, 4) + offset;
  for (; left >= 4; left -= 4) {
    v128.store(y, masked(v128.load(a), v128.load(b), v128.load(mask)));
    y += 16; mask += 16; a += 16; b += 16;
  }
  if (left > 0) store4(y, 4, masked(load4(a, 4, left), load4(b, 4, left), load4(mask, 4, left)), left);
}

/**
 * x + b, then relu; float32, gapless rows of channels, in fours. Words: 0 rows, 1 channels, 2 rows a piece, 3 x, 4 b, one
 * number for each channel, 5 the result.
 */
export function biasReluF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const bytes = <usize>word(task, 1) << 2, bias = pointer(task, 4);
  const perPiece = word(task, 2), start = from * perPiece, end = min(to * perPiece, word(task, 0));
  let x = pointer(task, 3) + <usize>start * bytes, y = pointer(task, 5) + <usize>start * bytes;
  for (let row = start; row < end; row++) {
    for (let i: usize = 0; i < bytes; i += 16) {
      v128.store(y + i, relu32(f32x4.add(v128.load(x + i), v128.load(bias + i))));
    }
    x += bytes; y += bytes;
  }
}

/**
 * What projectRows gives of t where a relu of γ·x̂ + β lets it pass, else of 0; float32, gapless rows of channels, in fours.
 * Words: 0 rows, 1 channels, 2 rows a piece, 3 y, 4 t, 5 x̂, 6 three planes, 7 bytes of a plane, 8 γ, 9 β.
 */
export function projectMaskedF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const bytes = <usize>word(task, 1) << 2, plane = <usize>word(task, 7);
  const means = pointer(task, 6), gamma = pointer(task, 8), beta = pointer(task, 9);
  const perPiece = word(task, 2), start = from * perPiece, end = min(to * perPiece, word(task, 0));
  const offset = <usize>start * bytes;
  let y = pointer(task, 3) + offset, t = pointer(task, 4) + offset, x = pointer(task, 5) + offset;
  for (let row = start; row < end; row++) {
    for (let i: usize = 0; i < bytes; i += 16) {
      const standard = v128.load(x + i), p = means + i;
      const own = passed(v128.load(t + i), standard, v128.load(gamma + i), v128.load(beta + i), true);
      v128.store(y + i, project4(own, standard, v128.load(p), v128.load(p + plane), v128.load(p + 2 * plane)));
    }
    y += bytes; t += bytes; x += bytes;
  }
}

/**
 * One number everywhere, then each of `b` added where its index says, in order, then what a relu lets pass; float32. A
 * piece is an image. Words: 0 y, gapless, 1 bytes of an image of it, 2 planes an image, 3 numbers a plane, 4 and 5 the
 * bytes of y between places and between planes; 6 indices, 7…9 their bytes between images, numbers, planes; 10 b, 11…13 the
 * same; 14 the mask, which lies as y does, or 0; 15 the number.
 */
export function unpoolReluF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const bytes = <usize>word(task, 1), planes = word(task, 2), numbers = word(task, 3);
  const place = word(task, 4), plane = word(task, 5), mask = pointer(task, 14);
  const indexStep = word(task, 8), indexPlane = word(task, 9), step = word(task, 12), stepPlane = word(task, 13);
  const all = v128.load32_splat(pointer(task, 15));
  for (let image = from; image < to; image++) {
    const y = pointer(task, 0) + <usize>image * bytes;
    let indices = pointer(task, 6) + <usize>(image * word(task, 7)), b = pointer(task, 10) + <usize>(image * word(task, 11));
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(y + i, all);
    for (; i < bytes; i += 4) v128.store_lane<u32>(y + i, all, 0);
    for (let k = 0; k < numbers; k++) {
      let at = y, index = indices, number = b;
      for (let c = 0; c < planes; c++) {
        const target = at + <usize>(load<i32>(index) * place);
        store<f32>(target, load<f32>(target) + load<f32>(number));
        at += plane; index += indexPlane; number += stepPlane;
      }
      indices += indexStep; b += step;
    }
    if (mask == 0) continue;
    const passing = mask + <usize>image * bytes;
    i = 0;
    for (; i + 16 <= bytes; i += 16) {
      v128.store(y + i, v128.andnot(v128.load(y + i), f32x4.le(v128.load(passing + i), f32x4.splat(0))));
    }
    for (; i < bytes; i += 4) if (load<f32>(passing + i) <= 0) store<f32>(y + i, 0);
  }
}
