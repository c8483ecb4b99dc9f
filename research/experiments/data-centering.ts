/**
 * Inputs of one sign make descent take more steps on a longer way, and all-negative ones kill ReLUs.
 * Rests on the engine, probes, layers and optim.
 */
import { z } from "zod";
import type { ChannelStatistics } from "../../core/data/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { assemble, mlp } from "../../layers/index.ts";
import { globalNorm, sgd } from "../../optim/index.ts";
import {
  bandOf,
  barFigure,
  defineExperiment,
  type Experiment,
  imageLoaders,
  judgeAll,
  judgePaired,
  leastOf,
  lineFigure,
  meanOf,
  type Run,
  runsWhere,
  scoresOf,
  seedsBar,
  trainRun,
  valuesOf,
} from "../engine/index.ts";
import { deadUnits } from "../probes/index.ts";

const kinds = ["positive", "centred", "negative"] as const;

const interval = "Mean and 95 % t-interval over seeds.";

/** What is subtracted from pixels in [0, 1]. Nothing is divided: the three differ by a shift alone. */
const shifts: Readonly<
  Record<(typeof kinds)[number], (measured: ChannelStatistics) => readonly number[]>
> = {
  positive: ({ mean }) => mean.map(() => 0),
  centred: ({ mean }) => mean,
  negative: ({ mean }) => mean.map(() => 1),
};

const experiment: Experiment = defineExperiment({
  id: "data-centering",
  title: "Inputs of one sign against centred ones",
  question:
    "Does descent zig-zag where all inputs are positive, and do ReLUs die where all are negative?",
  claims: ["data-centering"],
  source: "LeCun, Bottou, Orr & Müller 1998, Efficient BackProp, section 4.3",
  config: z.strictObject({
    inputs: z.enum(kinds).default("centred").describe("pixels in [0, 1], minus mean, or minus 1"),
    rate: z.number().positive().default(0.1).describe("learning rate of gradient descent"),
    hidden: z.int().min(1).default(32).describe("hidden units"),
    train: z.int().min(1).default(1000).describe("training images, all in each batch"),
    test: z.int().min(1).default(1000).describe("test images, over which a dead unit is dead"),
    steps: z.int().min(1).default(120).describe("updates"),
    target: z.number().positive().default(0.5).describe("training loss to reach, nats"),
  }),
  arms: { inputs: [...kinds], rate: [0.1, 0.2, 0.4, 0.8] },
  profiles: {
    quick: { seeds: 4, config: { train: 400, steps: 80 }, seconds: 0.8 },
    full: { seeds: 12, seconds: 2 },
  },
  data: ["mnist"],
  run(context) {
    const { config, seed, data } = context;
    const { train, test, shape, classes } = imageLoaders(data.images("mnist"), {
      ...config,
      batch: config.train,
      seed,
      statistics: (measured) => ({
        mean: shifts[config.inputs](measured),
        std: measured.std.map(() => 1),
      }),
    });
    const inputs = sizeOf(shape);
    const net = assemble(mlp([inputs, config.hidden, classes]), { seed });
    // Of plain SGD the length of an update is rate·|gradient|; the whole set in a batch leaves no noise in it.
    const { weights } = trainRun(context, {
      net,
      optimizer: sgd(net.parameters(), { learningRate: config.rate }),
      loader: train,
      steps: config.steps,
      onStep: () => ({
        moved: config.rate * globalNorm(net.parameters().flatMap(({ grad }) => grad ?? [])).item(),
      }),
    });
    const rows = context.metrics.rows();
    const hit = rows.findIndex(({ values }) => Number(values["loss"]) < config.target);
    const way = rows.slice(0, hit).reduce((sum, { values }) => sum + Number(values["moved"]), 0);
    const [units] = deadUnits(net, test);
    return {
      steps: hit < 0 ? Number.POSITIVE_INFINITY : hit,
      way: hit < 0 ? Number.POSITIVE_INFINITY : way,
      dead: units === undefined ? Number.NaN : (100 * units.dead) / units.units,
      weights,
    };
  },
  figures: (runs) => [
    lineFigure({
      title: "Training loss of gradient descent",
      caption: "Each kind of input at the rate that reached the target soonest. Band: all seeds.",
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats", scale: "log" },
      rules: [{ y: runs[0]?.config.target ?? 0.5, label: "target" }],
      series: kinds.map((inputs) => {
        const rate = bestRate(runsWhere(runs, { inputs }));
        return {
          name: `${inputs}, rate ${rate}`,
          points: bandOf(runsWhere(runs, { inputs, rate }), "loss"),
        };
      }),
    }),
    barFigure({
      title: "Way to the target in the weights",
      caption: `Sum of the lengths of all updates. ${interval}`,
      x: "learning rate",
      y: { label: "length of the way" },
      bars: barsOf(runs, ["positive", "centred"], ({ way }) => way),
    }),
    barFigure({
      title: "Dead hidden units after training",
      caption: `Units that are 0 for every test image. ${interval}`,
      x: "learning rate",
      y: { label: "dead units", unit: "%" },
      bars: barsOf(runs, kinds, ({ dead }) => dead),
    }),
  ],
  verdict(runs, context) {
    const steps = {
      name: "updates to the target at the best of the rates, centred against positive",
      better: "lower",
      margin: 1,
      reason: "Each kind of input at its own best rate: the shift changes which rates are stable",
      paper: "inputs of one sign force a zig-zag, which is inefficient and slow (section 4.3)",
    } as const;
    const way = {
      name: "length of the way to the target in the weights, mean over the rates, centred against positive",
      better: "lower",
      margin: 0,
      reason: "At the same rates a zig-zag is longer than the way straight on",
    } as const;
    const dead = {
      name: "dead ReLUs (%), mean over the rates, negative against centred",
      better: "higher",
      margin: 1,
      reason: "A unit that no image reaches gets no gradient any more",
    } as const;
    const of = (
      inputs: (typeof kinds)[number],
      name: "steps" | "way" | "dead",
    ): ReturnType<typeof scoresOf> =>
      scoresOf(runs, { inputs }, ({ result }) => result[name], name === "steps" ? leastOf : meanOf);
    return {
      "data-centering": judgeAll([
        judgePaired(of("centred", "steps"), of("positive", "steps"), steps, context),
        judgePaired(of("centred", "way"), of("positive", "way"), way, context),
        judgePaired(of("negative", "dead"), of("centred", "dead"), dead, context),
      ]),
    };
  },
});

export default experiment;

interface Result {
  readonly steps: number;
  readonly way: number;
  readonly dead: number;
}
type Own = Run<{ readonly inputs: (typeof kinds)[number]; readonly rate: number }, Result>;

/** For each rate and kind of input the mean over seeds. */
function barsOf(
  runs: readonly Own[],
  shown: readonly (typeof kinds)[number][],
  value: (result: Result) => number,
): ReturnType<typeof seedsBar>[] {
  return valuesOf(runs, "rate").flatMap((rate) =>
    shown.map((inputs) => {
      const own = runsWhere(runs, { inputs, rate });
      return seedsBar(
        String(rate),
        inputs,
        own.map(({ result }) => value(result)),
      );
    }),
  );
}

/** The rate whose slowest seed was soonest at the target. */
function bestRate(runs: readonly Own[]): number {
  const rates = valuesOf(runs, "rate").map((rate) => ({
    rate,
    slowest: Math.max(...runsWhere(runs, { rate }).map(({ result }) => result.steps)),
  }));
  return rates.reduce((best, next) => (next.slowest < best.slowest ? next : best)).rate;
}
