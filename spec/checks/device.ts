/**
 * checkDevice: every op's value and derivatives on one device, against references, and launch by launch against the
 * reference device.
 * Rests on the laws.
 */
import { type DType, type OpRecord, registry, ValueError } from "../../core/index.ts";
import { deviceEquality } from "../laws/device-equality.ts";
import { laws } from "../laws/index.ts";
import type { DeclaredLaw, SampledLaw } from "../laws/law.ts";
import type { LawError } from "../laws/law-error.ts";
import { type Budget, runLaw } from "../laws/run.ts";
import { type CheckOptions, callOf, chosen, type Held, onDevice, settle } from "./options.ts";

type AnyLaw = SampledLaw | DeclaredLaw;

/** Options of `checkDevice`. */
export interface DeviceOptions extends Omit<CheckOptions, "order" | "device"> {
  /** Names of ops; default all of the registry. */
  readonly ops?: readonly string[];
}

/** Laws that a device can break; the others speak of rules and messages. */
const ofDevices: readonly string[] = [
  "shape rule",
  "reference",
  "reference in float32",
  "untouched inputs",
  "same bits",
  "layouts",
];

/**
 * Holds against the device `name` that every op gives what its reference says within its bound, that views have the
 * bits of dense inputs, that nothing is written to that is an input, and (but for the reference device itself) that every
 * launch of a kernel, for values and both derivative rules, agrees with the reference device. `runs`: at least 8.
 *
 * Throws LawError for the first law that is broken, with the shrunk case; ValueError for options out of range.
 *
 * @example
 * checkDevice("wasm", { ops: ["conv2d"] });
 */
export function checkDevice(name: string, options: DeviceOptions = {}): readonly Held[] {
  const settings = settle("checkDevice", { runs: 8, ...options, device: name });
  const { seed, dtypes, only } = settings;
  const runs = Math.max(8, settings.runs);
  const records = opsNamed(options.ops ?? registry.map((record) => record.name));
  return onDevice(settings, () =>
    chosen("checkDevice", deviceLaws(name, dtypes), only).map((law) => {
      const again = (title: string, op: string): string => {
        const call = callOf("checkDevice", `"${name}"`, settings, title);
        return call.replace("{ ", `{ ops: ["${op}"], `);
      };
      const { examples, failure } = holdOnOps(law, records, { seed, runs, again });
      if (failure !== null) throw failure;
      return { law: law.name, claim: law.claim, examples };
    }),
  );
}

/** The laws that the device `name` can break, about floats of these dtypes. */
export function deviceLaws(name: string, dtypes: readonly DType[]): readonly AnyLaw[] {
  const equalities =
    name === "wasm"
      ? dtypes.flatMap((dtype) =>
          dtype === "float32" || dtype === "float64" ? [deviceEquality(dtype, () => {})] : [],
        )
      : [];
  return [...laws.filter((law) => ofDevices.includes(law.name)), ...equalities];
}

/** Holds a law against each of these ops, up to the first that breaks it. `again` is asked for the call of an op. */
export function holdOnOps(
  law: AnyLaw,
  records: readonly OpRecord[],
  { again, ...budget }: Budget & { again(law: string, op: string): string },
): { readonly examples: number; readonly failure: LawError | null } {
  let examples = 0;
  for (const record of records) {
    if (!law.applies(record)) continue;
    const here = (title: string): string => again(title, record.name);
    const outcome = runLaw(law, record, { ...budget, again: here });
    examples += outcome.examples;
    if (outcome.failure !== null) return { examples, failure: outcome.failure };
  }
  return { examples, failure: null };
}

/** The records of these names. Throws ValueError for a name that is none. */
function opsNamed(names: readonly string[]): readonly OpRecord[] {
  return names.map((name) => {
    const record = registry.find((candidate) => candidate.name === name);
    if (record !== undefined) return record;
    throw new ValueError({
      where: "checkDevice",
      argument: "ops",
      expected: "to be names of ops in the registry",
      got: JSON.stringify(name),
      fix: "List them with registry.map(({ name }) => name)",
    });
  });
}
