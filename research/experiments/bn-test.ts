/**
 * Moving averages against the statistics of the whole training set, and training mode against evaluation.
 * Rests on the engine, layers, probes and optim.
 */
import { z } from "zod";
import { reestimate } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import { cosine } from "../../schedules/index.ts";
import {
  bandOf,
  bySeed,
  defineExperiment,
  type Experiment,
  imageLoaders,
  lineFigure,
  type MetricValues,
  runsWhere,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { untouched } from "../probes/index.ts";
import { contrastVerdict, intervalText } from "./parts/contrast.ts";
import { errorFigure, medianCaption } from "./parts/figures.ts";
import { beginTraining, convWidth, imageKnobs, momentumKnob } from "./parts/image-training.ts";
import { distances, errorInTraining, statisticsOf } from "./parts/moving-statistics.ts";
import { smallConvNet } from "./parts/nets.ts";
import { judge } from "./parts/training.ts";

/** The kept share that the verdict is of: the layer's default. */
const usual = 0.9;
const margin = 0.01;

const experiment: Experiment = defineExperiment({
  id: "bn-test",
  title: "Moving averages against the statistics of the whole training set",
  question: "Do moving averages stand in for the statistics of all training data at test time?",
  claims: ["bn-test"],
  source: "Ioffe & Szegedy 2015, section 3.1, algorithm 2",
  config: z.strictObject({
    rho: z.number().min(0).lt(1).default(usual).describe("kept share of the moving averages"),
    rate: z
      .number()
      .positive()
      .default(0.1)
      .describe("learning rate of SGD at first, then down a cosine"),
    momentum: momentumKnob,
    width: convWidth,
    ...imageKnobs({ smallest: 2, batch: 32, train: 6400, test: 2000 }),
    steps: z.int().min(2).default(2000).describe("updates"),
    every: z.int().min(1).default(100).describe("updates between two looks"),
  }),
  arms: { rho: [0, usual, 0.99] },
  profiles: {
    quick: {
      seeds: 3,
      config: { steps: 240, every: 60, train: 1280, test: 1000 },
      seconds: 4,
    },
    full: { seeds: 12, seconds: 65 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config, seed } = context;
    const sets = context.data.images(config.data);
    const { net, train, test } = beginTraining(context, (sizes) =>
      smallConvNet({ ...config, ...sizes, norm: "batch" }),
    );
    // The same images in order, for looking: these loaders' places are no part of the training.
    const again = { ...sets, test: sets.train };
    const seen = imageLoaders(again, { ...config, test: config.train, seed }).test;
    const grouped = imageLoaders(again, { ...config, seed: seed + 1 }).train;
    const { momentum, steps, every } = config;
    const learningRate = cosine({ base: config.rate, totalSteps: steps });
    const optimizer = sgd(net.parameters(), { learningRate, momentum });
    const look = (): MetricValues => {
      const moving = statisticsOf(net);
      const exact = untouched(net, () => {
        reestimate(net, seen);
        return { statistics: statisticsOf(net), testError: judge(net, test).error };
      });
      return {
        ...distances(moving, exact.statistics),
        exactError: exact.testError,
        movingError: judge(net, test).error,
        evaluated: judge(net, seen).error,
        trained: errorInTraining(net, grouped),
      };
    };
    const { outcome } = trainRun(context, {
      net,
      optimizer,
      loader: train,
      steps,
      every,
      measure: look,
    });
    const { values = {} } = context.metrics.rows().at(-1) ?? {};
    const last = (name: string): number => {
      const value = values[name];
      return outcome !== "diverged" && typeof value === "number" ? value : 1;
    };
    return {
      exactError: last("exactError"),
      movingError: last("movingError"),
      evaluated: last("evaluated"),
      trained: last("trained"),
      off: outcome === "diverged" ? 1 : Math.abs(last("movingError") - last("exactError")),
    };
  },
  figures(runs) {
    const own = valuesOf(runs, "rho");
    const lines = (metric: string, name: (rho: number) => string, dashed = false) =>
      own.map((rho) => ({
        name: name(rho),
        dashed,
        points: bandOf(runsWhere(runs, { rho }), metric),
      }));
    return [
      lineFigure({
        title: "Distance of the moving from the exact mean",
        caption: `In exact standard deviations, mean of all channels. ${medianCaption}`,
        x: { label: "update" },
        y: { label: "distance", unit: "standard deviations", scale: "log" },
        series: lines("meanOff", (rho) => `ρ = ${rho}`),
      }),
      lineFigure({
        title: "Moving over exact variance",
        caption: `Mean of all channels. ${medianCaption}`,
        x: { label: "update" },
        y: { label: "ratio of variances", scale: "log" },
        rules: [{ y: 1, label: "exact" }],
        series: lines("varianceRatio", (rho) => `ρ = ${rho}`),
      }),
      errorFigure("Test error", [
        ...lines("movingError", (rho) => `moving, ρ = ${rho}`),
        ...lines("exactError", (rho) => `exact, ρ = ${rho}`, true),
      ]),
      errorFigure("Error on the training images, by mode", [
        ...lines("evaluated", (rho) => `evaluation, ρ = ${rho}`),
        ...lines("trained", (rho) => `training mode, ρ = ${rho}`, true),
      ]),
    ];
  },
  verdict(runs, context) {
    const of = (
      name: "off" | "exactError" | "movingError" | "evaluated" | "trained",
      rho = usual,
    ) => bySeed(runs, { rho }, ({ result }) => result[name]);
    return {
      "bn-test": contrastVerdict(
        [
          {
            name: `${margin} less the distance of the test errors with moving and with exact statistics (share)`,
            gains: of("off").map((distance) => margin - distance),
            least: 0,
            why: "One image in a hundred is what seeds of such a net lie apart",
          },
        ],
        context,
        {
          arms: `test error ${intervalText(of("movingError"))} with moving, ${intervalText(of("exactError"))} with exact statistics; on the training images ${intervalText(of("evaluated"))} in evaluation, ${intervalText(of("trained"))} in training mode; distance with ρ = 0 ${intervalText(of("off", 0))}, with ρ = 0.99 ${intervalText(of("off", 0.99))}`,
          paper: "moving averages track the accuracy while the net trains (section 3.1)",
        },
      ),
    };
  },
});

export default experiment;
