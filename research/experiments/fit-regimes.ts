/**
 * Under-fitting from too little capacity or too little optimisation, over-fitting as a gap: a sweep over hidden units.
 * Rests on the engine, core's data, layers and optim.
 */
import { z } from "zod";
import { type ImageSet, takeFirst } from "../../core/data/index.ts";
import type { RandomSource } from "../../core/index.ts";
import { integers, uniforms } from "../../core/random/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { assemble, mlp } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  barFigure,
  defineExperiment,
  type Experiment,
  imageLoaders,
  judgeAll,
  judgePaired,
  lineFigure,
  runsWhere,
  scoresOf,
  seedsBar,
  trainRun,
} from "../engine/index.ts";
import { judge } from "./parts/training.ts";

const capacities = [2, 4, 8, 32, 128] as const;
const [small, large, usual, slow] = [2, 128, 0.05, 0.0001] as const;

const experiment: Experiment = defineExperiment({
  id: "fit-regimes",
  title: "Under-fitting and over-fitting against capacity",
  question:
    "Does a small net fail on the training set, a badly trained one too, and does a large one open a gap?",
  claims: ["fit-regimes"],
  source: "Goodfellow, Bengio & Courville 2016, section 5.2 and figure 5.3",
  config: z.strictObject({
    hidden: z.int().min(1).default(large).describe("hidden units: the capacity"),
    rate: z.number().positive().default(usual).describe("learning rate of SGD with momentum 0.9"),
    noise: z
      .number()
      .min(0)
      .max(1)
      .default(0.2)
      .describe("share of training labels drawn at random"),
    train: z.int().min(1).default(1000).describe("training images"),
    test: z.int().min(1).default(5000).describe("validation images"),
    batch: z.int().min(1).default(32).describe("examples in a batch"),
    epochs: z.int().min(1).default(60).describe("passes over the training images"),
  }),
  arms: [...capacities.map((hidden) => ({ hidden })), { hidden: large, rate: slow }],
  profiles: {
    quick: { seeds: 4, config: { train: 480, test: 1000, epochs: 40 }, seconds: 0.8 },
    full: { seeds: 12, seconds: 4 },
  },
  data: ["mnist"],
  run(context) {
    const { config, seed, data, streams } = context;
    const sets = data.images("mnist");
    const noisy = noisyLabels(takeFirst(sets.train, config.train), config.noise, streams);
    const { train, test, shape, classes } = imageLoaders(
      { ...sets, train: noisy },
      { ...config, seed },
    );
    const inputs = sizeOf(shape);
    const net = assemble(mlp([inputs, config.hidden, classes]), { seed });
    const { weights } = trainRun(context, {
      net,
      optimizer: sgd(net.parameters(), { learningRate: config.rate, momentum: 0.9 }),
      loader: train,
      epochs: config.epochs,
    });
    const errorOver = (set: typeof test): number => 100 * judge(net, set).error;
    return { train: errorOver(train), validation: errorOver(test), weights };
  },
  figures: (runs) => {
    const bars = (hidden: number, rate: number, name: string): ReturnType<typeof seedsBar>[] =>
      (["train", "validation"] as const).map((half) =>
        seedsBar(
          name,
          half,
          runsWhere(runs, { hidden, rate }).map(({ result }) => result[half]),
        ),
      );
    return [
      lineFigure({
        title: "Error against capacity",
        caption:
          "Some training labels are drawn at random, so fitting all of them is over-fitting. Mean and 95 % t-interval over seeds.",
        x: { label: "hidden units", scale: "log" },
        y: { label: "error", unit: "%" },
        series: (["train", "validation"] as const).map((half) => ({
          name: half,
          points: capacities.map((hidden) => {
            const values = runsWhere(runs, { hidden, rate: usual }).map(
              ({ result }) => result[half],
            );
            const { y, low = y, high = y } = seedsBar("", "", values);
            return { x: hidden, y, low, high };
          }),
        })),
      }),
      barFigure({
        title: "Three regimes",
        x: "net",
        y: { label: "error", unit: "%" },
        bars: [
          ...bars(small, usual, `${small} units: too small`),
          ...bars(large, slow, `${large} units, rate ${slow}: not optimised`),
          ...bars(large, usual, `${large} units: over-fitting`),
        ],
      }),
    ];
  },
  verdict(runs, context) {
    const errors = (hidden: number, rate: number): ReturnType<typeof scoresOf> =>
      scoresOf(runs, { hidden, rate }, ({ result }) => result.train);
    const gaps = (hidden: number): ReturnType<typeof scoresOf> =>
      scoresOf(
        runs,
        { hidden, rate: usual },
        ({ result: { train, validation } }) => validation - train,
      );
    const reason =
      "A change of 5 points can be seen in a plot of errors; the extremes of the sweep differ by several times that";
    const common = { margin: 5, reason } as const;
    const capacity = {
      ...common,
      better: "lower",
      name: "training error (%), largest net against smallest",
    } as const;
    const optimised = {
      ...common,
      better: "lower",
      name: `training error (%) of the largest net, rate ${usual} against ${slow}`,
    } as const;
    const gap = {
      ...common,
      better: "higher",
      name: "gap of validation to training error (points), largest net against smallest",
      paper: "training error falls with the capacity, and the gap widens (figure 5.3, a sketch)",
    } as const;
    return {
      "fit-regimes": judgeAll([
        judgePaired(gaps(large), gaps(small), gap, context),
        judgePaired(errors(large, usual), errors(small, usual), capacity, context),
        judgePaired(errors(large, usual), errors(large, slow), optimised, context),
      ]),
    };
  },
});

export default experiment;

/** The set with a share of its labels drawn anew from all classes. */
function noisyLabels(set: ImageSet, share: number, streams: RandomSource): ImageSet {
  const stream = streams.stream("labels");
  const chances = uniforms(stream, set.count);
  const drawn = integers(stream, set.count, 0, set.classes.length);
  const labels = set.labels.map((label, i) =>
    (chances[i] ?? 1) < share ? (drawn[i] ?? label) : label,
  );
  return { ...set, labels };
}
