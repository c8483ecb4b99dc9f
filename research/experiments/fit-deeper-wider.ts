/**
 * Deeper against wider at one number of parameters, beside the small net that both enlarge.
 * Rests on the engine, layers and optim.
 */
import { z } from "zod";
import { DataLoader, type LabelledBatch, pointExamples, spirals } from "../../core/data/index.ts";
import { ValueError } from "../../core/index.ts";
import { assemble, mlp } from "../../layers/index.ts";
import { adam } from "../../optim/index.ts";
import { linear } from "../../schedules/index.ts";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  judgePaired,
  leastOf,
  lineFigure,
  type Run,
  runsWhere,
  scoresOf,
  tableFigure,
  trainRun,
} from "../engine/index.ts";
import { type Score, tInterval } from "../statistics/index.ts";
import { judge } from "./parts/training.ts";

const [small, large] = [300, 3000] as const;
const [shallow, deep] = [1, 3] as const;
const rates = [0.003, 0.01] as const;
const classes = 3;

const config = z.strictObject({
  parameters: z
    .int()
    .min(1)
    .default(large)
    .describe("parameters at most: the widest net within them is taken"),
  depth: z.int().min(1).default(shallow).describe("hidden layers, all of one width"),
  rate: z
    .number()
    .positive()
    .default(rates[0])
    .describe("first learning rate of Adam, going down to 0 in a line"),
  turns: z.number().positive().default(1.5).describe("turns of each spiral arm"),
  noise: z
    .number()
    .min(0)
    .default(0.02)
    .describe("standard deviation of the points about their arm of length 1"),
  train: z.int().min(1).default(3000).describe("training points"),
  test: z.int().min(1).default(3000).describe("test points"),
  batch: z.int().min(1).default(64).describe("examples in a batch"),
  steps: z.int().min(1).default(4000).describe("updates"),
});
type Config = z.output<typeof config>;

const experiment: Experiment = defineExperiment({
  id: "fit-deeper-wider",
  title: "First deeper, or first wider?",
  question: "At the same number of parameters, is a deeper net better than a wider one?",
  claims: ["fit-deeper-wider"],
  source: "Simonyan & Zisserman 2015, table 3; against it Zagoruyko & Komodakis 2016",
  config,
  arms: [
    ...rates.map((rate) => ({ parameters: small, depth: shallow, rate })),
    ...rates.map((rate) => ({ parameters: large, depth: shallow, rate })),
    ...rates.map((rate) => ({ parameters: large, depth: deep, rate })),
  ],
  profiles: {
    quick: { seeds: 4, config: { steps: 1200 }, seconds: 0.8 },
    full: { seeds: 12, seconds: 3 },
  },
  run(context) {
    const { config: knobs, seed } = context;
    const { train: count, test: rest, turns, noise } = knobs;
    const loaderOf = (half: number, points: number, batch: number): DataLoader<LabelledBatch> => {
      const made = spirals({ count: points, classes, turns, noise, seed: 2 * seed + half });
      return new DataLoader(pointExamples(made), { batchSize: batch, shuffle: half === 0, seed });
    };
    const [train, test] = [loaderOf(0, count, knobs.batch), loaderOf(1, rest, 1000)];
    const widths = widest(knobs.depth, knobs.parameters);
    const net = assemble(mlp(widths), { seed });
    const { weights } = trainRun(context, {
      net,
      optimizer: adam(net.parameters(), {
        learningRate: linear({ base: knobs.rate, totalSteps: knobs.steps }),
      }),
      loader: train,
      steps: knobs.steps,
    });
    return {
      error: 100 * judge(net, test).error,
      width: widths[1] ?? 0,
      parameters: parametersOf(widths),
      weights,
    };
  },
  figures: (runs) => [
    lineFigure({
      title: "Training loss of each batch",
      caption: `Rate ${rates[0]}. Band: lowest and highest of the seeds.`,
      x: { label: "update" },
      y: { label: "cross-entropy", unit: "nats", scale: "log" },
      series: nets.map(({ name, ...net }) => ({
        name,
        points: bandOf(runsWhere(runs, { ...net, rate: rates[0] }), "loss"),
      })),
    }),
    tableFigure({
      title: "Test error by net",
      caption: "Each seed at its better rate; 95 % t-interval over seeds.",
      columns: ["net", "hidden layers", "width", "parameters", "test error (%)", "interval"],
      rows: nets.map(({ name, ...net }) => {
        const [first] = runsWhere(runs, net);
        const finite = errorsOf(runs, net).filter((score) => score !== "diverged");
        if (first === undefined || finite.length < 2)
          return [name, net.depth, null, null, null, null];
        const { mean, low, high } = tInterval(finite);
        const interval = `${low.toFixed(2)} to ${high.toFixed(2)}`;
        const { width, parameters } = first.result;
        return [name, net.depth, width, parameters, Number(mean.toFixed(2)), interval];
      }),
    }),
  ],
  verdict: (runs, context) => ({
    "fit-deeper-wider": judgePaired(
      errorsOf(runs, { parameters: large, depth: deep }),
      errorsOf(runs, { parameters: large, depth: shallow }),
      {
        name: `test error (%), ${deep} hidden layers against ${shallow} at ${large} parameters`,
        better: "lower",
        margin: 0.1,
        reason:
          "Parameters are what both ways of enlarging cost; each at its better rate; a tenth of a point is three of the test points",
        paper:
          "top-1 error 29.6 % with 11 layers, 27.3 % with 19, at one scale (table 3); but wide residual nets of 16 layers beat thin ones of 1,000 (Zagoruyko & Komodakis 2016, abstract)",
      },
      context,
    ),
  }),
});

export default experiment;

const nets = [
  { name: "small", parameters: small, depth: shallow },
  { name: "wider", parameters: large, depth: shallow },
  { name: "deeper", parameters: large, depth: deep },
] as const;

/** Of each seed, by seed, the error at the rate that ends lower. */
function errorsOf(
  runs: readonly Run<Config, { readonly error: number }>[],
  net: { readonly parameters: number; readonly depth: number },
): readonly Score[] {
  return scoresOf(runs, net, ({ result }) => result.error, leastOf);
}

/** The widths of the widest net of that depth with no more parameters. */
function widest(depth: number, parameters: number): readonly number[] {
  const widthsOf = (width: number): readonly number[] => [
    2,
    ...Array.from({ length: depth }, () => width),
    classes,
  ];
  const fits = (width: number): boolean => parametersOf(widthsOf(width)) <= parameters;
  if (!fits(1)) {
    throw new ValueError({
      where: "fit-deeper-wider",
      argument: "parameters",
      expected: `to be ${parametersOf(widthsOf(1))} or more with ${depth} hidden layers`,
      got: String(parameters),
      fix: "Allow more parameters, or fewer layers",
    });
  }
  let width = 1;
  while (fits(width + 1)) width += 1;
  return widthsOf(width);
}

/** Weights and biases of `mlp(widths)`. */
function parametersOf(widths: readonly number[]): number {
  return widths.slice(1).reduce((sum, width, at) => sum + ((widths[at] ?? 0) + 1) * width, 0);
}
