/**
 * Batch × N, rate × N: against keeping the rate, and against √N.
 * Rests on the engine, layers, optim and schedules.
 */
import { z } from "zod";
import { sgd } from "../../optim/index.ts";
import { constant, linearScaling, squareRootScaling, warmup } from "../../schedules/index.ts";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  estimate,
  lineFigure,
  minus,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText, meanOfArms } from "./parts/contrast.ts";
import { meanCaption, medianCaption } from "./parts/figures.ts";
import { beginTraining, hiddenKnobs, imageKnobs } from "./parts/image-training.ts";
import { perceptron } from "./parts/nets.ts";
import { errorsOf, judge } from "./parts/training.ts";

const rules = ["kept", "sqrt", "linear"] as const;
type Rule = (typeof rules)[number];
const names = { kept: "rate kept", sqrt: "rate × √N", linear: "rate × N" };
const smallest = 32;
const larger = [64, 128, 256, 512, 1024];
/** Where the rule is judged; beyond, the paper's too breaks down. */
const judged = [128, 256, 512];

const experiment: Experiment = defineExperiment({
  id: "lr-scaling",
  title: "Batches of 32 to 1024, the rate scaled, kept, and scaled by the root",
  question: "With N times the batch, does N times the rate train as the small batch does?",
  claims: ["lr-scaling"],
  source: "Goyal et al. 2017, section 2.1, figure 1; Krizhevsky 2014, section 5",
  config: z.strictObject({
    rule: z.enum(rules).default("linear").describe("how the rate follows the batch"),
    rate: z.number().positive().default(0.05).describe("learning rate of SGD at batch 32"),
    warmup: z
      .number()
      .min(0)
      .lt(1)
      .default(0.1)
      .describe("share of the updates in which the rate rises"),
    norm: z.enum(["none", "before"]).default("before").describe("BatchNorm before each ReLU"),
    ...hiddenKnobs({ width: 100, depth: 2 }),
    ...imageKnobs({ batch: smallest, train: 16384, test: 2000 }),
    epochs: z.int().min(1).default(5).describe("passes over the training images"),
  }),
  arms: [{ batch: smallest }, ...larger.flatMap((batch) => rules.map((rule) => ({ batch, rule })))],
  profiles: {
    quick: { seeds: 3, config: { epochs: 3, train: 4096 }, seconds: 1.1 },
    full: { seeds: 12, seconds: 4.5 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config } = context;
    const { net, train, test } = beginTraining(context, (sizes) =>
      perceptron({ ...config, ...sizes, order: config.norm }),
    );
    const { batch, epochs, rate: base } = config;
    const scaling = { base, baseBatch: smallest, batch };
    const scaled = { kept: base, sqrt: squareRootScaling(scaling), linear: linearScaling(scaling) };
    const steps = Math.round(config.warmup * epochs * train.length);
    const learningRate = warmup(constant(scaled[config.rule]), { steps });
    const optimizer = sgd(net.parameters(), { learningRate });
    const { outcome } = trainRun(context, {
      net,
      optimizer,
      loader: train,
      epochs,
      measure: ({ iteration }) => ({ ...judge(net, test), examples: iteration * batch }),
    });
    return { error: outcome === "diverged" ? 1 : judge(net, test).error };
  },
  figures(runs) {
    const own = valuesOf(runs, "batch").toSorted((a, b) => a - b);
    const errors = (rule: Rule, batch: number): readonly number[] =>
      runs.flatMap(({ config, result }) =>
        config.batch === batch && (config.rule === rule || batch === smallest)
          ? [result.error]
          : [],
      );
    return [
      lineFigure({
        title: "Test error by batch size",
        caption: `Equally many passes over the data. ${meanCaption}`,
        x: { label: "examples in a batch", scale: "log" },
        y: { label: "test error", unit: "share", scale: "log" },
        series: valuesOf(runs, "rule").map((rule) => ({
          name: names[rule],
          points: own.flatMap((batch) => {
            const found = errors(rule, batch);
            return found.length === 0 ? [] : [{ x: batch, ...estimate(found) }];
          }),
        })),
      }),
      lineFigure({
        title: "Test error during training, rate × N",
        caption: medianCaption,
        x: { label: "examples seen" },
        y: { label: "test error", unit: "share", scale: "log" },
        series: valuesOf(runsWhere(runs, { rule: "linear" }), "batch").map((batch) => ({
          name: `batch ${batch}`,
          points: bandOf(runsWhere(runs, { rule: "linear", batch }), "error").map((point) => ({
            ...point,
            x: point.x * batch,
          })),
        })),
      }),
    ];
  },
  verdict(runs, context) {
    const small = errorsOf(runs, { batch: smallest });
    const away = (rule: Rule): readonly number[] =>
      meanOfArms(
        judged.map((batch) => minus(errorsOf(runs, { batch, rule }), small).map(Math.abs)),
      );
    const shown = (rule: Rule): string =>
      `${names[rule]} ${larger.map((batch) => intervalText(errorsOf(runs, { batch, rule }))).join(", ")}`;
    const at = judged.join(", ");
    return {
      "lr-scaling": contrastVerdict(
        [
          {
            name: `distance from the small batch's error, mean of batches ${at}: rate kept less rate × N (share)`,
            gains: minus(away("kept"), away("linear")),
            least: 0.005,
            why: "Half a hundredth is what seeds of the small batch lie apart",
          },
          {
            name: "the same: rate × √N less rate × N (share)",
            gains: minus(away("sqrt"), away("linear")),
            least: 0.005,
            why: "the same beside the root",
          },
        ],
        context,
        {
          arms: `test error ${intervalText(small)} at ${smallest}; at ${larger.join(", ")}: ${rules.map(shown).join("; ")}`,
          paper:
            "with rate × N and warm-up the error stays at 23.6 % from batch 256 to 8k, and rises beyond (figure 1)",
        },
      ),
    };
  },
});

export default experiment;
