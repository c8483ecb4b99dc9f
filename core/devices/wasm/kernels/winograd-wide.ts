/**
 * The transforms of Winograd's convolutions F(4×4, 3×3) and F(2×2, 5×5), four neighbouring channels at a time. Rests
 * on nothing. Y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A for a tile x of 6×6 pixels, with the points 0, ±a, ±b and ∞, a = 3/2 and
 * b = 5/8. Nearly each other's reciprocals, they round less than 1 and 2 do, and all numbers of A and B are exact.
 * With s = a² + b² and p = a²b²:
 *   Bᵀ = [p 0 −s 0 1 0; 0 −ab² −b² a 1 0; 0 ab² −b² −a 1 0; 0 −a²b −a² b 1 0; 0 a²b −a² −b 1 0; 0 p 0 −s 0 1],
 *   Aᵀ = [1 1 1 1 1 0; 0 a −a b −b 0; 0 a² a² b² b² 0; 0 a³ −a³ b³ −b³ 1], or [1 1 1 1 1 0; 0 a −a b −b 1] for two
 *   outputs, and a row of G is (1, t, t², …)/N with N the product of t's distances to the other points, that of ∞
 *   being (0, …, 0, 1).
 * Columns are transformed first, then rows. Lavin & Gray 2016, section 4.1; Barabasz et al. 2020 on points.
 */

const a: f32 = 1.5;
const b: f32 = 0.625;
const aa: f32 = 2.25;
const bb: f32 = 0.390625;
const aaa: f32 = 3.375;
const bbb: f32 = 0.244140625;
const aaaa: f32 = 5.0625;
const bbbb: f32 = 0.152587890625;
/** a² + b² and a²b². */
const s: f32 = 2.640625;
const p: f32 = 0.87890625;
/** 1/N of 0, ±a and ±b: 1/(a²b²), 1/(2a²(a² − b²)), 1/(2b²(b² − a²)). */
const n0: f32 = 1 / 0.87890625;
const na: f32 = 1 / (2 * 2.25 * 1.859375);
const nb: f32 = -1 / (2 * 0.390625 * 1.859375);

// @ts-ignore: decorator
@inline
function times(factor: f32, x: v128): v128 {
  return f32x4.mul(f32x4.splat(factor), x);
}

/**
 * Writes the 32 bytes of numbers that transforms begin their `spare` memory with: engines build a constant vector
 * anew at each use.
 */
export function keepNumbers(to: usize): void {
  store<f32>(to, a);
  store<f32>(to, b, 4);
  store<f32>(to, aa, 8);
  store<f32>(to, bb, 12);
  store<f32>(to, aaa, 16);
  store<f32>(to, bbb, 20);
  store<f32>(to, s, 24);
  store<f32>(to, p, 28);
}

/** Bᵀ·d, from `to` on, `step` bytes from each to the next. */
// @ts-ignore: decorator
@inline
function spreadPixels(
  va: v128,
  vb: v128,
  vaa: v128,
  vbb: v128,
  vs: v128,
  vp: v128,
  to: usize,
  step: usize,
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
): void {
  v128.store(to, f32x4.sub(f32x4.add(f32x4.mul(vp, d0), d4), f32x4.mul(vs, d2)));
  const u = f32x4.sub(d4, f32x4.mul(vbb, d2));
  const v = f32x4.mul(va, f32x4.sub(d3, f32x4.mul(vbb, d1)));
  v128.store(to + step, f32x4.add(u, v));
  v128.store(to + 2 * step, f32x4.sub(u, v));
  const q = f32x4.sub(d4, f32x4.mul(vaa, d2));
  const r = f32x4.mul(vb, f32x4.sub(d3, f32x4.mul(vaa, d1)));
  v128.store(to + 3 * step, f32x4.add(q, r));
  v128.store(to + 4 * step, f32x4.sub(q, r));
  v128.store(to + 5 * step, f32x4.sub(f32x4.add(f32x4.mul(vp, d1), d5), f32x4.mul(vs, d3)));
}

// @ts-ignore: decorator
@inline
function at(table: usize, i: i32, offset: usize): v128 {
  return v128.load(load<usize>(table + (<usize>i << 2)) + offset);
}

/**
 * Bᵀ·x·B of a tile whose 36 pixels, row by row, lie where `table` says, `bytes` of channels each (a multiple of 16):
 * element (i, j) goes to `to` + (6i + j)·slab. `spare`: the numbers, then room for 36 vectors.
 */
