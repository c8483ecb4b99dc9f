/**
 * Anomaly detection: finds the op that made the first NaN or infinity.
 * Rests on interpreter and tensor.
 */
import { isFloat } from "./dtype.ts";
import { AnomalyError } from "./errors.ts";
import { type Interpretation, withObserver } from "./interpreter.ts";
import { formatShape, rowMajorStrides } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

let step: number | null = null;

/** Runs `body` as step number `number` (from 1) of a training loop, so that errors can name the step. */
export function atStep<T>(number: number, body: () => T): T {
  const before = step;
  step = number;
  try {
    return body();
  } finally {
    step = before;
  }
}

/** Options of `detectAnomalies`. */
export interface AnomalyOptions {
  /**
   * The step of an optimiser (from 1) from which on results are read; what runs before it, or in no step, runs at its usual
   * speed. From the start where absent.
   */
  readonly fromStep?: number;
}

/**
 * Runs `body` and throws AnomalyError at the first op whose result holds a NaN or an infinity, forwards or
 * backwards, with the op, the element and the optimiser's step. Reads every result: several times slower.
 *
 * @example
 * detectAnomalies(() => optimizer.step(() => crossEntropy(net.forward(x), y)));
 * detectAnomalies(() => train(), { fromStep: 999 }); // a run that is known to have diverged at step 1000
 */
export function detectAnomalies<T>(body: () => T, { fromStep }: AnomalyOptions = {}): T {
  if (fromStep === undefined) return withObserver(check, body);
  const checkLate = (interpretation: Interpretation): void => {
    if (step !== null && step >= fromStep) check(interpretation);
  };
  return withObserver(checkLate, body);
}

function check({ op, inputs, outputs }: Interpretation): void {
  for (const output of outputs) {
    const bad = firstBad(output);
    if (bad === null) continue;
    const cause = inputs.some((input) => firstBad(input) !== null)
      ? "from an input that was not finite"
      : "from finite inputs";
    throw new AnomalyError({
      where: op.name,
      argument: "every element of the result",
      expected: step === null ? "to be finite" : `to be finite at step ${step}`,
      got: `${bad} of ${output.describe()}, ${cause}`,
      fix: "Lower the learning rate, or keep the inputs inside the op's domain",
    });
  }
}

/** `NaN at [0, 3]`, or null where all elements are finite. */
function firstBad(tensor: Tensor): string | null {
  if (!isFloat(tensor.dtype) || tensor.storage.released !== null) return null;
  const [flat, value] = tensor.look("detectAnomalies", (elements) => {
    const at = elements.findIndex((element) => !Number.isFinite(element));
    return [at, elements[at]] as const;
  });
  if (flat < 0) return null;
  const strides = rowMajorStrides(tensor.shape);
  const index = tensor.shape.map((n, axis) => Math.floor(flat / (strides[axis] ?? 1)) % n);
  return `${value} at ${formatShape(index)}`;
}
