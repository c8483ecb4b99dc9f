/**
 * Results of compiled steps: which of them a repetition can give.
 * Rests on tensor, tree and capture.
 */
import type { Storage } from "../storage.ts";
import { Tensor } from "../tensor.ts";
import { isPlainObject } from "../tree.ts";
import type { Capture } from "./capture.ts";

/** Only tensors that the step made or was given, of which nobody wants a derivative, can be given again. */
export function requireResult(
  capture: Capture,
  slots: ReadonlySet<Storage>,
  result: unknown,
): void {
  const visit = (value: unknown): void => {
    if (value instanceof Tensor) {
      if (!capture.isInside(value.storage) && !slots.has(value.storage)) {
        capture.refuse("it gives a tensor that it has not made");
      }
      if (value.traces.length > 0) capture.refuse("its result is still to be differentiated");
    } else if (Array.isArray(value)) value.forEach(visit);
    else if (isPlainObject(value)) Object.values(value).forEach(visit);
    else if (value !== undefined && value !== null) {
      capture.refuse(`it gives a ${typeof value}, not a tensor`);
    }
  };
  visit(result);
}
