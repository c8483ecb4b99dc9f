/**
 * How a broken law speaks: law, op, the case as an expression to paste, what was expected, what came.
 * Rests on arrays.
 */
import type { OpRecord } from "../../core/op.ts";
import type { Tensor } from "../../core/tensor.ts";
import { describeTensor, pasteable } from "./arrays.ts";
import type { Case } from "./law.ts";
import { LawError } from "./law-error.ts";

/** `bind(sumOp, [nd([1, 2])], {"axis":0})`, the arrays standing for tensors of their elements. */
export function describeCase({ name }: OpRecord, { inputs, attributes }: Case): string {
  return `bind(${name}Op, [${inputs.map(pasteable).join(", ")}], ${JSON.stringify(attributes)})`;
}

/** Throws LawError. */
export function broken(
  law: string,
  record: OpRecord,
  sample: Case,
  expected: string,
  got: string,
): never {
  const example = describeCase(record, sample);
  throw new LawError({ law, subject: record.name, example, expected, got });
}

/** Tensors by position, null where absent: `[0] float64 [2] [1, 2]`. */
export function describeAll(tensors: readonly (Tensor | null)[]): string {
  return tensors
    .map((tensor, i) => `[${i}] ${tensor === null ? "zero" : describeTensor(tensor)}`)
    .join("; ");
}
