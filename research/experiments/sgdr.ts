/**
 * Warm restarts: cycles of a cosine, each twice as long, against step and one cosine.
 * Rests on the engine, layers, optim and schedules.
 */
import { z } from "zod";
import { sgd } from "../../optim/index.ts";
import { cosine, cosineRestarts, multiStep, type Schedule } from "../../schedules/index.ts";
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
import { medianCaption } from "./parts/figures.ts";
import { beginTraining, convWidth, imageKnobs } from "./parts/image-training.ts";
import { smallConvNet } from "./parts/nets.ts";
import { judge } from "./parts/training.ts";

const names = ["step", "cosine", "restarts"] as const;
type Name = (typeof names)[number];
/** Three cycles of 1, 2 and 4 parts end after these sevenths of the training. */
const ends = [1, 3, 7];

const experiment: Experiment = defineExperiment({
  id: "sgdr",
  title: "Warm restarts",
  question: "Do restarts give a good net long before the end, and as good a one at the end?",
  claims: ["lr-restarts"],
  source: "Loshchilov & Hutter 2017, SGDR, section 4.1, figure 2, table 1",
  config: z.strictObject({
    schedule: z
      .enum(names)
      .default("restarts")
      .describe("restarts: cosines of 1/7, 2/7, 4/7 of the updates"),
    rate: z.number().positive().default(0.2).describe("highest learning rate"),
    momentum: z
      .number()
      .min(0)
      .lt(1)
      .default(0.9)
      .describe("kept share of the velocity, Nesterov's"),
    decay: z.number().min(0).default(5e-4).describe("weight decay"),
    width: convWidth,
    ...imageKnobs({ smallest: 2, batch: 32, train: 20000, test: 2000 }),
    cycle: z.int().min(1).default(400).describe("updates of the first cycle, a seventh of all"),
  }),
  arms: { schedule: [...names] },
  profiles: {
    quick: { seeds: 3, config: { cycle: 60, train: 6400 }, seconds: 3.6 },
    full: { seeds: 12, seconds: 18 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { config } = context;
    const { net, train, test } = beginTraining(context, (sizes) =>
      smallConvNet({ ...config, ...sizes, norm: "batch" }),
    );
    const { cycle, momentum, decay: weightDecay } = config;
    const learningRate = scheduleOf(config.schedule, config.rate, cycle);
    const optimizer = sgd(net.parameters(), {
      learningRate,
      momentum,
      weightDecay,
      nesterov: momentum > 0,
    });
    trainRun(context, {
      net,
      optimizer,
      loader: train,
      steps: 7 * cycle,
      onStep: ({ iteration }) => ({ rate: learningRate(iteration - 1) }),
      measure: () => ({ error: judge(net, test).error }),
      every: cycle,
    });
    const rows = context.metrics.rows();
    const errors = ends.map((end) => {
      const error = rows.find(({ step }) => step === end * cycle)?.values["error"];
      return typeof error === "number" ? error : 1; // it had diverged before
    });
    return { errors };
  },
  figures: (runs) => [
    ...(["rate", "error"] as const).map((metric) =>
      lineFigure({
        title: metric === "rate" ? "Learning rate" : "Test error",
        caption: medianCaption,
        x: { label: "update" },
        y:
          metric === "rate"
            ? { label: "learning rate" }
            : { label: "test error", unit: "share", scale: "log" },
        series: valuesOf(runs, "schedule").map((schedule) => ({
          name: schedule,
          points: bandOf(runsWhere(runs, { schedule }), metric),
        })),
      }),
    ),
  ],
  verdict(runs, context) {
    const error = (schedule: Name, at: number): readonly number[] =>
      bySeed(runs, { schedule }, ({ result }) => result.errors[at] ?? 1);
    const early = (schedule: Name): readonly number[] =>
      bySeed(runs, { schedule }, ({ result }) => meanOf(result.errors.slice(0, 2)));
    const shown = (schedule: Name): string =>
      `${schedule} ${ends.map((_, at) => intervalText(error(schedule, at))).join(", ")}`;
    return {
      "lr-restarts": contrastVerdict(
        [
          {
            name: "test error after 1/7 and 3/7 of the updates, step less restarts (share)",
            gains: minus(early("step"), early("restarts")),
            least: 0.002,
            why: "Four of 2,000 images",
          },
          {
            name: "the same, one cosine less restarts (share)",
            gains: minus(early("cosine"), early("restarts")),
            least: 0.002,
            why: "as above",
          },
          {
            name: "0.01 less how much higher restarts end than step (share)",
            gains: minus(error("step", 2), error("restarts", 2)).map((gain) => 0.01 + gain),
            least: 0,
            why: "an end one hundredth higher would be the price of the early gain",
          },
        ],
        context,
        {
          arms: `test error after ${ends.map((end) => `${end}/7`).join(", ")}: ${names.map(shown).join("; ")}`,
          paper:
            "with restarts a wide residual net needs 2 to 4 times fewer epochs for the same or a lower error (section 4.1)",
        },
      ),
    };
  },
});

export default experiment;

/** The rate; step divides by 5 at 60, 120 and 160 of the 200 epochs, as there. */
function scheduleOf(name: Name, base: number, cycle: number): Schedule {
  const total = 7 * cycle;
  switch (name) {
    case "step":
      return multiStep({ base, milestones: [0.3 * total, 0.6 * total, 0.8 * total], factor: 0.2 });
    case "cosine":
      return cosine({ base, totalSteps: total });
    case "restarts":
      return cosineRestarts({ base, period: cycle, multiplier: 2 });
  }
}
