/**
 * Weight decay through the gradient and beside it: does the best decay depend on the learning rate?
 * Rests on the engine, optim and parts.
 */
import { z } from "zod";
import { adam, adamW } from "../../optim/index.ts";
import {
  bySeed,
  defineExperiment,
  type Experiment,
  heatFigure,
  judgePaired,
  meanOf,
  tableFigure,
} from "../engine/index.ts";
import { classifierKnobs, testErrorOf, trainClassifier } from "./parts/image-classifier.ts";

const modes = ["coupled", "decoupled"] as const;
type Mode = (typeof modes)[number];
const rates = [0.0003, 0.001, 0.003, 0.01] as const;
const decays: Readonly<Record<Mode, readonly number[]>> = {
  coupled: [0.0001, 0.001, 0.01, 0.1],
  decoupled: [0.00001, 0.0001, 0.001, 0.01],
};
const labels = { coupled: "Adam with L2", decoupled: "AdamW" };

const experiment: Experiment = defineExperiment({
  id: "adamw-decay",
  title: "Decay and rate, coupled and not",
  question: "Does a decay that was tuned at one learning rate serve at another?",
  claims: ["opt-decay"],
  source: "Loshchilov & Hutter 2019, section 4.1, figures 1 and 2",
  config: z.strictObject({
    mode: z
      .enum(modes)
      .default("decoupled")
      .describe("whether the decay goes through the gradient"),
    rate: z.number().positive().default(0.001).describe("learning rate"),
    decay: z
      .number()
      .min(0)
      .default(0.001)
      .describe(
        "coupled: λ of the loss λ/2·‖w‖²; decoupled: the share of a weight that an update takes, whatever the rate",
      ),
    ...classifierKnobs,
    train: z.int().min(1).default(500).describe("training images: few, so that decay matters"),
  }),
  arms: modes.flatMap((mode) =>
    rates.flatMap((rate) => decays[mode].map((decay) => ({ mode, rate, decay }))),
  ),
  profiles: {
    quick: { seeds: 3, config: { steps: 200, width: 32 }, seconds: 0.4 },
    full: { seeds: 12, config: { steps: 1000 }, seconds: 6 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { mode, rate, decay } = context.config;
    return trainClassifier(context, {
      // As in the paper, Algorithm 2: the library's decay is multiplied by the rate, the paper's is not.
      optimizer: (net) =>
        mode === "coupled"
          ? adam(net.parameters(), { learningRate: rate, weightDecay: decay })
          : adamW(net.parameters(), { learningRate: rate, weightDecay: decay / rate }),
    });
  },
  figures: (runs) => [
    ...modes.map((mode) =>
      heatFigure({
        title: `Test error, ${labels[mode]}`,
        caption:
          "Mean of the seeds. A best region along an axis: the two can be tuned one after the other.",
        x: {
          label: mode === "coupled" ? "λ" : "share of a weight lost at each update",
          scale: "log",
        },
        y: { label: "learning rate", scale: "log" },
        value: { label: "test error", unit: "%" },
        cells: rates.flatMap((rate) =>
          decays[mode].map((decay) => ({
            x: decay,
            y: rate,
            value: meanOf(bySeed(runs, { mode, rate, decay }, testErrorOf)),
          })),
        ),
      }),
    ),
    tableFigure({
      title: "The best decay of each rate",
      columns: ["optimizer", ...rates.map((rate) => `rate ${rate}`)],
      rows: modes.map((mode) => {
        const table = rates.map((rate) =>
          decays[mode].map((decay) => meanOf(bySeed(runs, { mode, rate, decay }, testErrorOf))),
        );
        return [labels[mode], ...table.map((row) => decays[mode][placeOfLeast(row)] ?? null)];
      }),
    }),
  ],
  verdict(runs, context) {
    const regrets = (mode: Mode): readonly number[] => {
      const table = rates.map((rate) =>
        decays[mode].map((decay) => bySeed(runs, { mode, rate, decay }, testErrorOf)),
      );
      const [first = []] = table.flat();
      return first.map((_, seed) =>
        regret(table.map((row) => row.map((errors) => errors[seed] ?? Number.NaN))),
      );
    };
    return {
      "opt-decay": judgePaired(
        regrets("decoupled"),
        regrets("coupled"),
        {
          name: "points of test error (%) lost by a decay tuned at another rate, AdamW against Adam with L2",
          better: "lower",
          margin: 0.2,
          reason:
            "Were the two decoupled, such a decay would lose nothing; two images of a thousand are noise",
          paper:
            "the best decay hardly depends on the rate with AdamW, and does with L2 (figures 1 and 2)",
        },
        context,
      ),
    };
  },
});

export default experiment;

/** Mean, over all pairs of rates, of what the best decay of the one loses at the other. table: [rates, decays]. */
export function regret(table: readonly (readonly number[])[]): number {
  const losses = table.flatMap((row, at) =>
    table.flatMap((other, from) =>
      from === at ? [] : [(row[placeOfLeast(other)] ?? Number.NaN) - Math.min(...row)],
    ),
  );
  return meanOf(losses);
}

function placeOfLeast(row: readonly number[]): number {
  return row.indexOf(Math.min(...row));
}
