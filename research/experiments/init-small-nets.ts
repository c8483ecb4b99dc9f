/**
 * First weights of standard deviation 0.01: fine for a net of few layers, not for one of many.
 * Rests on the engine, layers, init, optim and parts.
 */
import { z } from "zod";
import { normal, xavierNormal } from "../../init/index.ts";
import { Flatten, Linear, Sequential, Tanh } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  barFigure,
  bySeed,
  defineExperiment,
  type Experiment,
  judgeAll,
  judgePaired,
  lineFigure,
  runsWhere,
  seedsBar,
  type Verdict,
} from "../engine/index.ts";
import { classifierKnobs, testErrorOf, trainClassifier } from "./parts/image-classifier.ts";
import { chance } from "./parts/training.ts";

const inits = { small: normal({ std: 0.01 }), xavier: xavierNormal() };
const labels = { small: "std 0.01", xavier: "Xavier" };
const names = ["small", "xavier"] as const;
const depths = [2, 4, 7] as const;
const [shallow, , deep] = depths;
const widths = [32, 128] as const;

const experiment: Experiment = defineExperiment({
  id: "init-small-nets",
  title: "Weights of 0.01 in small and deep nets",
  question: "Up to which depth does a tanh net with first weights of std 0.01 train?",
  claims: ["init-small-nets"],
  source: "Glorot & Bengio 2010, section 4.2",
  config: z.strictObject({
    init: z.enum(names).default("small").describe("std 0.01, or Xavier's variance 1/fan-in"),
    depth: z.int().min(1).default(7).describe("linear layers, tanh between them"),
    rate: z.number().positive().default(0.05).describe("learning rate of SGD with momentum 0.9"),
    ...classifierKnobs,
  }),
  arms: { depth: [...depths], width: [...widths], init: [...names] },
  profiles: {
    quick: { seeds: 3, config: { steps: 200, train: 5000 }, seconds: 1 },
    full: { seeds: 12, config: { steps: 600 }, seconds: 4 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { init, depth, rate, width } = context.config;
    return trainClassifier(context, {
      net: (inputs, classes) => {
        const sizes = [inputs, ...Array.from({ length: depth - 1 }, () => width), classes];
        const layers = sizes
          .slice(1)
          .map((outputs, at) => [
            ...(at > 0 ? [new Tanh()] : []),
            new Linear(sizes[at] ?? inputs, outputs, { init: inits[init] }),
          ]);
        return new Sequential([new Flatten(), ...layers.flat()]);
      },
      optimizer: (net) => sgd(net.parameters(), { learningRate: rate, momentum: 0.9 }),
    });
  },
  figures: (runs) => [
    barFigure({
      title: "Test error by depth",
      caption: "Mean of the seeds with its 95 % interval. 90 % is chance.",
      x: "layers, and units of each",
      y: { label: "test error", unit: "%" },
      bars: depths.flatMap((depth) =>
        widths.flatMap((width) =>
          names.map((init) =>
            seedsBar(
              `${depth} × ${width}`,
              labels[init],
              bySeed(runs, { depth, width, init }, testErrorOf),
            ),
          ),
        ),
      ),
    }),
    ...widths.map((width) =>
      lineFigure({
        title: `Training loss, ${width} units a layer`,
        caption: "Median of the seeds; bands from the least to the greatest.",
        x: { label: "update" },
        y: { label: "cross-entropy", unit: "nats", scale: "log" },
        rules: [{ y: chance, label: "chance, log 10" }],
        series: depths.flatMap((depth) =>
          names.map((init) => ({
            name: `${labels[init]}, ${depth} layers`,
            points: bandOf(runsWhere(runs, { depth, width, init }), "loss"),
          })),
        ),
      }),
    ),
  ],
  verdict(runs, context) {
    const worse = (width: number): Verdict =>
      judgePaired(
        bySeed(runs, { init: "xavier", depth: deep, width }, testErrorOf),
        bySeed(runs, { init: "small", depth: deep, width }, testErrorOf),
        {
          name: `test error (%) of ${deep} layers of ${width}, Xavier against 0.01`,
          better: "lower",
          margin: 10,
          reason: "Ten points of a hundred are more than a slow start",
        },
        context,
      );
    const losses = widths.flatMap((width) =>
      bySeed(runs, { init: "small", depth: shallow, width }, ({ result }) => result.finalLoss),
    );
    const fine: Verdict = {
      verdict: losses.every((loss) => loss < chance / 2) ? "reproduced" : "not reproduced",
      threshold: `with 0.01 and ${shallow} layers every loss ends below half of log 10`,
      reason: "Half of the loss at chance is a net that learns",
      measured: `greatest loss of ${shallow} layers with 0.01: ${Math.max(...losses).toFixed(3)} nats`,
      paper:
        "fine for a small net, where a large one collapses to 0 (lecture notes on training CNNs, weight initialization; no measurement)",
    };
    const [narrow, wide] = widths;
    return { "init-small-nets": judgeAll([worse(narrow), worse(wide), fine]) };
  },
});

export default experiment;
