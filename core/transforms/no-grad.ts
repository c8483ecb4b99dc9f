/**
 * noGrad: runs a function whose ops no tape and no forward mode around it hears.
 * Rests on interpreter.
 */
import { withInterpreters } from "../interpreter.ts";

/**
 * Runs `body` with everything in it constant to the derivatives taken around it. Transforms inside
 * `body` work as usual. (PyTorch's no_grad leaves forward mode on; here jvp and vjp always agree.)
 *
 * @example
 * const prediction = noGrad(() => net.forward(x)); // no graph is kept
 */
export function noGrad<T>(body: () => T): T {
  return withInterpreters([], body);
}
