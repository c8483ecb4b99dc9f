/**
 * customGradient: a function with a cotangent rule of its own.
 * Rests on bind, reverse and captured.
 */
import { bindOne } from "../bind.ts";
import { GradientError } from "../errors.ts";
import type { Op, Tensors } from "../op.ts";
import { zerosLike } from "../ops/make.ts";
import type { Tensor } from "../tensor.ts";
import { runCapturing } from "./captured.ts";
import { vjp } from "./reverse.ts";

/** The derivative rules of a custom function, written with ops. */
export interface CustomRules {
  /** Cotangents of the inputs; null for an exact zero. Must be linear in `cotangent`. */
  vjp(cotangent: Tensor, inputs: Tensors, output: Tensor): readonly (Tensor | null)[];
  /** Tangent of the output. Absent: derived from `vjp`, which is linear, by transposing it. */
  jvp?(tangents: Tensors, inputs: Tensors, output: Tensor): Tensor;
}

/**
 * `f` with the derivative that `rules` give instead of its own. `f` must use what is differentiated
 * through its arguments only: throws GradientError where it reaches a tracked tensor by closure.
 *
 * @example
 * // A straight-through estimator: round forwards, the identity backwards.
 * const binarize = customGradient((x) => sign(x), { vjp: (c) => [c] });
 */
export function customGradient(
  f: (...inputs: readonly Tensor[]) => Tensor,
  rules: CustomRules,
): (...inputs: readonly Tensor[]) => Tensor {
  return (...inputs) => {
    const { result, captured } = runCapturing(inputs, f);
    const [stray] = captured;
    if (stray !== undefined) {
      throw new GradientError({
        where: "customGradient",
        argument: "f",
        expected: "to take every tensor that is differentiated as an argument",
        got: `${stray.describe()} by closure`,
        fix: "Pass it as an argument and give its cotangent, or detach it",
      });
    }
    return bindOne(recordOf(result, rules), inputs, {});
  };
}

/** The op that interpreters see: `result` is known, the rules are the user's. */
function recordOf(result: Tensor, rules: CustomRules): Op<object, Tensors, readonly [Tensor]> {
  return {
    name: "customGradient",
    inputNames: ["x"],
    infer: () => [result],
    forward: { opaque: () => [result] },
    jvp: (tangents, { inputs, outputs: [y] }) => {
      const directions = inputs.map((input, index) => tangents[index] ?? zerosLike(input));
      if (rules.jvp) return [rules.jvp(directions, inputs, y)];
      const transposed = vjp(
        (c: Tensor): Tensors => complete(rules.vjp(c, inputs, y), inputs),
        zerosLike(y),
      );
      return [transposed.pull(directions)];
    },
    vjp: ([c], { inputs, outputs: [y] }) => complete(rules.vjp(c, inputs, y), inputs),
  };
}

function complete(cotangents: readonly (Tensor | null)[], inputs: Tensors): readonly Tensor[] {
  return inputs.map((input, index) => cotangents[index] ?? zerosLike(input));
}
