/**
 * The device contract: memory for elements, and a table of kernels that loop over it.
 * Rests on dtype, layout and the kernel table's types. A device knows loops and no calculus.
 */
import type { DType, TypedArray } from "../dtype.ts";
import type { Layout } from "../layout.ts";
import type { Shape } from "../shape.ts";
import type { KernelAttributes, KernelName } from "./kernels.ts";
import type { Recorder } from "./recorder.ts";

/** One tensor as a kernel sees it: device memory, element type and layout. */
export interface Operand<Handle = unknown> extends Layout {
  readonly handle: Handle;
  readonly dtype: DType;
}

/**
 * One kernel: reads `inputs` at any layout, fills `outputs`.
 * Outputs lie as the device's `layoutOf` says and do not overlap the inputs.
 */
type Kernel<Name extends KernelName, Handle = unknown> = (
  inputs: readonly Operand<Handle>[],
  outputs: readonly Operand<Handle>[],
  attributes: KernelAttributes[Name],
) => void;

/** Exactly one kernel for each name: a device that lacks one does not compile. */
export type KernelTable<Handle = unknown> = {
  readonly [Name in KernelName]: Kernel<Name, Handle>;
};

/** Shape and dtype of an output. */
export interface OutputType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Where tensors live and kernels run. */
export interface Device {
  /** The name `device()` reports: `"reference"`. */
  readonly name: string;
  /** Whether handles are plain JavaScript memory, which the garbage collector gives back at any time. */
  readonly isCollected: boolean;
  /** Whether it promises the same bits on every machine. */
  readonly isReproducible: boolean;
  /** What writes launches down to repeat them, where the device can. */
  readonly recorder?: Recorder;
  /** Memory for `length` elements, with anything in it: kernels and `write` fill all of it. */
  allocate(dtype: DType, length: number): unknown;
  /** Gives memory back; the handle is not used again. */
  release(handle: unknown): void;
  /** Copies plain elements into the start of the memory. */
  write(handle: unknown, data: TypedArray): void;
  /** All elements of an operand in row-major order, as a fresh plain array. */
  read(operand: Operand): TypedArray;
  /**
   * The same for `use` alone, where they lie if they lie in this order: without a copy. They are gone when `use`
   * returns, which neither writes to them nor makes or releases tensors.
   */
  look<R>(operand: Operand, use: (elements: TypedArray) => R): R;
  /** How a kernel's output of this type will lie: gapless from offset 0, in any order of the axes. */
  layoutOf(name: KernelName, inputs: readonly Operand[], type: OutputType): Layout;
  /** Runs one kernel. */
  launch<Name extends KernelName>(
    name: Name,
    inputs: readonly Operand[],
    outputs: readonly Operand[],
    attributes: KernelAttributes[Name],
  ): void;
}
