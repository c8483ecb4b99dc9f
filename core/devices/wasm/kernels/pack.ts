/**
 * Packing: elements at any strides become runs of vectors, and channels become the innermost axis. All that
 * matmul and convolution know of strides is here; their loops read packed memory. Moves bits, rounds nothing.
 */

/** Lanes of a vector: 4 float32 or 2 float64. */
// @ts-ignore: decorator
@inline
export function lanesOf<T>(): i32 {
  return 16 / sizeof<T>();
}

/** Writes four vectors of float32: lane i of vector k is element k of line i. */
// @ts-ignore: decorator
@inline
function transposeFour(to: usize, step: usize, from: usize, line: usize): void {
  const line0 = v128.load(from);
  const line1 = v128.load(from + line);
  const line2 = v128.load(from + line + line);
  const line3 = v128.load(from + 3 * line);
  const low01 = v128.shuffle<f32>(line0, line1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(line0, line1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(line2, line3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(line2, line3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + step + step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}

/** Writes two vectors of float64: lane i of vector k is element k of line i. */
// @ts-ignore: decorator
@inline
function transposeTwo(to: usize, step: usize, from: usize, line: usize): void {
  const line0 = v128.load(from);
  const line1 = v128.load(from + line);
  v128.store(to, v128.shuffle<f64>(line0, line1, 0, 2));
  v128.store(to + step, v128.shuffle<f64>(line0, line1, 1, 3));
}

/**
 * Copies `lanes` × `length` elements: lane i of item k goes from `from + i·lane + k·item` to
 * `to + i·size + k·step`. Nothing else is written.
 */
export function gatherLanes<T>(
  to: usize,
  step: usize,
  from: usize,
  lane: usize,
  item: usize,
  lanes: i32,
  length: i32,
): void {
  const width = lanesOf<T>();
  let k = 0;
  if (lanes == width && lane == sizeof<T>()) {
    for (; k < length; k++) {
      v128.store(to, v128.load(from));
      to += step;
      from += item;
    }
    return;
  }
  if (lanes == width && item == sizeof<T>()) {
    for (; k + width <= length; k += width) {
      if (sizeof<T>() == 4) transposeFour(to, step, from, lane);
      else transposeTwo(to, step, from, lane);
      to += <usize>width * step;
      from += 16;
    }
  }
  for (; k < length; k++) {
    let at = from;
    for (let i = 0; i < lanes; i++) {
      store<T>(to + <usize>i * sizeof<T>(), load<T>(at));
      at += lane;
    }
    to += step;
    from += item;
  }
}

/** `gatherLanes` for any number of lanes, a vector's width at a time: lane i goes to `to + i·size`. */
export function gatherChannels<T>(
  to: usize,
  step: usize,
  from: usize,
  lane: usize,
  item: usize,
  lanes: i32,
  length: i32,
): void {
  const width = lanesOf<T>();
  if (lane == sizeof<T>() && step == item && <usize>lanes * sizeof<T>() == step) {
    memory.copy(to, from, <usize>length * step);
    return;
  }
  for (let i = 0; i < lanes; i += width) {
    const toLane = to + <usize>i * sizeof<T>();
    gatherLanes<T>(toLane, step, from + <usize>i * lane, lane, item, min(width, lanes - i), length);
  }
}

/** `gatherChannels` into panels of `width` lanes, `step` = width·size bytes: the lanes that are missing are 0. */
export function packPanel<T>(
  to: usize,
  width: i32,
  from: usize,
  lane: usize,
  item: usize,
  lanes: i32,
  length: i32,
): void {
  const step = <usize>width * sizeof<T>();
  if (lanes == width && step == 32 && lane == sizeof<T>()) {
    for (const end = to + <usize>length * 32; to != end; to += 32) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += item;
    }
    return;
  }
  if (lanes < width) memory.fill(to, 0, <usize>length * step);
  gatherChannels<T>(to, step, from, lane, item, lanes, length);
}
