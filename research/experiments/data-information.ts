/**
 * Normalising each example by itself loses what lies in its scale.
 * Rests on the engine, core's data and random streams, layers and optim.
 */
import { z } from "zod";
import {
  arrayDataset,
  DataLoader,
  type LabelledBatch,
  normalize,
  perExample,
} from "../../core/data/index.ts";
import type { RandomSource } from "../../core/index.ts";
import { normals, uniforms } from "../../core/random/index.ts";
import { assemble, mlp } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  bandOf,
  barFigure,
  defineExperiment,
  type Experiment,
  judgePaired,
  lineFigure,
  runsWhere,
  scoresOf,
  seedsBar,
  trainRun,
} from "../engine/index.ts";
import { judge } from "./parts/training.ts";

const places = ["scale", "pattern"] as const;
const classes = 4;

const experiment: Experiment = defineExperiment({
  id: "data-information",
  title: "What normalising each example throws away",
  question: "Is a class that lies in the scale of an example lost when each example is normalised?",
  claims: ["data-information"],
  source: "Lecture notes on training CNNs, data preparation; Coates, Ng & Lee 2011, section 3.1",
  config: z.strictObject({
    place: z.enum(places).default("scale").describe("where the class lies: contrast or pattern"),
    normalised: z
      .boolean()
      .default(false)
      .describe("whether each example has its mean subtracted and is divided by its std"),
    spread: z
      .number()
      .min(0)
      .lt(1)
      .default(0.1)
      .describe("contrasts of a class differ by this share, each way"),
    size: z.int().min(4).default(32).describe("numbers of an example"),
    hidden: z.int().min(1).default(32).describe("hidden units"),
    rate: z.number().positive().default(0.1).describe("learning rate of SGD"),
    batch: z.int().min(1).default(32).describe("examples in a batch"),
    train: z.int().min(4).default(2000).describe("training examples"),
    test: z.int().min(4).default(1000).describe("test examples"),
    steps: z.int().min(1).default(1000).describe("updates"),
  }),
  arms: { place: [...places], normalised: [false, true] },
  profiles: {
    quick: { seeds: 4, config: { steps: 500 }, seconds: 0.4 },
    full: { seeds: 12, seconds: 0.8 },
  },
  run(context) {
    const { config, seed, streams } = context;
    const loaderOf = (half: "train" | "test"): DataLoader<LabelledBatch> => {
      const made = madeExamples(config, streams, half, config[half]);
      const dataset = config.normalised ? normalize<"y">(made, perExample()) : made;
      return half === "train"
        ? new DataLoader(dataset, { batchSize: config.batch, seed, dropLast: true })
        : new DataLoader(dataset, { batchSize: 250, shuffle: false });
    };
    const [train, test] = [loaderOf("train"), loaderOf("test")];
    const net = assemble(mlp([config.size, config.hidden, classes]), { seed });
    const optimizer = sgd(net.parameters(), { learningRate: config.rate, momentum: 0.9 });
    const { weights } = trainRun(context, { net, optimizer, loader: train, steps: config.steps });
    return { accuracy: 100 * (1 - judge(net, test).error), weights };
  },
  figures: (runs) => [
    barFigure({
      title: "Test accuracy with and without normalising each example",
      caption: "Chance is 25 %. Mean and 95 % t-interval over seeds.",
      x: "where the class lies",
      y: { label: "test accuracy", unit: "%" },
      bars: places.flatMap((place) =>
        [false, true].map((normalised) =>
          seedsBar(
            place,
            normalised ? "normalised" : "as it is",
            runsWhere(runs, { place, normalised }).map(({ result }) => result.accuracy),
          ),
        ),
      ),
    }),
    lineFigure({
      title: "Training loss where the class lies in the scale",
      caption: "Band: lowest and highest of the seeds.",
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats" },
      series: [false, true].map((normalised) => ({
        name: normalised ? "normalised" : "as it is",
        points: bandOf(runsWhere(runs, { place: "scale", normalised }), "loss"),
      })),
    }),
  ],
  verdict(runs, context) {
    const accuracies = (normalised: boolean): ReturnType<typeof scoresOf> =>
      scoresOf(runs, { place: "scale", normalised }, ({ result }) => result.accuracy);
    return {
      "data-information": judgePaired(
        accuracies(false),
        accuracies(true),
        {
          name: "test accuracy (%) where the class lies in the scale, as it is against normalised",
          better: "higher",
          margin: 5,
          reason:
            "The set's only difference between classes is what normalising removes; a loss of less than 5 of the 75 points above chance would not be worth a warning",
          paper: "normalising may stretch or shrink real differences: information loss",
        },
        context,
      ),
    };
  },
});

export default experiment;

/**
 * Examples contrast·(pattern + noise), class p mod 4. `scale`: the contrast is 1, 2, 4 or 8 by class, and the pattern of one
 * kind at random; `pattern`: the other way round.
 */
function madeExamples(
  {
    place,
    spread,
    size,
  }: { readonly place: (typeof places)[number]; readonly spread: number; readonly size: number },
  streams: RandomSource,
  half: string,
  count: number,
): ReturnType<typeof arrayDataset<"x" | "y">> {
  const patterns = normals(streams.stream("patterns"), classes * size);
  const stream = streams.stream(`examples/${half}`);
  const x = new Float32Array(count * size);
  const y = Int32Array.from({ length: count }, (_, p) => p % classes);
  for (let p = 0; p < count; p++) {
    const [other = 0, turn = 0] = uniforms(stream, 2);
    const noise = normals(stream, size);
    const drawn = Math.floor(classes * other);
    const label = y[p] ?? 0;
    const [level, kind] = place === "scale" ? [label, drawn] : [drawn, label];
    const contrast = ([1, 2, 4, 8][level] ?? 1) * (1 + spread * (2 * turn - 1));
    for (let i = 0; i < size; i++) {
      x[p * size + i] = (contrast * ((patterns[kind * size + i] ?? 0) + 0.5 * (noise[i] ?? 0))) / 4;
    }
  }
  return arrayDataset(
    count,
    { x: { shape: [size], dtype: "float32" }, y: { shape: [], dtype: "int32" } },
    { x, y },
  );
}
