/**
 * Tasks: how a kernel gets its arguments. Every exported kernel is `(task, from, to, scratch)`: it does pieces
 * `from` … `to - 1` of the work that the record at `task` describes, and may use its thread's `scratch`.
 */

/** Integer argument number `i`: pointers, lengths and strides (strides in bytes). */
// @ts-ignore: decorator
@inline
export function word(task: usize, i: i32): i32 {
  return load<i32>(task + (<usize>i << 2));
}

/** Pointer argument number `i`. */
// @ts-ignore: decorator
@inline
export function pointer(task: usize, i: i32): usize {
  return <usize>load<u32>(task + (<usize>i << 2));
}

/** Where the real numbers start, in bytes: after 64 words. */
const numbersAt: usize = 256;

/** Real argument number `i`. */
// @ts-ignore: decorator
@inline
export function real(task: usize, i: i32): f64 {
  return load<f64>(task + numbersAt + (<usize>i << 3));
}
