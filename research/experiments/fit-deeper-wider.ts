/**
 * Deeper against wider at one number of parameters, beside the small net that both enlarge.
 * Rests on the engine, layers and optim.
 */
import { z } from "zod";
import { accuracyMetric, ValueError } from "../../core/index.ts";
import { assemble } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";
import { linear } from "../../schedules/index.ts";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  imageLoaders,
  judgePaired,
  lineFigure,
  type Run,
  runsWhere,
  scoreOf,
  tableFigure,
  trainRun,
} from "../engine/index.ts";
import { type Score, tInterval } from "../statistics/index.ts";
import { evaluate } from "../training/evaluate.ts";
import { parametersOf, type SmallCnnOptions, smallCnn } from "./parts/small-cnn.ts";

const [small, large] = [2000, 8000] as const;
const [shallow, deep] = [2, 6] as const;
const rates = [0.02, 0.05] as const;

const config = z.strictObject({
  parameters: z
    .int()
    .min(1)
    .default(large)
    .describe("parameters at most: the widest net within them is taken"),
  depth: z.int().min(2).default(shallow).describe("convolutions"),
  rate: z
    .number()
    .positive()
    .default(rates[0])
    .describe("first learning rate of SGD with momentum 0.9, going down to 0 in a line"),
  set: z.enum(["mnist", "fashion-mnist", "cifar-10"]).default("mnist").describe("images"),
  train: z.int().min(1).default(10000).describe("training images"),
  test: z.int().min(1).default(10000).describe("test images"),
  batch: z.int().min(1).default(32).describe("examples in a batch"),
  epochs: z.int().min(1).default(3).describe("passes over the training images"),
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
    quick: { seeds: 3, config: { train: 2000, test: 2000, epochs: 1 }, seconds: 3 },
    full: { seeds: 8 },
  },
  data: ({ set }) => [set],
  run(context) {
    const { config: knobs, seed, data } = context;
    const { train, test, shape, classes } = imageLoaders(data.images(knobs.set), {
      ...knobs,
      seed,
    });
    const size = widest({ shape, classes, depth: knobs.depth }, knobs.parameters);
    const net = assemble(smallCnn(size), { seed });
    const { weights } = trainRun(context, {
      net,
      optimizer: sgd(net.parameters(), {
        learningRate: linear({ base: knobs.rate, totalSteps: knobs.epochs * train.length }),
        momentum: 0.9,
      }),
      loader: train,
      epochs: knobs.epochs,
    });
    const { accuracy } = evaluate(net, test, { accuracy: accuracyMetric });
    return {
      error: 100 * (1 - accuracy),
      width: size.width,
      parameters: parametersOf(size),
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
      columns: ["net", "convolutions", "width", "parameters", "test error (%)", "interval"],
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
        name: `test error (%), ${deep} convolutions against ${shallow} at ${large} parameters`,
        better: "lower",
        margin: 0.1,
        reason:
          "Parameters are what both ways of enlarging cost; each at its better rate; a tenth of a point is ten images of the test set",
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

type Own = Run<Config, { readonly error: number }>;

/** Of each seed, by seed, the error at the rate that ends lower. */
function errorsOf(
  runs: readonly Own[],
  net: { readonly parameters: number; readonly depth: number },
): readonly Score[] {
  const own = runsWhere(runs, net);
  const seeds = [...new Set(own.map(({ seed }) => seed))].sort((a, b) => a - b);
  return seeds.map((seed) => {
    const errors = own
      .filter((run) => run.seed === seed && run.outcome === "finished")
      .map(({ result }) => result.error);
    return scoreOf({ outcome: "finished" }, Math.min(...errors));
  });
}

/** The widest net of that depth with no more parameters. */
function widest(net: Omit<SmallCnnOptions, "width">, parameters: number): SmallCnnOptions {
  const fits = (width: number): boolean => parametersOf({ ...net, width }) <= parameters;
  if (!fits(1)) {
    throw new ValueError({
      where: "fit-deeper-wider",
      argument: "parameters",
      expected: `to be ${parametersOf({ ...net, width: 1 })} or more at this depth`,
      got: String(parameters),
      fix: "Allow more parameters, or fewer convolutions",
    });
  }
  let width = 1;
  while (fits(width + 1)) width += 1;
  return { ...net, width };
}
