/**
 * An experiment for tests: a small net on points, with knobs to make it slow, diverge or fail.
 * Rests on the engine.
 */
import { z } from "zod";
import { DataLoader, gaussianClusters, pointExamples } from "../../core/data/index.ts";
import { assemble, mlp } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  lineFigure,
  pairsOf,
  runsWhere,
  trainRun,
  valuesOf,
} from "../../research/engine/index.ts";

/** Where a run is broken off, as a crash would: after so many updates of this process. */
export const interruption: { after: number } = { after: Number.POSITIVE_INFINITY };

const experiment: Experiment = defineExperiment({
  id: "clusters",
  title: "Clusters, two rates",
  question: "Does the higher rate end lower?",
  claims: ["lr-range"],
  source: "Made for tests",
  config: z.strictObject({
    rate: z.number().positive().default(0.1).describe("learning rate"),
    widths: z.array(z.int().min(1)).default([6]).describe("units of the hidden layers"),
    steps: z.int().min(1).default(20).describe("updates"),
    pause: z.int().min(0).default(0).describe("milliseconds of rest after each update"),
    fail: z.boolean().default(false).describe("whether to throw"),
  }),
  arms: { rate: [0.01, 0.1] },
  profiles: { quick: { seeds: 2 }, full: { seeds: 3, config: { steps: 30 } } },
  run(context) {
    const { config, seed, metrics, progress } = context;
    if (config.fail) throw new TypeError("this arm has a mistake");
    const points = pointExamples(gaussianClusters({ count: 64, seed, classes: 3 }));
    const loader = new DataLoader(points, { batchSize: 8, seed });
    const net = assemble(mlp([2, ...config.widths, 3]), { seed });
    const optimizer = sgd(net.parameters(), { learningRate: config.rate, momentum: 0.9 });
    let updates = 0;
    const trained = trainRun(
      { ...context, progress: (share) => progress(share) },
      {
        net,
        optimizer,
        loader,
        steps: config.steps,
        onStep: () => {
          updates += 1;
          if (updates > interruption.after) throw new RangeError("interrupted");
          if (config.pause > 0) {
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, config.pause);
          }
          return {};
        },
      },
    );
    const losses = metrics.rows().map(({ values }) => Number(values["loss"]));
    return { ...trained, finalLoss: losses.at(-1) ?? Number.NaN };
  },
  figures: (runs) => [
    lineFigure({
      title: "Loss",
      x: { label: "update" },
      y: { label: "loss", unit: "nats" },
      series: valuesOf(runs, "rate").map((rate) => ({
        name: `rate ${rate}`,
        points: bandOf(runsWhere(runs, { rate }), "loss"),
      })),
    }),
  ],
  verdict(runs) {
    runsWhere(runs, { rate: 0.01 });
    const wins = pairsOf(runs, "rate", 0.01, 0.1).filter(
      ({ first, second }) => second.result.finalLoss < first.result.finalLoss,
    );
    return {
      "lr-range": {
        verdict: wins.length > 0 ? "reproduced" : "not reproduced",
        threshold: "with one seed at least",
        reason: "It is only a test",
        measured: `${wins.length} seeds`,
      },
    };
  },
});

export default experiment;
