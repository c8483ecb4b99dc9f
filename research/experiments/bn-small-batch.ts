/**
 * What small batches do to batch normalization, and not to group and layer normalization.
 * Rests on the engine, init, optim and schedules.
 */
import { z } from "zod";
import { kaimingNormal, xavierNormal } from "../../init/index.ts";
import { sgd } from "../../optim/index.ts";
import { linearScaling } from "../../schedules/index.ts";
import {
  defineExperiment,
  type Experiment,
  estimate,
  lineFigure,
  minus,
  tableFigure,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { meanCaption } from "./parts/figures.ts";
import { beginTraining, convWidth, imageKnobs, momentumKnob } from "./parts/image-training.ts";
import { smallConvNet } from "./parts/nets.ts";
import { errorsOf, judgeEnded } from "./parts/training.ts";

const batches = [32, 16, 8, 4, 2];
const norms = ["batch", "group", "layer"] as const;
const names = { batch: "BatchNorm", group: "GroupNorm", layer: "LayerNorm" };

/** Wu & He 2018, table 2: validation error of ResNet-50 on ImageNet, percent, by images a device. */
const paper = { batch: [23.6, 23.7, 24.8, 27.3, 34.7], group: [24.1, 24.2, 24.0, 24.2, 24.1] };

const experiment: Experiment = defineExperiment({
  id: "bn-small-batch",
  title: "Batch, group and layer normalization at batches of 32 to 2",
  question: "Does a small batch hurt BatchNorm, and leave GroupNorm and LayerNorm as they were?",
  claims: ["bn-small-batch"],
  source: "Wu & He 2018, section 4.1, table 2 and figure 5",
  config: z.strictObject({
    norm: z.enum(norms).default("batch").describe("after each convolution"),
    groups: z.int().min(1).default(4).describe("of GroupNorm, a divisor of width"),
    init: z.enum(["kaiming", "xavier"]).default("kaiming").describe("of the convolutions' weights"),
    rate: z.number().positive().default(0.1).describe("learning rate at batch 32, scaled linearly"),
    momentum: momentumKnob,
    width: convWidth,
    ...imageKnobs({ batch: 32, train: 8192, test: 2000 }),
    epochs: z.int().min(1).default(4).describe("passes over the training images"),
  }),
  arms: { norm: [...norms], batch: batches },
  profiles: {
    quick: {
      seeds: 3,
      config: { epochs: 2, train: 1536 },
      arms: { norm: [...norms], batch: [32, 8, 2] },
      seconds: 1.5,
    },
    full: { seeds: 12, seconds: 14 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config } = context;
    const init = config.init === "xavier" ? xavierNormal() : kaimingNormal();
    const { net, train, test } = beginTraining(context, (sizes) =>
      smallConvNet({ ...config, ...sizes, init }),
    );
    const { batch, rate: base, momentum } = config;
    const learningRate = linearScaling({ base, baseBatch: 32, batch });
    const optimizer = sgd(net.parameters(), { learningRate, momentum });
    const { epochs } = config;
    const { outcome } = trainRun(context, { net, optimizer, loader: train, epochs });
    return judgeEnded(net, test, outcome);
  },
  figures(runs) {
    const own = valuesOf(runs, "batch").toSorted((a, b) => b - a);
    const kinds = valuesOf(runs, "norm");
    return [
      lineFigure({
        title: "Test error by batch size",
        caption: meanCaption,
        x: { label: "examples in a batch", scale: "log" },
        y: { label: "test error", unit: "share" },
        series: kinds.map((norm) => ({
          name: names[norm],
          points: own.map((batch) => ({ x: batch, ...estimate(errorsOf(runs, { norm, batch })) })),
        })),
      }),
      tableFigure({
        title: "Error in percent, here and in the paper",
        caption: "The paper's: ResNet-50 on ImageNet.",
        columns: ["", ...own.map((batch) => `batch ${batch}`)],
        rows: [
          ...kinds.map((norm) => [
            names[norm],
            ...own.map((batch) =>
              intervalText(errorsOf(runs, { norm, batch }).map((error) => 100 * error)),
            ),
          ]),
          ...(["batch", "group"] as const).map((norm) => [
            `${names[norm]}, Wu & He`,
            ...own.map((batch) => String(paper[norm][batches.indexOf(batch)] ?? "–")),
          ]),
        ],
      }),
    ];
  },
  verdict(runs, context) {
    const error = (norm: (typeof norms)[number], batch: number): readonly number[] =>
      errorsOf(runs, { norm, batch });
    const rises = (norm: (typeof norms)[number]): readonly number[] =>
      minus(error(norm, 2), error(norm, 32));
    const shown = (norm: (typeof norms)[number]): string =>
      `${names[norm]} ${intervalText(error(norm, 32))} at 32, ${intervalText(error(norm, 2))} at 2`;
    const why = "One image in a hundred is a tenth of what the paper finds, 11.1 points";
    return {
      "bn-small-batch": contrastVerdict(
        [
          {
            name: "rise of the error from batch 32 to 2, BatchNorm's less GroupNorm's (share)",
            gains: minus(rises("batch"), rises("group")),
            least: 0.01,
            why,
          },
          {
            name: "rise of the error from batch 32 to 2, BatchNorm's less LayerNorm's (share)",
            gains: minus(rises("batch"), rises("layer")),
            least: 0.01,
            why: "the same of LayerNorm",
          },
        ],
        context,
        {
          arms: `test error: ${norms.map(shown).join("; ")}`,
          paper:
            "from batch 32 to 2 BatchNorm's error rises from 23.6 to 34.7 %, GroupNorm's stays at 24.1 % (table 2)",
        },
      ),
    };
  },
});

export default experiment;
