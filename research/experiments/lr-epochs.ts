/**
 * As many updates on twice the data reach a better test error than two passes over half of it.
 * Rests on the engine, layers and optim.
 */
import { z } from "zod";
import { sizeOf } from "../../core/shape.ts";
import { assemble, mlp } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import { linear } from "../../schedules/index.ts";
import {
  bandOf,
  barFigure,
  defineExperiment,
  type Experiment,
  imageLoaders,
  judgePaired,
  lineFigure,
  runsWhere,
  scoresOf,
  seedsBar,
  trainRun,
} from "../engine/index.ts";
import { judge } from "./parts/training.ts";

/** Parts of the data, and passes over them: the same number of updates. */
const shares = [1, 2, 4] as const;
const batches = [8, 16, 32, 64] as const;
const usual = 16;

const experiment: Experiment = defineExperiment({
  id: "lr-epochs",
  title: "All of the data once, half of it twice",
  question: "At the same number of updates, is more data better than more passes?",
  claims: ["lr-epochs"],
  source: "Lecture notes on training CNNs, iteration and epoch; Goyal et al. 2017, section 2.1",
  config: z.strictObject({
    parts: z
      .int()
      .min(1)
      .default(1)
      .describe("the training images are divided by it, the passes multiplied"),
    batch: z
      .int()
      .min(1)
      .default(usual)
      .describe("examples in a batch; the rate is in proportion to it"),
    hidden: z.int().min(1).default(64).describe("hidden units"),
    rate: z
      .number()
      .positive()
      .default(0.05)
      .describe("learning rate of SGD at batches of 16, going down to 0 in a line"),
    train: z.int().min(64).default(8000).describe("training images of the undivided set"),
    test: z.int().min(1).default(10000).describe("test images"),
    passes: z.int().min(1).default(1).describe("passes over the undivided set"),
  }),
  arms: [
    ...shares.map((parts) => ({ parts })),
    ...batches.filter((batch) => batch !== usual).map((batch) => ({ batch })),
  ],
  profiles: {
    quick: { seeds: 4, config: { train: 4000, test: 4000 }, seconds: 0.8 },
    full: { seeds: 12, seconds: 2 },
  },
  data: ["mnist"],
  run(context) {
    const { config, seed, data } = context;
    const { train, test, shape, classes } = imageLoaders(data.images("mnist"), {
      ...config,
      train: Math.floor(config.train / config.parts),
      seed,
    });
    const inputs = sizeOf(shape);
    const net = assemble(mlp([inputs, config.hidden, classes]), { seed });
    const errorOf = (): number => 100 * judge(net, test).error;
    const steps = Math.floor((config.passes * config.train) / config.batch);
    const { weights } = trainRun(context, {
      net,
      optimizer: sgd(net.parameters(), {
        learningRate: linear({ base: (config.rate * config.batch) / usual, totalSteps: steps }),
      }),
      loader: train,
      steps,
      every: Math.max(1, Math.floor(steps / 4)),
      measure: () => ({ error: errorOf() }),
    });
    return { error: errorOf(), weights };
  },
  figures: (runs) => [
    lineFigure({
      title: "Test error against updates",
      caption:
        "All arms make the same updates in size and number. Band: lowest and highest of the seeds.",
      x: { label: "update" },
      y: { label: "test error", unit: "%", scale: "log" },
      series: shares.map((parts) => ({
        name: parts === 1 ? "all data, once" : `1/${parts} of it, ${parts} times`,
        points: bandOf(runsWhere(runs, { parts, batch: usual }), "error"),
      })),
    }),
    barFigure({
      title: "Test error after one pass, by batch size",
      caption: "The rate in proportion to the batch. Mean and 95 % t-interval over seeds.",
      x: "examples in a batch",
      y: { label: "test error", unit: "%" },
      bars: batches.map((batch) =>
        seedsBar(
          String(batch),
          "all data, once",
          runsWhere(runs, { parts: 1, batch }).map(({ result }) => result.error),
        ),
      ),
    }),
  ],
  verdict(runs, context) {
    const errors = (parts: number): ReturnType<typeof scoresOf> =>
      scoresOf(runs, { parts, batch: usual }, ({ result }) => result.error);
    return {
      "lr-epochs": judgePaired(
        errors(1),
        errors(2),
        {
          name: "test error (%), all of the data once against half of it twice",
          better: "lower",
          margin: 0.1,
          reason:
            "Both make the same updates, so that the data alone differ; the claim on batch size is that nothing follows from it by itself, which the figure shows and no test can prove",
          paper: "twice the data are as many iterations as two epochs, and cover more",
        },
        context,
      ),
    };
  },
});

export default experiment;
