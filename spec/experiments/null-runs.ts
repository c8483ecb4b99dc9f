/**
 * Runs for testing verdicts: made up for all arms, or drawn for all arms from runs of one, so that no two arms differ.
 * Rests on the engine and random streams.
 */
import { RandomSource, type Stream } from "../../core/index.ts";
import { integers } from "../../core/random/index.ts";
import { armsOf, planOf, type Selection } from "../../research/engine/arms.ts";
import type { Experiment, Run, Values } from "../../research/engine/index.ts";

/** Runs of a whole selection: each has its own config and seed, and outcome, result and metrics of one of `pool`. */
export function redrawn(
  experiment: Experiment,
  pool: readonly Run[],
  selection: Selection,
  stream: Stream,
): readonly Run[] {
  const plan = planOf("redrawn", experiment, selection);
  const drawn = integers(stream, plan.length, 0, pool.length);
  return plan.map(({ config, seed }, at) => {
    const run = pool[drawn[at] ?? 0];
    if (run === undefined) throw new RangeError("the pool is empty");
    return { ...run, config, seed };
  });
}

/** The shares, of `times` draws, in which claims came out `reproduced` though nothing differs; by claim. */
export function falseShares(
  experiment: Experiment,
  pool: readonly Run[],
  profile: "quick" | "full",
  times = 200,
): Readonly<Record<string, number>> {
  const stream = new RandomSource(20_26).stream(`null/${experiment.id}/${profile}`);
  const counts = new Map(experiment.claims.map((claim) => [claim, 0]));
  const { seeds } = experiment.profiles[profile];
  for (let time = 0; time < times; time++) {
    const runs = redrawn(experiment, pool, { profile }, stream);
    for (const [claim, { verdict }] of Object.entries(
      experiment.verdict(runs, { profile, seeds }),
    )) {
      if (verdict === "reproduced") counts.set(claim, (counts.get(claim) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].map(([claim, count]) => [claim, count / times]));
}

/** The profiles whose null comparisons are drawn: of the full one, whose test is exact by its making, only with BITGRAD_SLOW=1. */
export const nullProfiles: readonly ("quick" | "full")[] =
  process.env["BITGRAD_SLOW"] === "1" ? ["quick", "full"] : ["quick"];

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
