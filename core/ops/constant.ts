/**
 * Making tensors of a constant: full, zeros, ones, zerosLike, onesLike. All are copies, on the current device.
 * Rests on bind. What is made here is constant: no derivative flows into it.
 */
import { bindOne } from "../bind.ts";
import { withDevice } from "../devices/current.ts";
import { canHold, type DType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { ValueError } from "../errors.ts";
import { type ElementKind, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { checkShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** A record of no input and one output. */
export type MakerRecord<A extends object> = OpRecord<A, readonly [], readonly [Tensor]>;

/** What every maker takes. */
export interface MakeOptions {
  /** Default float32. */
  readonly dtype?: DType;
}

/** The constant that full writes. */
interface FullOptions extends MakeOptions {
  readonly shape: Shape;
  readonly value: number;
  /** The user's function, for messages; default full. */
  readonly where?: string;
}

/** Throws ValueError unless `dtype` can hold `value`: int32 whole numbers, bool 0 and 1. */
export function requireRepresentable(
  where: string,
  argument: string,
  value: number,
  dtype: DType,
): void {
  if (!canHold(dtype, value)) {
    throw new ValueError({
      where,
      argument,
      expected: `to be representable in ${dtype}`,
      got: String(value),
      fix: dtype === "bool" ? "Give 0 or 1" : "Give a whole number, or use a float dtype",
    });
  }
}

/** The record of `full`; zeros and ones are this op. */
export const fullOp: MakerRecord<FullOptions> = {
  name: "full",
  family: "make",
  formula: "y = value everywhere",
  source: "definition",
  inputNames: [],
  infer: (_, { shape, value, dtype = "float32", where = "full" }) => {
    requireRepresentable(where, "value", value, dtype);
    return [{ shape: checkShape(where, "shape", shape), dtype }];
  },
  forward: { kernel: "fill", with: ({ value }) => ({ value }) },
  sample: (draw) => ({
    inputs: [],
    attributes: {
      shape: draw.shape(),
      value: draw.integer(-3, 3),
      dtype: draw.pick(["float32", "float64", "int32"] as const),
    },
  }),
  special: [],
  errors: [
    {
      inputs: [],
      attributes: { shape: [2, -1], value: 0 },
      message:
        "full: expected shape to hold integers ≥ 0, got [2, -1]. Give each axis a whole length.",
    },
    {
      inputs: [],
      attributes: { shape: [2], value: 0.5, dtype: "int32" },
      message:
        "full: expected value to be representable in int32, got 0.5. Give a whole number, or use a float dtype.",
    },
    {
      inputs: [],
      attributes: { shape: [2], value: 2, dtype: "bool" },
      message: "full: expected value to be representable in bool, got 2. Give 0 or 1.",
    },
  ],
  reference: (_, { shape, value, dtype }) => [tabulate(shape, () => value, kindOf(dtype))],
  bound: exact("the value itself"),
};

/** What the elements of a made array mean. */
export function kindOf(dtype: DType | undefined): ElementKind {
  return dtype === "int32" || dtype === "bool" ? dtype : "float";
}

/**
 * `value` everywhere. → shape. Throws ShapeError for a negative length, ValueError where `dtype` cannot
 * hold the value.
 */
export function full(shape: Shape, value: number, { dtype = "float32" }: MakeOptions = {}): Tensor {
  return bindOne(fullOp, [], { shape, value, dtype });
}

/** Zeros. → shape. Throws ShapeError for a negative length. */
export function zeros(shape: Shape, { dtype = "float32" }: MakeOptions = {}): Tensor {
  return bindOne(fullOp, [], { shape, value: 0, dtype, where: "zeros" });
}

/** Ones. → shape. Throws ShapeError for a negative length. */
export function ones(shape: Shape, { dtype = "float32" }: MakeOptions = {}): Tensor {
  return bindOne(fullOp, [], { shape, value: 1, dtype, where: "ones" });
}

/** Zeros of the shape, dtype and device of x. x: [...] → [...]. */
export function zerosLike(x: Tensor): Tensor {
  return zerosBeside(x, x.shape);
}

/** Zeros of another shape, of the dtype and on the device of x. → shape. */
export function zerosBeside(x: Tensor, shape: Shape): Tensor {
  return withDevice(x.storage.device.name, () => zeros(shape, { dtype: x.dtype }));
}

/** Ones of the shape, dtype and device of x. x: [...] → [...]. */
export function onesLike(x: Tensor): Tensor {
  return withDevice(x.storage.device.name, () => ones(x.shape, { dtype: x.dtype }));
}

/** The records of this file. */
export const constantOps: readonly OpRecord[] = [fullOp];
