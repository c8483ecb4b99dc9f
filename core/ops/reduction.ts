/**
 * Records of reductions that one kernel computes, such as max, any and norm.
 * Rests on sum, which holds what all reductions share, and multiply.
 */
import type { ReduceFunction } from "../devices/kernels.ts";
import type { DType } from "../dtype.ts";
import { shapeOf } from "../op.ts";
import type { UnaryRecord } from "../op-kinds.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import {
  axesOf,
  inferReduction,
  keepReduced,
  type ReduceOptions,
  reduceArray,
  sum,
} from "./sum.ts";

/** What differs between reductions of one kernel. */
interface ReductionSpec
  extends Omit<UnaryRecord<ReduceOptions>, "inputNames" | "infer" | "forward" | "reference"> {
  /** The kernel's function. */
  readonly fn: ReduceFunction;
  /** Dtypes that the reduction has a meaning for. */
  readonly dtypes: readonly DType[];
  /** Throws where x cannot be reduced over the axes. */
  readonly check?: (x: TensorType, options: ReduceOptions) => void;
  /** dy/dx in the shape of x. y is kept with length-1 axes; `total` is Σ over the axes, kept too. */
  readonly slope?: (x: Tensor, y: Tensor, total: (u: Tensor) => Tensor) => Tensor;
  /** The reduction of plain numbers, in row-major order. */
  readonly reference: (elements: readonly number[]) => number;
}

/** y = the elements of x over the axes, reduced. The tangent is Σ t·dy/dx, the cotangent c·dy/dx. */
export function reduction(spec: ReductionSpec): UnaryRecord<ReduceOptions> {
  const { fn, dtypes, check, slope, reference, ...record } = spec;
  const { name } = record;
  const slopeAt =
    slope &&
    ((x: Tensor, y: Tensor, { axis }: ReduceOptions): Tensor => {
      const total = (u: Tensor): Tensor => sum(u, { axis: axesOf(x.shape, axis), keepDims: true });
      return slope(x, keepReduced(y, x, axis), total);
    });
  const rules: Pick<UnaryRecord<ReduceOptions>, "jvp" | "vjp"> = slopeAt
    ? {
        jvp: ([t], { inputs: [x], outputs: [y], attributes }) => [
          t && sum(multiply(t, slopeAt(x, y, attributes)), attributes),
        ],
        vjp: ([c], { inputs: [x], outputs: [y], attributes }) => [
          multiply(keepReduced(c, x, attributes.axis), slopeAt(x, y, attributes)),
        ],
      }
    : {};
  return {
    ...record,
    ...rules,
    inputNames: ["x"],
    infer: ([x], options) => {
      const type = inferReduction(name, x, options, dtypes);
      check?.(x, options);
      return [type];
    },
    forward: {
      kernel: "reduce",
      with: ({ axis }, [x]) => ({ fn, axes: axesOf(shapeOf(x), axis) }),
    },
    reference: (inputs, options) => inputs.map((x) => reduceArray(name, x, options, reference)),
  };
}
