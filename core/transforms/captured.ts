/**
 * Captured tensors: those that a function uses by closure and that a derivative around it depends on.
 * Rests on interpreter.
 */
import { type Interpreter, listening, withInterpreters, withObserver } from "../interpreter.ts";
import { isDifferentiable } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** Runs `body` unrecorded; gives its result and the tracked tensors it used besides `known`. */
export function runCapturing<T>(
  known: readonly Tensor[],
  body: () => T,
): { readonly result: T; readonly captured: readonly Tensor[] } {
  const around: readonly Interpreter[] = listening();
  const mine = new Set<Tensor>(known);
  const captured = new Set<Tensor>();
  const result = withObserver(
    ({ op, inputs, outputs }) => {
      for (const input of isDifferentiable(op) ? inputs : []) {
        const outside = !mine.has(input) && !captured.has(input);
        if (outside && around.some((interpreter) => interpreter.tracks(input))) captured.add(input);
      }
      for (const output of outputs) mine.add(output);
    },
    () => withInterpreters([], body),
  );
  return { result, captured: [...captured] };
}
