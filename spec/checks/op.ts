/**
 * checkOp: every law of ops, on one record.
 * Rests on the laws.
 */
import { type OpRecord, type Tensors, ValueError } from "../../core/index.ts";
import { laws } from "../laws/index.ts";
import { runLaw } from "../laws/run.ts";
import { type CheckOptions, callOf, chosen, type Held, onDevice, settle } from "./options.ts";

/** Laws about derivatives of second order. */
const second: readonly string[] = ["second-order tangent", "second-order adjoint"];
/** Laws about values in one dtype alone. */
const dtypeOf: Readonly<Record<string, string>> = {
  reference: "float64",
  "reference in float32": "float32",
};

/**
 * Holds every law of ops against `record`: shape rule, value against the reference, both derivative rules at first and
 * second order, special points, declared errors, views, untouched inputs, the same bits under every transform. `runs`:
 * at least 8. Gives the laws that held.
 *
 * Throws LawError for the first that is broken, with the shrunk case; ValueError for options out of range.
 *
 * @example
 * checkOp(softsign.record); // softsign made by defineOp
 */
export function checkOp<A extends object, I extends Tensors, O extends Tensors>(
  record: OpRecord<A, I, O>,
  options: CheckOptions = {},
): readonly Held[] {
  const settings = settle("checkOp", options);
  const { seed, runs, order, dtypes, only } = settings;
  if (runs < 8) {
    throw new ValueError({
      where: "checkOp",
      argument: "runs",
      expected: "to be an integer ≥ 8",
      got: String(runs),
      fix: "Give a case at least to each kind of shape: free, empty, scalar and broadcast",
    });
  }
  const subject: OpRecord = record as OpRecord<object, Tensors, Tensors>;
  const mine = laws.filter(
    (law) =>
      law.applies(subject) &&
      (order === 2 || !second.includes(law.name)) &&
      dtypes.some((dtype) => (dtypeOf[law.name] ?? dtype) === dtype),
  );
  return onDevice(settings, () =>
    chosen("checkOp", mine, only).map((law) => {
      const again = (name: string): string =>
        callOf("checkOp", `${subject.name}Op`, settings, name);
      const { failure, examples } = runLaw(law, subject, { seed, runs, again });
      if (failure !== null) throw failure;
      return { law: law.name, claim: law.claim, examples };
    }),
  );
}
