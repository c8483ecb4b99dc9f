/**
 * Running a net in evaluation mode for a moment, each layer's own mode put back afterwards.
 * Rests on layer.
 */
import type { Layer } from "./layer.ts";

/** Runs `body` while `net` and all inside it evaluate. */
export function whileEvaluating<T>(net: Layer, body: () => T): T {
  const modes = [...net.walk()].map((layer) => [layer, layer.training] as const);
  net.evaluate();
  try {
    return body();
  } finally {
    for (const [layer, training] of modes) layer.training = training;
  }
}
