/**
 * Placements: the same elements anywhere in memory, as views come about. Axes in any order, walked by steps or
 * backwards, at an offset, channels last, or one slice standing for many.
 * Rests on the laws' arrays.
 */
import { allocateArray, type DType, isFloat } from "../../core/dtype.ts";
import type { Layout } from "../../core/layout.ts";
import { indicesOf, type NdArray } from "../../core/nd-array.ts";
import type { Sampler } from "../../core/sampling.ts";
import { sizeOf } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import { denseTensor, repeatedAlong, stretchedTensor } from "../laws/arrays.ts";

/** How elements may lie; `stretched` repeats one slice of the array instead of all its elements. */
export type Placement = "dense" | "turned" | "stepped" | "stretched";

const placements: readonly Placement[] = ["dense", "turned", "stepped", "stretched"];

/** A tensor of the array's elements somewhere in memory, in one of the `ways`. */
export function placedTensor(
  array: NdArray,
  float: DType,
  draw: Sampler,
  ways: readonly Placement[] = placements,
): Tensor {
  const dtype = array.kind === "float" ? float : array.kind;
  const { shape } = array;
  const rank = shape.length;
  const how = draw.pick(ways);
  if (rank === 0 || how === "dense") return denseTensor(shape, dtype, array.data);
  if (how === "stretched") {
    const axis = draw.integer(0, rank - 1);
    return stretchedTensor(repeatedAlong(array, axis), axis, float);
  }
  const order =
    rank === 4 && draw.boolean() ? [0, 2, 3, 1] : orderFrom(shape.map(() => draw.integer(0, 99)));
  const steps = shape.map(() => (how === "turned" ? 1 : draw.pick([1, 1, 2, 3, -1, -2])));
  return laid(array, dtype, order, steps, how === "turned" ? 0 : draw.integer(0, 3));
}

function orderFrom(keys: readonly number[]): readonly number[] {
  return keys.map((_, axis) => axis).sort((a, b) => (keys[a] ?? 0) - (keys[b] ?? 0));
}

/** Axes lie in memory as `order` names them, outermost first; gaps hold NaN, or −1. */
function laid(
  { shape, data }: NdArray,
  dtype: DType,
  order: readonly number[],
  steps: readonly number[],
  margin: number,
): Tensor {
  const strides = shape.map(() => 0);
  let room = 1;
  for (const axis of [...order].reverse()) {
    const step = steps[axis] ?? 1;
    strides[axis] = step * room;
    room *= Math.abs(step) * Math.max(1, shape[axis] ?? 1);
  }
  const back = shape.map((length, axis) =>
    (strides[axis] ?? 0) < 0 ? -(strides[axis] ?? 0) * Math.max(0, length - 1) : 0,
  );
  const offset = back.reduce((a, b) => a + b, margin);
  const layout: Layout = { shape, strides, offset };
  const memory = allocateArray(dtype, room + margin).fill(isFloat(dtype) ? Number.NaN : -1);
  indicesOf(shape).forEach((index, i) => {
    memory[index.reduce((place, n, axis) => place + n * (strides[axis] ?? 0), offset)] =
      data[i] ?? 0;
  });
  const { storage } = denseTensor([memory.length], dtype, Array.from(memory));
  return new Tensor({ storage, layout });
}

/** Numbers on which arithmetic is special: zeros, subnormal, huge, no numbers. */
const extremes: Readonly<Record<"float32" | "float64", readonly number[]>> = {
  float32: [0, -0, 2 ** -149, -(2 ** -130), 2 ** -126, 3e38, -3e38, 1 / 0, -1 / 0, 0 / 0],
  float64: [0, -0, Number.MIN_VALUE, -1e-310, 2 ** -1022, 1e308, -1e308, 1 / 0, -1 / 0, 0 / 0],
};

/** The array with some of its floats replaced by extreme ones. */
export function withExtremes(array: NdArray, float: "float32" | "float64", draw: Sampler): NdArray {
  if (array.kind !== "float" || sizeOf(array.shape) === 0) return array;
  const data = [...array.data];
  for (let times = draw.integer(1, 3); times > 0; times--) {
    data[draw.integer(0, data.length - 1)] = draw.pick(extremes[float]);
  }
  return { ...array, data };
}
