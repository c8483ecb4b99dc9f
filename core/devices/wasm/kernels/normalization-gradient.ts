/**
 * The gradient of normalization: y = (t - mean t - x̂·mean x̂t)/√(variance + ε) over each fibre.
 * Sums run in float64, those of an example first: element w of a row goes to partial sum w mod 4, over all its rows;
 * then the examples' in order. Neither depends on how the operands lie.
 * Words of `fibreProducts`: 0 t, 1 x̂, 2 sums (float64, [examples, fibres, 2]), 3 fibres, 4 rows an example, 5 and 6
 * bytes between examples, 7 elements a row, 8 and 9 bytes between them, 10 columns a piece (0: one fibre), 11 axes that
 * stay, 12 axes of rows, 13…18 the former's lengths, 19…24 and 25…30 their strides, 31…48 the same of the latter.
 */
import { passed, project4 } from "./normalization-parts";
import { at0, at1, at2, at3, count, innerStride, load4, startWalk, store4, toPiece } from "./walk";
import { pointer, real, word } from "./task";

const KEPT = 13, ROWS = 31;

/** Where element `index` of axes lies in operand `k`. */
function offsetIn(task: usize, k: i32, at: i32, rank: i32, index: i32): usize {
  let offset: usize = 0;
  for (let axis = rank - 1; axis >= 0; axis--) {
    const length = word(task, at + axis);
    const rest = index / length;
    offset += <usize>((index - rest * length) * word(task, at + 6 + 6 * k + axis));
    index = rest;
  }
  return offset;
}

/** One example's part of one fibre. */
// @ts-ignore: decorator
@inline
function alone<T>(task: usize, t: usize, x: usize, sums: usize): void {
  const rows = word(task, 4), length = word(task, 7), rank = word(task, 12);
  const st = word(task, 8), sx = word(task, 9);
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0, p0: f64 = 0, p1: f64 = 0, p2: f64 = 0, p3: f64 = 0;
  for (let row = 0; row < rows; row++) {
    let a = t + offsetIn(task, 0, ROWS, rank, row), b = x + offsetIn(task, 1, ROWS, rank, row);
    for (let left = length; left > 0; left -= 4) {
      const t0 = <f64>load<T>(a);
      s0 += t0;
      p0 += t0 * <f64>load<T>(b);
      a += st; b += sx;
      if (left < 2) break;
      const t1 = <f64>load<T>(a);
      s1 += t1;
      p1 += t1 * <f64>load<T>(b);
      a += st; b += sx;
      if (left < 3) break;
      const t2 = <f64>load<T>(a);
      s2 += t2;
      p2 += t2 * <f64>load<T>(b);
      a += st; b += sx;
      if (left < 4) break;
      const t3 = <f64>load<T>(a);
      s3 += t3;
      p3 += t3 * <f64>load<T>(b);
      a += st; b += sx;
    }
  }
  store<f64>(sums, (s0 + s2) + (s1 + s3));
  store<f64>(sums, (p0 + p2) + (p1 + p3), 8);
}

/** Two neighbours, or the first alone. */
// @ts-ignore: decorator
@inline
function pairAt(p: usize, two: bool): v128 {
  return two ? v128.load64_zero(p) : v128.load32_zero(p);
}

/** A row of two neighbouring fibres, added to the partial sums at `held`: four of t, four of x̂t. */
// @ts-ignore: decorator
@inline
function rowOfPair(
  a: usize, st: i32, b: usize, sx: i32, length: i32, two: bool, held: usize, gamma: v128, beta: v128, isMasked: bool,
): void {
  let s0 = v128.load(held), s1 = v128.load(held, 16), s2 = v128.load(held, 32), s3 = v128.load(held, 48);
  let p0 = v128.load(held, 64), p1 = v128.load(held, 80), p2 = v128.load(held, 96), p3 = v128.load(held, 112);
  for (let left = length; left > 0; left -= 4) {
    const x0 = pairAt(b, two);
    const t0 = f64x2.promote_low_f32x4(passed(pairAt(a, two), x0, gamma, beta, isMasked));
    s0 = f64x2.add(s0, t0);
    p0 = f64x2.add(p0, f64x2.mul(t0, f64x2.promote_low_f32x4(x0)));
    a += st; b += sx;
    if (left < 2) break;
    const x1 = pairAt(b, two);
    const t1 = f64x2.promote_low_f32x4(passed(pairAt(a, two), x1, gamma, beta, isMasked));
    s1 = f64x2.add(s1, t1);
    p1 = f64x2.add(p1, f64x2.mul(t1, f64x2.promote_low_f32x4(x1)));
    a += st; b += sx;
    if (left < 3) break;
    const x2 = pairAt(b, two);
    const t2 = f64x2.promote_low_f32x4(passed(pairAt(a, two), x2, gamma, beta, isMasked));
    s2 = f64x2.add(s2, t2);
    p2 = f64x2.add(p2, f64x2.mul(t2, f64x2.promote_low_f32x4(x2)));
    a += st; b += sx;
    if (left < 4) break;
    const x3 = pairAt(b, two);
    const t3 = f64x2.promote_low_f32x4(passed(pairAt(a, two), x3, gamma, beta, isMasked));
    s3 = f64x2.add(s3, t3);
    p3 = f64x2.add(p3, f64x2.mul(t3, f64x2.promote_low_f32x4(x3)));
    a += st; b += sx;
  }
  v128.store(held, s0);
  v128.store(held, s1, 16);
  v128.store(held, s2, 32);
  v128.store(held, s3, 48);
  v128.store(held, p0, 64);
  v128.store(held, p1, 80);
  v128.store(held, p2, 96);
  v128.store(held, p3, 112);
}

