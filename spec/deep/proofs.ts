/**
 * Everything that laws are held against, by name, each with one way to run it at any seed and budget.
 * Rests on the registries, the laws and the parts of the suite. A part that scales joins by a line in `parts`.
 */
import { registry, withDevice } from "../../core/index.ts";
import { initRegistry } from "../../init/registry.ts";
import { layerRegistry } from "../../layers/registry.ts";
import { optimizers } from "../../optim/registry.ts";
import { scheduleRegistry } from "../../schedules/registry.ts";
import { deviceLaws, holdOnOps } from "../checks/device.ts";
import { initializerSubject } from "../checks/initializer.ts";
import { layerSubject } from "../checks/layer.ts";
import { optimizerSubject } from "../checks/optimizer.ts";
import { scheduleSubject } from "../checks/schedule.ts";
import { compiledLaw } from "../laws/compiled.ts";
import { deviceEquality } from "../laws/device-equality.ts";
import { laws } from "../laws/index.ts";
import { initializerLaws } from "../laws/initializers.ts";
import { layerLaws } from "../laws/layers.ts";
import { optimizerLaws } from "../laws/optimizers.ts";
import { runLaw } from "../laws/run.ts";
import { scheduleLaws } from "../laws/schedules.ts";
import { runTrials, type TrialLaw } from "../laws/trial.ts";
import { linearity } from "../metamorphic/linearity.ts";
import { plainSteps } from "../optimizer-plain.ts";
import { parts } from "./parts.ts";
import { commandOf, type Proof, resultsOf } from "./proof.ts";

/** Devices that every machine has. */
const devices: readonly string[] = ["wasm", "reference"];

const ignore = (): void => {};

/** It runs each case ten times, and so gets a quarter of the budget. */
const compiled = compiledLaw(ignore);

/** Of the budget, what a device gets for each op and law: the ops have had theirs. */
const deviceShare = 0.25;

/** Everything: adding a record to a registry is enough to stand here. */
export const proofs: readonly Proof[] = [
  ...registry.map(
    (record): Proof => ({
      kind: "op",
      name: record.name,
      run: (options) => {
        const ofWasm =
          options.device === "wasm"
            ? [deviceEquality("float32", ignore), deviceEquality("float64", ignore), compiled]
            : [];
        const mine = [...laws, linearity, ...ofWasm].filter((law) => law.applies(record));
        const again = (): string => commandOf(options, record.name);
        return withDevice(options.device, () =>
          resultsOf(record.name, options, mine, (law) =>
            runLaw(law, record, {
              ...options,
              runs: law === compiled ? Math.max(4, Math.ceil(options.runs / 4)) : options.runs,
              again,
            }),
          ),
        );
      },
    }),
  ),
  ...layerRegistry.map((record) => {
    const subject = layerSubject(record);
    return trials("layer", record.name, layerLaws, subject, subject.isNet ? 0.1 : 0.3);
  }),
  ...optimizers.map((record) => {
    const subject = optimizerSubject(record, plainSteps[record.call] ?? null);
    return trials("optimiser", record.name, optimizerLaws, subject, 0.5);
  }),
  ...scheduleRegistry.map((record) =>
    trials("schedule", record.name, scheduleLaws, scheduleSubject(record), 1.5),
  ),
  ...initRegistry.map((record) =>
    trials("initializer", record.name, initializerLaws, initializerSubject(record), 0.2),
  ),
  ...devices.map(
    (name): Proof => ({
      kind: "device",
      name,
      run: (options) => {
        const { seed } = options;
        const runs = Math.max(4, Math.ceil(options.runs * deviceShare));
        const again = (): string => commandOf(options, name);
        return withDevice(name, () =>
          resultsOf(name, options, deviceLaws(name, ["float64", "float32"]), (law) =>
            holdOnOps(law, registry, { seed, runs, again }),
          ),
        );
      },
    }),
  ),
  ...parts,
];

function trials<S>(
  kind: Proof["kind"],
  name: string,
  all: readonly TrialLaw<S>[],
  subject: S,
  share: number,
): Proof {
  const mine = all.filter(({ applies }) => applies?.(subject) ?? true);
  return {
    kind,
    name,
    run: (options) => {
      const runs = Math.ceil(options.runs * share);
      const how = { seed: options.seed, runs, again: () => commandOf(options, name) };
      return withDevice(options.device, () =>
        resultsOf(name, options, mine, (law) => runTrials(law, subject, name, how)),
      );
    },
  };
}
