/**
 * What subtracting the mean and dividing by the std of each colour channel gains, in a shallow and in a deep net.
 * Rests on the engine, core's data, layers and optim.
 */
import { z } from "zod";
import type { ImageSets } from "../../core/data/idx-images.ts";
import { type ChannelStatistics, centering, type ImageSet, shapes } from "../../core/data/index.ts";
import { accuracyMetric } from "../../core/index.ts";
import { assemble } from "../../layers/index.ts";
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
  lowestScores,
  type Run,
  type RunContext,
  runsWhere,
  scoreOf,
  seedsBar,
  trainRun,
} from "../engine/index.ts";
import type { Score } from "../statistics/index.ts";
import { evaluate } from "../training/evaluate.ts";
import { smallCnn } from "./parts/small-cnn.ts";

const kinds = ["none", "mean", "mean+std"] as const;
const [shallow, deep] = [2, 6] as const;
const rates = [0.005, 0.02] as const;

const preparations: Readonly<
  Record<(typeof kinds)[number], (measured: ChannelStatistics) => ChannelStatistics>
> = {
  none: ({ mean }) => ({ mean: mean.map(() => 0), std: mean.map(() => 1) }),
  mean: centering,
  "mean+std": (measured) => measured,
};

const config = z.strictObject({
  set: z
    .enum(["shapes", "cifar-10", "cifar-100"])
    .default("shapes")
    .describe("colour images: made, or found"),
  prepared: z
    .enum(kinds)
    .default("mean+std")
    .describe("what is done to each channel of pixels in [0, 1]"),
  depth: z.int().min(2).default(shallow).describe("convolutions"),
  width: z
    .int()
    .min(1)
    .default(8)
    .describe("channels of the first half, twice as many in the second"),
  rate: z
    .number()
    .positive()
    .default(rates[0])
    .describe("first learning rate of SGD with momentum 0.9, going down to 0 in a line"),
  size: z.int().min(4).default(16).describe("height and width of made images, pixels"),
  train: z.int().min(1).default(3000).describe("training images"),
  test: z.int().min(1).default(1000).describe("test images"),
  batch: z.int().min(1).default(32).describe("examples in a batch"),
  steps: z.int().min(1).default(400).describe("updates"),
});
type Config = z.output<typeof config>;

const experiment: Experiment = defineExperiment({
  id: "data-per-channel",
  title: "Mean and std of each channel, shallow against deep",
  question: "Does normalising channels gain more in a deep net than in a shallow one?",
  claims: ["data-per-channel"],
  source:
    "Simonyan & Zisserman 2015, section 2.1 (mean); He et al. 2016 and its code (mean and std)",
  config,
  arms: { depth: [shallow, deep], prepared: [...kinds], rate: [...rates] },
  profiles: {
    quick: { seeds: 4, config: { train: 1500, test: 500, steps: 150 }, seconds: 1.3 },
    full: { seeds: 10 },
  },
  data: ({ set }) => (set === "shapes" ? [] : [set]),
  run(context) {
    const { config: knobs, seed } = context;
    const { train, test, shape, classes } = imageLoaders(setsOf(context), {
      ...knobs,
      seed,
      statistics: preparations[knobs.prepared],
    });
    const net = assemble(smallCnn({ shape, classes, width: knobs.width, depth: knobs.depth }), {
      seed,
    });
    const optimizer = sgd(net.parameters(), {
      learningRate: linear({ base: knobs.rate, totalSteps: knobs.steps }),
      momentum: 0.9,
    });
    const { weights } = trainRun(context, { net, optimizer, loader: train, steps: knobs.steps });
    const losses = context.metrics.rows().map(({ values }) => Number(values["loss"]));
    const last = losses.slice(-Math.ceil(losses.length / 5));
    return {
      loss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
      error: 100 * (1 - evaluate(net, test, { accuracy: accuracyMetric }).accuracy),
      weights,
    };
  },
  figures: (runs) => [
    barFigure({
      title: "Training loss at the end, by depth",
      caption:
        "At the better rate of each seed, over the last fifth of the updates. Mean and 95 % t-interval over seeds.",
      x: "convolutions",
      y: { label: "cross-entropy", unit: "nats" },
      bars: [shallow, deep].flatMap((depth) =>
        kinds.map((prepared) => seedsBar(String(depth), prepared, lossesOf(runs, depth, prepared))),
      ),
    }),
    lineFigure({
      title: `Training loss of the net of ${deep} convolutions`,
      caption: `Rate ${rates[1]}. Band: lowest and highest of the seeds.`,
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats" },
      series: kinds.map((prepared) => ({
        name: prepared,
        points: bandOf(runsWhere(runs, { depth: deep, prepared, rate: rates[1] }), "loss"),
      })),
    }),
  ],
  verdict(runs, context) {
    const gains = (depth: number): readonly Score[] => {
      const without = lossesOf(runs, depth, "none");
      return lossesOf(runs, depth, "mean+std").map((loss, at) =>
        scoreOf({ outcome: "finished" }, (without[at] ?? Number.NaN) - loss),
      );
    };
    return {
      "data-per-channel": judgePaired(
        gains(deep),
        gains(shallow),
        {
          name: `gain in training loss (nats) by mean and std, ${deep} convolutions against ${shallow}`,
          better: "higher",
          margin: 0.02,
          reason:
            "The claim is that the gain grows with depth; each at its better rate, since normalising changes which rate is good; 0.02 nats are about a hundredth of chance",
          paper: "VGG, shallower, subtracts the mean; ResNet, deeper, also divides by the std",
        },
        context,
      ),
    };
  },
});

export default experiment;

/** Of each seed, by seed, the loss at the rate that ends lower. */
function lossesOf(
  runs: readonly Run<Config, { readonly loss: number }>[],
  depth: number,
  prepared: Config["prepared"],
): readonly number[] {
  const scores = lowestScores(runsWhere(runs, { depth, prepared }), ({ result }) => result.loss);
  return scores.map((score) => (score === "diverged" ? Number.NaN : score));
}

function setsOf({ config: { set, size, train, test }, data }: RunContext<Config>): ImageSets {
  if (set !== "shapes") return data.images(set);
  const made = shapes({ count: train + test, size, channels: 3 });
  const part = (from: number, to: number): ImageSet => {
    const [channels, height, width] = made.shape;
    const bytes = channels * height * width;
    return {
      ...made,
      images: made.images.subarray(from * bytes, to * bytes),
      labels: made.labels.subarray(from, to),
      count: to - from,
    };
  };
  return { train: part(0, train), test: part(train, train + test) };
}
