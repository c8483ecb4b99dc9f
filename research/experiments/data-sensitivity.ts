/**
 * How much the loss moves when weights do: a net trained on pixels as they are read against one on normalised ones.
 * Rests on the engine, core's random streams, layers and optim.
 */
import { z } from "zod";
import { assign, tensor } from "../../core/index.ts";
import { normals } from "../../core/random/index.ts";
import { log } from "../../core/scalar-math/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { assemble, type Layer, mlp } from "../../layers/index.ts";
import { adam } from "../../optim/index.ts";
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
  valuesOf,
} from "../engine/index.ts";
import { judge } from "./parts/training.ts";

const kinds = ["bytes", "unit", "normalised"] as const;
const [decisive, decisiveRate] = [0.01, 0.001] as const;

const experiment: Experiment = defineExperiment({
  id: "data-sensitivity",
  title: "The loss under small changes of the weights",
  question: "Does the loss react more to small weight changes without normalised inputs?",
  claims: ["data-sensitivity"],
  source:
    "Lecture notes on training CNNs, data preparation; LeCun et al. 1998, Efficient BackProp, section 4.3",
  config: z.strictObject({
    inputs: z
      .enum(kinds)
      .default("normalised")
      .describe("pixels 0 … 255, in [0, 1], or with mean 0 and std 1"),
    rate: z.number().positive().default(decisiveRate).describe("learning rate of Adam"),
    hidden: z.int().min(1).default(32).describe("hidden units"),
    train: z.int().min(1).default(4000).describe("training images"),
    test: z.int().min(1).default(1000).describe("test images, over which the loss is taken"),
    batch: z.int().min(1).default(32).describe("examples in a batch"),
    epochs: z.int().min(1).default(4).describe("passes over the training images"),
    noises: z
      .array(z.number().positive())
      .default([0.001, 0.003, decisive, 0.03, 0.1])
      .describe("standard deviation of the change, in root mean squares of each weight tensor"),
    draws: z.int().min(1).default(16).describe("random changes of each size"),
  }),
  arms: { inputs: [...kinds] },
  profiles: {
    quick: { seeds: 4, config: { train: 2000, epochs: 2, draws: 8, test: 500 }, seconds: 0.8 },
    full: { seeds: 12, seconds: 3 },
  },
  data: ["mnist"],
  run(context) {
    const { config, seed, data, streams, metrics } = context;
    const { train, test, shape, classes } = imageLoaders(data.images("mnist"), {
      ...config,
      seed,
      statistics: ({ mean, std }) => {
        if (config.inputs === "normalised") return { mean, std };
        const scale = config.inputs === "bytes" ? 1 / 255 : 1; // pixels are read in units of 255
        return { mean: mean.map(() => 0), std: std.map(() => scale) };
      },
    });
    const inputs = sizeOf(shape);
    const net = assemble(mlp([inputs, config.hidden, classes]), { seed });
    const { weights, outcome } = trainRun(context, {
      net,
      optimizer: adam(net.parameters(), { learningRate: config.rate }),
      loader: train,
      epochs: config.epochs,
    });
    const lossOf = (): number => judge(net, test).loss;
    const before = lossOf();
    const last = metrics.rows().at(-1)?.step ?? 0;
    const stream = streams.stream("changes");
    const changes = config.noises.map((noise, index) => {
      let total = 0;
      for (let draw = 0; draw < config.draws; draw++) {
        const after = changed(net, noise, (count) => normals(stream, count), lossOf);
        total += Math.abs(after - before);
      }
      const change = total / config.draws;
      // Noise is no step: rows after the last one carry it by its place in the list.
      metrics.write(last + 1 + index, { noise, change });
      return change;
    });
    return { before, changes, outcome, weights };
  },
  figures: (runs) => [
    lineFigure({
      title: "Change of the test loss under random changes of all weights",
      caption:
        "Size of the change, mean over the draws. Pixels in [0, 1] are scaled but not centred. Band: lowest and highest of the seeds.",
      x: { label: "change, in root mean squares of each weight tensor", scale: "log" },
      y: { label: "change of cross-entropy", unit: "nats", scale: "log" },
      series: kinds.map((inputs) => {
        const own = runsWhere(runs, { inputs });
        const noises = valuesOf(own, "noises")[0] ?? [];
        const band = bandOf(own, "change");
        return {
          name: inputs,
          points: band.flatMap((point, at) =>
            noises[at] === undefined ? [] : [{ ...point, x: noises[at] }],
          ),
        };
      }),
    }),
    lineFigure({
      title: "Training loss",
      caption: "Of each batch. Band: lowest and highest of the seeds.",
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats", scale: "log" },
      series: kinds.map((inputs) => ({
        name: inputs,
        points: bandOf(runsWhere(runs, { inputs }), "loss"),
      })),
    }),
  ],
  verdict(runs, context) {
    const changes = (inputs: (typeof kinds)[number]): ReturnType<typeof scoresOf> =>
      scoresOf(runs, { inputs }, ({ config, result }) => {
        const change = result.changes[config.noises.indexOf(decisive)] ?? Number.NaN;
        return log(Math.max(change, 1e-12)) / log(10); // no change at all is a very small one
      });
    return {
      "data-sensitivity": judgePaired(
        changes("normalised"),
        changes("bytes"),
        {
          name: `change of the test loss (decades) when weights change by ${100 * decisive} %, normalised against bytes`,
          better: "lower",
          margin: 0.3,
          reason:
            "Changes small enough that the loss is near linear, so that up and down are alike; seeds differ by factors, so decades are compared; 0.3 of one is a factor of two",
          paper: "without normalisation the loss is very sensitive to changes of the weights",
        },
        context,
      ),
    };
  },
});

export default experiment;

/** What `measure` gives while every parameter is changed by noise·(its root mean square)·normal numbers. */
function changed(
  net: Layer,
  noise: number,
  draw: (count: number) => Float64Array,
  measure: () => number,
): number {
  const saved = net.parameters().map((cell) => ({ cell, values: cell.elements() }));
  for (const { cell, values } of saved) {
    const square = Array.from(values).reduce((sum, value) => sum + value * value, 0);
    const size = noise * Math.sqrt(square / values.length);
    const step = draw(values.length);
    const moved = Float32Array.from(values, (value, i) => value + size * (step[i] ?? 0));
    assign(cell, tensor(moved, { shape: cell.shape }));
  }
  const value = measure();
  for (const { cell, values } of saved) {
    assign(cell, tensor(Float32Array.from(values), { shape: cell.shape }));
  }
  return value;
}
