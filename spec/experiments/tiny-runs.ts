/**
 * Tiny runs of an experiment in this process, on drawn shapes in place of a dataset, with nothing stored.
 * Rests on the engine and core/data.
 */
import { shapes } from "../../core/data/index.ts";
import { RandomSource, scope } from "../../core/index.ts";
import { type ArmGrid, planOf } from "../../research/engine/arms.ts";
import type { Experiment, MetricRow, Run, Value, Values } from "../../research/engine/index.ts";
import { canonicalOf, isValues, readValue } from "../../research/engine/values.ts";

const images = { train: shapes({ count: 128, seed: 1 }), test: shapes({ count: 32, seed: 2 }) };

/** Runs of the quick profile's arms with these values for keys, as they would be read from a store. */
export function tinyRuns(
  experiment: Experiment,
  overrides: Readonly<Record<string, readonly Value[]>>,
  seeds: readonly number[],
): readonly Run[] {
  const selection = { profile: "quick", overrides: overrides as ArmGrid, seeds } as const;
  return planOf("tinyRuns", experiment, selection).map(({ config, seed }) =>
    scope(() => runOf(experiment, config, seed)),
  );
}

function runOf(experiment: Experiment, config: Values, seed: number): Run {
  const rows: MetricRow[] = [];
  let divergedAt: number | null = null;
  const given = experiment.run({
    config,
    seed,
    streams: new RandomSource(seed),
    data: { images: () => images },
    metrics: {
      write: (step, values) => {
        rows.push({ step, values });
      },
      rows: () => rows,
    },
    checkpoint: { restore: () => null, save: () => {}, keep: () => {} },
    progress: () => {},
    diverged: (step) => {
      divergedAt ??= step;
    },
  });
  const result = readValue("run", "the result", canonicalOf("run", "the result", given));
  return {
    key: `${seed}`,
    config,
    seed,
    outcome: divergedAt === null ? "finished" : "diverged",
    divergence: divergedAt === null ? null : { step: divergedAt, cause: null },
    result: isValues(result) ? result : {},
    metrics: rows,
    fingerprint: "",
  };
}
