/**
 * Making tensors from plain JavaScript data, and the cells that can be written: parameters and buffers.
 * Rests on bind, scope, layout and devices.
 */
import { allocateTensor, commonDevice } from "./bind.ts";
import { capturing } from "./capture.ts";
import { currentDevice } from "./devices/current.ts";
import {
  allocateArray,
  canHold,
  type DType,
  floatDTypes,
  requireDType,
  type TypedArray,
} from "./dtype.ts";
import { DTypeError, ShapeError, ValueError } from "./errors.ts";
import { denseLayout, isDense } from "./layout.ts";
import { disown } from "./scope.ts";
import { checkShape, formatShape, type Shape, sameShape, sizeOf } from "./shape.ts";
import { operandOf, type Role, requireTensor, Tensor } from "./tensor.ts";

/** Numbers or booleans in nested arrays of equal lengths. */
export type NestedData = number | boolean | readonly NestedData[];

/** Options of `tensor`. */
export interface TensorOptions {
  /** Default: that of a typed array (Uint8Array has none), bool for booleans, else float32. */
  readonly dtype?: DType;
  /** Row-major shape; default: that of the nesting, or one axis for a typed array. */
  readonly shape?: Shape;
  /** Shown in errors and printouts. */
  readonly name?: string;
}

/**
 * A tensor with the given elements, copied.
 *
 * Throws ShapeError for ragged nesting or a shape of another size, DTypeError for a Uint8Array without
 * dtype, ValueError for an element that int32 cannot hold.
 *
 * @example
 * const x = tensor([[1, 2], [3, 4]]); // [2, 2] float32
 * const labels = tensor([3, 1], { dtype: "int32" });
 */
export function tensor(data: NestedData | TypedArray, options: TensorOptions = {}): Tensor {
  const flat = isTypedArray(data) ? data : flatten(data);
  const natural = isTypedArray(data) ? [data.length] : shapeOfNesting(data);
  const shape = options.shape ? checkShape("tensor", "shape", options.shape) : natural;
  if (sizeOf(shape) !== flat.length) {
    throw new ShapeError({
      where: "tensor",
      argument: "shape",
      expected: `to hold the ${flat.length} elements given`,
      got: `${formatShape(shape)}, which holds ${sizeOf(shape)}`,
      fix: "Give the shape of the data",
    });
  }
  const dtype = options.dtype ?? naturalDType(data, flat);
  const elements = convert(flat, dtype);
  capturing()?.refuse("tensor() brings data from JavaScript");
  const device = currentDevice();
  const made = allocateTensor(device, { shape, dtype }, ({ handle }) =>
    device.write(handle, elements),
  );
  made.name = options.name;
  return made;
}

/** Options of `parameter` and `buffer`. */
export interface CellOptions {
  readonly name?: string;
}

/**
 * A trainable cell: a copy of `value` that outlives every scope, whose gradient `backward` accumulates and
 * which `assign` can write. Throws DTypeError unless `value` is a float.
 *
 * @example
 * const w = parameter(tensor([0.5, -0.5]), { name: "w" });
 */
export function parameter(value: Tensor, options: CellOptions = {}): Tensor {
  requireTensor("parameter", "value", value);
  requireDType("parameter", "value", value.dtype, floatDTypes);
  return cell(value, "parameter", options.name);
}

/** A cell that is no parameter, such as a moving average: copied, outlives every scope, writable. */
export function buffer(value: Tensor, options: CellOptions = {}): Tensor {
  requireTensor("buffer", "value", value);
  return cell(value, "buffer", options.name);
}

/**
 * A buffer of a value that the open scope has made and that nobody reads any more: it takes the memory over where it
 * can. Other memory, and memory that is kept or seen in part or out of order, is copied, as by `buffer`.
 */
export function bufferInPlace(value: Tensor, options: CellOptions = {}): Tensor {
  const { storage } = value;
  const isWhole = isDense(value) && value.offset === 0 && storage.length === value.size;
  if (!isWhole || value.role !== "value" || storage.isKept || !disown(storage)) {
    return buffer(value, options);
  }
  return new Tensor({ storage, layout: denseLayout(value.shape), role: "buffer", ...options });
}

/**
 * Overwrites a parameter or buffer with `value` (same shape and dtype) and bumps its version: a backward
 * pass or a view that needs the old value is an error from then on. Not recorded for derivatives.
 *
 * Throws ValueError if `target` is an ordinary value, ShapeError, DTypeError or
 * DeviceError where they differ.
 */
