/**
 * The transforms of Winograd's convolution F(2×2, 3×3), four neighbouring channels at a time. Rests on nothing.
 * Y = Aᵀ[(G·w·Gᵀ) ⊙ (Bᵀ·x·B)]A for a tile x of 4×4 pixels, with the points 0, 1, −1 and ∞:
 *   Bᵀ = [1 0 −1 0; 0 1 1 0; 0 −1 1 0; 0 −1 0 1], G = [1 0 0; ½ ½ ½; ½ −½ ½; 0 0 1], Aᵀ = [1 1 1 0; 0 1 −1 1].
 * Columns are transformed first, then rows. Lavin & Gray 2016, section 4.1; the last point has the other sign here.
 */

// @ts-ignore: decorator
@inline
function at(table: usize, i: i32, offset: usize): v128 {
  return v128.load(load<usize>(table + (<usize>i << 2)) + offset);
}

/** One row of four, transformed by B, to `to`, a slab from each to the next. */
// @ts-ignore: decorator
@inline
function storeRow(to: usize, slab: usize, a: v128, b: v128, c: v128, d: v128): void {
  v128.store(to, f32x4.sub(a, c));
  to += slab;
  v128.store(to, f32x4.add(b, c));
  to += slab;
  v128.store(to, f32x4.sub(c, b));
  to += slab;
  v128.store(to, f32x4.sub(d, b));
}

/**
 * Bᵀ·x·B of a tile whose 16 pixels, row by row, lie where `table` says, `bytes` of channels each (a multiple of
 * 16): element (i, j) goes to `to` + (4i + j)·slab.
 */
export function transformTile(table: usize, bytes: usize, to: usize, slab: usize): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    const d10 = at(table, 4, c);
    const d11 = at(table, 5, c);
    const d12 = at(table, 6, c);
    const d13 = at(table, 7, c);
    const d20 = at(table, 8, c);
    const d21 = at(table, 9, c);
    const d22 = at(table, 10, c);
    const d23 = at(table, 11, c);
    storeRow(
      to + c,
      slab,
      f32x4.sub(at(table, 0, c), d20),
      f32x4.sub(at(table, 1, c), d21),
      f32x4.sub(at(table, 2, c), d22),
      f32x4.sub(at(table, 3, c), d23),
    );
    storeRow(
      to + 4 * slab + c,
      slab,
      f32x4.add(d10, d20),
      f32x4.add(d11, d21),
      f32x4.add(d12, d22),
      f32x4.add(d13, d23),
    );
    storeRow(
      to + 8 * slab + c,
      slab,
      f32x4.sub(d20, d10),
      f32x4.sub(d21, d11),
      f32x4.sub(d22, d12),
      f32x4.sub(d23, d13),
    );
    storeRow(
      to + 12 * slab + c,
      slab,
      f32x4.sub(at(table, 12, c), d10),
      f32x4.sub(at(table, 13, c), d11),
      f32x4.sub(at(table, 14, c), d12),
      f32x4.sub(at(table, 15, c), d13),
    );
  }
}

/** A·dy·Aᵀ of 2×2 pixels that lie where `table` says, as `transformTile`, of one panel: two vectors of channels. */
export function transformCotangent(table: usize, offset: usize, to: usize, slab: usize): void {
  for (const end = to + 32; to != end; to += 16) {
    const d00 = at(table, 0, offset);
    const d01 = at(table, 1, offset);
    const d10 = at(table, 2, offset);
    const d11 = at(table, 3, offset);
    spreadRow(to, slab, d00, d01);
    spreadRow(to + 4 * slab, slab, f32x4.add(d00, d10), f32x4.add(d01, d11));
    spreadRow(to + 8 * slab, slab, f32x4.sub(d00, d10), f32x4.sub(d01, d11));
    spreadRow(to + 12 * slab, slab, d10, d11);
    offset += 16;
  }
}

// @ts-ignore: decorator
@inline
function spreadRow(to: usize, slab: usize, a: v128, b: v128): void {
  v128.store(to, a);
  to += slab;
  v128.store(to, f32x4.add(a, b));
  to += slab;
  v128.store(to, f32x4.sub(a, b));
  to += slab;
  v128.store(to, b);
}

/** (a + b)/2: one rounding, but for the smallest numbers. */
// @ts-ignore: decorator
@inline
function half(a: v128, b: v128): v128 {
  return f32x4.mul(f32x4.add(a, b), f32x4.splat(0.5));
}

// @ts-ignore: decorator
@inline
function storeWeights(to: usize, slab: usize, a: v128, b: v128, c: v128): void {
  const outer = f32x4.add(a, c);
  v128.store(to, a);
  v128.store(to + slab, half(outer, b));
  v128.store(to + 2 * slab, half(outer, f32x4.neg(b)));
  v128.store(to + 3 * slab, c);
}

