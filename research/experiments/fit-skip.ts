/**
 * Plain and residual nets at three depths, with the recipe of the paper.
 * Rests on the engine, data, layers, optim and schedules.
 */
import { z } from "zod";
import {
  augment,
  channelStatistics,
  crop,
  DataLoader,
  flip,
  imageDataset,
  takeFirst,
} from "../../core/data/index.ts";
import { AvgPool2d, assemble, cifarResNet, Sequential } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import { linearScaling, multiStep } from "../../schedules/index.ts";
import {
  bandOf,
  bySeed,
  defineExperiment,
  type Experiment,
  estimate,
  imageLoaders,
  lineFigure,
  minus,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { lossFigure, meanCaption } from "./parts/figures.ts";
import { imageData, momentumKnob } from "./parts/image-training.ts";
import { judge } from "./parts/training.ts";

const depths = [8, 20, 32];
const kinds = ["plain", "residual"] as const;
type Kind = (typeof kinds)[number];

const experiment: Experiment = defineExperiment({
  id: "fit-skip",
  title: "Plain and residual nets of 8, 20 and 32 layers",
  question: "Does a deep plain net train worse than a shallow one, and do skip links repair it?",
  claims: ["fit-skip"],
  source: "He et al. 2016, section 4.2, figure 6, table 6",
  config: z.strictObject({
    data: imageData,
    kind: z.enum(kinds).default("residual").describe("with skip links or without"),
    depth: z.int().min(8).default(20).describe("layers with weights: 6n + 2"),
    width: z.int().min(1).default(16).describe("channels of the first stage, doubled twice"),
    shrink: z
      .int()
      .min(1)
      .default(1)
      .describe("images are averaged over squares of this side, pixels"),
    batch: z.int().min(2).default(128).describe("examples in a batch"),
    rate: z
      .number()
      .positive()
      .default(0.1)
      .describe(
        "learning rate at batch 128, scaled linearly; /10 after 1/2 and 3/4 of the updates",
      ),
    momentum: momentumKnob,
    decay: z.number().min(0).default(1e-4).describe("weight decay"),
    padding: z.int().min(0).default(4).describe("pixels around an image before it is cropped"),
    steps: z.int().min(4).default(4000).describe("updates"),
    train: z.int().min(1).default(50000).describe("training images"),
    test: z.int().min(1).default(2000).describe("test images, and training images that are judged"),
  }),
  arms: { kind: [...kinds], depth: depths },
  profiles: {
    quick: {
      seeds: 3,
      config: { width: 8, shrink: 2, batch: 32, steps: 120, train: 4000, test: 1000 },
      seconds: 4.4,
    },
    // Of the paper's scale in all but images: steps=64000 width=16 shrink=1 batch=128 data=cifar-10.
    full: {
      seeds: 12,
      config: { width: 8, shrink: 2, batch: 64, steps: 1500 },
      seconds: 165,
    },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config, seed } = context;
    const sets = context.data.images(config.data);
    const judged = { train: config.train, test: config.test, batch: config.batch, seed };
    const { test, seen, shape, classes } = imageLoaders(sets, judged);
    const images = takeFirst(sets.train, Math.min(config.train, sets.train.count));
    const dataset = imageDataset(images, channelStatistics(images));
    // Mirrored digits are other signs; crops are of the padded mean, as images are standardised.
    const mirrored = config.data === "mnist" ? [] : [flip()];
    const changed = augment(dataset, [crop({ padding: config.padding }), ...mirrored], { seed });
    const loader = new DataLoader(changed, { batchSize: config.batch, seed, dropLast: true });
    const { depth, width, kind, shrink: window } = config;
    const body = cifarResNet({
      depth,
      width,
      channels: shape[0],
      classes,
      plain: kind === "plain",
    });
    const net = assemble(window === 1 ? body : new Sequential([new AvgPool2d({ window }), body]), {
      seed,
    });
    const { steps, batch, momentum, decay: weightDecay } = config;
    const base = linearScaling({ base: config.rate, baseBatch: 128, batch });
    const learningRate = multiStep({ base, milestones: [steps / 2, (3 * steps) / 4] });
    const optimizer = sgd(net.parameters(), { learningRate, momentum, weightDecay });
    const { outcome } = trainRun(context, { net, optimizer, loader, steps });
    if (outcome === "diverged") return { trainError: 1, error: 1 };
    return { trainError: judge(net, seen).error, error: judge(net, test).error };
  },
  figures(runs) {
    const own = valuesOf(runs, "depth").toSorted((a, b) => a - b);
    const present = valuesOf(runs, "kind");
    return [
      lineFigure({
        title: "Error by depth",
        caption: meanCaption,
        x: { label: "layers with weights" },
        y: { label: "error", unit: "share" },
        series: present.flatMap((kind) =>
          (["trainError", "error"] as const).map((score) => ({
            name: `${kind}, ${score === "error" ? "test" : "training"}`,
            dashed: score === "trainError",
            points: own.map((depth) => ({
              x: depth,
              ...estimate(runsWhere(runs, { kind, depth }).map(({ result }) => result[score])),
            })),
          })),
        ),
      }),
      ...present.map((kind) =>
        lossFigure(
          `Training loss, ${kind}`,
          own.map((depth) => ({
            name: `${depth} layers`,
            points: bandOf(runsWhere(runs, { kind, depth }), "loss"),
          })),
        ),
      ),
    ];
  },
  verdict(runs, context) {
    const error = (kind: Kind, depth: number): readonly number[] =>
      bySeed(runs, { kind, depth }, ({ result }) => result.trainError);
    const shown = (kind: Kind): string =>
      `${kind} ${depths.map((depth) => intervalText(error(kind, depth))).join(", ")}`;
    return {
      "fit-skip": contrastVerdict(
        [
          {
            name: "training error at 32 layers less that at 8, plain (share)",
            gains: minus(error("plain", 32), error("plain", 8)),
            least: 0.01,
            why: "A depth that costs less than a hundredth does not hinder",
          },
          {
            name: "training error at 32 layers, plain less residual (share)",
            gains: minus(error("plain", 32), error("residual", 32)),
            least: 0.01,
            why: "a skip link that gains less than a hundredth repairs nothing",
          },
        ],
        context,
        {
          arms: `training error at ${depths.join(", ")} layers: ${shown("plain")}; ${shown("residual")}`,
          paper:
            "plain nets get worse from 20 to 56 layers, in training too (figure 6); residual test error 8.75, 7.51, 7.17, 6.97 % at 20, 32, 44, 56 (table 6)",
        },
      ),
    };
  },
});

export default experiment;