export function transformWideTile(table: usize, bytes: usize, to: usize, slab: usize, spare: usize): void {
  const va = v128.load32_splat(spare);
  const vb = v128.load32_splat(spare, 4);
  const vaa = v128.load32_splat(spare, 8);
  const vbb = v128.load32_splat(spare, 12);
  const vs = v128.load32_splat(spare, 24);
  const vp = v128.load32_splat(spare, 28);
  spare += 32;
  for (let c: usize = 0; c < bytes; c += 16) {
    for (let j = 0; j < 6; j++) {
      const column = table + (<usize>j << 2);
      spreadPixels(
        va,
        vb,
        vaa,
        vbb,
        vs,
        vp,
        spare + (<usize>j << 4),
        96,
        at(column, 0, c),
        at(column, 6, c),
        at(column, 12, c),
        at(column, 18, c),
        at(column, 24, c),
        at(column, 30, c),
      );
    }
    let from = spare;
    let line = to + c;
    for (let i = 0; i < 6; i++) {
      spreadPixels(
        va,
        vb,
        vaa,
        vbb,
        vs,
        vp,
        line,
        slab,
        v128.load(from),
        v128.load(from, 16),
        v128.load(from, 32),
        v128.load(from, 48),
        v128.load(from, 64),
        v128.load(from, 80),
      );
      from += 96;
      line += 6 * slab;
    }
  }
}

/** Aᵀ·m: from `to` on, `step` bytes from each of the four to the next. */
// @ts-ignore: decorator
@inline
function gatherSums(
  va: v128,
  vb: v128,
  vaa: v128,
  vbb: v128,
  vaaa: v128,
  vbbb: v128,
  to: usize,
  step: usize,
  m0: v128,
  m1: v128,
  m2: v128,
  m3: v128,
  m4: v128,
  m5: v128,
): void {
  const u = f32x4.add(m1, m2);
  const v = f32x4.sub(m1, m2);
  const q = f32x4.add(m3, m4);
  const r = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(m0, f32x4.add(u, q)));
  v128.store(to + step, f32x4.add(f32x4.mul(va, v), f32x4.mul(vb, r)));
  v128.store(to + 2 * step, f32x4.add(f32x4.mul(vaa, u), f32x4.mul(vbb, q)));
  v128.store(to + 3 * step, f32x4.add(f32x4.add(f32x4.mul(vaaa, v), f32x4.mul(vbbb, r)), m5));
}

/**
 * Aᵀ·z·A of one vector: z (i, j) lies at `z` + (6i + j)·slab; pixel (i, j) goes where `table` says at place 4i + j,
 * and `offset` bytes on. Gives the sum of the pixels, which is not finite where one of them is not. `spare`: the
 * numbers, then room for 24 vectors.
 */
export function gatherWideTile(z: usize, slab: usize, table: usize, offset: usize, spare: usize): v128 {
  const va = v128.load32_splat(spare);
  const vb = v128.load32_splat(spare, 4);
  const vaa = v128.load32_splat(spare, 8);
  const vbb = v128.load32_splat(spare, 12);
  const vaaa = v128.load32_splat(spare, 16);
  const vbbb = v128.load32_splat(spare, 20);
  spare += 32;
  for (let j = 0; j < 6; j++) {
    const column = z + <usize>j * slab;
    gatherSums(
      va,
      vb,
      vaa,
      vbb,
      vaaa,
      vbbb,
      spare + (<usize>j << 4),
      96,
      v128.load(column),
      v128.load(column + 6 * slab),
      v128.load(column + 12 * slab),
      v128.load(column + 18 * slab),
      v128.load(column + 24 * slab),
      v128.load(column + 30 * slab),
    );
  }
  let total = i64x2.splat(0);
  for (let i = 0; i < 4; i++) {
    const m1 = v128.load(spare, 16);
    const m2 = v128.load(spare, 32);
    const m3 = v128.load(spare, 48);
    const m4 = v128.load(spare, 64);
    const u = f32x4.add(m1, m2);
    const v = f32x4.sub(m1, m2);
    const q = f32x4.add(m3, m4);
    const r = f32x4.sub(m3, m4);
    const y0 = f32x4.add(v128.load(spare), f32x4.add(u, q));
    const y1 = f32x4.add(f32x4.mul(va, v), f32x4.mul(vb, r));
    const y2 = f32x4.add(f32x4.mul(vaa, u), f32x4.mul(vbb, q));
    const y3 = f32x4.add(f32x4.add(f32x4.mul(vaaa, v), f32x4.mul(vbbb, r)), v128.load(spare, 80));
    v128.store(load<usize>(table) + offset, y0);
    v128.store(load<usize>(table, 4) + offset, y1);
    v128.store(load<usize>(table, 8) + offset, y2);
    v128.store(load<usize>(table, 12) + offset, y3);
    total = f32x4.add(total, f32x4.add(f32x4.add(y0, y1), f32x4.add(y2, y3)));
    table += 16;
    spare += 96;
  }
  return total;
}

