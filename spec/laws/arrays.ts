/**
 * Between plain arrays and tensors: dense or strided tensors from a case, elements back, text to paste.
 * Rests on bind, layout and nd-array.
 */
import { alias, allocateTensor } from "../../core/bind.ts";
import { currentDevice } from "../../core/devices/current.ts";
import { allocateArray, type DType, isFloat } from "../../core/dtype.ts";
import { broadcastLayout, type Layout, permuteLayout, sliceLayout } from "../../core/layout.ts";
import type { NdArray } from "../../core/nd-array.ts";
import { indicesOf } from "../../core/nd-array.ts";
import { formatShape, rowMajorStrides, type Shape, sizeOf } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";

/** The dtype that an array's elements take where floats are `float`. */
function dtypeOf({ kind }: NdArray, float: DType): DType {
  return kind === "float" ? float : kind;
}

/** A dense tensor of an array's elements. */
export function tensorFrom(array: NdArray, float: DType = "float64"): Tensor {
  return denseTensor(array.shape, dtypeOf(array, float), array.data);
}

/** A dense tensor of `elements` in row-major order. */
export function denseTensor(shape: Shape, dtype: DType, elements: readonly number[]): Tensor {
  const device = currentDevice();
  return allocateTensor(device, { shape, dtype }, ({ handle }) => {
    const memory = allocateArray(dtype, sizeOf(shape));
    memory.set(elements);
    device.write(handle, memory);
  });
}

/**
 * The same elements under an awkward layout: axes stored in reverse order, walked backwards two by two, with
 * NaN (or -1) in the gaps.
 */
export function stridedTensor(array: NdArray, float: DType = "float64"): Tensor {
  const { shape } = array;
  const rank = shape.length;
  const order = shape.map((_, axis) => rank - 1 - axis);
  const roomy = order.map((axis) => 2 * (shape[axis] ?? 0) + 1);
  const wide: Layout = { shape: roomy, strides: rowMajorStrides(roomy), offset: 1 };
  const layout = sliceLayout(
    permuteLayout(wide, order),
    shape.map((length) => 2 * length - 1),
    shape,
    shape.map(() => -2),
  );
  const dtype = dtypeOf(array, float);
  const memory = new Array<number>(sizeOf(roomy) + 1).fill(isFloat(dtype) ? Number.NaN : -1);
  indicesOf(shape).forEach((index, i) => {
    memory[placeOf(layout, index)] = array.data[i] ?? 0;
  });
  const { storage } = denseTensor([memory.length], dtype, memory);
  return new Tensor({ storage, layout });
}

function placeOf({ strides, offset }: Layout, index: readonly number[]): number {
  return index.reduce((place, i, axis) => place + i * (strides[axis] ?? 0), offset);
}

/** The array whose slices along `axis` all equal the first. */
export function repeatedAlong(array: NdArray, axis: number): NdArray {
  const strides = rowMajorStrides(array.shape);
  const data = indicesOf(array.shape).map((index) => {
    const flat = index.reduce((sum, i, k) => sum + (k === axis ? 0 : i * (strides[k] ?? 0)), 0);
    return array.data[flat] ?? 0;
  });
  return { ...array, data };
}

/** `repeatedAlong(array, axis)` as a view with stride 0: one slice in memory. */
export function stretchedTensor(array: NdArray, axis: number, float: DType = "float64"): Tensor {
  const narrow = array.shape.map((length, k) => (k === axis ? Math.min(1, length) : length));
  const data = indicesOf(array.shape).flatMap((index, i) =>
    index[axis] === 0 ? [array.data[i] ?? 0] : [],
  );
  const slice = denseTensor(narrow, dtypeOf(array, float), data);
  return new Tensor({ storage: slice.storage, layout: broadcastLayout(slice, array.shape) });
}

/** A handle of its own on the same elements, so that what interpreters note stays with one check. */
export function handles(tensors: readonly Tensor[]): readonly Tensor[] {
  return tensors.map(alias);
}

/** All elements as numbers. */
export function numbers(tensor: Tensor): readonly number[] {
  return Array.from(tensor.elements());
}

/** The bytes of all elements: equal bytes are equal bits, NaN payloads and signs of zero included. */
export function bitsOf(tensor: Tensor): string {
  const elements = tensor.elements();
  return Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength).toString("hex");
}

/** `nd([[1, 2]], "int32")`: an expression that makes the array again. */
export function pasteable({ shape, data, kind }: NdArray): string {
  const suffix = kind === "float" ? "" : `, "${kind}"`;
  if (sizeOf(shape) === 0 && shape.length !== 1) {
    return `{ shape: ${formatShape(shape)}, data: [], kind: "${kind}" }`;
  }
  return `nd(${nested(shape, data)}${suffix})`;
}

/** `[[1, 2], [3, 4]]`: the elements in nested arrays. */
export function nested(shape: Shape, data: readonly number[]): string {
  const [length, ...inner] = shape;
  if (length === undefined) return formatNumber(data[0] ?? 0);
  const step = sizeOf(inner);
  const rows = Array.from({ length }, (_, i) =>
    nested(inner, data.slice(i * step, (i + 1) * step)),
  );
  return `[${rows.join(", ")}]`;
}

/** A number literal that keeps the sign of zero. */
export function formatNumber(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The elements of a tensor as text, for messages. */
export function describeTensor(tensor: Tensor): string {
  return `${tensor.dtype} ${formatShape(tensor.shape)} ${nested(tensor.shape, numbers(tensor))}`;
}
