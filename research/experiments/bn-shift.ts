/**
 * Whether batch normalization keeps what a late layer is given stable while the net trains.
 * Rests on the engine, layers and probes.
 */
import { z } from "zod";
import { log } from "../../core/scalar-math/index.ts";
import { xavierNormal } from "../../init/index.ts";
import { Sigmoid } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  bySeed,
  curveOf,
  defineExperiment,
  type Experiment,
  lineFigure,
  type MetricValues,
  minus,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { medianCaption } from "./parts/figures.ts";
import { beginTraining, hiddenKnobs, imageKnobs } from "./parts/image-training.ts";
import { perceptron } from "./parts/nets.ts";
import { judge } from "./parts/training.ts";
import { driftIn, percentilesOf, percents } from "./parts/unit-percentiles.ts";

const arms = { none: "without BatchNorm", before: "with BatchNorm" };

const experiment: Experiment = defineExperiment({
  id: "bn-shift",
  title: "What a sigmoid of the last hidden layer is given",
  question: "Does BatchNorm keep the distribution of a late layer's inputs stable during training?",
  claims: ["bn-shift"],
  source: "Ioffe & Szegedy 2015, section 4.1, figure 1",
  config: z.strictObject({
    norm: z.enum(["none", "before"]).default("before").describe("BatchNorm before the sigmoids"),
    ...hiddenKnobs({ width: 100, depth: 3 }),
    ...imageKnobs({ smallest: 2, batch: 60, train: 20000, test: 1000 }),
    rate: z.number().positive().default(0.3).describe("learning rate of SGD"),
    steps: z.int().min(2).default(5000).describe("updates"),
    every: z.int().min(1).default(50).describe("updates between two looks"),
    units: z.int().min(1).default(20).describe("units looked at, of the last hidden layer"),
  }),
  arms: { norm: ["none", "before"] },
  profiles: {
    quick: { seeds: 3, config: { steps: 600, every: 20 }, seconds: 4 },
    full: { seeds: 12, seconds: 25 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config } = context;
    const sigmoids = { activation: () => new Sigmoid(), init: xavierNormal() };
    const { net, train, test } = beginTraining(context, (sizes) =>
      perceptron({ ...config, ...sizes, ...sigmoids, order: config.norm }),
    );
    const optimizer = sgd(net.parameters(), { learningRate: config.rate });
    const look = (): MetricValues => percentilesOf(net, test, config.units);
    const { outcome } = trainRun(context, {
      net,
      optimizer,
      loader: train,
      steps: config.steps,
      every: config.every,
      measure: () => ({ ...look(), ...judge(net, test) }),
    });
    return { outcome, drift: driftIn(context.metrics.rows(), config.units) };
  },
  figures: (runs) => [
    ...valuesOf(runs, "norm").map((norm) => {
      const [run] = runsWhere(runs, { norm });
      return lineFigure({
        title: `Input of one sigmoid, ${arms[norm]}`,
        caption:
          "Percentiles over the test images, first unit of the last hidden layer, first seed.",
        x: { label: "update" },
        y: { label: "input of the sigmoid" },
        series: percents.map((percent) => ({
          name: `${percent} %`,
          points: run === undefined ? [] : curveOf(run, `p${percent}`, 0),
        })),
      });
    }),
    lineFigure({
      title: "Test error",
      caption: medianCaption,
      x: { label: "update" },
      y: { label: "test error", unit: "share" },
      series: valuesOf(runs, "norm").map((norm) => ({
        name: arms[norm],
        points: bandOf(runsWhere(runs, { norm }), "error"),
      })),
    }),
  ],
  verdict(runs, context) {
    const drift = (norm: "none" | "before"): readonly number[] =>
      bySeed(runs, { norm }, ({ result }) => result.drift);
    const [without, normed] = [drift("none"), drift("before")];
    const gains = minus(without.map(log), normed.map(log));
    return {
      "bn-shift": contrastVerdict(
        [
          {
            name: "log of drift without over drift with BatchNorm (nats)",
            gains,
            least: log(1.1),
            why: "A tenth less drift would be hard to see in the figure",
          },
        ],
        context,
        {
          arms: `drift, mean movement of the percentiles between two looks over their spread: ${intervalText(without)} without, ${intervalText(normed)} with BatchNorm`,
          paper:
            "the inputs' distribution changes much without BatchNorm and is far more stable with it (figure 1b, c)",
        },
      ),
    };
  },
});

export default experiment;
