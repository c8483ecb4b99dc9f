/**
 * What the normalizations of each example by itself share: layer and group normalization are this, over other axes.
 * Rests on bind and normalize-definitions.
 */
import { bindOne } from "../bind.ts";
import { type NdArray, nothing } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { affineArray, affineError } from "./normalize-definitions.ts";

/** A record of x, gamma and beta with one output. */
export type NormRecord<A extends object> = OpRecord<
  A,
  readonly [Tensor, Tensor, Tensor],
  readonly [Tensor]
>;

/** What differs between normalizations of each example. */
interface NormSpec<A extends object>
  extends Pick<NormRecord<A>, "name" | "formula" | "source" | "sample" | "special" | "errors"> {
  /** Throws where x, the parameters or the options do not fit. */
  readonly check: (
    x: TensorType,
    gamma: TensorType | null,
    beta: TensorType | null,
    options: A,
  ) => void;
  /** y; a parameter that is null is left out. */
  readonly compute: (x: Tensor, gamma: Tensor | null, beta: Tensor | null, options: A) => Tensor;
  /** x̂ by its definition, and its allowed error, both in the shape of x. */
  readonly standard: (
    x: NdArray,
    options: A,
    unit: number,
  ) => { readonly standard: NdArray; readonly error: NdArray };
  /** The index of a parameter for the index of an element. */
  readonly parameterIndex: (index: readonly number[], options: A) => readonly number[];
}

/** The record, and the function that users call: it is bound as one op where both parameters are there. */
export function exampleNorm<A extends object>({
  check,
  compute,
  standard,
  parameterIndex,
  ...record
}: NormSpec<A>): {
  readonly op: NormRecord<A>;
  readonly apply: (x: Tensor, gamma: Tensor | null, beta: Tensor | null, options: A) => Tensor;
} {
  const op: NormRecord<A> = {
    ...record,
    family: "normalization",
    inputNames: ["x", "gamma", "beta"],
    infer: ([x, gamma, beta], options) => {
      check(x, gamma, beta, options);
      return [{ shape: x.shape, dtype: x.dtype }];
    },
    forward: { compose: ([x, gamma, beta], options) => [compute(x, gamma, beta, options)] },
    reference: ([x = nothing, gamma = nothing, beta = nothing], options) => [
      affineArray(standard(x, options, 0).standard, gamma, beta, (index) =>
        parameterIndex(index, options),
      ),
    ],
    bound: {
      reason: "two-pass moments of n elements, then γ·x̂ + β with two roundings",
      of: ({ inputs: [x = nothing, gamma = nothing, beta = nothing], attributes, unit }) => {
        const { standard: array, error } = standard(x, attributes, unit);
        const indexOf = (index: readonly number[]) => parameterIndex(index, attributes);
        return affineError(error, array, gamma, beta, indexOf, unit);
      },
    },
  };
  const apply = (x: Tensor, gamma: Tensor | null, beta: Tensor | null, options: A): Tensor => {
    if (gamma !== null && beta !== null) return bindOne(op, [x, gamma, beta], options);
    check(x, gamma, beta, options);
    return compute(x, gamma, beta, options);
  };
  return { op, apply };
}
