/**
 * A deep ReLU net trains with Kaiming initialization and stalls with Xavier's.
 * Rests on the engine, layers, init and optim.
 */
import { z } from "zod";
import { accuracyMetric } from "../../core/index.ts";
import { log } from "../../core/scalar-math/index.ts";
import { kaimingNormal, xavierNormal } from "../../init/index.ts";
import { assemble, Flatten, type Layer, Linear, ReLU, Sequential } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  imageLoaders,
  lineFigure,
  pairsOf,
  runsWhere,
  trainRun,
} from "../engine/index.ts";
import { evaluate } from "../training/evaluate.ts";

const inits = { xavier: xavierNormal(), kaiming: kaimingNormal() };

/** The loss of a net that gives all ten classes the same probability, nats. */
const chance: number = log(10);

const experiment: Experiment = defineExperiment({
  id: "init-relu-depth",
  title: "Thirty layers of ReLU, Xavier against Kaiming",
  question: "Does a deep ReLU net train with variance 2/fan-in and stall with 1/fan-in?",
  claims: ["init-kaiming", "init-xavier-relu"],
  source: "He et al. 2015, section 2.2, figure 3",
  config: z.strictObject({
    init: z.enum(["xavier", "kaiming"]).default("kaiming").describe("first weights of all layers"),
    depth: z.int().min(2).default(30).describe("linear layers"),
    width: z.int().min(1).default(64).describe("units of a hidden layer"),
    rate: z.number().positive().default(0.01).describe("learning rate of SGD"),
    momentum: z.number().min(0).lt(1).default(0.9).describe("kept share of the velocity"),
    batch: z.int().min(1).default(64).describe("examples in a batch"),
    train: z.int().min(1).default(10000).describe("training images"),
    test: z.int().min(1).default(2000).describe("test images"),
    steps: z.int().min(1).default(1000).describe("updates"),
  }),
  arms: { init: ["xavier", "kaiming"] },
  profiles: { quick: { seeds: 3, config: { steps: 300 } }, full: { seeds: 8 } },
  data: ["mnist"],
  run(context) {
    const { config, seed, data } = context;
    const { train, test, shape, classes } = imageLoaders(data.images("mnist"), { ...config, seed });
    const inputs = shape.reduce((product, length) => product * length, 1);
    const net = assemble(deepNet(inputs, classes, config), { seed });
    const optimizer = sgd(net.parameters(), {
      learningRate: config.rate,
      momentum: config.momentum,
    });
    const { weights } = trainRun(context, { net, optimizer, loader: train, steps: config.steps });
    const losses = context.metrics.rows().map(({ values }) => Number(values["loss"]));
    const last = losses.slice(-20);
    return {
      finalLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
      ...evaluate(net, test, { accuracy: accuracyMetric }),
      weights,
    };
  },
  figures: (runs) => [
    lineFigure({
      title: "Training loss",
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats", scale: "log" },
      rules: [{ y: chance, label: "chance, log 10" }],
      series: (["xavier", "kaiming"] as const).map((init) => ({
        name: init,
        points: bandOf(runsWhere(runs, { init }), "loss"),
      })),
    }),
  ],
  verdict(runs) {
    const pairs = pairsOf(runs, "init", "xavier", "kaiming");
    const xavier = pairs.map(({ first }) => first.result.finalLoss);
    const kaiming = pairs.map(({ second }) => second.result.finalLoss);
    const stalls = xavier.every((loss) => loss > 0.95 * chance);
    const trains = kaiming.every((loss) => loss < 0.95 * chance);
    const shown = (losses: readonly number[]): string =>
      `mean loss of the last 20 updates, by seed: ${losses.map((loss) => loss.toFixed(3)).join(", ")} nats`;
    return {
      "init-kaiming": {
        verdict: trains ? "reproduced" : "not reproduced",
        threshold: "the loss falls below 95 % of log 10 with every seed",
        reason: "A net that learns nothing but the frequencies of the classes stays at log 10",
        measured: shown(kaiming),
        paper: "the 30-layer net converges with variance 2/n (figure 3)",
      },
      "init-xavier-relu": {
        verdict: stalls ? "reproduced" : "not reproduced",
        threshold: "the loss stays above 95 % of log 10 with every seed",
        reason: "A net that learns nothing but the frequencies of the classes stays at log 10",
        measured: shown(xavier),
        paper: "the 30-layer net stalls with variance 1/n, and diminishing gradients (figure 3)",
      },
    };
  },
});

export default experiment;

function deepNet(
  inputs: number,
  classes: number,
  { init, depth, width }: { init: keyof typeof inits; depth: number; width: number },
): Layer {
  const hidden = Array.from({ length: depth - 1 }, (_, layer) => [
    new Linear(layer === 0 ? inputs : width, width, { init: inits[init] }),
    new ReLU(),
  ]);
  return new Sequential([
    new Flatten(),
    ...hidden.flat(),
    new Linear(width, classes, { init: inits[init] }),
  ]);
}
