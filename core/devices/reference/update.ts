/**
 * Updates: one step of an optimiser's rule over all parameters, rounded after every operation as its ops would round.
 * Rests on memory.
 */
import type { TypedArray } from "../../dtype.ts";
import type { KernelTable, Operand } from "../device.ts";
import type { UpdateFormula } from "../kernels.ts";

/** What a rule remembers of each parameter, in numbers of arrays. */
const remembered: Readonly<Record<UpdateFormula["fn"], number>> = { sgd: 0, momentum: 1, adam: 2 };

/** The kernel of optimisers. */
export const updateKernels: Pick<KernelTable<TypedArray>, "update"> = {
  update: (gradients, cells, formula) => {
    const each = 1 + remembered[formula.fn];
    gradients.forEach((gradient, index) => {
      const own = cells.slice(index * each, (index + 1) * each);
      updateOne(elementsOf(gradient), own.map(elementsOf), formula, roundingOf(gradient));
    });
  },
};

/** The elements themselves, not a copy: they are written. */
function elementsOf({ handle, offset, shape }: Operand<TypedArray>): TypedArray {
  return handle.subarray(offset, offset + shape.reduce((size, length) => size * length, 1));
}

type Rounding = (x: number) => number;

function roundingOf({ dtype }: Operand<TypedArray>): Rounding {
  return dtype === "float32" ? Math.fround : (x) => x;
}

function updateOne(
  g: TypedArray,
  [x, first, second]: readonly TypedArray[],
  formula: UpdateFormula,
  r: Rounding,
): void {
  const rate = r(formula.rate);
  for (let i = 0; i < g.length; i++) {
    if (formula.fn === "sgd") {
      x![i] = x![i]! - r(g[i]! * rate);
    } else if (formula.fn === "momentum") {
      first![i] = r(first![i]! * r(formula.rho)) + g[i]!;
      x![i] = x![i]! - r(first![i]! * rate);
    } else {
      const { beta1, beta2, bias1, bias2, epsilon } = formula;
      first![i] = r(first![i]! * r(beta1)) + r(g[i]! * r(1 - beta1));
      second![i] = r(second![i]! * r(beta2)) + r(r(g[i]! * g[i]!) * r(1 - beta2));
      const root = r(r(Math.sqrt(r(second![i]! / r(bias2)))) + r(epsilon));
      x![i] = x![i]! - r(r(r(first![i]! / r(bias1)) * rate) / root);
    }
  }
}
