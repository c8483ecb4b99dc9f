/**
 * Forward mode: carries a tangent beside each value by the ops' tangent rules.
 * Rests on interpreter; knows no mathematics.
 */
import type { Interpretation, Interpreter } from "./interpreter.ts";
import type { Tensor, Trace } from "./tensor.ts";

/** The tangent of a tensor, as noted on it. */
interface TangentTrace extends Trace {
  readonly owner: ForwardMode;
  readonly tangent: Tensor;
}

/** One directional derivative under way. */
export class ForwardMode implements Interpreter {
  readonly runsRules = true;

  /** Attaches `tangent` to `tensor`. */
  seed(tensor: Tensor, tangent: Tensor): void {
    const trace: TangentTrace = { owner: this, tangent };
    tensor.traces = [...tensor.traces, trace];
  }

  /** The tangent of `tensor`, or null where it does not depend on the seeds. */
  tangentOf(tensor: Tensor): Tensor | null {
    for (const trace of tensor.traces) {
      if (isTangent(trace) && trace.owner === this) return trace.tangent;
    }
    return null;
  }

  tracks(tensor: Tensor): boolean {
    return this.tangentOf(tensor) !== null;
  }

  /** Pushes tangents through one op. */
  listen({ op, inputs, outputs, attributes }: Interpretation): void {
    if (op.jvp === undefined) return;
    const tangents = inputs.map((input) => this.tangentOf(input));
    if (tangents.every((tangent) => tangent === null)) return;
    op.jvp(tangents, { inputs, outputs, attributes }).forEach((tangent, index) => {
      const output = outputs[index];
      if (tangent !== null && output !== undefined) this.seed(output, tangent);
    });
  }
}

function isTangent(trace: Trace): trace is TangentTrace {
  return trace.owner instanceof ForwardMode;
}
