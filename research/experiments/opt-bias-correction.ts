/**
 * Adam with and without the correction of its moments: what the first steps do.
 * Rests on the engine, optim and parts.
 */
import { z } from "zod";
import { log } from "../../core/scalar-math/index.ts";
import { adam } from "../../optim/index.ts";
import {
  bandOf,
  barFigure,
  bySeed,
  defineExperiment,
  type Experiment,
  judgePaired,
  lineFigure,
  runsWhere,
  seedsBar,
} from "../engine/index.ts";
import { classifierKnobs, trainClassifier } from "./parts/image-classifier.ts";

const beta1s = [0, 0.9] as const;
const beta2s = [0.99, 0.999, 0.9999] as const;
const rates = [1e-4, 1e-3, 1e-2] as const;
/** Updates that count as the beginning. */
const early = 50;

const experiment: Experiment = defineExperiment({
  id: "opt-bias-correction",
  title: "Adam with and without bias correction",
  question: "Is training unstable at first where moments that start at 0 are not corrected?",
  claims: ["opt-bias-correction"],
  source: "Kingma & Ba 2015, section 6.4, figure 4",
  config: z.strictObject({
    biasCorrection: z.boolean().default(true).describe("whether moments are divided by 1 - β^t"),
    beta1: z.number().min(0).lt(1).default(0.9).describe("kept share of the first moment"),
    beta2: z.number().min(0).lt(1).default(0.999).describe("kept share of the second moment"),
    rate: z.number().positive().default(0.001).describe("learning rate"),
    ...classifierKnobs,
  }),
  arms: { beta1: [...beta1s], beta2: [...beta2s], rate: [...rates], biasCorrection: [true, false] },
  profiles: {
    quick: { seeds: 3, config: { steps: 100, train: 5000, width: 32 }, seconds: 0.3 },
    full: { seeds: 12, config: { steps: 600 }, seconds: 4 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { biasCorrection, beta1, beta2, rate } = context.config;
    const result = trainClassifier(context, {
      optimizer: (net) =>
        adam(net.parameters(), { learningRate: rate, beta1, beta2, biasCorrection }),
    });
    const losses = context.metrics.rows().map(({ values }) => Number(values["loss"]));
    const [first = Number.NaN] = losses;
    // A loss that is not finite is the highest there is: it counts as a float32 at its end.
    const highest = Math.min(Math.max(...losses.slice(0, early).map(orInfinity)), 3e38);
    return { ...result, spike: log(highest / first) / Math.LN10 };
  },
  figures: (runs) => [
    barFigure({
      title: `Highest loss of the first ${early} updates, in decades above the first`,
      caption:
        "Mean of the seeds with its 95 % interval. 0: the loss never rose above where it began.",
      x: "β1, β2 and rate",
      y: { label: "log10(highest loss/first loss)" },
      bars: beta1s.flatMap((beta1) =>
        beta2s.flatMap((beta2) =>
          rates.flatMap((rate) =>
            [true, false].map((biasCorrection) =>
              seedsBar(
                `${beta1}, ${beta2}, ${rate}`,
                biasCorrection ? "corrected" : "not corrected",
                bySeed(runs, { beta1, beta2, rate, biasCorrection }, ({ result }) => result.spike),
              ),
            ),
          ),
        ),
      ),
    }),
    ...beta2s.map((beta2) =>
      lineFigure({
        title: `Loss by rate, β2 = ${beta2}`,
        caption: "Mean loss of the last 20 updates, one point a run; no point where it diverged.",
        x: { label: "learning rate", scale: "log" },
        y: { label: "training loss", unit: "nats", scale: "log" },
        series: beta1s.flatMap((beta1) =>
          [true, false].map((biasCorrection) => ({
            name: `β1 = ${beta1}, ${biasCorrection ? "corrected" : "not corrected"}`,
            mark: "dots" as const,
            points: runsWhere(runs, { beta1, beta2, biasCorrection }).map(({ config, result }) => ({
              x: config.rate,
              y: result.finalLoss,
            })),
          })),
        ),
      }),
    ),
    lineFigure({
      title: "Loss at the defaults: β1 = 0.9, β2 = 0.999, rate 0.001",
      x: { label: "update" },
      y: { label: "training loss", unit: "nats", scale: "log" },
      series: [true, false].map((biasCorrection) => ({
        name: biasCorrection ? "corrected" : "not corrected",
        points: bandOf(
          runsWhere(runs, { beta1: 0.9, beta2: 0.999, rate: 0.001, biasCorrection }),
          "loss",
        ),
      })),
    }),
  ],
  verdict(runs, context) {
    /** Of each seed, the mean over β1 and the rates where β2 is closest to 1. */
    const spikes = (biasCorrection: boolean): readonly number[] =>
      bySeed(runs, { beta2: 0.9999, biasCorrection }, ({ result }) => result.spike);
    return {
      "opt-bias-correction": judgePaired(
        spikes(true),
        spikes(false),
        {
          name: `decades that the loss of the first ${early} updates rises above the first, at β2 = 0.9999, corrected against not`,
          better: "lower",
          margin: 0.1,
          reason:
            "Without correction the first step is (1 - β1)/√(1 - β2) times too long, 10 or 100 times at β2 = 0.9999; a tenth of a decade, 26 %, is what the batches alone may do",
          paper:
            "without correction training is unstable for β2 near 1, above all at first (figure 4)",
        },
        context,
      ),
    };
  },
});

export default experiment;

function orInfinity(loss: number): number {
  return Number.isNaN(loss) ? Infinity : loss;
}
