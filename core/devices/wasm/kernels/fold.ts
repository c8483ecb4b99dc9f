/**
 * Folding: many elements become one. The order of every sum, whatever the layout: element k of a chunk of 4096 goes to
 * partial sum k mod 8; the partial sums of a chunk join in a fixed tree, the chunks one after the other. All in float64.
 * Terms that are 0 may be added anywhere: no partial sum is ever -0.
 */
import { exp32, exp64 } from "./math";
import { highPair, lowPair } from "./math-bits";

/** Elements that share one set of partial sums. A multiple of 8. */
export const chunk: i32 = 4096;

// What is folded: x, x², x - s, (x - s)², exp(x - s), (x / s)²; then the largest x, the smallest x, the largest |x|.
export const SUM = 0, SQUARES = 1, SHIFTED = 2, DEVIATIONS = 3, EXPONENTIALS = 4, SCALED = 5;
export const LARGEST = 6, SMALLEST = 7, LARGEST_SIZE = 8;

/** What a fold of no elements is. */
// @ts-ignore: decorator
@inline
export function identityOf(fn: i32): f64 {
  return fn == LARGEST ? -Infinity : fn == SMALLEST ? Infinity : 0;
}

/** Two terms from two elements x and their shifts s. */
// @ts-ignore: decorator
@inline
function term(fn: i32, x: v128, s: v128): v128 {
  switch (fn) {
    case SQUARES: return f64x2.mul(x, x);
    case SHIFTED: return f64x2.sub(x, s);
    case DEVIATIONS: {
      const d = f64x2.sub(x, s);
      return f64x2.mul(d, d);
    }
    case SCALED: {
      const part = f64x2.div(x, s);
      return f64x2.mul(part, part);
    }
    case LARGEST_SIZE: return f64x2.abs(x);
    default: return x;
  }
}

// @ts-ignore: decorator
@inline
function exp64Pair(x: v128): v128 {
  const first = f64x2.splat(exp64(f64x2.extract_lane(x, 0)));
  return f64x2.replace_lane(first, 1, exp64(f64x2.extract_lane(x, 1)));
}

// @ts-ignore: decorator
@inline
function join(fn: i32, a: v128, b: v128): v128 {
  if (fn == LARGEST || fn == LARGEST_SIZE) return f64x2.max(a, b);
  if (fn == SMALLEST) return f64x2.min(a, b);
  return f64x2.add(a, b);
}

/** The terms of elements in float64 lanes 0, 1 (`first`) or 2, 3 of four elements of 4 bytes. */
// @ts-ignore: decorator
@inline
function termOf4<T>(fn: i32, four: v128, first: bool, s: v128): v128 {
  if (!isFloat<T>()) {
    return term(fn, f64x2.convert_low_i32x4_s(first ? four : v128.shuffle<i64>(four, four, 1, 1)), s);
  }
  return term(fn, first ? lowPair(four) : highPair(four), s);
}

/** Four elements of 4 bytes, made exp(x - s) where that is folded. */
// @ts-ignore: decorator
@inline
function prepare4(fn: i32, four: v128, s4: v128): v128 {
  return fn == EXPONENTIALS ? exp32(f32x4.sub(four, s4)) : four;
}

// @ts-ignore: decorator
@inline
function term64(fn: i32, x: v128, s: v128): v128 {
  return fn == EXPONENTIALS ? exp64Pair(f64x2.sub(x, s)) : term(fn, x, s);
}

/** Joins the term of one element to the partial sum at `sum`. */
// @ts-ignore: decorator
@inline
function foldOne<T>(fn: i32, p: usize, s: f64, sum: usize): void {
  const both = f64x2.splat(s);
  let t: v128;
  if (sizeof<T>() == 8) {
    t = term64(fn, v128.load64_splat(p), both);
  } else {
    t = termOf4<T>(fn, prepare4(fn, v128.load32_splat(p), f32x4.splat(<f32>s)), true, both);
  }
  v128.store64_lane(sum, join(fn, v128.load64_splat(sum), t), 0);
}

/** Sets `count` partial sums (a multiple of 2) to that of no elements. */
// @ts-ignore: decorator
@inline
export function clearSums(fn: i32, sums: usize, count: i32): void {
  for (let i = 0; i < count; i++) store<f64>(sums + (<usize>i << 3), identityOf(fn));
}