export function assign(target: Tensor, value: Tensor): void {
  requireTensor("assign", "target", target);
  requireTensor("assign", "value", value);
  if (target.role === "value") {
    throw new ValueError({
      where: "assign",
      argument: "target",
      expected: "to be a parameter or a buffer",
      got: `the value ${target.describe()}`,
      fix: "Values never change: compute a new one, or make the target with parameter(x)",
    });
  }
  if (!sameShape(target.shape, value.shape)) {
    throw new ShapeError({
      where: "assign",
      argument: "value",
      expected: `to have the target's shape ${formatShape(target.shape)}`,
      got: formatShape(value.shape),
      fix: "Reshape or broadcast it first",
    });
  }
  if (target.dtype !== value.dtype) {
    throw new DTypeError({
      where: "assign",
      argument: "value",
      expected: `to have the target's dtype ${target.dtype}`,
      got: value.dtype,
      fix: `Cast it, for example value.cast("${target.dtype}")`,
    });
  }
  commonDevice("assign", [target, value]);
  const to = operandOf("assign", "target", target);
  const { storage } = target;
  // A view of the target itself, such as its transpose, is copied first: reading must not meet writing.
  const source = value.storage === storage ? copyOf("assign", value) : value;
  storage.device.launch("copy", [operandOf("assign", "value", source)], [to], {});
  storage.version += 1;
  target.version = storage.version;
  capturing()?.writes(target);
}

/** A constant with the elements that `x` has now, apart from every other; made by `where`. */
export function snapshotOf(where: string, x: Tensor): Tensor {
  if (capturing() !== null) return copyOf(where, x);
  const { shape, dtype } = x;
  return tensor(x.elements(where), { shape, dtype });
}

function cell(value: Tensor, role: Role, name: string | undefined): Tensor {
  const copy = copyOf(role, value);
  disown(copy.storage);
  return new Tensor({ storage: copy.storage, layout: copy, role, name });
}

function copyOf(where: string, value: Tensor): Tensor {
  const { device } = value.storage;
  return allocateTensor(device, value, (target) => {
    device.launch("copy", [operandOf(where, "value", value)], [target], {});
  });
}

function isTypedArray(data: NestedData | TypedArray): data is TypedArray {
  return ArrayBuffer.isView(data);
}

function naturalDType(
  data: NestedData | TypedArray,
  flat: TypedArray | readonly (number | boolean)[],
): DType {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (ArrayBuffer.isView(data)) {
    throw new DTypeError({
      where: "tensor",
      argument: "dtype",
      expected: `to be given for a ${data.constructor.name}`,
      got: "none",
      fix: 'Say what the bytes mean, for example { dtype: "float32" } or { dtype: "bool" }',
    });
  }
  return flat.length > 0 && typeof flat[0] === "boolean" ? "bool" : "float32";
}

function flatten(data: NestedData): readonly (number | boolean)[] {
  return typeof data === "object" ? data.flatMap(flatten) : [data];
}

/** The shape of nested arrays. Throws ShapeError where two rows differ. */
function shapeOfNesting(data: NestedData): Shape {
  if (typeof data !== "object") return [];
  const inner = data.map(shapeOfNesting);
  const first = inner[0] ?? [];
  for (const [index, shape] of inner.entries()) {
    if (!sameShape(shape, first)) {
      throw new ShapeError({
        where: "tensor",
        argument: "data",
        expected: `to have rows of one shape, ${formatShape(first)}`,
        got: `${formatShape(shape)} at row ${index}`,
        fix: "Pad or cut the rows to one length",
      });
    }
  }
  return [data.length, ...first];
}

function convert(flat: TypedArray | readonly (number | boolean)[], dtype: DType): TypedArray {
  const array = allocateArray(dtype, flat.length);
  for (let i = 0; i < array.length; i++) {
    const value = Number(flat[i]);
    if (!canHold(dtype, value)) {
      throw new ValueError({
        where: "tensor",
        argument: "data",
        expected: `to hold values that ${dtype} can represent`,
        got: `${value} at element ${i}`,
        fix:
          dtype === "int32" ? "Round it, or use a float dtype" : "Compare it first, or use 0 and 1",
      });
    }
    array[i] = value;
  }
  return array;
}
