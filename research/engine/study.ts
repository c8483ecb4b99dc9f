/**
 * Studies: all runs of one selection of one experiment, and what they come to.
 * Rests on arms, key, the store and the experiment's figures and verdicts.
 */

import { mkdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { DatasetError } from "../../core/index.ts";
import { type ArmGrid, planOf, type Selection, seedsOf } from "./arms.ts";
import type { Figure } from "./figure.ts";
import { identityOf, keyOf, type RunIdentity } from "./key.ts";
import type { LocatedExperiment } from "./locate.ts";
import { type StoredRun, writeObject } from "./run-store.ts";
import { canonicalOf, hashOf } from "./values.ts";
import type { ProfileName, Verdict } from "./verdict.ts";

/** The runs that a selection comes to, before they are made. */
export interface StudyPlan {
  readonly located: LocatedExperiment;
  readonly selection: Selection;
  readonly profile: ProfileName;
  /** `"quick"`, `"full"`, or `"custom-"` and the beginning of a hash. */
  readonly name: string;
  readonly device: string;
  readonly identities: readonly RunIdentity[];
}

/** A run that did not come about. */
export interface Failure {
  readonly identity: RunIdentity;
  readonly message: string;
}

/** What runs come to. */
export interface Study {
  readonly plan: StudyPlan;
  readonly runs: readonly StoredRun[];
  readonly failures: readonly Failure[];
  readonly figures: readonly Figure[];
  /** By claim; none where runs are missing. */
  readonly verdicts: Readonly<Record<string, Verdict>>;
}

/** A study that cannot begin: a dataset is not on this machine. */
export interface Missing {
  readonly located: LocatedExperiment;
  readonly missing: DatasetError;
}

/**
 * Plans a study, or says which dataset is missing. Throws UsageError for overrides that the config refuses.
 */
export function planStudy(
  where: string,
  located: LocatedExperiment,
  selection: Selection,
  device = "wasm",
): StudyPlan | Missing {
  const planned = planOf(where, located.experiment, selection);
  try {
    const identities = planned.map(({ config, seed }) =>
      identityOf(located, { config, seed, device }),
    );
    const profile = profileOf(located, selection, device);
    // The same runs are the same study, in whatever order a command names its keys.
    const name =
      profile === "custom" ? `custom-${hashOf(identities.map(keyOf).sort()).slice(0, 8)}` : profile;
    return { located, selection, profile, name, device, identities };
  } catch (error) {
    if (error instanceof DatasetError) return { located, missing: error };
    throw error;
  }
}

/** `"custom"` for anything but the whole profile on the default device. */
function profileOf(located: LocatedExperiment, selection: Selection, device: string): ProfileName {
  const { overrides = {} as ArmGrid, profile } = selection;
  const own = seedsOf(located.experiment, { profile });
  const same =
    canonicalOf("study", "seeds", own) ===
    canonicalOf("study", "seeds", seedsOf(located.experiment, selection));
  return same && device === "wasm" && Object.keys(overrides).length === 0 ? profile : "custom";
}

/** Figures and verdicts of the runs that there are. With some missing there are none: half a comparison says nothing. */
export function conclude(
  plan: StudyPlan,
  runs: readonly StoredRun[],
  failures: readonly Failure[] = [],
): Study {
  const { experiment } = plan.located;
  const whole = failures.length === 0 && runs.length === plan.identities.length;
  if (!whole) return { plan, runs, failures, figures: [], verdicts: {} };
  const plain = runs.map(({ run }) => run);
  const seeds = seedsOf(experiment, plan.selection).length;
  return {
    plan,
    runs,
    failures,
    figures: experiment.figures(plain),
    verdicts: experiment.verdict(plain, { profile: plan.profile, seeds }),
  };
}

/** Of whose experiments the ids are enough to find them. */
const listed = join(dirname(dirname(fileURLToPath(import.meta.url))), "experiments");

/** What to write after `bitgrad run`: the id, or the path of a file from where the command was given. */
function nameOf({ file, experiment }: LocatedExperiment): string {
  return dirname(file) === listed
    ? experiment.id
    : `./${relative(process.cwd(), file).split(sep).join("/")}`;
}

/**
 * Writes a study as `<store>/<experiment>/studies/<name>.json`, with all that a report shows of it: it can be read
 * without the experiment's file. `note` says why there are no verdicts though the runs are there. Gives the path.
 */
export function writeStudy(folder: string, study: Study, note: string | null = null): string {
  const { plan, runs, failures, figures, verdicts } = study;
  const { id, title, question, claims, source, kind } = plan.located.experiment;
  const target = join(folder, id, "studies");
  mkdirSync(target, { recursive: true });
  const path = join(target, `${plan.name}.json`);
  writeObject(path, {
    experiment: id,
    name: plan.name,
    command: nameOf(plan.located),
    title,
    question,
    claims,
    source,
    kind,
    profile: plan.profile,
    base: plan.selection.profile,
    device: plan.device,
    overrides: plan.selection.overrides ?? {},
    seeds: seedsOf(plan.located.experiment, plan.selection),
    runs: runs.map(({ run }) => ({ key: run.key, fingerprint: run.fingerprint })),
    failures: failures.map(({ identity, message }) => ({
      key: keyOf(identity),
      config: identity.config,
      seed: identity.seed,
      message,
    })),
    note,
    verdicts,
    figures,
  });
  return path;
}
