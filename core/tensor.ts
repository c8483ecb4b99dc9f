/**
 * Tensors: a handle on storage with a shape, a dtype and a layout, and what interpreters noted about it.
 * Rests on storage, capture, layout and print; knows no mathematics (methods are attached in methods.ts).
 */
import { capturing } from "./capture.ts";
import type { Operand } from "./devices/device.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { OverwrittenError, ScopeError, ShapeError, ValueError } from "./errors.ts";
import { isDense, type Layout } from "./layout.ts";
import type { TensorMethods } from "./methods.ts";
import { formatElements } from "./print.ts";
import { formatShape, rowMajorStrides, type Shape, sizeOf } from "./shape.ts";
import type { Storage } from "./storage.ts";

/** Shape and dtype: all that shape rules look at. */
export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What an interpreter (a tape, forward mode) attaches to a tensor. */
export interface Trace {
  /** The interpreter that attached it. */
  readonly owner: object;
}

/** A `value` never changes; a `parameter` or `buffer` is a cell whose storage `assign` overwrites. */
export type Role = "value" | "parameter" | "buffer";

/** Where a tensor's elements come from. */
interface TensorParts {
  readonly storage: Storage;
  readonly layout: Layout;
  readonly role?: Role;
  readonly name?: string | undefined;
}

/** A number, or arrays of them. */
export type NestedNumbers = number | readonly NestedNumbers[];

/** Methods come from the op functions of the same name; see methods.ts. */
export interface Tensor extends TensorMethods {}

/** An n-dimensional array. Values are immutable; parameters and buffers are written by `assign` only. */
export class Tensor implements TensorType, Layout {
  readonly storage: Storage;
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly role: Role;
  /** Shown in errors and summaries. */
  name: string | undefined;
  /** Whether `backward` accumulates into `grad`. True for parameters until frozen. */
  requiresGrad: boolean;
  /** The gradient that `backward` has accumulated, or null. */
  grad: Tensor | null = null;
  /** What interpreters noted, newest last. */
  traces: readonly Trace[] = [];
  /** The storage's version that this handle stands for. */
  version: number;

  constructor({ storage, layout, role = "value", name }: TensorParts) {
    this.storage = storage;
    this.shape = layout.shape;
    this.strides = layout.strides;
    this.offset = layout.offset;
    this.role = role;
    this.name = name;
    this.requiresGrad = role === "parameter";
    this.version = storage.version;
    capturing()?.madeHandle(this);
  }

  /** Element type. */
  get dtype(): DType {
    return this.storage.dtype;
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** `"weight" [10, 3] float32`, for messages. */
  describe(): string {
    const name = this.name === undefined ? "" : `"${this.name}" `;
    return `${name}${formatShape(this.shape)} ${this.dtype}`;
  }

  /** A readable rendering of shape, dtype and elements; long axes are abridged. */
  toString(): string {
    return this.look("toString", (elements) =>
      formatElements(this.shape, this.dtype, this.name, elements),
    );
  }

  /** What `console.log` shows in Node: as `toString`, but also of a tensor that can no longer be read. */
  inspect(): string {
    if (this.storage.released !== null) return `Tensor(${this.describe()}, released)`;
    if (this.storage.version !== this.version) return `Tensor(${this.describe()}, overwritten)`;
    return this.toString();
  }

  /** The number that a tensor of one element holds. Throws ShapeError for any other size. */
  item(): number {
    if (this.size !== 1) {
      throw new ShapeError({
        where: "item",
        argument: "x",
        expected: "to hold one element",
        got: this.describe(),
        fix: "Reduce it first, or read elements()",
      });
    }
    return this.look("item", ([element = Number.NaN]) => element);
  }

  /** The elements as nested arrays; a number for 0-d. */
  toArray(): NestedNumbers {
    const strides = rowMajorStrides(this.shape);
    return this.look("toArray", (elements) => {
      const nest = (axis: number, base: number): NestedNumbers =>
        axis === this.rank
          ? (elements[base] ?? Number.NaN)
          : Array.from({ length: this.shape[axis] ?? 0 }, (_, i) =>
              nest(axis + 1, base + i * (strides[axis] ?? 0)),
            );
      return nest(0, 0);
    });
  }

  /** All elements in row-major order, as a fresh typed array. */
  elements(where = "elements"): TypedArray {
    return this.look(where, (elements) => elements.slice());
  }

  /**
   * What `use` gives of the elements in row-major order, where they lie if they lie so: no copy is made. They are gone
   * when it returns, and it must neither write to them nor make tensors; `elements` gives an array to keep.
   */
  look<R>(where: string, use: (elements: TypedArray) => R): R {
    requireReadable(where, "x", this);
    capturing()?.refuse(`${where} reads elements in JavaScript`);
    return this.#see(where, use);
  }

  /**
   * Lets `check` look at the elements as `look` does, only to throw or not: a compiled step looks again each time.
   */
  check(where: string, check: (elements: TypedArray) => void): void {
    requireReadable(where, "x", this);
    const capture = capturing();
    if (capture === null) this.#see(where, check);
    else {
      const operand = operandOf(where, "x", this);
      const { device } = this.storage;
      capture.inspects(operand, () => device.look(operand, check));
    }
  }

  #see<R>(where: string, use: (elements: TypedArray) => R): R {
    const { device, resting } = this.storage;
    return resting !== null && isDense(this)
      ? use(resting.subarray(this.offset, this.offset + this.size))
      : device.look(operandOf(where, "x", this), use);
  }
}

/** Throws ValueError unless `value` is a tensor: for programs that no compiler has checked. */
export function requireTensor(where: string, argument: string, value: unknown): void {
  if (value instanceof Tensor) return;
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  throw new ValueError({
    where,
    argument,
    expected: "to be a tensor",
    got: isList ? "a plain array" : typeof value === "object" ? "an object" : String(value),
    fix: "Make one with tensor(data)",
  });
}

/** What a kernel sees of `tensor`. Throws as `requireReadable`. */
export function operandOf(where: string, argument: string, tensor: Tensor): Operand {
  requireReadable(where, argument, tensor);
  capturing()?.reads(tensor);
  const { storage } = tensor;
  return {
    handle: storage.handle,
    dtype: storage.dtype,
    shape: tensor.shape,
    strides: tensor.strides,
    offset: tensor.offset,
  };
}

/**
 * Throws ScopeError if its memory was released and OverwrittenError if
 * it was written to since this handle was made.
 */
function requireReadable(where: string, argument: string, tensor: Tensor): void {
  const { storage } = tensor;
  if (storage.released !== null) {
    throw new ScopeError({
      where,
      argument,
      expected: "to be alive",
      got: `${tensor.describe()}, used after ${storage.released}`,
      fix: "Return it from the scope, or call keep(x) where it is made",
    });
  }
  if (storage.version !== tensor.version) {
    throw new OverwrittenError({
      where,
      argument,
      expected: `at version ${tensor.version}, when it was recorded`,
      got: `${tensor.describe()} at version ${storage.version}`,
      fix: "Take gradients and views before writing to a parameter, or use them on a copy",
    });
  }
}
