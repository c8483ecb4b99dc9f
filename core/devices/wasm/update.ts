/**
 * Updates of parameters on the wasm device: the host half. All parameters are one launch.
 * Rests on operands and state.
 */
import { sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import type { UpdateFormula } from "../kernels.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, segment } from "./operands.ts";
import { current } from "./state.ts";

/** Each rule's kernels, and how many arrays it remembers of a parameter. */
const rules = {
  sgd: { float32: "sgdF32", float64: "sgdF64", remembered: 0 },
  momentum: { float32: "momentumF32", float64: "momentumF64", remembered: 1 },
  adam: { float32: "adamF32", float64: "adamF64", remembered: 2 },
} as const;

/** The kernel of optimisers. */
export const updateKernels: Pick<KernelTable<WasmHandle>, "update"> = {
  update: (gradients, cells, formula) => {
    const { remembered, ...kernels } = rules[formula.fn];
    // For each parameter: gradient, parameter, two remembered, elements, first piece.
    const entries: number[] = [];
    let pieces = 0;
    for (let i = 0; i < gradients.length; i++) {
      const gradient = gradients[i];
      const parameter = cells[i * (1 + remembered)];
      if (gradient === undefined || parameter === undefined) continue;
      entries.push(addressOf(gradient), addressOf(parameter));
      for (let k = 1; k <= 2; k++) {
        const cell = k <= remembered ? cells[i * (1 + remembered) + k] : undefined;
        entries.push(cell === undefined ? 0 : addressOf(cell));
      }
      const size = sizeOf(gradient.shape);
      entries.push(size, pieces);
      pieces += Math.ceil(size / segment);
    }
    const table = current().table(entries);
    const dtype = gradients[0]?.dtype === "float64" ? "float64" : "float32";
    current().run(kernels[dtype], [table, gradients.length], realsOf(formula), pieces, 2);
  },
};

/** The constants of a formula, as its kernels want them. */
export function realsOf(formula: UpdateFormula): readonly number[] {
  switch (formula.fn) {
    case "sgd":
      return [formula.rate];
    case "momentum":
      return [formula.rate, formula.rho];
    case "adam": {
      const { rate, beta1, beta2, bias1, bias2, epsilon } = formula;
      return [rate, beta1, 1 - beta1, beta2, 1 - beta2, bias1, bias2, epsilon];
    }
  }
}
