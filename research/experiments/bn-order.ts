/**
 * The order of linear layer, normalization and ReLU.
 * Rests on the engine, layers and optim.
 */
import { z } from "zod";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  estimate,
  leastOf,
  lineFigure,
  minus,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { meanCaption } from "./parts/figures.ts";
import { beginTraining, hiddenKnobs, imageKnobs, momentumKnob } from "./parts/image-training.ts";
import { perceptron } from "./parts/nets.ts";
import { errorsOf, judgeEnded } from "./parts/training.ts";

const orders = ["none", "before", "after"] as const;
type Order = (typeof orders)[number];
const names = {
  none: "Linear – ReLU",
  before: "Linear – BatchNorm – ReLU",
  after: "Linear – ReLU – BatchNorm",
};
const rates = [0.03, 0.1, 0.3];

const experiment: Experiment = defineExperiment({
  id: "bn-order",
  title: "BatchNorm before or after the ReLU",
  question: "Is Linear – BatchNorm – ReLU the better order?",
  claims: ["bn-order"],
  source: "Ioffe & Szegedy 2015, section 3.2",
  config: z.strictObject({
    order: z.enum(orders).default("before").describe("where BatchNorm stands beside the ReLU"),
    rate: z.number().positive().default(0.1).describe("learning rate of SGD"),
    momentum: momentumKnob,
    ...hiddenKnobs({ width: 100, depth: 3 }),
    ...imageKnobs({ smallest: 2, batch: 64, train: 20000, test: 5000 }),
    steps: z.int().min(2).default(2000).describe("updates"),
  }),
  arms: { order: [...orders], rate: rates },
  profiles: {
    quick: { seeds: 3, config: { steps: 200, train: 6400 }, seconds: 1.3 },
    full: { seeds: 16, seconds: 11 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config } = context;
    const { net, train, test } = beginTraining(context, (sizes) =>
      perceptron({ ...config, ...sizes }),
    );
    const { rate: learningRate, momentum, steps } = config;
    const optimizer = sgd(net.parameters(), { learningRate, momentum });
    const { outcome } = trainRun(context, { net, optimizer, loader: train, steps });
    return judgeEnded(net, test, outcome);
  },
  figures: (runs) => [
    lineFigure({
      title: "Test error by rate",
      caption: meanCaption,
      x: { label: "learning rate", scale: "log" },
      y: { label: "test error", unit: "share", scale: "log" },
      series: valuesOf(runs, "order").map((order) => ({
        name: names[order],
        points: valuesOf(runs, "rate").map((rate) => ({
          x: rate,
          ...estimate(errorsOf(runs, { order, rate })),
        })),
      })),
    }),
    lineFigure({
      title: "Training loss, all rates",
      caption: "Median of seeds and rates; the bands reach from the lowest to the highest.",
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats", scale: "log" },
      series: valuesOf(runs, "order").map((order) => ({
        name: names[order],
        points: bandOf(runsWhere(runs, { order }), "loss"),
      })),
    }),
  ],
  verdict(runs, context) {
    const best = (order: Order): readonly number[] => errorsOf(runs, { order }, leastOf);
    const [none, before, after] = [best("none"), best("before"), best("after")];
    return {
      "bn-order": contrastVerdict(
        [
          {
            name: "test error at the best rate, BatchNorm after the ReLU less before it (share)",
            gains: minus(after, before),
            least: 0.001,
            why: "Five of 5,000 images: an order that gains less is a matter of taste",
          },
        ],
        context,
        {
          arms: `test error at the best rate: ${names.before} ${intervalText(before)}, ${names.after} ${intervalText(after)}, ${names.none} ${intervalText(none)}`,
          paper:
            "what a linear layer gives is nearer to a Gaussian than what a ReLU gives, so normalizing it is likelier to give a stable distribution (section 3.2; no measurement)",
        },
      ),
    };
  },
});

export default experiment;
