/**
 * Gradient descent zig-zags where the curvature differs between directions.
 * Rests on the engine, core and optim.
 */
import { z } from "zod";
import { multiply, parameter, square, sum, type Tensor, tensor } from "../../core/index.ts";
import { adaGrad, adam, type Optimizer, rmsProp, sgd } from "../../optim/index.ts";
import {
  curveOf,
  defineExperiment,
  type Experiment,
  lineFigure,
  runsWhere,
} from "../engine/index.ts";

type Make = (
  parameters: readonly Tensor[],
  options: { readonly learningRate: number },
) => Optimizer;
const names = ["sgd", "momentum", "adagrad", "rmsprop", "adam"] as const;
const optimizers: Readonly<Record<(typeof names)[number], Make>> = {
  sgd,
  momentum: (parameters, options) => sgd(parameters, { ...options, momentum: 0.9 }),
  adagrad: adaGrad,
  rmsprop: rmsProp,
  adam,
};

const experiment: Experiment = defineExperiment({
  id: "opt-zigzag",
  title: "Five optimisers in a narrow valley",
  question: "Does SGD go to and fro across a valley while it crawls along it?",
  claims: ["opt-zigzag"],
  source: "Sutton 1986, section 3; Goh 2017, Why momentum really works",
  kind: "deterministic",
  config: z.strictObject({
    optimizer: z.enum(names).default("sgd").describe("which one"),
    rate: z.number().positive().default(0.018).describe("learning rate"),
    curvature: z.number().positive().default(100).describe("of y, where that of x is 1"),
    steps: z.int().min(1).default(100).describe("updates"),
  }),
  arms: [
    { optimizer: "sgd" },
    { optimizer: "momentum", rate: 0.003 },
    { optimizer: "adagrad", rate: 1 },
    { optimizer: "rmsprop", rate: 0.1 },
    { optimizer: "adam", rate: 0.3 },
  ],
  profiles: { quick: { seeds: 1 }, full: { seeds: 1 } },
  run({ config, metrics, progress, diverged }) {
    const point = parameter(tensor([10, 1], { dtype: "float64" }), { name: "point" });
    const curvatures = tensor([1, config.curvature], { dtype: "float64" });
    const optimizer = optimizers[config.optimizer]([point], { learningRate: config.rate });
    metrics.write(0, { point: [10, 1] });
    let turns = 0;
    let before = 1;
    for (let step = 1; step <= config.steps; step++) {
      optimizer.step(() => multiply(sum(multiply(curvatures, square(point))), 0.5));
      const [x = 0, y = 0] = point.elements();
      if (y * before < 0) turns += 1;
      before = y;
      metrics.write(step, { point: [x, y] });
      progress(step / config.steps);
      if (Number.isFinite(x) && Number.isFinite(y)) continue;
      diverged(step);
      break;
    }
    const [x = 0, y = 0] = point.elements();
    return { turns, x, y };
  },
  figures: (runs) => [
    lineFigure({
      title: "Ways down the valley",
      caption: "All start at (10, 1); the minimum is at the origin.",
      x: { label: "x, curvature 1" },
      y: { label: "y, the steep direction" },
      series: runs.map((run) => {
        const ys = curveOf(run, "point", 1);
        return {
          name: run.config.optimizer,
          mark: "path",
          points: curveOf(run, "point", 0).map(({ y: x }, at) => ({ x, y: ys[at]?.y ?? 0 })),
        };
      }),
    }),
  ],
  verdict(runs) {
    const [run] = runsWhere(runs, { optimizer: "sgd" });
    const { steps = 1, rate = 0, curvature = 1 } = run?.config ?? {};
    const { turns = 0, x = 0 } = run?.result ?? {};
    // Across, each update multiplies y by 1 - rate·curvature; along, x by 1 - rate.
    const expectsTurns = rate * curvature > 1;
    const crawls = Math.abs(x) > Math.abs(1 - rate * curvature) && expectsTurns;
    return {
      "opt-zigzag": {
        verdict: turns === steps && crawls ? "reproduced" : "not reproduced",
        threshold:
          "y changes its sign at every update, and x is further from 0 than one such update leaves y",
        reason:
          "For 1 < rate·curvature < 2 the factor across is negative and that along is 1 - rate",
        measured: `${turns} changes of sign in ${steps} updates; x went from 10 to ${x.toFixed(3)}`,
      },
    };
  },
});

export default experiment;
