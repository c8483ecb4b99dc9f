/**
 * Updates: one step of SGD, momentum or Adam over a table of parameters. Each operation is rounded to the dtype, in the
 * order in which the rules in optim write it, so that the bits are those of the rule run op by op.
 * Words: 0 the table, 1 its entries; an entry is gradient, parameter, two remembered arrays, elements, first piece. A
 * piece is 4096 elements of one parameter. Reals: the formula's constants, as update.ts of the host lists them.
 */
import { segment } from "./walk";
import { pointer, real, word } from "./task";

const entryBytes: usize = 24;

let entry: usize = 0;
let g: usize = 0;
let x: usize = 0;
let m: usize = 0;
let v: usize = 0;
let count: i32 = 0;

/** Goes on to the parameter of a piece, and to its elements; entries without elements are passed over. */
function toPiece(task: usize, piece: i32, bytes: usize): void {
  const end = pointer(task, 0) + <usize>word(task, 1) * entryBytes;
  while (entry + entryBytes < end && load<i32>(entry + entryBytes, 20) <= piece) entry += entryBytes;
  const first = (piece - load<i32>(entry, 20)) * segment;
  const offset = <usize>first * bytes;
  count = min(segment, load<i32>(entry, 16) - first);
  g = load<u32>(entry) + offset;
  x = load<u32>(entry, 4) + offset;
  m = load<u32>(entry, 8) + offset;
  v = load<u32>(entry, 12) + offset;
}

export function sgdF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const rate = <f32>real(task, 0), rates = f32x4.splat(rate);
  entry = pointer(task, 0);
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece, 4);
    let left = count;
    for (; left >= 4; left -= 4) {
      v128.store(x, f32x4.sub(v128.load(x), f32x4.mul(v128.load(g), rates)));
      g += 16; x += 16;
    }
    for (; left > 0; left--) {
      store<f32>(x, load<f32>(x) - load<f32>(g) * rate);
      g += 4; x += 4;
    }
  }
}

export function sgdF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const rate = real(task, 0);
  entry = pointer(task, 0);
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece, 8);
    for (let i = 0; i < count; i++) {
      store<f64>(x, load<f64>(x) - load<f64>(g) * rate);
      g += 8; x += 8;
    }
  }
}

export function momentumF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const rate = <f32>real(task, 0), rho = <f32>real(task, 1), rates = f32x4.splat(rate), rhos = f32x4.splat(rho);
  entry = pointer(task, 0);
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece, 4);
    let left = count;
    for (; left >= 4; left -= 4) {
      const next = f32x4.add(f32x4.mul(v128.load(m), rhos), v128.load(g));
      v128.store(m, next);
      v128.store(x, f32x4.sub(v128.load(x), f32x4.mul(next, rates)));
      g += 16; x += 16; m += 16;
    }
    for (; left > 0; left--) {
      const next = load<f32>(m) * rho + load<f32>(g);
      store<f32>(m, next);
      store<f32>(x, load<f32>(x) - next * rate);
      g += 4; x += 4; m += 4;
    }
  }
}

export function momentumF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const rate = real(task, 0), rho = real(task, 1);
  entry = pointer(task, 0);
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece, 8);
    for (let i = 0; i < count; i++) {
      const next = load<f64>(m) * rho + load<f64>(g);
      store<f64>(m, next);
      store<f64>(x, load<f64>(x) - next * rate);
      g += 8; x += 8; m += 8;
    }
  }
}

/** One element, or the tail of a vector: the same operations. */
// @ts-ignore: decorator
@inline
function adamOne<T>(task: usize): void {
  const d = load<T>(g);
  const first = load<T>(m) * <T>real(task, 1) + d * <T>real(task, 2);
  const second = load<T>(v) * <T>real(task, 3) + d * d * <T>real(task, 4);
  const root = sqrt<T>(second / <T>real(task, 6)) + <T>real(task, 7);
  store<T>(m, first);
  store<T>(v, second);
  store<T>(x, load<T>(x) - ((first / <T>real(task, 5)) * <T>real(task, 0)) / root);
  g += sizeof<T>(); x += sizeof<T>(); m += sizeof<T>(); v += sizeof<T>();
}

// @ts-ignore: decorator
@inline
function splat(task: usize, i: i32): v128 {
  return f32x4.splat(<f32>real(task, i));
}

export function adamF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const rate = splat(task, 0), keep1 = splat(task, 1), new1 = splat(task, 2), keep2 = splat(task, 3);
  const new2 = splat(task, 4), bias1 = splat(task, 5), bias2 = splat(task, 6), epsilon = splat(task, 7);
  entry = pointer(task, 0);
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece, 4);
    let left = count;
    for (; left >= 4; left -= 4) {
      const d = v128.load(g);
      const first = f32x4.add(f32x4.mul(v128.load(m), keep1), f32x4.mul(d, new1));
      const second = f32x4.add(f32x4.mul(v128.load(v), keep2), f32x4.mul(f32x4.mul(d, d), new2));
      const root = f32x4.add(f32x4.sqrt(f32x4.div(second, bias2)), epsilon);
      v128.store(m, first);
      v128.store(v, second);
      v128.store(x, f32x4.sub(v128.load(x), f32x4.div(f32x4.mul(f32x4.div(first, bias1), rate), root)));
      g += 16; x += 16; m += 16; v += 16;
    }
    for (; left > 0; left--) adamOne<f32>(task);
  }
}

export function adamF64(task: usize, from: i32, to: i32, scratch: usize): void {
  entry = pointer(task, 0);
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece, 8);
    for (let left = count; left > 0; left--) adamOne<f64>(task);
  }
}
