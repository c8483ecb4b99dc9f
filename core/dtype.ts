/**
 * Dtypes: the four element types, their storage, and the rule that they never mix silently.
 * Rests on errors.
 */
import { DTypeError } from "./errors.ts";

/** `float32` is the default, gradient checks use `float64`, labels `int32`, masks `bool` (0 or 1). */
export type DType = "float32" | "float64" | "int32" | "bool";

/** The plain JavaScript memory of each dtype. */
interface DTypeArrays {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

/** Any of the four typed arrays. */
export type TypedArray = DTypeArrays[DType];

/** The dtypes that have derivatives. */
export const floatDTypes: readonly DType[] = ["float32", "float64"];
/** The dtypes with arithmetic. */
export const numericDTypes: readonly DType[] = ["float32", "float64", "int32"];
/** Every dtype. */
export const allDTypes: readonly DType[] = ["float32", "float64", "int32", "bool"];

/** Bytes of one element. */
export const bytesPerElement: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  int32: 4,
  bool: 1,
};

/** Whether `dtype` has derivatives. */
export function isFloat(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** Whether `dtype` holds `value` exactly, or rounded where it is a float: int32 whole numbers, bool 0 and 1. */
export function canHold(dtype: DType, value: number): boolean {
  if (dtype === "int32") return value === (value | 0);
  return dtype !== "bool" || value === 0 || value === 1;
}

/** Zero-filled plain memory for `length` elements of `dtype`. */
export function allocateArray(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case "float32":
      return new Float32Array(length);
    case "float64":
      return new Float64Array(length);
    case "int32":
      return new Int32Array(length);
    case "bool":
      return new Uint8Array(length);
  }
}

/**
 * The one dtype that `b` must share with `a`.
 * Throws DTypeError naming the cast: two tensors of different dtype never mix silently.
 */
export function sameDType(
  where: string,
  names: readonly [string, string],
  a: DType,
  b: DType,
): DType {
  if (a !== b) {
    throw new DTypeError({
      where,
      argument: names[1],
      expected: `to have the dtype of ${names[0]}, ${a}`,
      got: b,
      fix: `Cast one of them, for example ${names[1]}.cast("${a}")`,
    });
  }
  return a;
}

/** Throws DTypeError unless `dtype` is one of `allowed`. */
export function requireDType(
  where: string,
  argument: string,
  dtype: DType,
  allowed: readonly DType[],
): void {
  if (!allowed.includes(dtype)) {
    throw new DTypeError({
      where,
      argument,
      expected: `to be ${allowed.join(" or ")}`,
      got: dtype,
      fix: `Cast it, for example ${argument}.cast("${allowed[0]}")`,
    });
  }
}
