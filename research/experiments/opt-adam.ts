/**
 * Four optimisers at five rates, constant and on a cosine: how good Adam is without tuning.
 * Rests on the engine, optim, schedules and parts.
 */
import { z } from "zod";
import { cosine } from "../../schedules/index.ts";
import {
  bySeed,
  defineExperiment,
  type Experiment,
  judgeAll,
  judgePaired,
  type LinePoint,
  lineFigure,
  meanOf,
  type Run,
  runsWhere,
  tableFigure,
} from "../engine/index.ts";
import {
  type ClassifierResult,
  classifierKnobs,
  testErrorOf,
  trainClassifier,
} from "./parts/image-classifier.ts";
import { optimizers } from "./parts/optimizers.ts";
import { chance } from "./parts/training.ts";

const names = ["sgd", "momentum", "rmsprop", "adam"] as const;
type Name = (typeof names)[number];
const schedules = ["constant", "cosine"] as const;
/** Two decades to either side of the customary rate, which stands in the middle. */
const rates: Readonly<Record<Name, readonly number[]>> = {
  sgd: [0.001, 0.01, 0.1, 1, 10],
  momentum: [0.0001, 0.001, 0.01, 0.1, 1],
  rmsprop: [0.00001, 0.0001, 0.001, 0.01, 0.1],
  adam: [0.00001, 0.0001, 0.001, 0.01, 0.1],
};
/** So many times the errors of the best tuned optimiser still are okay. */
const okay = 1.5;

interface SweepConfig {
  readonly optimizer: Name;
  readonly rate: number;
  readonly schedule: (typeof schedules)[number];
}
type SweepRun = Run<SweepConfig, ClassifierResult>;

const experiment: Experiment = defineExperiment({
  id: "opt-adam",
  title: "Adam at a constant rate, against tuned optimisers",
  question:
    "Is Adam good enough at its customary constant rate, and how much does a wrong rate cost?",
  claims: ["opt-adam"],
  source: "Kingma & Ba 2015, section 6; Sivaprasad et al. 2020, section 4",
  config: z.strictObject({
    optimizer: z.enum(names).default("adam").describe("which one"),
    rate: z.number().positive().default(0.001).describe("learning rate, of a schedule the first"),
    schedule: z
      .enum(schedules)
      .default("constant")
      .describe("what becomes of the rate: cosine falls to 0"),
    ...classifierKnobs,
  }),
  arms: names.flatMap((optimizer) =>
    rates[optimizer].flatMap((rate) =>
      schedules.map((schedule) => ({ optimizer, rate, schedule })),
    ),
  ),
  profiles: {
    quick: { seeds: 3, config: { steps: 200, train: 5000, width: 32 }, seconds: 0.4 },
    full: { seeds: 12, seconds: 4 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { optimizer, rate, schedule, steps } = context.config;
    const learningRate = schedule === "constant" ? rate : cosine({ base: rate, totalSteps: steps });
    return trainClassifier(context, {
      optimizer: (net) => optimizers[optimizer](net.parameters(), { learningRate }),
    });
  },
  figures: (runs) => [
    ...schedules.map((schedule) =>
      lineFigure({
        title: `Test error by rate, ${schedule}`,
        caption:
          "Mean of the seeds; bands from the least to the greatest. A run that diverged counts as 100 %.",
        x: { label: "learning rate", scale: "log" },
        y: { label: "test error", unit: "%", scale: "log" },
        series: names.map((optimizer) => ({
          name: optimizer,
          points: rates[optimizer].map((rate) => pointOf(runs, { optimizer, rate, schedule })),
        })),
      }),
    ),
    tableFigure({
      title: "Each optimiser at its best, and at its customary rate",
      columns: [
        "optimizer",
        "best schedule",
        "best rate",
        "test error (%)",
        "customary rate",
        "test error there, constant (%)",
      ],
      rows: names.map((optimizer) => {
        const [best] = ranked(runsWhere(runs, { optimizer }));
        const rate = rates[optimizer][2] ?? 0;
        const usual = pointOf(runs, { optimizer, rate, schedule: "constant" }).y;
        return [
          optimizer,
          best?.config.schedule ?? "",
          best?.config.rate ?? null,
          best?.error ?? null,
          rate,
          usual,
        ];
      }),
    }),
  ],
  verdict(runs, context) {
    const [best] = ranked(runs);
    const own = errorsOf(runs, { optimizer: "adam", rate: 0.001, schedule: "constant" });
    const tuned = best === undefined ? [] : errorsOf(runs, best.config);
    const at = `${best?.config.optimizer} at ${best?.config.rate}, ${best?.config.schedule}`;
    /** Of each seed, the mean over the customary rate and those ten times off. */
    const missed = (optimizer: Name): readonly number[] => {
      const near = rates[optimizer].slice(1, 4);
      return errorsOf(
        runs.filter(({ config }) => near.includes(config.rate)),
        { optimizer, schedule: "constant" },
      );
    };
    const isOkay = judgePaired(
      own,
      tuned.map((error) => okay * error),
      {
        name: `test error (%) of Adam at 0.001, constant, against ${okay} times that of the best of all (${at})`,
        better: "lower",
        margin: 0,
        reason:
          "A default need not be best; half as many errors again is where tuning would pay at once",
      },
      context,
    );
    const forgives = judgePaired(
      missed("adam"),
      missed("sgd"),
      {
        name: "mean test error (%) at the customary rate and ten times off either way, Adam against SGD",
        better: "lower",
        margin: 1,
        reason: `A default must forgive a wrong rate; one point of a hundred is noise, chance is 90 (loss ${chance.toFixed(2)})`,
      },
      context,
    );
    return {
      "opt-adam": {
        ...judgeAll([forgives, isOkay]),
        paper:
          "Adam at a rate of 0.001 works well without tuning; the default settings are good (sections 2 and 6)",
      },
    };
  },
});

export default experiment;

function errorsOf(runs: readonly SweepRun[], arm: Partial<SweepConfig>): readonly number[] {
  return bySeed(runs, arm, testErrorOf);
}

function pointOf(runs: readonly SweepRun[], arm: SweepConfig): LinePoint {
  const errors = errorsOf(runs, arm);
  return { x: arm.rate, y: meanOf(errors), low: Math.min(...errors), high: Math.max(...errors) };
}

/** The arms by their mean test error, the best first. */
function ranked(runs: readonly SweepRun[]): readonly { config: SweepConfig; error: number }[] {
  const arms = new Map(
    runs.map(({ config: { optimizer, rate, schedule } }) => [
      `${optimizer} ${rate} ${schedule}`,
      { optimizer, rate, schedule },
    ]),
  );
  return [...arms.values()]
    .map((config) => ({ config, error: meanOf(errorsOf(runs, config)) }))
    .sort((a, b) => a.error - b.error);
}
