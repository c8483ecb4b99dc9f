/**
 * Matrix product kernel: batches of [M, K]·[K, N].
 * Rests on memory. Sums in float64 in the order of K, and rounds once into the output's dtype.
 */
import type { TypedArray } from "../../dtype.ts";
import type { KernelTable } from "../device.ts";
import { dense } from "./memory.ts";

/** The matrix product. */
export const matmulKernels: Pick<KernelTable<TypedArray>, "matmul"> = {
  matmul: ([a, b], [y]) => {
    const left = dense(a!);
    const right = dense(b!);
    const out = dense(y!);
    const inner = a!.shape.at(-1)!;
    const [rows, columns] = y!.shape.slice(-2) as [number, number];
    const total = new Float64Array(columns);
    for (let row = 0; row * columns < out.length; row++) {
      // `row` counts through all batches: row r of batch n is n·rows + r.
      const batch = Math.floor(row / rows);
      total.fill(0);
      for (let k = 0; k < inner; k++) {
        addScaledRow(total, left[row * inner + k]!, right, (batch * inner + k) * columns);
      }
      out.set(total, row * columns);
    }
  },
};

/** total += factor·from[start …]: its own function, so that engines compile one tight loop. */
function addScaledRow(total: Float64Array, factor: number, from: TypedArray, start: number): void {
  for (let j = 0; j < total.length; j++) total[j]! += factor * from[start + j]!;
}
