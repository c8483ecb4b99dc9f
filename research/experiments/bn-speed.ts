/**
 * How fast a net trains with batch normalization and without, over rates and scales of the first weights.
 * Rests on the engine, layers, probes, optim and init.
 */
import { z } from "zod";
import { log } from "../../core/scalar-math/index.ts";
import { kaimingNormal } from "../../init/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  barFigure,
  bySeed,
  defineExperiment,
  type Experiment,
  estimate,
  heatFigure,
  leastOf,
  lineFigure,
  meanOf,
  minus,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { lossFigure, meanCaption } from "./parts/figures.ts";
import { beginTraining, hiddenKnobs, imageKnobs } from "./parts/image-training.ts";
import { perceptron } from "./parts/nets.ts";
import { gradientSizes, judge, lossesOf, updatesTo } from "./parts/training.ts";

const norms = ["none", "before"] as const;
type Norm = (typeof norms)[number];
const names = { none: "without BatchNorm", before: "with BatchNorm" };
const rates = [0.03, 0.1, 0.3, 1, 3];
const scales = [0.1, 1, 3];

const experiment: Experiment = defineExperiment({
  id: "bn-speed",
  title: "With and without BatchNorm, over rates and scales of the first weights",
  question:
    "Does BatchNorm train faster, keep gradients alive, and mind rate and first weights less?",
  claims: ["bn-speed"],
  source: "Ioffe & Szegedy 2015, sections 3.3 and 4.2, figure 2",
  config: z.strictObject({
    norm: z.enum(norms).default("before").describe("BatchNorm before each ReLU"),
    rate: z.number().positive().default(0.1).describe("learning rate of SGD"),
    scale: z
      .number()
      .positive()
      .default(1)
      .describe("of the first hidden weights, times Kaiming's"),
    ...hiddenKnobs({ width: 100, depth: 5 }),
    ...imageKnobs({ smallest: 2, batch: 64, train: 8192, test: 1000 }),
    target: z.number().positive().default(0.4).describe("training loss to reach, nats"),
    steps: z.int().min(2).default(1500).describe("updates"),
  }),
  arms: { norm: [...norms], rate: rates, scale: scales },
  profiles: {
    quick: { seeds: 3, config: { steps: 120, train: 4096 }, seconds: 0.8 },
    full: { seeds: 12, seconds: 11 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config } = context;
    const init = kaimingNormal({ gain: Math.sqrt(2) * config.scale });
    const { net, train, test, seen } = beginTraining(context, (sizes) =>
      perceptron({ ...config, ...sizes, order: config.norm, init }),
    );
    const gradients = gradientSizes(net, test);
    const fade = Math.abs(log((gradients[0] ?? 0) / (gradients.at(-1) ?? 0)));
    const optimizer = sgd(net.parameters(), { learningRate: config.rate });
    const { outcome } = trainRun(context, { net, optimizer, loader: train, steps: config.steps });
    const updates = updatesTo(lossesOf(context.metrics.rows()), config.target, config.steps);
    const [error, trainError] =
      outcome === "diverged" ? [1, 1] : [judge(net, test).error, judge(net, seen).error];
    return { updates, reached: updates <= config.steps, gap: error - trainError, gradients, fade };
  },
  figures(runs) {
    const own = valuesOf(runs, "norm");
    const atKaiming = runs.filter(({ config }) => config.scale === 1);
    return [
      ...own.map((norm) =>
        heatFigure({
          title: `Updates to the target loss, ${names[norm]}`,
          caption: "Mean of the seeds; all updates and one where it is not reached.",
          x: { label: "learning rate", scale: "log" },
          y: { label: "scale of the first weights", unit: "times Kaiming's", scale: "log" },
          value: { label: "updates" },
          cells: valuesOf(runs, "rate").flatMap((rate) =>
            valuesOf(runs, "scale").map((scale) => ({
              x: rate,
              y: scale,
              value: meanOf(bySeed(runs, { norm, rate, scale }, (run) => run.result.updates)),
            })),
          ),
        }),
      ),
      lineFigure({
        title: "Gradients of the hidden layers at the start",
        caption: "Root mean square at the output of each ReLU; mean of the seeds.",
        x: { label: "hidden layer" },
        y: { label: "size of the gradient", unit: "nats", scale: "log" },
        series: own.flatMap((norm) =>
          valuesOf(runs, "scale").map((scale) => ({
            name: `${names[norm]}, ${scale} × Kaiming`,
            dashed: norm === "none",
            points: (runs[0]?.result.gradients ?? []).map((_, layer) => ({
              x: layer + 1,
              y: meanOf(
                bySeed(runs, { norm, scale }, ({ result }) => result.gradients[layer] ?? 0),
              ),
            })),
          })),
        ),
      }),
      lossFigure(
        "Training loss at Kaiming's scale",
        own.flatMap((norm) =>
          valuesOf(runs, "rate").map((rate) => ({
            name: `${names[norm]}, rate ${rate}`,
            dashed: norm === "none",
            points: bandOf(runsWhere(atKaiming, { norm, rate }), "loss"),
          })),
        ),
        { range: [0.05, 10] },
      ),
      barFigure({
        title: "Test error less training error, Kaiming's scale",
        caption: `${meanCaption} NaN: all runs diverged.`,
        x: "learning rate",
        y: { label: "gap", unit: "share" },
        bars: own.flatMap((norm) =>
          valuesOf(runs, "rate").map((rate) => ({
            group: String(rate),
            series: names[norm],
            ...estimate(
              runsWhere(atKaiming, { norm, rate })
                .filter(({ outcome }) => outcome !== "diverged")
                .map(({ result }) => result.gap),
            ),
          })),
        ),
      }),
    ];
  },
  verdict(runs, context) {
    const best = (norm: Norm): readonly number[] =>
      bySeed(runs, { norm, scale: 1 }, ({ result }) => result.updates, leastOf);
    const trained = (norm: Norm): readonly number[] =>
      bySeed(runs, { norm }, ({ result }) => (result.reached ? 1 : 0));
    const fades = (norm: Norm): readonly number[] =>
      bySeed(runs, { norm }, ({ result }) => result.fade);
    const gap = (norm: Norm): string =>
      intervalText(bySeed(runs, { norm, rate: 0.1, scale: 1 }, ({ result }) => result.gap));
    const both = (score: (norm: Norm) => readonly number[]): string =>
      `${intervalText(score("none"))} without, ${intervalText(score("before"))} with`;
    return {
      "bn-speed": contrastVerdict(
        [
          {
            name: "log of updates to the target at the best rate, without over with (nats)",
            gains: minus(best("none").map(log), best("before").map(log)),
            least: log(1.1),
            why: "A tenth fewer updates is little beside the paper's factor",
          },
          {
            name: "share of rates and scales that reach the target, with less without",
            gains: minus(trained("before"), trained("none")),
            least: 1 / (rates.length * scales.length),
            why: "one cell of the map is the least that can be seen",
          },
          {
            name: "log of the first hidden layer's gradient over the last's, magnitude without less with (nats)",
            gains: minus(fades("none"), fades("before")),
            least: log(1.1),
            why: "a tenth in the ratio of two layers is no vanishing",
          },
        ],
        context,
        {
          arms: `updates ${both(best)}; trained ${both(trained)}; test less training error at rate 0.1 ${gap("none")} without, ${gap("before")} with (shown, not judged: so short a training does not overfit)`,
          paper: "14 times fewer updates to the same accuracy (figures 2 and 3, BN-x5)",
        },
      ),
    };
  },
});

export default experiment;
