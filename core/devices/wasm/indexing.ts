/**
 * Indexing on the wasm device: the host half of gather, scatterAdd, concat, embed.
 * Rests on operands and axes. An index outside [0, length) is refused in the name of the user's function, before
 * anything is written. Sums of scatterAdd run in the dtype, in row-major order of the updates.
 */
import { bytesPerElement } from "../../dtype.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { KernelTable, Operand } from "../device.ts";
import { outside } from "../index-error.ts";
import type { IndexAttributes, KernelAttributes } from "../kernels.ts";
import type { LaunchNote } from "../recorder.ts";
import { axesOf, filling, isDescribable, otherAxes, six, strideOf } from "./axes.ts";
import { isGapless } from "./layouts.ts";
import type { WasmHandle } from "./memory.ts";
import {
  addressOf,
  copyTo,
  dense,
  dtypeNumber,
  runRange,
  runRows,
  type WasmOperand,
  walkOver,
} from "./operands.ts";
import { current } from "./state.ts";

/** Indices of a piece of the kernel that checks them. */
const span = 65536;
/** Updates worth a thread of its own. */
const elementsPerThread = 4096;

/** Throws ValueError, naming the first index in row-major order that is outside. */
function checkIndices(x: WasmOperand, indices: WasmOperand, attributes: IndexAttributes): void {
  // Repeated indices are looked at once.
  const once = indices.shape.map((length, i) => (indices.strides[i] === 0 ? 1 : length));
  if (sizeOf(once) === 0 || sizeOf(indices.shape) === 0) return;
  const distinct = { ...indices, shape: once };
  const length = x.shape[attributes.axis] ?? 0;
  // As they lie in memory: their order matters only where one is to be named.
  if (isGapless(distinct) && firstOutside(distinct, length) === null) return;
  const named = firstOutside(dense(distinct), length);
  if (named !== null) throw outside(attributes, length, named);
}

/** The first of gapless indices, as they lie in memory, that is outside [0, length). */
function firstOutside(indices: WasmOperand, length: number): number | null {
  const size = sizeOf(indices.shape);
  const pieces = Math.ceil(size / span);
  const found = current().temporary(8 * pieces);
  current().run("findOutside", [addressOf(indices), length, size, found], [], pieces, 1);
  if (!current().isAnySet(found, pieces, 2)) return null;
  const pairs = new Int32Array(current().memory.buffer, found, 2 * pieces);
  for (let piece = 0; piece < pieces; piece++) {
    if (pairs[2 * piece] === 1) return pairs[2 * piece + 1] ?? 0;
  }
  return null;
}

/** The operand at its first place along `axis`, however long another operand is there. */
function standing(operand: WasmOperand, axis: number, shape: Shape): WasmOperand {
  return { ...operand, shape, strides: operand.strides.with(axis, 0) };
}

/** The part of `y` that lies at starts + i·steps, of the given shape. */
function part(
  y: WasmOperand,
  shape: Shape,
  starts: readonly number[],
  steps: readonly number[],
): WasmOperand {
  return {
    ...y,
    shape,
    strides: y.strides.map((stride, axis) => stride * (steps[axis] ?? 1)),
    offset: starts.reduce((at, start, axis) => at + start * (y.strides[axis] ?? 0), y.offset),
  };
}

/** Adds row by row: neighbours beside the axis at once. */
function addRows(y: WasmOperand, indices: WasmOperand, updates: WasmOperand, axis: number): void {
  const lines = y.shape.with(axis, 1);
  const walk = walkOver([y, indices, updates].map((operand) => standing(operand, axis, lines)));
  runRows("addRows", 0, walk, [
    strideOf(y, axis),
    dtypeNumber[y.dtype],
    indices.shape[axis] ?? 0,
    strideOf(indices, axis),
    strideOf(updates, axis),
  ]);
}

