/**
 * Captured tensors: those that a function uses by closure and that a derivative around it depends on.
 * Rests on interpreter and the identity op.
 */
import { type Interpreter, listening, withInterpreters, withObserver } from "../interpreter.ts";
import { isDifferentiable, type Tensors } from "../op.ts";
import { identity } from "../ops/view.ts";
import { substituted } from "../substitution.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Runs `f` unrecorded; gives its result and the tracked tensors that it used besides its arguments.
 * `f` gets new handles on `inputs`, so that an input which it also uses by closure counts as captured.
 */
export function runCapturing(
  inputs: Tensors,
  f: (...inputs: Tensors) => Tensor,
): { readonly result: Tensor; readonly captured: Tensors } {
  const around: readonly Interpreter[] = listening();
  const mine = new Set<Tensor>();
  const captured = new Set<Tensor>();
  const use = (tensor: Tensor): void => {
    const outside = !mine.has(tensor) && !captured.has(tensor);
    if (outside && around.some((interpreter) => interpreter.tracks(tensor))) captured.add(tensor);
  };
  const result = withInterpreters([], () => {
    const handles = inputs.map(identity);
    for (const handle of handles) mine.add(handle);
    return withObserver(
      ({ op, inputs: used, outputs }) => {
        if (isDifferentiable(op)) used.forEach(use);
        for (const output of outputs) mine.add(output);
      },
      () => f(...handles),
    );
  });
  use(substituted(result));
  return { result: substituted(result), captured: [...captured] };
}
