/**
 * What bounds of kernels are made of: a launch, the reference device on plain operands, and sums of products.
 * Rests on the reference device.
 */
import type { Operand } from "../../core/devices/device.ts";
import type { KernelAttributes, KernelName } from "../../core/devices/kernels.ts";
import { referenceDevice } from "../../core/devices/reference/index.ts";
import { allocateArray, type DType, isFloat, type TypedArray } from "../../core/dtype.ts";
import { denseLayout } from "../../core/layout.ts";
import { sizeOf } from "../../core/shape.ts";

/** An operand in plain memory. */
export type PlainOperand = Operand<TypedArray>;

/** What a kernel was given, its floats widened to float64, and what the reference made of it. */
export interface Launch<Name extends KernelName> {
  readonly inputs: readonly PlainOperand[];
  readonly outputs: readonly PlainOperand[];
  readonly attributes: KernelAttributes[Name];
  /** Of the floats before they were widened. */
  readonly dtype: DType;
  /** Unit roundoff of `dtype`, twice it where the reference is no more precise than the kernel. */
  readonly unit: number;
  /** The smallest positive number of `dtype`. */
  readonly tiny: number;
}

/**
 * Allowed error of each element of each output. Infinity: only that what is not finite in the reference is not finite
 * either. NaN: nothing is promised.
 */
export type Allowed = readonly (readonly number[])[];

/** The bound of a kernel. */
export interface KernelBound<Name extends KernelName> {
  /** Whether a launch must give the reference's own bits. */
  isExact(launch: Launch<Name>): boolean;
  allowed(launch: Launch<Name>): Allowed;
}

/** A dense operand of zeros. */
export function plain(shape: readonly number[], dtype: DType): PlainOperand {
  return { handle: allocateArray(dtype, sizeOf(shape)), dtype, ...denseLayout(shape) };
}

/** Runs a reference kernel into fresh dense operands shaped like `outputs`. */
export function perform<Name extends KernelName>(
  name: Name,
  inputs: readonly PlainOperand[],
  outputs: readonly PlainOperand[],
  attributes: KernelAttributes[Name],
): readonly PlainOperand[] {
  const fresh = outputs.map(({ shape, dtype }) => plain(shape, dtype));
  referenceDevice.launch(name, inputs, fresh, attributes);
  return fresh;
}

/** |x|, element by element; what is not finite counts as nothing, since what it makes is checked by its kind. */
export function sizes(operand: PlainOperand): PlainOperand {
  if (!isFloat(operand.dtype)) return operand;
  const handle = operand.handle.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0));
  return { ...operand, handle };
}

/** γ_terms, Higham 2002, section 3.1. */
export const gamma: (terms: number, unit: number) => number = (terms, unit) =>
  (terms * unit) / (1 - terms * unit);

/**
 * Sums of products: γ_K·Σ|term| + K·tiny, the magnitudes by the reference kernel itself on |inputs|. `divisorOf`: what
 * the sum is divided by at most; before that it must not overflow.
 */
export function summed<Name extends KernelName>(
  name: Name,
  termsOf: (launch: Launch<Name>) => number,
  divisorOf: (launch: Launch<Name>) => number = () => 1,
): KernelBound<Name>["allowed"] {
  return (launch) => {
    const { inputs, outputs, attributes, unit, tiny } = launch;
    const terms = termsOf(launch);
    const divisor = divisorOf(launch);
    return perform(name, inputs.map(sizes), outputs, attributes).map(({ handle }) =>
      Array.from(handle, (size) =>
        isWithinRange(divisor * size, launch)
          ? gamma(terms, unit) * size + terms * tiny
          : Number.NaN,
      ),
    );
  };
}

/** Whether sums of this magnitude cannot overflow on the way. */
export function isWithinRange(size: number, { dtype }: { readonly dtype: DType }): boolean {
  return size < (dtype === "float32" ? 2 ** 127 : 2 ** 1023);
}
