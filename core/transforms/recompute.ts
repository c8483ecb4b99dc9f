/**
 * recompute: keeps only a segment's inputs and runs it again when its derivative is taken.
 * Rests on bind, pull, forward-mode, replay and captured. Chen et al. 2016 ("sublinear memory cost").
 */
import { bindOne } from "../bind.ts";
import { ForwardMode } from "../forward-mode.ts";
import { forget, hasHistory, type Interpreter, withInterpreter } from "../interpreter.ts";
import type { Op, Tensors } from "../op.ts";
import { add } from "../ops/arithmetic.ts";
import { identity } from "../ops/view.ts";
import { pullBack } from "../pull.ts";
import { observeReservations, type Reservation } from "../random/index.ts";
import { replay } from "../replay.ts";
import { scope, scopeUnless } from "../scope.ts";
import { currentSubstitution, substituted, withSubstitution } from "../substitution.ts";
import { Tape } from "../tape.ts";
import { operandOf, type Tensor } from "../tensor.ts";
import { runCapturing } from "./captured.ts";

/**
 * `f`, but its intermediates are not stored for the derivative: `f` runs a second time in the backward
 * pass. Gradients also reach parameters that `f` uses by closure. The second run draws the same random
 * numbers as the first and updates no moving averages.
 *
 * @example
 * const y = recompute((x) => block.forward(x))(x); // half the memory, a third more work
 */
export function recompute(
  f: (...inputs: readonly Tensor[]) => Tensor,
): (...inputs: readonly Tensor[]) => Tensor {
  return (...inputs) => {
    const substitution = currentSubstitution();
    const draws: Reservation[] = [];
    const { result, captured } = runCapturing(inputs, (...handles) =>
      observeReservations(
        (stream, position, blocks) => draws.push({ stream, position, blocks }),
        () => scope(() => f(...handles)),
      ),
    );
    const segment: Segment = {
      captured,
      run: (variables) =>
        replay(draws, () => withSubstitution(substitution, () => substituted(f(...variables)))),
    };
    const op = recordOf(segment, inputs.length, result);
    return bindOne(op, [...inputs, ...captured], {});
  };
}

interface Segment {
  /** Tracked tensors that the function uses by closure: further inputs of the op. */
  readonly captured: readonly Tensor[];
  run(variables: Tensors): Tensor;
}

function recordOf(
  { captured, run }: Segment,
  count: number,
  result: Tensor,
): Op<object, Tensors, readonly [Tensor]> {
  /**
   * Runs the segment with fresh variables for its arguments and the captured tensors themselves, and lets go
   * of what it made as soon as the derivative is known, unless a derivative around it needs that again.
   */
  const again = <R>(
    at: Tensors,
    interpreter: Interpreter,
    mark: (tensor: Tensor, index: number) => void,
    read: (output: Tensor, variables: Tensors) => R,
  ): R => {
    // A captured parameter is read again through its own handle: the snapshot tells whether it changed.
    at.forEach((tensor) => {
      operandOf("recompute", "x", tensor);
    });
    return scopeUnless(hasHistory, () => {
      const variables = [...at.slice(0, count).map((input) => identity(input)), ...captured];
      try {
        variables.forEach(mark);
        const output = withInterpreter(interpreter, () => run(variables.slice(0, count)));
        const answer = read(output, variables);
        forget(interpreter, [output]);
        return answer;
      } finally {
        forget(interpreter, captured);
      }
    });
  };
  return {
    name: "recompute",
    inputNames: ["x"],
    infer: () => [result],
    forward: { opaque: () => [result] },
    jvp: (tangents, { inputs }) => {
      const mode = new ForwardMode();
      return again(
        inputs,
        mode,
        (tensor, index) => {
          const tangent = tangents[index];
          if (tangent) mode.seed(tensor, tangent);
        },
        (output) => [mode.tangentOf(output)],
      );
    },
    vjp: ([cotangent], { inputs }) => {
      const tape = new Tape();
      return again(
        inputs,
        tape,
        (tensor) => tape.watch(tensor),
        (output, variables) => {
          const pulled = pullBack(tape, [[output, cotangent]], add);
          return variables.map((variable) => pulled.get(variable) ?? null);
        },
      );
    },
  };
}
