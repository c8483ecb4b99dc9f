/**
 * The step of an exponential moving average.
 * Rests on core.
 */
import { add, multiply, type Tensor } from "../core/index.ts";

/** β·average + (1 - β)·value. β = `kept`, the share of the old average, in [0, 1). */
export function blend(average: Tensor, value: Tensor, kept: number): Tensor {
  return add(multiply(average, kept), multiply(value, 1 - kept));
}