/** One example's part of neighbouring float32 fibres; `held` has 128 bytes for two of them. `gamma`, `beta`: theirs. */
// @ts-ignore: decorator
@inline
function side(
  task: usize, t: usize, x: usize, columns: i32, sums: usize, held: usize, gamma: usize, beta: usize, isMasked: bool,
): void {
  const rows = word(task, 4), length = word(task, 7), rank = word(task, 12);
  const st = word(task, 8), sx = word(task, 9);
  memory.fill(held, 0, <usize>(columns + 1 >> 1) << 7);
  for (let row = 0; row < rows; row++) {
    let a = t + offsetIn(task, 0, ROWS, rank, row), b = x + offsetIn(task, 1, ROWS, rank, row), at = held;
    let c = 0;
    for (; c + 2 <= columns; c += 2) {
      const own = <usize>c << 2;
      const factor = isMasked ? pairAt(gamma + own, true) : f32x4.splat(0);
      const shift = isMasked ? pairAt(beta + own, true) : f32x4.splat(0);
      rowOfPair(a, st, b, sx, length, true, at, factor, shift, isMasked);
      a += 8; b += 8; at += 128;
    }
    if (c < columns) {
      const own = <usize>c << 2;
      const factor = isMasked ? pairAt(gamma + own, false) : f32x4.splat(0);
      const shift = isMasked ? pairAt(beta + own, false) : f32x4.splat(0);
      rowOfPair(a, st, b, sx, length, false, at, factor, shift, isMasked);
    }
  }
  for (let c = 0; c < columns; c++) {
    const at = held + (<usize>(c >> 1) << 7) + (<usize>(c & 1) << 3), to = sums + (<usize>c << 4);
    store<f64>(to, (load<f64>(at) + load<f64>(at, 32)) + (load<f64>(at, 16) + load<f64>(at, 48)));
    store<f64>(to, (load<f64>(at, 64) + load<f64>(at, 96)) + (load<f64>(at, 80) + load<f64>(at, 112)), 8);
  }
}

function plainSide(task: usize, t: usize, x: usize, columns: i32, sums: usize, held: usize): void {
  side(task, t, x, columns, sums, held, 0, 0, false);
}

function maskedSide(task: usize, t: usize, x: usize, columns: i32, sums: usize, held: usize, fibre: i32): void {
  const own = <usize>fibre << 2;
  side(task, t, x, columns, sums, held, pointer(task, 49) + own, pointer(task, 50) + own, true);
}

// @ts-ignore: decorator
@inline
function products<T>(task: usize, from: i32, to: i32, scratch: usize, isMasked: bool): void {
  const fibres = word(task, 3), width = word(task, 10), rank = word(task, 11);
  const length = width == 0 ? 1 : word(task, KEPT + rank - 1);
  const blocks = width == 0 ? 1 : (length + width - 1) / width;
  const groups = (fibres / length) * blocks;
  for (let piece = from; piece < to; piece++) {
    const batch = piece / groups, group = piece - batch * groups;
    const line = group / blocks, first = (group - line * blocks) * width;
    const fibre = line * length + first;
    const t = pointer(task, 0) + <usize>(batch * word(task, 5)) + offsetIn(task, 0, KEPT, rank, fibre);
    const x = pointer(task, 1) + <usize>(batch * word(task, 6)) + offsetIn(task, 1, KEPT, rank, fibre);
    const sums = pointer(task, 2) + (<usize>(batch * fibres + fibre) << 4);
    if (isMasked) maskedSide(task, t, x, min(width, length - first), sums, scratch, fibre);
    else if (sizeof<T>() == 4 && width > 0) plainSide(task, t, x, min(width, length - first), sums, scratch);
    else alone<T>(task, t, x, sums);
  }
}