/** `gatherWideTile` for 2×2 pixels: (i, j) at place 2i + j. */
export function gatherWidePair(z: usize, slab: usize, table: usize, offset: usize, spare: usize): v128 {
  const va = v128.load32_splat(spare);
  const vb = v128.load32_splat(spare, 4);
  spare += 32;
  let total = i64x2.splat(0);
  for (let j = 0; j < 6; j++) {
    const column = z + <usize>j * slab;
    const m1 = v128.load(column + 6 * slab);
    const m2 = v128.load(column + 12 * slab);
    const m3 = v128.load(column + 18 * slab);
    const m4 = v128.load(column + 24 * slab);
    const to = spare + (<usize>j << 4);
    v128.store(to, evenOutput(v128.load(column), m1, m2, m3, m4));
    v128.store(to, oddOutput(va, vb, m1, m2, m3, m4, v128.load(column + 30 * slab)), 96);
  }
  for (let i = 0; i < 2; i++) {
    const m1 = v128.load(spare, 16);
    const m2 = v128.load(spare, 32);
    const m3 = v128.load(spare, 48);
    const m4 = v128.load(spare, 64);
    const y0 = evenOutput(v128.load(spare), m1, m2, m3, m4);
    const y1 = oddOutput(va, vb, m1, m2, m3, m4, v128.load(spare, 80));
    v128.store(load<usize>(table) + offset, y0);
    v128.store(load<usize>(table, 4) + offset, y1);
    total = f32x4.add(total, f32x4.add(y0, y1));
    table += 8;
    spare += 96;
  }
  return total;
}

// @ts-ignore: decorator
@inline
function evenOutput(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128): v128 {
  return f32x4.add(m0, f32x4.add(f32x4.add(m1, m2), f32x4.add(m3, m4)));
}

// @ts-ignore: decorator
@inline
function oddOutput(va: v128, vb: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128): v128 {
  return f32x4.add(f32x4.add(f32x4.mul(va, f32x4.sub(m1, m2)), f32x4.mul(vb, f32x4.sub(m3, m4))), m5);
}

/** G·w: from `to` on, `step` bytes from each of the six to the next. */
// @ts-ignore: decorator
@inline
function spreadWeights(to: usize, step: usize, w0: v128, w1: v128, w2: v128): void {
  v128.store(to, times(n0, w0));
  const u = times(na, f32x4.add(w0, times(aa, w2)));
  const v = times(na * a, w1);
  v128.store(to + step, f32x4.add(u, v));
  v128.store(to + 2 * step, f32x4.sub(u, v));
  const q = times(nb, f32x4.add(w0, times(bb, w2)));
  const r = times(nb * b, w1);
  v128.store(to + 3 * step, f32x4.add(q, r));
  v128.store(to + 4 * step, f32x4.sub(q, r));
  v128.store(to + 5 * step, w2);
}

/**
 * G·w·Gᵀ: w (r, s) lies at `from` + (3r + s)·tap, element (i, j) goes to `to` + (6i + j)·slab. One vector. `spare`:
 * room for 18 vectors.
 */
export function transformWideWeights(from: usize, tap: usize, to: usize, slab: usize, spare: usize): void {
  for (let j: usize = 0; j < 3; j++) {
    const column = from + j * tap;
    spreadWeights(
      spare + (j << 4),
      48,
      v128.load(column),
      v128.load(column + 3 * tap),
      v128.load(column + 6 * tap),
    );
  }
  for (let i = 0; i < 6; i++) {
    spreadWeights(to, slab, v128.load(spare), v128.load(spare, 16), v128.load(spare, 32));
    spare += 48;
    to += 6 * slab;
  }
}

/** `spreadWeights` of five taps. */
// @ts-ignore: decorator
@inline
function spreadFiveWeights(to: usize, step: usize, w0: v128, w1: v128, w2: v128, w3: v128, w4: v128): void {
  v128.store(to, times(n0, w0));
  const u = times(na, f32x4.add(f32x4.add(w0, times(aa, w2)), times(aaaa, w4)));
  const v = f32x4.add(times(na * a, w1), times(na * aaa, w3));
  v128.store(to + step, f32x4.add(u, v));
  v128.store(to + 2 * step, f32x4.sub(u, v));
  const q = times(nb, f32x4.add(f32x4.add(w0, times(bb, w2)), times(bbbb, w4)));
  const r = f32x4.add(times(nb * b, w1), times(nb * bbb, w3));
  v128.store(to + 3 * step, f32x4.add(q, r));
  v128.store(to + 4 * step, f32x4.sub(q, r));
  v128.store(to + 5 * step, w4);
}

