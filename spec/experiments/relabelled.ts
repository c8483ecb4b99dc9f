/**
 * Runs for verdicts: some that were made, and arms that do not differ because their runs are drawn from the same ones.
 * Rests on the engine and core's random streams.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RandomSource, type Stream } from "../../core/index.ts";
import { integers } from "../../core/random/index.ts";
import { type ArmGrid, planOf } from "../../research/engine/arms.ts";
import type { Experiment, Run } from "../../research/engine/index.ts";
import { listedExperiments } from "../../research/engine/locate.ts";
import { performRun } from "../../research/engine/run-one.ts";
import { RunStore } from "../../research/engine/run-store.ts";
import { planStudy } from "../../research/engine/study.ts";

/** Makes runs of the experiment `id` of the library, in a store of its own. */
export function makeRuns(id: string, overrides: ArmGrid, seeds: readonly number[]): readonly Run[] {
  const located = listedExperiments().find(({ experiment }) => experiment.id === id);
  if (located === undefined) throw new Error(`no experiment ${id}`);
  const folder = mkdtempSync(join(tmpdir(), `bitgrad-${id}-`));
  try {
    const plan = planStudy("makeRuns", located, { profile: "quick", overrides, seeds });
    if ("missing" in plan) throw plan.missing;
    const options = { store: new RunStore(folder), threads: 1 };
    return plan.identities.map((identity) => performRun(located, identity, options).stored.run);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The share of `resamples` studies in which a claim of the experiment comes out as reproduced though its arms do not differ:
 * each is `relabelled` anew.
 */
export function falseShare(
  experiment: Experiment,
  pool: readonly Run[],
  { profile, resamples, seed }: { profile: "quick" | "full"; resamples: number; seed: number },
): number {
  const stream = new RandomSource(seed).stream("resamples");
  let reproduced = 0;
  for (let sample = 0; sample < resamples; sample++) {
    const { runs, seeds } = relabelled(experiment, pool, profile, stream);
    const verdicts = Object.values(experiment.verdict(runs, { profile, seeds }));
    if (verdicts.some(({ verdict }) => verdict === "reproduced")) reproduced += 1;
  }
  return reproduced / resamples;
}

/** A whole profile: each run has its own config and seed, and outcome, result and metrics of one of `pool`. */
export function relabelled(
  experiment: Experiment,
  pool: readonly Run[],
  profile: "quick" | "full",
  stream: Stream,
): { readonly runs: readonly Run[]; readonly seeds: number } {
  const plan = planOf("relabelled", experiment, { profile });
  const drawn = integers(stream, plan.length, 0, pool.length);
  const runs = plan.flatMap(({ config, seed }, at): Run[] => {
    const run = pool[drawn[at] ?? 0];
    return run === undefined ? [] : [{ ...run, config, seed }];
  });
  return { runs, seeds: new Set(plan.map(({ seed }) => seed)).size };
}