/** Σ t and Σ x̂t of each example's part of each fibre. A piece is one fibre, or a block of neighbouring ones, of one example. */
export function fibreProductsF32(task: usize, from: i32, to: i32, scratch: usize): void {
  products<f32>(task, from, to, scratch, false);
}

export function fibreProductsF64(task: usize, from: i32, to: i32, scratch: usize): void {
  products<f64>(task, from, to, scratch, false);
}

/**
 * The same of t where a relu of γ·x̂ + β lets it pass, else of 0. Besides: words 49 and 50, γ and β, one float32 for each
 * fibre; word 10 is not 0.
 */
export function fibreProductsMaskedF32(task: usize, from: i32, to: i32, scratch: usize): void {
  products<f32>(task, from, to, scratch, true);
}

// @ts-ignore: decorator
@inline
function finishProducts<T>(task: usize, from: i32, to: i32): void {
  const fibres = word(task, 1), batch = word(task, 2), plane = <usize>fibres * sizeof<T>();
  for (let fibre = from; fibre < to; fibre++) {
    let sum: f64 = 0, product: f64 = 0;
    for (let n = 0; n < batch; n++) {
      const at = pointer(task, 0) + (<usize>(n * fibres + fibre) << 4);
      sum += load<f64>(at);
      product += load<f64>(at, 8);
    }
    const offset = <usize>fibre * sizeof<T>(), to = pointer(task, 4) + offset;
    const variance = <f64>load<T>(pointer(task, 3) + offset);
    store<T>(to, <T>(sum / real(task, 0)));
    store<T>(to + plane, <T>(product / real(task, 0)));
    const gamma: f64 = word(task, 5) == 0 ? 1 : <f64>load<T>(pointer(task, 5) + offset);
    store<T>(to + 2 * plane, <T>(gamma / sqrt(variance + real(task, 1))));
    if (word(task, 6) == 0) continue;
    store<T>(pointer(task, 6) + offset, <T>product);
    store<T>(pointer(task, 7) + offset, <T>sum);
  }
}

/**
 * Adds up the examples. Words: 0 sums, 1 fibres, 2 examples, 3 variances, 4 where to: three planes of means of t and of
 * x̂t, and scales; 5 γ, 6 and 7 where Σ x̂t and Σ t go, or 0. Reals: 0 elements of a fibre, 1 ε. A piece is a fibre.
 */
export function finishProductsF32(task: usize, from: i32, to: i32, scratch: usize): void {
  finishProducts<f32>(task, from, to);
}

export function finishProductsF64(task: usize, from: i32, to: i32, scratch: usize): void {
  finishProducts<f64>(task, from, to);
}

/** Rows of y, t, x̂ and the planes; word 42 is the bytes of a plane. */
export function projectRowsF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const sy = innerStride(task, 0), st = innerStride(task, 1), sx = innerStride(task, 2), sp = innerStride(task, 3);
  const plane = <usize>word(task, 42), near = sy == 4 && st == 4 && sx == 4 && (sp == 4 || sp == 0);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, t = at1, x = at2, p = at3, left = count;
    if (near && sp == 4) {
      for (; left >= 4; left -= 4) {
        const scale = v128.load(p + 2 * plane);
        v128.store(y, project4(v128.load(t), v128.load(x), v128.load(p), v128.load(p + plane), scale));
        y += 16; t += 16; x += 16; p += 16;
      }
    } else if (near) {
      const mean = v128.load32_splat(p), product = v128.load32_splat(p + plane);
      const scale = v128.load32_splat(p + 2 * plane);
      for (; left >= 4; left -= 4) {
        v128.store(y, project4(v128.load(t), v128.load(x), mean, product, scale));
        y += 16; t += 16; x += 16;
      }
    }
    for (; left > 0; left -= 4) {
      const mean = load4(p, sp, left), product = load4(p + plane, sp, left), scale = load4(p + 2 * plane, sp, left);
      store4(y, sy, project4(load4(t, st, left), load4(x, sx, left), mean, product, scale), left);
      y += 4 * sy; t += 4 * st; x += 4 * sx; p += 4 * sp;
    }
  }
}

export function projectRowsF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const sy = innerStride(task, 0), st = innerStride(task, 1), sx = innerStride(task, 2), sp = innerStride(task, 3);
  const plane = <usize>word(task, 42);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, t = at1, x = at2, p = at3;
    for (let left = count; left > 0; left--) {
      store<f64>(y, (load<f64>(t) - load<f64>(p) - load<f64>(x) * load<f64>(p + plane)) * load<f64>(p + 2 * plane));
      y += sy; t += st; x += sx; p += sp;
    }
  }
}
