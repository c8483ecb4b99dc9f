/**
 * Being differentiated changes no value: results under forward mode, the tape and both are bit-identical.
 * Rests on derivatives.
 */
import { bind } from "../../core/bind.ts";
import { ForwardMode } from "../../core/forward-mode.ts";
import { type Interpreter, withInterpreter } from "../../core/interpreter.ts";
import { Tape } from "../../core/tape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { bitsOf, describeTensor, handles } from "./arrays.ts";
import { settle } from "./derivatives.ts";
import type { SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike } from "./observed.ts";

/** Law 9. */
export const sameBits: SampledLaw = {
  name: "same bits",
  claim: "values under the transforms are bit-identical to plain values",
  holdsAt: () => true,
  applies: () => true,
  check: (record, sample, draw) => {
    const { inputs, outputs, tangents, attributes } = settle(record, sample, draw);
    const run = (...interpreters: readonly Interpreter[]): readonly Tensor[] => {
      const points = handles(inputs);
      points.forEach((point, i) => {
        const tangent = tangents[i] ?? null;
        if (tangent === null) return;
        for (const interpreter of interpreters) {
          if (interpreter instanceof Tape) interpreter.watch(point);
          if (interpreter instanceof ForwardMode) interpreter.seed(point, tangent);
        }
      });
      const body = (): readonly Tensor[] => bind(record, points, attributes);
      return interpreters.reduceRight(
        (inner, interpreter) => () => withInterpreter(interpreter, inner),
        body,
      )();
    };
    const results: Readonly<Record<string, readonly Tensor[]>> = {
      "a second time": run(),
      "under the tape": run(new Tape()),
      "under forward mode": run(new ForwardMode()),
      "under forward mode over the tape": run(new ForwardMode(), new Tape()),
      "under the tape over forward mode": run(new Tape(), new ForwardMode()),
      "under the tape over the tape": run(new Tape(), new Tape()),
    };
    for (const [how, got] of Object.entries(results)) {
      outputs.forEach((plain, k) => {
        const other = got[k];
        if (!isAlike(other !== undefined && bitsOf(other) === bitsOf(plain))) {
          const came = other === undefined ? "nothing" : describeTensor(other);
          broken("same bits", record, sample, describeTensor(plain), `${how} ${came}`);
        }
      });
    }
    return true;
  },
};