/** G·w·Gᵀ: w (r, s) lies at `from` + (3r + s)·tap, element (i, j) goes to `to` + (4i + j)·slab. One vector. */
// @ts-ignore: decorator
@inline
export function transformWeights(from: usize, tap: usize, to: usize, slab: usize): void {
  const a0 = v128.load(from);
  const a1 = v128.load(from + tap);
  const a2 = v128.load(from + 2 * tap);
  from += 3 * tap;
  const b0 = v128.load(from);
  const b1 = v128.load(from + tap);
  const b2 = v128.load(from + 2 * tap);
  from += 3 * tap;
  const c0 = v128.load(from);
  const c1 = v128.load(from + tap);
  const c2 = v128.load(from + 2 * tap);
  const o0 = f32x4.add(a0, c0);
  const o1 = f32x4.add(a1, c1);
  const o2 = f32x4.add(a2, c2);
  storeWeights(to, slab, a0, a1, a2);
  storeWeights(to + 4 * slab, slab, half(o0, b0), half(o1, b1), half(o2, b2));
  storeWeights(to + 8 * slab, slab, half(o0, f32x4.neg(b0)), half(o1, f32x4.neg(b1)), half(o2, f32x4.neg(b2)));
  storeWeights(to + 12 * slab, slab, c0, c1, c2);
}

// @ts-ignore: decorator
@inline
function upper(z: usize, slab: usize): v128 {
  return f32x4.add(f32x4.add(v128.load(z), v128.load(z + 4 * slab)), v128.load(z + 8 * slab));
}

// @ts-ignore: decorator
@inline
function lower(z: usize, slab: usize): v128 {
  return f32x4.add(f32x4.sub(v128.load(z + 4 * slab), v128.load(z + 8 * slab)), v128.load(z + 12 * slab));
}

/**
 * Aᵀ·z·A of one vector: z (i, j) lies at `z` + (4i + j)·slab; the pixels go to `to00`, `to01`, `to10` and `to11`.
 * Gives their sum, which is not finite where one of them is not.
 */
// @ts-ignore: decorator
@inline
export function gatherTile(z: usize, slab: usize, to00: usize, to01: usize, to10: usize, to11: usize): v128 {
  const a0 = upper(z, slab);
  const a1 = upper(z + slab, slab);
  const a2 = upper(z + 2 * slab, slab);
  const a3 = upper(z + 3 * slab, slab);
  const y00 = f32x4.add(f32x4.add(a0, a1), a2);
  const y01 = f32x4.add(f32x4.sub(a1, a2), a3);
  v128.store(to00, y00);
  v128.store(to01, y01);
  const b0 = lower(z, slab);
  const b1 = lower(z + slab, slab);
  const b2 = lower(z + 2 * slab, slab);
  const b3 = lower(z + 3 * slab, slab);
  const y10 = f32x4.add(f32x4.add(b0, b1), b2);
  const y11 = f32x4.add(f32x4.sub(b1, b2), b3);
  v128.store(to10, y10);
  v128.store(to11, y11);
  return f32x4.add(f32x4.add(y00, y01), f32x4.add(y10, y11));
}

// @ts-ignore: decorator
@inline
function storeGradients(to: usize, tap: usize, a: v128, b: v128, c: v128, d: v128): void {
  const both = half(b, c);
  v128.store(to, f32x4.add(a, both));
  v128.store(to + tap, half(b, f32x4.neg(c)));
  v128.store(to + 2 * tap, f32x4.add(both, d));
}

/** Gᵀ·s·G of one vector: s (i, j) lies at `s` + (4i + j)·slab, tap (r, q) goes to `to` + (3r + q)·tap. */
// @ts-ignore: decorator
@inline
export function gatherWeights(s: usize, slab: usize, to: usize, tap: usize): void {
  const row1 = s + 4 * slab;
  const row2 = row1 + 4 * slab;
  const row3 = row2 + 4 * slab;
  const b0 = v128.load(row1), c0 = v128.load(row2), h0 = half(b0, c0);
  const b1 = v128.load(row1 + slab), c1 = v128.load(row2 + slab), h1 = half(b1, c1);
  const b2 = v128.load(row1 + 2 * slab), c2 = v128.load(row2 + 2 * slab), h2 = half(b2, c2);
  const b3 = v128.load(row1 + 3 * slab), c3 = v128.load(row2 + 3 * slab), h3 = half(b3, c3);
  storeGradients(
    to,
    tap,
    f32x4.add(v128.load(s), h0),
    f32x4.add(v128.load(s + slab), h1),
    f32x4.add(v128.load(s + 2 * slab), h2),
    f32x4.add(v128.load(s + 3 * slab), h3),
  );
  to += 3 * tap;
  storeGradients(
    to,
    tap,
    half(b0, f32x4.neg(c0)),
    half(b1, f32x4.neg(c1)),
    half(b2, f32x4.neg(c2)),
    half(b3, f32x4.neg(c3)),
  );
  to += 3 * tap;
  storeGradients(
    to,
    tap,
    f32x4.add(h0, v128.load(row3)),
    f32x4.add(h1, v128.load(row3 + slab)),
    f32x4.add(h2, v128.load(row3 + 2 * slab)),
    f32x4.add(h3, v128.load(row3 + 3 * slab)),
  );
}