/** Folds `count` neighbours at `p`, element k to the sum k mod 8 of the eight at `sums`. */
// @ts-ignore: decorator
@inline
export function foldRun<T>(fn: i32, p: usize, count: i32, s: f64, sums: usize): void {
  const both = f64x2.splat(s), s4 = f32x4.splat(<f32>s);
  let a = v128.load(sums), b = v128.load(sums, 16), c = v128.load(sums, 32), d = v128.load(sums, 48);
  let k = 0;
  for (; k + 8 <= count; k += 8) {
    if (sizeof<T>() == 8) {
      a = join(fn, a, term64(fn, v128.load(p), both));
      b = join(fn, b, term64(fn, v128.load(p, 16), both));
      c = join(fn, c, term64(fn, v128.load(p, 32), both));
      d = join(fn, d, term64(fn, v128.load(p, 48), both));
    } else {
      const first = prepare4(fn, v128.load(p), s4), last = prepare4(fn, v128.load(p, 16), s4);
      a = join(fn, a, termOf4<T>(fn, first, true, both));
      b = join(fn, b, termOf4<T>(fn, first, false, both));
      c = join(fn, c, termOf4<T>(fn, last, true, both));
      d = join(fn, d, termOf4<T>(fn, last, false, both));
    }
    p += 8 * sizeof<T>();
  }
  v128.store(sums, a);
  v128.store(sums, b, 16);
  v128.store(sums, c, 32);
  v128.store(sums, d, 48);
  for (; k < count; k++) {
    foldOne<T>(fn, p, s, sums + (<usize>(k & 7) << 3));
    p += sizeof<T>();
  }
}

/** Joins four neighbours at `p` to the four sums at `sums`; s4 is the shifts s, t in float32. */
// @ts-ignore: decorator
@inline
function joinFour<T>(fn: i32, p: usize, s: v128, t: v128, s4: v128, sums: usize): void {
  if (sizeof<T>() == 8) {
    v128.store(sums, join(fn, v128.load(sums), term64(fn, v128.load(p), s)));
    v128.store(sums, join(fn, v128.load(sums, 16), term64(fn, v128.load(p, 16), t)), 16);
  } else {
    const four = prepare4(fn, v128.load(p), s4);
    v128.store(sums, join(fn, v128.load(sums), termOf4<T>(fn, four, true, s)));
    v128.store(sums, join(fn, v128.load(sums, 16), termOf4<T>(fn, four, false, t)), 16);
  }
}

/** Rows that `foldBlock` takes at once: reading sixteen streams hides the memory's latency. */
export const rowsAtOnce: i32 = 16;

/**
 * Folds rows of `columns` neighbours each, column by column; `count` ≤ 16 of them at the addresses listed at `rows`.
 * Row j goes to the partial sums j mod 8: those of column i lie at sums + 256·(i / 4) + 32·j + 8·(i mod 4).
 */
// @ts-ignore: decorator
@inline
export function foldBlock<T>(fn: i32, rows: usize, count: i32, columns: i32, shifts: usize, sums: usize): void {
  const shifted = fn >= SHIFTED && fn <= SCALED;
  let i = 0;
  for (; i + 4 <= columns; i += 4) {
    const s = shifted ? v128.load(shifts) : f64x2.splat(0), t = shifted ? v128.load(shifts, 16) : f64x2.splat(0);
    const s4 = v128.shuffle<i64>(f32x4.demote_f64x2_zero(s), f32x4.demote_f64x2_zero(t), 0, 2);
    const offset = <usize>i * sizeof<T>();
    for (let j = 0; j < min(count, 8); j++) {
      const at = rows + (<usize>j << 2);
      joinFour<T>(fn, load<u32>(at) + offset, s, t, s4, sums);
      if (j + 8 < count) joinFour<T>(fn, load<u32>(at, 32) + offset, s, t, s4, sums);
      sums += 32;
    }
    sums += <usize>(8 - min(count, 8)) << 5;
    if (shifted) shifts += 32;
  }
  for (; i < columns; i++) {
    for (let j = 0; j < count; j++) {
      const p = load<u32>(rows + (<usize>j << 2)) + <usize>i * sizeof<T>();
      foldOne<T>(fn, p, shifted ? load<f64>(shifts) : 0, sums + (<usize>(j & 7) << 5));
    }
    sums += 8;
    if (shifted) shifts += 8;
  }
}

// @ts-ignore: decorator
@inline
function join64(fn: i32, a: f64, b: f64): f64 {
  if (fn == LARGEST || fn == LARGEST_SIZE) return max(a, b);
  if (fn == SMALLEST) return min(a, b);
  return a + b;
}

/** Two folds as one. */
export function joinTwo(fn: i32, a: f64, b: f64): f64 {
  return join64(fn, a, b);
}

/** The eight partial sums at `sums`, `stride` bytes apart, in a tree: ((0+4)+(2+6)) + ((1+5)+(3+7)). */
export function joinEight(fn: i32, sums: usize, stride: usize): f64 {
  const even = join64(
    fn,
    join64(fn, load<f64>(sums), load<f64>(sums + 4 * stride)),
    join64(fn, load<f64>(sums + 2 * stride), load<f64>(sums + 6 * stride)),
  );
  const odd = join64(
    fn,
    join64(fn, load<f64>(sums + stride), load<f64>(sums + 5 * stride)),
    join64(fn, load<f64>(sums + 3 * stride), load<f64>(sums + 7 * stride)),
  );
  return join64(fn, even, odd);
}
