/**
 * a·b + c element by element, with two roundings: the bits of a product and a sum, in one pass over memory.
 */
import { at0, at1, at2, at3, count, innerStride, load4, startWalk, store4, toPiece } from "./walk";

/** Float32: rows of y, a, b, c. */
export function multiplyAddF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2), sc = innerStride(task, 3);
  const near = sy == 4 && sa == 4 && sb == sc && (sb == 4 || sb == 0);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2, c = at3, left = count;
    if (near && sb == 4) {
      for (; left >= 4; left -= 4) {
        v128.store(y, f32x4.add(f32x4.mul(v128.load(a), v128.load(b)), v128.load(c)));
        y += 16; a += 16; b += 16; c += 16;
      }
    } else if (near) {
      const factor = v128.load32_splat(b), shift = v128.load32_splat(c);
      for (; left >= 4; left -= 4) {
        v128.store(y, f32x4.add(f32x4.mul(v128.load(a), factor), shift));
        y += 16; a += 16;
      }
    }
    for (; left > 0; left -= 4) {
      store4(y, sy, f32x4.add(f32x4.mul(load4(a, sa, left), load4(b, sb, left)), load4(c, sc, left)), left);
      y += 4 * sy; a += 4 * sa; b += 4 * sb; c += 4 * sc;
    }
  }
}

/** Float64. */
export function multiplyAddF64(task: usize, from: i32, to: i32, scratch: usize): void {
  const sy = innerStride(task, 0), sa = innerStride(task, 1), sb = innerStride(task, 2), sc = innerStride(task, 3);
  startWalk();
  for (let piece = from; piece < to; piece++) {
    toPiece(task, piece);
    let y = at0, a = at1, b = at2, c = at3;
    for (let left = count; left > 0; left--) {
      store<f64>(y, load<f64>(a) * load<f64>(b) + load<f64>(c));
      y += sy; a += sa; b += sb; c += sc;
    }
  }
}