/** Adds line by line along the axis. */
function addLines(y: WasmOperand, indices: WasmOperand, updates: WasmOperand, axis: number): void {
  const others = otherAxes(y.shape.length, [axis]);
  const operands = [y, indices, updates];
  const axes = axesOf(operands, others);
  if (!isDescribable(axes)) {
    addRows(y, indices, updates, axis);
    return;
  }
  const places = indices.shape[axis] ?? 0;
  const words = [
    dtypeNumber[y.dtype],
    ...operands.map(addressOf),
    places,
    ...operands.map((operand) => strideOf(operand, axis)),
    axes.lengths.length,
    0,
    0,
    0,
    0,
    ...axes.strides.flatMap((strides) => [...six(axes.lengths, 1), ...six(strides, 0)]),
  ];
  const count = others.reduce((n, other) => n * (y.shape[other] ?? 1), 1);
  current().run("addLines", words, [], count, Math.ceil(elementsPerThread / Math.max(1, places)));
}

/**
 * The inputs whose elements a launch may refuse: indices, unless `writer`, the launch that gave them, can give none that is
 * outside.
 */
export function judgedInputs(
  { name, inputs, attributes }: LaunchNote,
  writer: (handle: unknown) => LaunchNote | undefined,
): readonly Operand[] {
  const [x, indices] = inputs;
  if ((name !== "gather" && name !== "scatterAdd") || !x || !indices) return [];
  const length = x.shape[(attributes as IndexAttributes).axis] ?? 0;
  const source = writer(indices.handle);
  return source !== undefined && countOfPlaces(source, indices.handle) <= length ? [] : [indices];
}

/** How many places an output of a launch tells apart, if it tells places; else infinite. */
function countOfPlaces({ name, inputs, outputs, attributes }: LaunchNote, handle: unknown): number {
  const shape = inputs[0]?.shape ?? [];
  if (name === "maxPool2d" && outputs[1]?.handle === handle) {
    return (shape[2] ?? 0) * (shape[3] ?? 0);
  }
  if (name === "argReduce") return shape[(attributes as KernelAttributes["argReduce"]).axis] ?? 0;
  return Number.POSITIVE_INFINITY;
}

/** Throws what the launch would throw that refuses them. */
export function refuseIndices({ inputs, attributes }: LaunchNote): void {
  const [x, indices] = inputs as readonly WasmOperand[];
  if (x && indices) checkIndices(x, indices, attributes as IndexAttributes);
}

/** Kernels that move elements to places given by numbers. */
export const indexingKernels: Pick<
  KernelTable<WasmHandle>,
  "gather" | "scatterAdd" | "concat" | "embed"
> = {
  gather: ([x, indices], [y], attributes) => {
    if (!x || !indices || !y) return;
    checkIndices(x, indices, attributes);
    const { axis } = attributes;
    const walk = walkOver([y, indices, standing(x, axis, indices.shape)]);
    runRows("gatherRows", 0, walk, [strideOf(x, axis), bytesPerElement[x.dtype]]);
  },
  scatterAdd: ([x, indices, updates], [y], attributes) => {
    if (!x || !indices || !updates || !y) return;
    checkIndices(x, indices, attributes);
    const { axis } = attributes;
    copyTo(y, x);
    if (strideOf(updates, axis) === bytesPerElement[y.dtype]) addLines(y, indices, updates, axis);
    else addRows(y, indices, updates, axis);
  },
  concat: (inputs, [y], { axis }) => {
    if (!y) return;
    const none = y.shape.map(() => 0);
    let start = 0;
    for (const input of inputs) {
      copyTo(part(y, input.shape, none.with(axis, start), []), input);
      start += input.shape[axis] ?? 0;
    }
  },
  embed: ([x], [y], { starts, steps, value }) => {
    if (!x || !y) return;
    filling(y, (target) => {
      runRange(target, value, 0);
      copyTo(part(target, x.shape, starts, steps), x);
    });
  },
};
