/**
 * Runs for testing verdicts: small ones made for real, and runs of one arm dealt out as if they were of all arms.
 * Rests on the engine and random streams.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RandomSource } from "../../core/index.ts";
import { integers } from "../../core/random/index.ts";
import { type ArmGrid, armsOf } from "../../research/engine/arms.ts";
import type { Experiment, ProfileName, Run, Value, Values } from "../../research/engine/index.ts";
import { performRun } from "../../research/engine/run-one.ts";
import { RunStore } from "../../research/engine/run-store.ts";
import { planStudy } from "../../research/engine/study.ts";

/** Runs with small values for keys, in a store that is removed again; not concluded, so that any arms will do. */
export function smallRuns(
  experiment: Experiment,
  overrides: Readonly<Record<string, readonly Value[]>>,
  seeds: readonly number[],
): readonly Run[] {
  const folder = mkdtempSync(join(tmpdir(), `bitgrad-${experiment.id}-`));
  const located = {
    experiment,
    file: fileURLToPath(new URL(`../../research/experiments/${experiment.id}.ts`, import.meta.url)),
  };
  try {
    const selection = { profile: "quick", overrides: overrides as ArmGrid, seeds } as const;
    const plan = planStudy("smallRuns", located, selection);
    if ("missing" in plan) throw plan.missing;
    const options = { store: new RunStore(folder), threads: 1 };
    return plan.identities.map((identity) => performRun(located, identity, options).stored.run);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The share, of `times` draws, in which a claim came out `reproduced` though nothing differs: every arm of the full profile
 * gets, with each of `seeds` seeds, a run of `pool` at random. By claim.
 */
export function falseShares(
  experiment: Experiment,
  pool: readonly Run[],
  {
    seeds,
    profile,
    times = 200,
  }: { readonly seeds: number; readonly profile: ProfileName; readonly times?: number },
): Readonly<Record<string, number>> {
  const arms = armsOf("falseShares", experiment, { profile: "full" });
  const stream = new RandomSource(20_26).stream(`null/${experiment.id}/${seeds}`);
  const counts = new Map(experiment.claims.map((claim) => [claim, 0]));
  for (let time = 0; time < times; time++) {
    const drawn = integers(stream, arms.length * seeds, 0, pool.length);
    const runs = arms.flatMap((config, arm) =>
      Array.from({ length: seeds }, (_, seed): Run => {
        const run = pool[drawn[arm * seeds + seed] ?? 0];
        if (run === undefined) throw new RangeError("the pool is empty");
        return { ...run, config, seed };
      }),
    );
    for (const [claim, { verdict }] of Object.entries(
      experiment.verdict(runs, { profile, seeds }),
    )) {
      if (verdict === "reproduced") counts.set(claim, (counts.get(claim) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].map(([claim, count]) => [claim, count / times]));
}

/** Runs of all arms of the full profile with results that are made up. */
export function dealt(
  experiment: Experiment,
  seeds: number,
  resultOf: (config: Values, seed: number) => Values,
): readonly Run[] {
  return armsOf("dealt", experiment, { profile: "full" }).flatMap((config) =>
    Array.from(
      { length: seeds },
      (_, seed): Run => ({
        key: `${seed}`,
        config,
        seed,
        outcome: "finished",
        divergence: null,
        result: resultOf(config, seed),
        metrics: [],
        fingerprint: "",
      }),
    ),
  );
}
