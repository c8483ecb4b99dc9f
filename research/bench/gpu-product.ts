/**
 * The matrices that forms of a product are measured on, and what their product is. Rests on core.
 */
import { matmul, scope, tensor, withDevice } from "../../core/index.ts";

/** Numbers in [-1, 1) that look like none in particular. */
function elements(n: number, seed: number): Float32Array<ArrayBuffer> {
  let state = seed;
  return Float32Array.from({ length: n * n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

/** Both factors of the product of [n, n], row after row. */
export function factors(
  n: number,
): readonly [a: Float32Array<ArrayBuffer>, b: Float32Array<ArrayBuffer>] {
  return [elements(n, 1), elements(n, 3)];
}

/** Their product on the wasm device. */
export function expectedProduct(n: number): Float32Array {
  const [a, b] = factors(n);
  return withDevice("wasm", () =>
    scope(() => {
      const [left, right] = [tensor(a, { shape: [n, n] }), tensor(b, { shape: [n, n] })];
      return Float32Array.from(matmul(left, right).elements());
    }),
  );
}

/** Whether `found` is `expected` to 2·n roundings of n products below 1. */
export function agree(found: Float32Array, expected: Float32Array, n: number): boolean {
  return (
    found.length === expected.length &&
    found.every((value, i) => Math.abs(value - (expected[i] ?? 0)) <= 2 * n * 2 ** -24 * n)
  );
}