/** `transformWideWeights` of 5×5 taps: w (r, s) lies at `from` + (5r + s)·tap. `spare`: room for 30 vectors. */
export function transformFiveWeights(from: usize, tap: usize, to: usize, slab: usize, spare: usize): void {
  for (let j: usize = 0; j < 5; j++) {
    const column = from + j * tap;
    spreadFiveWeights(
      spare + (j << 4),
      80,
      v128.load(column),
      v128.load(column + 5 * tap),
      v128.load(column + 10 * tap),
      v128.load(column + 15 * tap),
      v128.load(column + 20 * tap),
    );
  }
  for (let i = 0; i < 6; i++) {
    spreadFiveWeights(
      to,
      slab,
      v128.load(spare),
      v128.load(spare, 16),
      v128.load(spare, 32),
      v128.load(spare, 48),
      v128.load(spare, 64),
    );
    spare += 80;
    to += 6 * slab;
  }
}

/** A·dy: from `to` on, `step` bytes from each of the six to the next. */
// @ts-ignore: decorator
@inline
function spreadCotangents(
  va: v128,
  vb: v128,
  vaa: v128,
  vbb: v128,
  vaaa: v128,
  vbbb: v128,
  to: usize,
  step: usize,
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
): void {
  v128.store(to, d0);
  const u = f32x4.add(d0, f32x4.mul(vaa, d2));
  const v = f32x4.add(f32x4.mul(va, d1), f32x4.mul(vaaa, d3));
  v128.store(to + step, f32x4.add(u, v));
  v128.store(to + 2 * step, f32x4.sub(u, v));
  const q = f32x4.add(d0, f32x4.mul(vbb, d2));
  const r = f32x4.add(f32x4.mul(vb, d1), f32x4.mul(vbbb, d3));
  v128.store(to + 3 * step, f32x4.add(q, r));
  v128.store(to + 4 * step, f32x4.sub(q, r));
  v128.store(to + 5 * step, d3);
}

/**
 * A·dy·Aᵀ of 4×4 pixels that lie where `table` says, `offset` bytes on, as `transformWideTile`, of one panel: two
 * vectors of channels.
 */
export function transformWideCotangent(table: usize, offset: usize, to: usize, slab: usize, spare: usize): void {
  const va = v128.load32_splat(spare);
  const vb = v128.load32_splat(spare, 4);
  const vaa = v128.load32_splat(spare, 8);
  const vbb = v128.load32_splat(spare, 12);
  const vaaa = v128.load32_splat(spare, 16);
  const vbbb = v128.load32_splat(spare, 20);
  spare += 32;
  for (const end = to + 32; to != end; to += 16) {
    for (let j = 0; j < 4; j++) {
      const column = table + (<usize>j << 2);
      spreadCotangents(
        va,
        vb,
        vaa,
        vbb,
        vaaa,
        vbbb,
        spare + (<usize>j << 4),
        64,
        at(column, 0, offset),
        at(column, 4, offset),
        at(column, 8, offset),
        at(column, 12, offset),
      );
    }
    let from = spare;
    let line = to;
    for (let i = 0; i < 6; i++) {
      spreadCotangents(
        va,
        vb,
        vaa,
        vbb,
        vaaa,
        vbbb,
        line,
        slab,
        v128.load(from),
        v128.load(from, 16),
        v128.load(from, 32),
        v128.load(from, 48),
      );
      from += 64;
      line += 6 * slab;
    }
    offset += 16;
  }
}

/** A·dy of two. */
// @ts-ignore: decorator
@inline
function spreadTwo(va: v128, vb: v128, to: usize, step: usize, d0: v128, d1: v128): void {
  v128.store(to, d0);
  const v = f32x4.mul(va, d1);
  v128.store(to + step, f32x4.add(d0, v));
  v128.store(to + 2 * step, f32x4.sub(d0, v));
  const r = f32x4.mul(vb, d1);
  v128.store(to + 3 * step, f32x4.add(d0, r));
  v128.store(to + 4 * step, f32x4.sub(d0, r));
  v128.store(to + 5 * step, d1);
}

