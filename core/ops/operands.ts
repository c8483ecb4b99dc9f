/**
 * Operands: plain numbers beside tensors. A number takes the tensor's dtype; two dtypes never mix.
 * Rests on bind and capture.
 */
import { allocateTensor } from "../bind.ts";
import { capturing } from "../capture.ts";
import { canHold, type DType } from "../dtype.ts";
import { DTypeError } from "../errors.ts";
import { requireTensor, Tensor } from "../tensor.ts";

/** A tensor, or a number that takes the other operand's dtype. */
export type TensorLike = Tensor | number;

/**
 * Both operands as tensors. Throws DTypeError for two numbers, or a fraction beside an int32 tensor,
 * ValueError for what is neither tensor nor number.
 */
export function pair(where: string, a: TensorLike, b: TensorLike): readonly [Tensor, Tensor] {
  if (a instanceof Tensor) return [a, b instanceof Tensor ? b : like(where, "b", b, a)];
  if (b instanceof Tensor) return [like(where, "a", a, b), b];
  throw new DTypeError({
    where,
    argument: "a or b",
    expected: "to be a tensor",
    got: `the numbers ${a} and ${b}`,
    fix: "Compute with plain arithmetic, or make one of them a tensor",
  });
}

/** A 0-d tensor of `value` with the dtype and device of `reference`. */
function like(where: string, argument: string, value: number, reference: Tensor): Tensor {
  if (typeof value !== "number") requireTensor(where, argument, value);
  const { dtype } = reference;
  // A bool has no arithmetic to take part in, not even as 0 or 1.
  if (dtype === "bool" || !canHold(dtype, value)) {
    throw new DTypeError({
      where,
      argument,
      expected: `to be representable in the other operand's dtype, ${dtype}`,
      got: String(value),
      fix: `Cast the tensor first, for example .cast("float32")`,
    });
  }
  return scalarOn(reference, dtype, value);
}

/**
 * A 0-d constant beside `reference`, of its dtype: `read` gives its value, at each repetition of a compiled step anew.
 */
export function varyingScalar(reference: Tensor, read: () => number): Tensor {
  const { device } = reference.storage;
  const attributes = { value: read() };
  capturing()?.varies(attributes, () => ({ value: read() }));
  return allocateTensor(device, { shape: [], dtype: reference.dtype }, (target) => {
    device.launch("fill", [], [target], attributes);
  });
}

/** A 0-d constant on the device of `reference`. */
export function scalarOn(reference: Tensor, dtype: DType, value: number): Tensor {
  const { device } = reference.storage;
  return allocateTensor(device, { shape: [], dtype }, (target) => {
    device.launch("fill", [], [target], { value });
  });
}
