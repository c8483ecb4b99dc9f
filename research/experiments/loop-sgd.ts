/**
 * The loop of mini-batch SGD – sample a batch, forward, backward, update – trains a small CNN on handwritten digits.
 * Rests on the engine, layers, init and optim.
 */
import { z } from "zod";
import { log } from "../../core/scalar-math/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { assemble, mlp, vgg } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  imageLoaders,
  judgePaired,
  lineFigure,
  runsWhere,
  scoresOf,
  trainRun,
} from "../engine/index.ts";
import { judge } from "./parts/training.ts";

const nets = ["linear", "cnn"] as const;

const experiment: Experiment = defineExperiment({
  id: "loop-sgd",
  title: "A CNN learns digits by mini-batch SGD",
  question: "Do a sampled batch, forward, backward and update, over and over, train a CNN?",
  claims: ["loop-sgd"],
  source: "LeCun, Bottou, Bengio & Haffner 1998, section III and figure 9",
  config: z.strictObject({
    net: z.enum(nets).default("cnn").describe("two convolutions, or one linear layer beside it"),
    rate: z.number().positive().default(0.01).describe("learning rate of SGD"),
    momentum: z.number().min(0).lt(1).default(0.9).describe("kept share of the velocity"),
    batch: z.int().min(1).default(32).describe("examples in a batch"),
    train: z.int().min(1).default(20000).describe("training images"),
    test: z.int().min(1).default(10000).describe("test images"),
    epochs: z.int().min(1).default(3).describe("passes over the training images"),
    measures: z
      .int()
      .min(1)
      .default(50)
      .describe("updates between two measurements on the test images"),
    glance: z.int().min(1).default(500).describe("test images for these; all of them at the end"),
  }),
  arms: { net: [...nets] },
  profiles: {
    quick: { seeds: 4, config: { train: 10000, test: 4000, epochs: 1 }, seconds: 1.6 },
    full: { seeds: 12, seconds: 8 },
  },
  data: ["mnist"],
  run(context) {
    const { config, seed, data } = context;
    const sets = data.images("mnist");
    const { train, test, shape, classes } = imageLoaders(sets, { ...config, seed });
    const { test: glance } = imageLoaders(sets, { ...config, test: config.glance, seed });
    const net = assemble(
      config.net === "cnn"
        ? vgg({ shape, classes, stages: [1, 1], width: 8, hidden: [] })
        : mlp([sizeOf(shape), classes]),
      { seed },
    );
    const { weights } = trainRun(context, {
      net,
      optimizer: sgd(net.parameters(), { learningRate: config.rate, momentum: config.momentum }),
      loader: train,
      epochs: config.epochs,
      every: config.measures,
      measure: () => ({ error: 100 * judge(net, glance).error }),
    });
    return { error: 100 * judge(net, test).error, weights };
  },
  figures: (runs) => [
    lineFigure({
      title: "Training loss of each batch",
      caption: "Band: lowest and highest of the seeds.",
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats", scale: "log" },
      rules: [{ y: log(10), label: "chance, log 10" }],
      series: nets.map((net) => ({ name: net, points: bandOf(runsWhere(runs, { net }), "loss") })),
    }),
    lineFigure({
      title: "Test error while training",
      caption: "Over some of the test images. Band: lowest and highest of the seeds.",
      x: { label: "update" },
      y: { label: "test error", unit: "%", scale: "log" },
      rules: [
        { y: 12, label: "linear, LeCun et al. 1998" },
        { y: 0.95, label: "LeNet-5, LeCun et al. 1998" },
      ],
      series: nets.map((net) => ({ name: net, points: bandOf(runsWhere(runs, { net }), "error") })),
    }),
  ],
  verdict(runs, context) {
    const errors = (net: (typeof nets)[number]): ReturnType<typeof scoresOf> =>
      scoresOf(runs, { net }, ({ result }) => result.error);
    return {
      "loop-sgd": judgePaired(
        errors("cnn"),
        errors("linear"),
        {
          name: "test error (%), CNN against linear classifier",
          better: "lower",
          margin: 1,
          reason:
            "A loop that does not train leaves both nets at chance; one that trains lets the convolutions learn what no linear classifier has, ten points in the source",
          paper:
            "12.0 % with a linear classifier, 0.95 % with LeNet-5 (figure 9; 60,000 images, 20 passes)",
        },
        context,
      ),
    };
  },
});

export default experiment;
