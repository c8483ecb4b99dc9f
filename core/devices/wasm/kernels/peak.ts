/**
 * What a thread can do at most: products and sums of four lanes that wait for nothing but their own last. Profiles are held
 * against it; nothing computes with it.
 */
import { pointer, word } from "./task";

/**
 * Each piece makes word 0 turns, each of them a sum and a product in four lanes of six numbers. Word 1 is the float32 that is
 * added and multiplied by, its bits: an engine makes what is written here anew for every use. Word 2 points to 16 bytes, where
 * the largest number is left. A sum is ready after three cycles and two can begin in each, so six are under way; products alike.
 */
export function peakF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const x = v128.load32_splat(task + 4);
  let a = x, b = x, c = x, d = x, e = x, f = x;
  let g = x, h = x, i = x, j = x, k = x, l = x;
  for (let turn = word(task, 0) * (to - from); turn > 0; turn--) {
    a = f32x4.add(a, x); b = f32x4.add(b, x); c = f32x4.add(c, x);
    d = f32x4.add(d, x); e = f32x4.add(e, x); f = f32x4.add(f, x);
    g = f32x4.mul(g, x); h = f32x4.mul(h, x); i = f32x4.mul(i, x);
    j = f32x4.mul(j, x); k = f32x4.mul(k, x); l = f32x4.mul(l, x);
  }
  const sums = f32x4.max(f32x4.max(f32x4.max(a, b), f32x4.max(c, d)), f32x4.max(e, f));
  const products = f32x4.max(f32x4.max(f32x4.max(g, h), f32x4.max(i, j)), f32x4.max(k, l));
  v128.store(pointer(task, 2), f32x4.max(sums, products));
}