/** `transformWideCotangent` of 2×2 pixels. */
export function transformWidePair(table: usize, offset: usize, to: usize, slab: usize, spare: usize): void {
  const va = v128.load32_splat(spare);
  const vb = v128.load32_splat(spare, 4);
  spare += 32;
  for (const end = to + 32; to != end; to += 16) {
    spreadTwo(va, vb, spare, 32, at(table, 0, offset), at(table, 2, offset));
    spreadTwo(va, vb, spare + 16, 32, at(table, 1, offset), at(table, 3, offset));
    let from = spare;
    let line = to;
    for (let i = 0; i < 6; i++) {
      spreadTwo(va, vb, line, slab, v128.load(from), v128.load(from, 16));
      from += 32;
      line += 6 * slab;
    }
    offset += 16;
  }
}

/** Gᵀ·m: from `to` on, `step` bytes from each of the three to the next. */
// @ts-ignore: decorator
@inline
function gatherGradients(to: usize, step: usize, m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128): void {
  const u = times(na, f32x4.add(m1, m2));
  const q = times(nb, f32x4.add(m3, m4));
  v128.store(to, f32x4.add(times(n0, m0), f32x4.add(u, q)));
  v128.store(to + step, f32x4.add(times(na * a, f32x4.sub(m1, m2)), times(nb * b, f32x4.sub(m3, m4))));
  v128.store(to + 2 * step, f32x4.add(f32x4.add(times(aa, u), times(bb, q)), m5));
}

/**
 * Gᵀ·z·G of one vector: z (i, j) lies at `z` + (6i + j)·slab, tap (r, q) goes to `to` + (3r + q)·tap. `spare`: room
 * for 18 vectors.
 */
export function gatherWideWeights(z: usize, slab: usize, to: usize, tap: usize, spare: usize): void {
  for (let j = 0; j < 6; j++) {
    const column = z + <usize>j * slab;
    gatherGradients(
      spare + (<usize>j << 4),
      96,
      v128.load(column),
      v128.load(column + 6 * slab),
      v128.load(column + 12 * slab),
      v128.load(column + 18 * slab),
      v128.load(column + 24 * slab),
      v128.load(column + 30 * slab),
    );
  }
  for (let i = 0; i < 3; i++) {
    gatherGradients(
      to,
      tap,
      v128.load(spare),
      v128.load(spare, 16),
      v128.load(spare, 32),
      v128.load(spare, 48),
      v128.load(spare, 64),
      v128.load(spare, 80),
    );
    spare += 96;
    to += 3 * tap;
  }
}

/** `gatherGradients` of five taps. */
// @ts-ignore: decorator
@inline
function gatherFive(
  to: usize,
  step: usize,
  m0: v128,
  m1: v128,
  m2: v128,
  m3: v128,
  m4: v128,
  m5: v128,
): void {
  const u = times(na, f32x4.add(m1, m2));
  const v = f32x4.sub(m1, m2);
  const q = times(nb, f32x4.add(m3, m4));
  const r = f32x4.sub(m3, m4);
  v128.store(to, f32x4.add(times(n0, m0), f32x4.add(u, q)));
  v128.store(to + step, f32x4.add(times(na * a, v), times(nb * b, r)));
  v128.store(to + 2 * step, f32x4.add(times(aa, u), times(bb, q)));
  v128.store(to + 3 * step, f32x4.add(times(na * aaa, v), times(nb * bbb, r)));
  v128.store(to + 4 * step, f32x4.add(f32x4.add(times(aaaa, u), times(bbbb, q)), m5));
}

/** `gatherWideWeights` of 5×5 taps: tap (r, q) goes to `to` + (5r + q)·tap. `spare`: room for 30 vectors. */
export function gatherFiveWeights(z: usize, slab: usize, to: usize, tap: usize, spare: usize): void {
  for (let j = 0; j < 6; j++) {
    const column = z + <usize>j * slab;
    gatherFive(
      spare + (<usize>j << 4),
      96,
      v128.load(column),
      v128.load(column + 6 * slab),
      v128.load(column + 12 * slab),
      v128.load(column + 18 * slab),
      v128.load(column + 24 * slab),
      v128.load(column + 30 * slab),
    );
  }
  for (let i = 0; i < 5; i++) {
    gatherFive(
      to,
      tap,
      v128.load(spare),
      v128.load(spare, 16),
      v128.load(spare, 32),
      v128.load(spare, 48),
      v128.load(spare, 64),
      v128.load(spare, 80),
    );
    spare += 96;
    to += 5 * tap;
  }
}
