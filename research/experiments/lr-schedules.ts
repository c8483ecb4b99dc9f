/**
 * All schedules on one net: a rate that falls against one that stays.
 * Rests on the engine, layers, optim and schedules.
 */
import { z } from "zod";
import { pow } from "../../core/scalar-math/index.ts";
import { sgd } from "../../optim/index.ts";
import {
  constant,
  cosine,
  exponential,
  inverseSquareRoot,
  linear,
  multiStep,
  oneCycle,
  type Schedule,
} from "../../schedules/index.ts";
import {
  bandOf,
  type Combine,
  defineExperiment,
  type Experiment,
  leastOf,
  lineFigure,
  meanOf,
  minus,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { errorBars, lossFigure, medianCaption } from "./parts/figures.ts";
import { beginTraining, hiddenKnobs, imageKnobs, momentumKnob } from "./parts/image-training.ts";
import { perceptron } from "./parts/nets.ts";
import { errorsOf, judge } from "./parts/training.ts";

const names = [
  "constant",
  "low",
  "step",
  "cosine",
  "linear",
  "exponential",
  "inverse-root",
  "one-cycle",
] as const;
type Name = (typeof names)[number];
/** The falling schedules that the claim is of, and the constant rates that they are held against. */
const falling = ["step", "cosine", "linear"] as const;
const staying = ["constant", "low"] as const;

const experiment: Experiment = defineExperiment({
  id: "lr-schedules",
  title: "All schedules on one net",
  question: "Does a rate that starts high and falls end lower than a rate that stays?",
  claims: ["lr-schedules"],
  source: "He et al. 2016, section 3.4; Loshchilov & Hutter 2017, section 3",
  config: z.strictObject({
    schedule: z.enum(names).default("cosine").describe("low: constant at a tenth of the rate"),
    rate: z.number().positive().default(0.2).describe("highest learning rate"),
    momentum: momentumKnob,
    norm: z.enum(["none", "before"]).default("before").describe("BatchNorm before each ReLU"),
    ...hiddenKnobs({ width: 100, depth: 2 }),
    ...imageKnobs({ smallest: 2, batch: 32, train: 20000, test: 2000 }),
    steps: z.int().min(10).default(3000).describe("updates"),
  }),
  arms: { schedule: [...names] },
  profiles: {
    quick: { seeds: 3, config: { steps: 500, train: 6400 }, seconds: 2 },
    full: { seeds: 12, seconds: 10 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config } = context;
    const { net, train, test } = beginTraining(context, (sizes) =>
      perceptron({ ...config, ...sizes, order: config.norm }),
    );
    const { steps, momentum } = config;
    const rateAt = scheduleOf(config.schedule, config.rate, steps);
    const optimizer = sgd(net.parameters(), { learningRate: rateAt, momentum });
    const { outcome } = trainRun(context, {
      net,
      optimizer,
      loader: train,
      steps,
      onStep: ({ iteration }) => ({ rate: rateAt(iteration - 1) }),
      measure: () => ({ error: judge(net, test).error }),
      every: Math.ceil(steps / 10),
    });
    return { error: outcome === "diverged" ? 1 : judge(net, test).error };
  },
  figures(runs) {
    const own = valuesOf(runs, "schedule");
    const lines = (
      metric: string,
    ): readonly { name: string; points: ReturnType<typeof bandOf> }[] =>
      own.map((schedule) => ({
        name: schedule,
        points: bandOf(runsWhere(runs, { schedule }), metric),
      }));
    return [
      lineFigure({
        title: "Learning rate",
        x: { label: "update" },
        y: { label: "learning rate" },
        series: lines("rate"),
      }),
      lossFigure("Training loss", lines("loss")),
      lineFigure({
        title: "Test error",
        caption: medianCaption,
        x: { label: "update" },
        y: { label: "test error", unit: "share", scale: "log" },
        series: lines("error"),
      }),
      errorBars(
        "schedule",
        own.map((schedule) => [schedule, errorsOf(runs, { schedule })]),
      ),
    ];
  },
  verdict(runs, context) {
    const error = (schedule: Name): readonly number[] => errorsOf(runs, { schedule });
    const of = (schedules: readonly Name[], combine: Combine): readonly number[] =>
      errorsOf(
        runs.filter(({ config }) => schedules.includes(config.schedule)),
        {},
        combine,
      );
    return {
      "lr-schedules": contrastVerdict(
        [
          {
            name: "test error of the better constant rate, seed by seed, less the mean of step, cosine and linear (share)",
            gains: minus(of(staying, leastOf), of(falling, meanOf)),
            least: 0.002,
            why: "Four of 2,000 images; taking the better of two constant rates makes it harder",
          },
        ],
        context,
        {
          arms: `test error: ${names.map((name) => `${name} ${intervalText(error(name))}`).join(", ")}`,
          paper:
            "residual nets are trained with the rate divided by 10 at 1/2 and 3/4 of the updates (He et al. 2016, section 4.2; no measurement of a constant rate)",
        },
      ),
    };
  },
});

export default experiment;

/** The schedule over so many updates; the notes' 30, 60 and 90 epochs are of 100. */
function scheduleOf(name: Name, base: number, steps: number): Schedule {
  switch (name) {
    case "constant":
      return constant(base);
    case "low":
      return constant(base / 10);
    case "step":
      return multiStep({ base, milestones: [0.3 * steps, 0.6 * steps, 0.9 * steps] });
    case "cosine":
      return cosine({ base, totalSteps: steps });
    case "linear":
      return linear({ base, totalSteps: steps });
    case "exponential":
      return exponential({ base, factor: pow(0.001, 1 / steps) });
    case "inverse-root":
      return inverseSquareRoot({ base, timescale: steps / 100 });
    case "one-cycle":
      return oneCycle({ peak: base, totalSteps: steps });
  }
}
