/**
 * What subtracting the mean and dividing by the std of each colour channel gains, in a shallow and in a deep net.
 * Rests on the engine, core's data, layers and optim.
 */
import { z } from "zod";
import type { ImageSets } from "../../core/data/idx-images.ts";
import { type ChannelStatistics, centering, type ImageSet, shapes } from "../../core/data/index.ts";
import { log } from "../../core/scalar-math/index.ts";
import { assemble, vgg } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import { linear } from "../../schedules/index.ts";
import {
  bandOf,
  barFigure,
  bySeed,
  defineExperiment,
  type Experiment,
  imageLoaders,
  judgePaired,
  leastOf,
  lineFigure,
  meanOf,
  minus,
  type Run,
  type RunContext,
  runsWhere,
  seedsBar,
  trainRun,
} from "../engine/index.ts";
import { judge, lossesOf } from "./parts/training.ts";

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
  size: z
    .int()
    .min(4)
    .multipleOf(4)
    .default(16)
    .describe("height and width of made images, pixels"),
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
    full: { seeds: 12, seconds: 4 },
  },
  data: ({ set }) => (set === "shapes" ? [] : [set]),
  run(context) {
    const { config: knobs, seed } = context;
    const { train, test, shape, classes } = imageLoaders(setsOf(context), {
      ...knobs,
      seed,
      statistics: preparations[knobs.prepared],
    });
    const stages = [Math.ceil(knobs.depth / 2), Math.floor(knobs.depth / 2)];
    const net = assemble(vgg({ shape, classes, stages, width: knobs.width, hidden: [] }), { seed });
    const optimizer = sgd(net.parameters(), {
      learningRate: linear({ base: knobs.rate, totalSteps: knobs.steps }),
      momentum: 0.9,
    });
    const training = { net, optimizer, loader: train, steps: knobs.steps };
    const { weights, outcome } = trainRun(context, training);
    const losses = lossesOf(context.metrics.rows());
    return {
      // A net that diverged knows no more than one that gives every class the same chance.
      loss:
        outcome === "diverged" ? log(classes) : meanOf(losses.slice(-Math.ceil(losses.length / 5))),
      error: 100 * judge(net, test).error,
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
        kinds.map((prepared) => seedsBar(String(depth), prepared, endsOf(runs, depth, prepared))),
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
    const gains = (depth: number): readonly number[] =>
      minus(endsOf(runs, depth, "none"), endsOf(runs, depth, "mean+std"));
    return {
      "data-per-channel": judgePaired(
        gains(deep),
        gains(shallow),
        {
          name: `training loss (nats) that mean and std save, ${deep} convolutions against ${shallow}`,
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
function endsOf(
  runs: readonly Run<Config, { readonly loss: number }>[],
  depth: number,
  prepared: Config["prepared"],
): readonly number[] {
  return bySeed(runs, { depth, prepared }, ({ result }) => result.loss, leastOf);
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
