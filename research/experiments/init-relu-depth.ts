/**
 * A deep ReLU net trains with Kaiming initialization and stalls with Xavier's.
 * Rests on the engine, layers, init and optim.
 */
import { z } from "zod";
import { noGrad, scope } from "../../core/index.ts";
import { kaimingNormal, xavierNormal } from "../../init/index.ts";
import { Flatten, type Layer, Linear, ReLU, Sequential } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  bySeed,
  defineExperiment,
  type Experiment,
  judgeAll,
  judgePaired,
  lineFigure,
  runsWhere,
  scoresOf,
  type Verdict,
  valuesOf,
} from "../engine/index.ts";
import { distributionOf } from "../probes/index.ts";
import { classifierKnobs, trainClassifier } from "./parts/image-classifier.ts";
import { chance } from "./parts/training.ts";

const inits = { xavier: xavierNormal(), kaiming: kaimingNormal() };
const names = ["xavier", "kaiming"] as const;
/** A net that learns nothing but the frequencies of the classes stays at log 10; this is below it. */
const learnt: number = 0.95 * chance;

const experiment: Experiment = defineExperiment({
  id: "init-relu-depth",
  title: "Thirty layers of ReLU, Xavier against Kaiming",
  question: "Does a deep ReLU net train with variance 2/fan-in and stall with 1/fan-in?",
  claims: ["init-depth"],
  source: "He et al. 2015, section 2.2, figures 2 and 3",
  config: z.strictObject({
    init: z.enum(names).default("kaiming").describe("first weights of all layers"),
    depth: z.int().min(2).default(30).describe("linear layers"),
    rate: z.number().positive().default(0.01).describe("learning rate of SGD"),
    momentum: z.number().min(0).lt(1).default(0.9).describe("kept share of the velocity"),
    ...classifierKnobs,
  }),
  arms: { init: [...names], depth: [6, 30] },
  profiles: {
    quick: { seeds: 3, config: { steps: 300, train: 5000 }, seconds: 2 },
    full: { seeds: 12, config: { steps: 1000 }, seconds: 7 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config, metrics } = context;
    let stds: readonly number[] = [];
    const result = trainClassifier(context, {
      net: (inputs, classes) => deepNet(inputs, classes, config),
      optimizer: (net) =>
        sgd(net.parameters(), { learningRate: config.rate, momentum: config.momentum }),
      before: ({ net, test }) => {
        const found: number[] = [];
        const stop = net.observe({
          activation: ({ layer, output }) => {
            if (layer instanceof ReLU) found.push(distributionOf(output.elements()).std);
          },
        });
        const [first] = test;
        if (first !== undefined) scope(() => noGrad(() => net.forward(first.x).rank));
        stop();
        stds = found;
      },
    });
    const firstLoss = Number(metrics.rows()[0]?.values["loss"]);
    return { ...result, firstLoss, stds };
  },
  figures: (runs) => [
    lineFigure({
      title: "Training loss",
      caption: "Median of the seeds; bands from the least to the greatest.",
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats", scale: "log" },
      rules: [{ y: chance, label: "chance, log 10" }],
      series: valuesOf(runs, "depth").flatMap((depth) =>
        names.map((init) => ({
          name: `${init}, ${depth} layers`,
          points: bandOf(runsWhere(runs, { init, depth }), "loss"),
        })),
      ),
    }),
    lineFigure({
      title: "Activations before training, layer by layer",
      caption: "One line a seed. Broken: 2^(-l/2) with Xavier, from the first layer on.",
      x: { label: "layer" },
      y: { label: "std of the activations", scale: "log" },
      series: runsWhere(runs, { depth: Math.max(...valuesOf(runs, "depth")) }).flatMap(
        ({ config: { init }, seed, result: { stds } }) => [
          { name: `${init}, seed ${seed}`, points: stds.map((y, at) => ({ x: at + 1, y })) },
          ...(init === "xavier" && seed === 0
            ? [{ name: "oracle", dashed: true, points: halvings(stds) }]
            : []),
        ],
      ),
    }),
  ],
  verdict(runs, context) {
    const losses = (init: (typeof names)[number], depth: number): readonly number[] =>
      bySeed(runs, { init, depth }, ({ result }) => result.finalLoss);
    const [easy, xavier, kaiming] = [
      losses("xavier", 6),
      losses("xavier", 30),
      losses("kaiming", 30),
    ];
    const scores = (init: (typeof names)[number]): ReturnType<typeof scoresOf> =>
      scoresOf(runs, { init, depth: 30 }, ({ result }) => result.finalLoss);
    const better = judgePaired(
      scores("kaiming"),
      scores("xavier"),
      {
        name: "loss of the last 20 updates at 30 layers (nats), Kaiming against Xavier",
        better: "lower",
        margin: chance - learnt,
        reason: "A net that learns nothing but the frequencies of the classes stays at log 10",
      },
      context,
    );
    const trains = condition(
      kaiming.every((loss) => loss < learnt),
      "with Kaiming every loss falls below 95 % of log 10",
      `by seed ${shown(kaiming)}`,
    );
    const stalls = condition(
      xavier.every((loss) => loss >= learnt && loss < Infinity) &&
        easy.every((loss) => loss < learnt),
      "with Xavier every loss stays above 95 % of log 10 at 30 layers, and falls below it at 6",
      `by seed ${shown(xavier)} at 30 layers, ${shown(easy)} at 6`,
    );
    return {
      "init-depth": {
        ...judgeAll([better, trains, stalls]),
        paper:
          "the 30-layer net converges with variance 2/n and stalls with 1/n (figure 3), where fewer layers converge (figure 2)",
      },
    };
  },
});

export default experiment;

function condition(holds: boolean, threshold: string, measured: string): Verdict {
  const reason = "A net that learns nothing but the frequencies of the classes stays at log 10";
  return { verdict: holds ? "reproduced" : "not reproduced", threshold, reason, measured };
}

function shown(losses: readonly number[]): string {
  return losses.map((loss) => loss.toFixed(3)).join(", ");
}

/** From the first std on, divided by √2 at each layer. */
function halvings([first = 1, ...others]: readonly number[]): readonly { x: number; y: number }[] {
  let y = first;
  return [first, ...others].map((_, at) => {
    if (at > 0) y *= Math.SQRT1_2;
    return { x: at + 1, y };
  });
}

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
