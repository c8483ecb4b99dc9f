/**
 * Eight decades of learning rates: too low is slow, too high diverges.
 * Rests on the engine, optim, schedules and parts.
 */
import { z } from "zod";
import { findRateRange, type RateRange, rateSweep, type Schedule } from "../../schedules/index.ts";
import {
  bandOf,
  bySeed,
  curveOf,
  defineExperiment,
  type Experiment,
  judgeAll,
  judgePaired,
  type LinePoint,
  lineFigure,
  type Run,
  runsWhere,
  type Verdict,
} from "../engine/index.ts";
import {
  type ClassifierResult,
  classifierKnobs,
  testErrorOf,
  trainClassifier,
} from "./parts/image-classifier.ts";
import { optimizers } from "./parts/optimizers.ts";
import { chance } from "./parts/training.ts";

const names = ["sgd", "adam"] as const;
const rates = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10] as const;
/** The rates that are customary on such a net; chosen before, so that no run picks its own judge. */
const customary = { sgd: 0.1, adam: 0.001 };
/** What the notes call a suitable range. */
const noted = [1e-6, 1e-3] as const;
interface RangeConfig {
  readonly optimizer: (typeof names)[number];
  readonly rate: number;
  readonly sweep: boolean;
  readonly steps: number;
}
type RangeRun = Run<RangeConfig, ClassifierResult>;

const experiment: Experiment = defineExperiment({
  id: "lr-range",
  title: "Eight decades of learning rates",
  question: "From which rate on does a net learn, and from which on does it diverge?",
  claims: ["lr-range"],
  source: "Smith 2017, section 3.3; Bengio 2012, section 3.1.1",
  config: z.strictObject({
    optimizer: z.enum(names).default("sgd").describe("SGD without momentum, or Adam"),
    rate: z.number().positive().default(0.1).describe("learning rate; of a sweep the last"),
    sweep: z.boolean().default(false).describe("whether the rate rises to `rate`, from 1e-7"),
    ...classifierKnobs,
  }),
  arms: names.flatMap((optimizer) => [
    ...rates.map((rate) => ({ optimizer, rate })),
    { optimizer, rate: 10, sweep: true },
  ]),
  profiles: {
    quick: { seeds: 3, config: { steps: 120, train: 5000, width: 32 }, seconds: 0.3 },
    full: { seeds: 12, seconds: 4 },
  },
  data: ({ data }) => [data],
  run(context) {
    const { optimizer, rate, sweep, steps } = context.config;
    const learningRate = sweep ? sweepTo(rate, steps) : rate;
    return trainClassifier(context, {
      optimizer: (net) => optimizers[optimizer](net.parameters(), { learningRate }),
    });
  },
  figures: (runs) => [
    lineFigure({
      title: "Loss at the end, by rate",
      caption:
        "Median of the seeds; bands from the least to the greatest. No point: a run diverged.",
      x: { label: "learning rate", scale: "log" },
      y: { label: "mean loss of the last 20 updates", unit: "nats", scale: "log" },
      rules: [{ y: chance, label: "chance, log 10" }],
      series: names.map((name) => ({
        name,
        points: rates.flatMap((rate) => endOf(armOf(runs, name, rate), rate)),
      })),
    }),
    ...names.map((name) =>
      lineFigure({
        title: `Loss curves, ${name}`,
        x: { label: "update" },
        y: { label: "training loss", unit: "nats", scale: "log" },
        series: rates.map((rate) => ({
          name: `rate ${rate}`,
          points: bandOf(armOf(runs, name, rate), "loss"),
        })),
      }),
    ),
    lineFigure({
      title: "Range test",
      caption:
        "The rate rises by the same factor at each update. Each line ends where the averaged loss is four times its lowest.",
      x: { label: "learning rate", scale: "log" },
      y: { label: "training loss, averaged", unit: "nats", scale: "log" },
      series: sweepsOf(runs).map(({ name, swept, range }) => ({
        name: `${name}, steepest at ${range.steepest?.toExponential(1)}`,
        points: range.smoothed.map((y, at) => ({ x: swept[at] ?? Number.NaN, y })),
      })),
    }),
  ],
  verdict(runs, context) {
    const errors = (name: (typeof names)[number], rate: number): readonly number[] =>
      bySeed(runs, { optimizer: name, rate, sweep: false }, testErrorOf);
    const worse = (name: (typeof names)[number], rate: number): Verdict =>
      judgePaired(
        errors(name, customary[name]),
        errors(name, rate),
        {
          name: `test error (%) of ${name} at ${customary[name]} against ${rate}`,
          better: "lower",
          margin: 10,
          reason:
            "Ten points of a hundred are more than noise; a run that diverged counts as 100 %",
        },
        context,
      );
    return {
      "lr-range": judgeAll([
        worse("sgd", rates[0]),
        worse("sgd", 10),
        worse("adam", rates[0]),
        worse("adam", 10),
        rangeVerdict(runs),
      ]),
    };
  },
});

export default experiment;

/** Whether the rates at which a net learns meet those of the notes, and the highest raises the loss. */
function rangeVerdict(runs: readonly RangeRun[]): Verdict {
  const useful = names.map((name) => ({
    name,
    own: rates.filter((rate) =>
      armOf(runs, name, rate).every(({ result }) => result.finalLoss < chance / 2),
    ),
  }));
  const meets = useful.some(({ own }) => own.some((rate) => rate >= noted[0] && rate <= noted[1]));
  const blowsUp = names.every((name) =>
    armOf(runs, name, 10).every(({ result }) => result.finalLoss > chance),
  );
  return {
    verdict: meets && blowsUp ? "reproduced" : "not reproduced",
    threshold: `at rate 10 every loss ends above log 10, and with SGD or Adam a rate of ${noted[0]} to ${noted[1]} halves it from there`,
    reason: "Half of the loss at chance is a net that learns; which rates do differs by optimiser",
    measured: useful
      .map(
        ({ name, own }) => `useful rates of ${name}: ${own.length === 0 ? "none" : own.join(", ")}`,
      )
      .join("; "),
    paper: "a suitable range is about 1e-6 to 1e-3",
  };
}

function armOf(
  runs: readonly RangeRun[],
  name: (typeof names)[number],
  rate: number,
): readonly RangeRun[] {
  return runsWhere(runs, { optimizer: name, rate, sweep: false });
}

/** The rate of a range test. */
function sweepTo(rate: number, steps: number): Schedule {
  return rateSweep({ low: rates[0], high: rate, totalSteps: steps });
}

/** The loss at the end of runs of one rate: a point with its band, or none where one diverged. */
function endOf(runs: readonly RangeRun[], x: number): readonly LinePoint[] {
  const losses = runs.map(({ result }) => result.finalLoss).sort((a, b) => a - b);
  const [low = 0, y = 0] = [losses[0], losses[Math.floor(losses.length / 2)]];
  const high = losses.at(-1) ?? Infinity;
  return Number.isFinite(high) ? [{ x, y, low, high }] : [];
}

/** The range tests: what their losses say. */
function sweepsOf(
  runs: readonly RangeRun[],
): readonly { name: string; swept: readonly number[]; range: RateRange }[] {
  return runs.flatMap((run) => {
    const { optimizer, sweep, rate, steps } = run.config;
    if (!sweep) return [];
    const points = curveOf(run, "loss");
    const swept = points.map(({ x }) => sweepTo(rate, steps)(x - 1));
    const losses = points.map(({ y }) => y);
    return [{ name: `${optimizer}, seed ${run.seed}`, swept, range: findRateRange(swept, losses) }];
  });
}
