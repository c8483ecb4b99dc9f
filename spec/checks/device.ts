/**
 * checkDevice: every op's value and derivatives on one device, against references, and launch by launch against the
 * reference device.
 * Rests on the laws.
 */
import { type OpRecord, registry, ValueError } from "../../core/index.ts";
import { deviceEquality } from "../laws/device-equality.ts";
import { laws } from "../laws/index.ts";
import { runLaw } from "../laws/run.ts";
import { type CheckOptions, callOf, chosen, type Held, onDevice, settle } from "./options.ts";

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
  const { seed, runs, dtypes, only } = settings;
  const records = opsNamed(options.ops ?? registry.map((record) => record.name));
  const equalities =
    name === "wasm"
      ? dtypes.flatMap((dtype) =>
          dtype === "float32" || dtype === "float64" ? [deviceEquality(dtype, () => {})] : [],
        )
      : [];
  const all = [...laws.filter((law) => ofDevices.includes(law.name)), ...equalities];
  return onDevice(settings, () =>
    chosen("checkDevice", all, only).map((law) => {
      let examples = 0;
      for (const record of records) {
        const again = (title: string): string => {
          const call = callOf("checkDevice", `"${name}"`, settings, title);
          return call.replace("{ ", `{ ops: ["${record.name}"], `);
        };
        if (!law.applies(record)) continue;
        const outcome = runLaw(law, record, { seed, runs: Math.max(8, runs), again });
        if (outcome.failure !== null) throw outcome.failure;
        examples += outcome.examples;
      }
      return { law: law.name, claim: law.claim, examples };
    }),
  );
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
