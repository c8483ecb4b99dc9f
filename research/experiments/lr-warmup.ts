/**
 * A high rate at the start, with and without warm-up.
 * Rests on the engine, layers, optim and schedules.
 */
import { z } from "zod";
import { sgd } from "../../optim/index.ts";
import {
  constant,
  linearScaling,
  multiStep,
  type Schedule,
  sequence,
  warmup,
} from "../../schedules/index.ts";
import {
  bandOf,
  bySeed,
  defineExperiment,
  type Experiment,
  lineFigure,
  meanOf,
  minus,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { errorBars, lossFigure } from "./parts/figures.ts";
import { beginTraining, hiddenKnobs, imageData, momentumKnob } from "./parts/image-training.ts";
import { perceptron } from "./parts/nets.ts";
import { chance, errorsOf, judgeEnded, lossesOf } from "./parts/training.ts";

const kinds = ["small", "none", "constant", "gradual"] as const;
const names = {
  small: "small batch",
  none: "large batch, no warm-up",
  constant: "large batch, constant warm-up",
  gradual: "large batch, gradual warm-up",
};

/** The highest loss that counts, times that of the first batch: those that are higher, NaN, or never came, are this bad. */
const beyond = 10;

const experiment: Experiment = defineExperiment({
  id: "lr-warmup",
  title: "Warm-up at a large batch",
  question:
    "Does a high rate from the first update on blow the loss up, and does a line up to it help?",
  claims: ["lr-warmup"],
  source: "Goyal et al. 2017, sections 2.2 and 5.1, table 1",
  config: z.strictObject({
    data: imageData,
    warmup: z.enum(kinds).default("gradual").describe("how the rate of a large batch begins"),
    rate: z.number().positive().default(0.2).describe("learning rate of the small batch"),
    momentum: momentumKnob,
    small: z.int().min(1).default(32).describe("examples in a small batch"),
    large: z
      .int()
      .min(1)
      .default(512)
      .describe("examples in a large batch; its rate is scaled linearly"),
    norm: z.enum(["none", "before"]).default("before").describe("BatchNorm before each ReLU"),
    ...hiddenKnobs({ width: 100, depth: 3 }),
    epochs: z.int().min(2).default(18).describe("passes over the training images"),
    share: z.number().gt(0).lt(0.33).default(0.2).describe("of all updates, for the warm-up"),
    train: z.int().min(1).default(16384).describe("training images"),
    test: z.int().min(1).default(2000).describe("test images"),
  }),
  arms: { warmup: [...kinds] },
  profiles: {
    quick: { seeds: 4, config: { epochs: 8, train: 6144 }, seconds: 3.5 },
    full: { seeds: 12, seconds: 16 },
  },
  data: ({ data }) => [data],
  run(context) {
    const batch = context.config.warmup === "small" ? context.config.small : context.config.large;
    const config = { ...context.config, batch };
    const { net, train, test } = beginTraining({ ...context, config }, (sizes) =>
      perceptron({ ...config, ...sizes, order: config.norm }),
    );
    const rateAt = rates(config, config.epochs * train.length);
    const { momentum, epochs } = config;
    const optimizer = sgd(net.parameters(), { learningRate: rateAt, momentum });
    const { outcome } = trainRun(context, {
      net,
      optimizer,
      loader: train,
      epochs,
      onStep: ({ epoch, iteration }) => ({ epoch, rate: rateAt(iteration - 1) }),
    });
    const losses = lossesOf(context.metrics.rows());
    const early = Math.ceil(config.share * epochs * train.length);
    const [first = Number.NaN] = losses;
    const inFirsts = Array.from({ length: early }, (_, update) => {
      const ratio = (losses[update] ?? Number.NaN) / first;
      return ratio <= beyond ? ratio : beyond;
    });
    return { ...judgeEnded(net, test, outcome), loss: meanOf(inFirsts) };
  },
  figures(runs) {
    const own = valuesOf(runs, "warmup");
    const large = own.filter((kind) => kind !== "small");
    return [
      lossFigure(
        "Training loss at the large batch",
        large.map((warmup) => ({
          name: names[warmup],
          points: bandOf(runsWhere(runs, { warmup }), "loss"),
        })),
        { rules: [{ y: chance, label: "chance, log 10" }] },
      ),
      lineFigure({
        title: "Learning rate at the large batch",
        x: { label: "update" },
        y: { label: "learning rate" },
        series: large.map((warmup) => ({
          name: names[warmup],
          points: bandOf(runsWhere(runs, { warmup }), "rate"),
        })),
      }),
      errorBars(
        "start",
        own.map((warmup) => [names[warmup], errorsOf(runs, { warmup })]),
      ),
    ];
  },
  verdict(runs, context) {
    const loss = (warmup: (typeof kinds)[number]): readonly number[] =>
      bySeed(runs, { warmup }, ({ result }) => result.loss);
    const error = (warmup: (typeof kinds)[number]): readonly number[] => errorsOf(runs, { warmup });
    const errors = kinds.map((kind) => `${names[kind]} ${intervalText(error(kind))}`).join(", ");
    return {
      "lr-warmup": contrastVerdict(
        [
          {
            name: "mean early loss over the first, without less with gradual warm-up",
            gains: minus(loss("none"), loss("gradual")),
            least: 0.05,
            why: "A twentieth of the first loss is a tenth of a nat, which no curve shows",
          },
          {
            name: "final test error without less that with gradual warm-up (share)",
            gains: minus(error("none"), error("gradual")),
            least: 0.001,
            why: "a tenth of the paper's gain of 1.1 points",
          },
        ],
        context,
        {
          arms: `mean early loss over the first ${intervalText(loss("none"))} without, ${intervalText(loss("gradual"))} with; test error: ${errors}`,
          paper:
            "top-1 error at batch 8k 24.84 % without, 25.88 % constant, 23.74 % gradual; 23.60 % at 256 (table 1)",
        },
      ),
    };
  },
});

export default experiment;

/** The rate over `total` updates: warmed up, and divided by 10 where the paper's 90 epochs have it: at 30, 60 and 80. */
function rates(
  config: {
    readonly warmup: (typeof kinds)[number];
    readonly rate: number;
    readonly small: number;
    readonly batch: number;
    readonly share: number;
  },
  total: number,
): Schedule {
  const base = linearScaling({ base: config.rate, baseBatch: config.small, batch: config.batch });
  const steps = Math.max(1, Math.round(config.share * total));
  const falling = (from: number): Schedule => {
    const milestones = [3, 6, 8].map((ninths) => (ninths / 9) * total - from);
    return multiStep({ base, milestones });
  };
  if (config.warmup === "constant")
    return sequence([constant(config.rate), falling(steps)], [steps]);
  if (config.warmup === "gradual") return warmup(falling(steps), { steps, start: config.rate });
  return falling(0);
}
