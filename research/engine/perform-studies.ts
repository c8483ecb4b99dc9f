/**
 * Studies made: their runs in worker processes, what is there taken from the store, figures and verdicts concluded.
 * Rests on study, the store and workers.
 */
import { ValueError } from "../../core/index.ts";
import type { Terminal } from "../terminal.ts";
import type { Done, Job } from "../workers/messages.ts";
import { doJobs } from "../workers/pool.ts";
import { runsProgress } from "../workers/progress.ts";
import type { RunIdentity } from "./key.ts";
import { textOf } from "./knobs.ts";
import { listedExperiments } from "./locate.ts";
import { RunStore } from "./run-store.ts";
import { conclude, type Failure, type Study, type StudyPlan, writeStudy } from "./study.ts";
import { canonicalOf, type Values } from "./values.ts";

/** How studies are made. */
export interface StudiesOptions {
  /** The store's folder. */
  readonly store: string;
  /** Processes; 1 is this one. */
  readonly workers: number;
  /** Threads of each. */
  readonly threads: number;
  readonly force: boolean;
  readonly checkpointSeconds: number;
  readonly terminal: Terminal;
}

/** A study, with how its runs came about. */
export interface PerformedStudy {
  readonly study: Study;
  /** The file that holds it. */
  readonly path: string;
  /** Of each run that the study has, by its key. */
  readonly done: ReadonlyMap<string, Done>;
  /** Why there are no figures and verdicts though all runs are there; null where there are. */
  readonly note: string | null;
  /** Whether something went wrong: a run that failed or differs, figures or a verdict that cannot be made. */
  readonly failed: boolean;
}

/** Makes all runs of all plans, those of one after those of the other, and concludes each. */
export async function performStudies(
  plans: readonly StudyPlan[],
  options: StudiesOptions,
): Promise<readonly PerformedStudy[]> {
  const tasks = plans.flatMap((plan) => plan.identities.map((identity) => ({ plan, identity })));
  const progress = runsProgress(
    tasks.map(({ plan, identity }) => ({
      title: `${identity.experiment} ${labelOf(plan, identity)}`.trim(),
      weight: plan.located.experiment.profiles[plan.selection.profile].seconds ?? 1,
    })),
    options.terminal,
  );
  const jobs = tasks.map(({ plan, identity }): Job => {
    const { experiment, file } = plan.located;
    const isListed = listedExperiments().some((listed) => listed.experiment === experiment);
    const { store, threads, force, checkpointSeconds } = options;
    const name = isListed ? experiment.id : file;
    return { experiment: name, identity, store, threads, force, checkpointSeconds };
  });
  const ended = await doJobs(jobs, { workers: options.workers, listener: progress }).finally(() =>
    progress.stop(),
  );
  const store = new RunStore(options.store);
  return plans.map((plan) => {
    const own = tasks.flatMap((task, at) =>
      task.plan === plan ? [{ identity: task.identity, end: ended[at] ?? null }] : [],
    );
    const failures = own.flatMap(({ identity, end }): readonly Failure[] => {
      if (end?.type === "done") return [];
      return [{ identity, message: end?.message ?? "not begun: the disk is full" }];
    });
    const stored = own.flatMap(({ identity, end }) => {
      const found = end?.type === "done" ? store.find(identity, () => {}) : null;
      return found === null ? [] : [{ found, end }];
    });
    const runs = stored.map(({ found }) => found);
    const { study, note, broken } = concluded(plan, runs, failures);
    const done = new Map(
      stored.flatMap(({ found, end }) =>
        end?.type === "done" ? [[found.run.key, end] as const] : [],
      ),
    );
    const differs = [...done.values()].some(({ how }) => how === "differs");
    const failed = broken || differs || failures.length > 0;
    return { study, note, failed, done, path: writeStudy(options.store, study, note) };
  });
}

/**
 * Figures and verdict of a selection made by hand may ask for arms that it has not: then it has none, and nothing is
 * wrong. Those of a profile must be there.
 */
function concluded(
  plan: StudyPlan,
  runs: Study["runs"],
  failures: readonly Failure[],
): { readonly study: Study; readonly note: string | null; readonly broken: boolean } {
  try {
    return { study: conclude(plan, runs, failures), note: null, broken: false };
  } catch (error) {
    const study = { plan, runs, failures, figures: [], verdicts: {} };
    const message = error instanceof Error ? error.message : String(error);
    const isPartial = plan.profile === "custom" && error instanceof ValueError;
    const note = isPartial
      ? `these arms are not those that its verdict compares: ${message}`
      : message;
    return { study, note, broken: !isPartial };
  }
}

/** What tells a run from the others of its plan: `init=xavier seed=2`. */
export function labelOf(plan: StudyPlan, { config, seed }: RunIdentity): string {
  const keys = varyingKeys(plan.identities.map((identity) => identity.config));
  return [...keys.map((key) => `${key}=${textOf(config[key] ?? null)}`), `seed=${seed}`].join(" ");
}

/** The keys whose values are not all the same, in the order of the first config. */
export function varyingKeys(configs: readonly Values[]): readonly string[] {
  const [first = {}] = configs;
  return Object.keys(first).filter(
    (key) => new Set(configs.map((config) => canonicalOf("runs", key, config[key]))).size > 1,
  );
}
