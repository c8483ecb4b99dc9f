/**
 * Forward error propagation through one op: how far errors of the inputs can move the outputs.
 * Rests on the records' definitions on plain arrays, so that no derivative rule takes part. Higham 2002, section 3.8:
 * |Δy| ≤ |J|·|Δx| to first order; |J|·|Δx| is summed column by column from differences of the op itself.
 */
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import { evaluated } from "./graph.ts";

/** Errors, element by element. */
export type Errors = readonly number[];

/** Ops of which element i of the output hangs on element i of each (stretched) input alone: one difference an input. */
const elementwise: ReadonlySet<string> = new Set([
  "unary",
  "binary",
  "clamp",
  "select",
  "compare",
  "multiplyAdd",
]);

/**
 * Differences are taken over steps of this size at the largest: errors of float64 are enlarged, since below it the
 * rounding of the difference itself would show, and a step of 2⁻²² leaves a curvature of as little beside the slope.
 */
const step = 2 ** -22;
/** A larger difference over such a step is a jump, or as good as one. */
const jump = 2 ** -8;

/** For each output, Σ_j |∂y/∂x_j|·errors_j; infinite where an output of whole numbers may be another. */
export function propagated(
  record: OpRecord,
  attributes: object,
  inputs: readonly NdArray[],
  outputs: readonly NdArray[],
  errors: readonly Errors[],
): readonly Errors[] {
  const most = errors.reduce((a, list) => list.reduce((b, e) => Math.max(b, e), a), 0);
  const total = outputs.map(({ data }) => data.map(() => 0));
  if (most === 0) return total;
  if (!Number.isFinite(most)) return outputs.map(({ data }) => data.map(() => Infinity));
  let enlarged = 1;
  while (most * enlarged * 2 < step) enlarged *= 2;
  const differences = (shifts: readonly Errors[]): readonly Errors[] => {
    const moved = inputs.map((input, i) => shifted(input, shifts[i] ?? []));
    return evaluated(record, moved, attributes).map(({ data, kind }, k) =>
      data.map((y, i) => {
        const difference = y - (outputs[k]?.data[i] ?? 0);
        // Steps that were enlarged would make a jump smaller than it is.
        const isJump =
          kind === "float"
            ? enlarged > 1 && !(Math.abs(difference) <= jump + most)
            : difference !== 0;
        return isJump ? Infinity : difference;
      }),
    );
  };
  const all = errors.map((list) => list.map((e) => e * enlarged));
  const mixed = outputs.map(({ data }) => data.map(() => 0));
  for (const column of columnsOf(record, all)) {
    const ahead = differences(column);
    const behind = differences(column.map((list) => list.map((e) => -e)));
    total.forEach((sums, k) => {
      sums.forEach((sum, i) => {
        const [right, left] = [ahead[k]?.[i] ?? 0, behind[k]?.[i] ?? 0];
        sums[i] = sum + Math.max(Math.abs(right), Math.abs(left));
        const signed = mixed[k];
        if (signed !== undefined) signed[i] = (signed[i] ?? 0) + right;
      });
    });
  }
  // What the columns miss is of second order: products of two errors, as of 0·0. All errors at once show it.
  const together = differences(all);
  return total.map((sums, k) =>
    sums.map((sum, i) => {
      const rest = Math.abs((together[k]?.[i] ?? 0) - (mixed[k]?.[i] ?? 0));
      return (sum + rest) / enlarged;
    }),
  );
}

/** Shifts of which each moves a part of the inputs, together all of them. */
function* columnsOf(
  { forward }: OpRecord,
  errors: readonly Errors[],
): Generator<readonly Errors[]> {
  const none = errors.map((list) => list.map(() => 0));
  const isElementwise = "kernel" in forward && elementwise.has(forward.kernel);
  for (const [i, list] of errors.entries()) {
    if (isElementwise) {
      if (list.some((e) => e > 0)) yield none.with(i, [...list]);
    } else {
      for (const [j, e] of list.entries()) {
        if (e > 0)
          yield none.with(
            i,
            list.map((_, k) => (k === j ? e : 0)),
          );
      }
    }
  }
}

function shifted(array: NdArray, shift: Errors): NdArray {
  if (array.kind !== "float") return array;
  return { ...array, data: array.data.map((x, i) => x + (shift[i] ?? 0)) };
}
