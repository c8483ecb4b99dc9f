/**
 * Everything that laws are held against, by name, each with one way to run it at any seed and budget.
 * Rests on the registries and the laws. A part of the suite that scales joins by a line in `proofs`.
 */
import { registry, withDevice } from "../../core/index.ts";
import { initRegistry } from "../../init/registry.ts";
import { layerRegistry } from "../../layers/registry.ts";
import { optimizers } from "../../optim/registry.ts";
import { scheduleRegistry } from "../../schedules/registry.ts";
import { initializerSubject } from "../checks/initializer.ts";
import { layerSubject } from "../checks/layer.ts";
import { optimizerSubject } from "../checks/optimizer.ts";
import { scheduleSubject } from "../checks/schedule.ts";
import { deviceEquality } from "../laws/device-equality.ts";
import { laws } from "../laws/index.ts";
import { initializerLaws } from "../laws/initializers.ts";
import type { LawError } from "../laws/law-error.ts";
import { layerLaws } from "../laws/layers.ts";
import { optimizerLaws } from "../laws/optimizers.ts";
import { runLaw } from "../laws/run.ts";
import { scheduleLaws } from "../laws/schedules.ts";
import { runTrials, type TrialLaw } from "../laws/trial.ts";
import { plainSteps } from "../optimizer-plain.ts";

/** How to run. */
export interface ProofOptions {
  readonly seed: number;
  /** Random cases a law; things that take long get a share. */
  readonly runs: number;
  readonly device: string;
}

/** A law that is broken. */
export interface Found {
  readonly subject: string;
  readonly seed: number;
  readonly failure: LawError;
}

/** What came of a run. */
export interface ProofResult {
  /** Laws that apply. */
  readonly laws: number;
  readonly examples: number;
  readonly failures: readonly Found[];
}

/** One thing that laws are held against. */
export interface Proof {
  readonly kind: "op" | "layer" | "optimiser" | "schedule" | "initializer";
  readonly name: string;
  run(options: ProofOptions): ProofResult;
}

const again = ({ seed, device }: ProofOptions, name: string): string =>
  `npm run spec -- --only ${JSON.stringify(name)} --seed ${seed} --device ${device}`;

/** Everything: adding a record to a registry is enough to stand here. */
export const proofs: readonly Proof[] = [
  ...registry.map(
    (record): Proof => ({
      kind: "op",
      name: record.name,
      run: (options) => {
        const equalities =
          options.device === "wasm"
            ? (["float32", "float64"] as const).map((dtype) => deviceEquality(dtype, () => {}))
            : [];
        const mine = [...laws, ...equalities].filter((law) => law.applies(record));
        return withDevice(options.device, () =>
          gathered(record.name, options, mine, (law) =>
            runLaw(law, record, { ...options, again: () => again(options, record.name) }),
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
      const how = { seed: options.seed, runs, again: () => again(options, name) };
      return withDevice(options.device, () =>
        gathered(name, options, mine, (law) => runTrials(law, subject, name, how)),
      );
    },
  };
}

function gathered<L>(
  subject: string,
  { seed }: ProofOptions,
  all: readonly L[],
  run: (law: L) => { readonly examples: number; readonly failure: LawError | null },
): ProofResult {
  const results = all.map(run);
  return {
    laws: all.length,
    examples: results.reduce((total, { examples }) => total + examples, 0),
    failures: results.flatMap(({ failure }) =>
      failure === null ? [] : [{ subject, seed, failure }],
    ),
  };
}
