/**
 * On the ridge of a saddle gradient descent comes to rest as in a bowl; from beside it, it takes long to leave.
 * Rests on the engine, core and optim.
 */
import { z } from "zod";
import {
  add,
  hvp,
  multiply,
  parameter,
  slice,
  square,
  subtract,
  type Tensor,
  tensor,
} from "../../core/index.ts";
import { symmetricEigen } from "../../core/linear-algebra/index.ts";
import { log1p } from "../../core/scalar-math/index.ts";
import {
  curveOf,
  defineExperiment,
  type Experiment,
  lineFigure,
  tableFigure,
} from "../engine/index.ts";
import { optimizers } from "./parts/optimizers.ts";

type Height = (x: Tensor, y: Tensor) => Tensor;
const surfaces = {
  /** ½(x² + y²): a minimum, to compare with. */
  bowl: (x, y) => multiply(add(square(x), square(y)), 0.5),
  /** ½(x² - y²): curvatures 1 and -1. */
  saddle: (x, y) => multiply(subtract(square(x), square(y)), 0.5),
  /** x³ - 3xy²: three ridges and three valleys that meet where there is no curvature. */
  monkey: (x, y) => multiply(x, subtract(square(x), multiply(square(y), 3))),
} satisfies Readonly<Record<string, Height>>;
const names = ["bowl", "saddle", "monkey"] as const;
const climbers = ["sgd", "momentum", "adam"] as const;
const offsets = [1e-8, 1e-6, 1e-4, 1e-2] as const;

const experiment: Experiment = defineExperiment({
  id: "opt-saddle",
  title: "Leaving a saddle",
  question:
    "Does gradient descent tell a saddle from a minimum, and how long does it take to leave one?",
  claims: ["opt-saddle"],
  source: "Dauphin et al. 2014, section 3; Milnor 1963, section 2 (the monkey saddle)",
  kind: "deterministic",
  config: z.strictObject({
    surface: z.enum(names).default("saddle").describe("½(x² + y²), ½(x² - y²) or x³ - 3xy²"),
    optimizer: z.enum(climbers).default("sgd").describe("which one"),
    offset: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe("y at the start, where x is 1; 0 is the ridge"),
    rate: z.number().positive().lt(1).default(0.05).describe("learning rate"),
    steps: z.int().min(1).default(1000).describe("updates, if it does not leave before"),
  }),
  arms: [
    { surface: "bowl", offset: 0, optimizer: "sgd" },
    ...(["saddle", "monkey"] as const).flatMap((surface) =>
      [0, ...offsets].flatMap((offset) =>
        climbers.map((optimizer) => ({ surface, offset, optimizer })),
      ),
    ),
  ],
  profiles: { quick: { seeds: 1, seconds: 0.2 }, full: { seeds: 1, seconds: 0.2 } },
  run({ config: { surface, optimizer: name, offset, rate, steps }, metrics, progress }) {
    const point = parameter(tensor([1, offset], { dtype: "float64" }), { name: "point" });
    const height = (at: Tensor): Tensor => surfaces[surface](slice(at, [0]), slice(at, [1]));
    const optimizer = optimizers[name]([point], { learningRate: rate });
    metrics.write(0, { point: [1, offset] });
    let [x, y] = [1, offset];
    let left = Infinity;
    for (let step = 1; step <= steps && left === Infinity; step++) {
      optimizer.step(() => height(point));
      [x = 0, y = 0] = point.elements();
      metrics.write(step, { point: [x, y] });
      progress(step / steps);
      if (Math.max(Math.abs(y), -x) > 1) left = step; // the monkey's third valley is at x < 0
    }
    const row = (direction: readonly number[]): ArrayLike<number> =>
      hvp(height, point, tensor(direction, { dtype: "float64" })).elements();
    const [[a = 0, b = 0], [, d = 0]] = [Array.from(row([1, 0])), Array.from(row([0, 1]))];
    const { values } = symmetricEigen(new Float64Array([a, b, b, d]), 2);
    return { left, x, y, leastCurvature: Math.min(...values) };
  },
  figures: (runs) => [
    lineFigure({
      title: "Updates until |y| > 1 or x < -1, by the distance from the ridge",
      caption:
        "On the ridge itself SGD never leaves. A missing point: not within the updates given.",
      x: { label: "y at the start", scale: "log" },
      y: { label: "updates", scale: "log" },
      series: (["saddle", "monkey"] as const).flatMap((surface) =>
        climbers.map((optimizer) => ({
          name: `${surface}, ${optimizer}`,
          points: runs
            .filter(
              ({ config, result }) =>
                config.surface === surface &&
                config.optimizer === optimizer &&
                config.offset > 0 &&
                result.left < Infinity,
            )
            .map(({ config, result }) => ({ x: config.offset, y: result.left })),
        })),
      ),
    }),
    lineFigure({
      title: "Ways off the saddle, from y = 1e-4",
      x: { label: "x, curvature 1" },
      y: { label: "y, curvature -1" },
      series: runs
        .filter(({ config }) => config.surface === "saddle" && config.offset === 1e-4)
        .map((run) => {
          const ys = curveOf(run, "point", 1);
          return {
            name: run.config.optimizer,
            mark: "path",
            points: curveOf(run, "point", 0).map(({ y: x }, at) => ({ x, y: ys[at]?.y ?? 0 })),
          };
        }),
    }),
    tableFigure({
      title: "Where they end",
      columns: [
        "surface",
        "optimizer",
        "y at the start",
        "left at update",
        "x",
        "y",
        "least curvature there",
      ],
      rows: runs.map(({ config, result }) => [
        ...[config.surface, config.optimizer, config.offset],
        ...[result.left < Infinity ? result.left : null, result.x, result.y, result.leastCurvature],
      ]),
    }),
  ],
  verdict(runs) {
    const descents = runs.filter(({ config }) => config.optimizer === "sgd");
    const at = (surface: (typeof names)[number]): typeof runs =>
      descents.filter(({ config }) => config.surface === surface);
    const ridges = at("saddle").filter(({ config }) => config.offset === 0);
    const beside = at("saddle").filter(({ config }) => config.offset > 0);
    const monkeys = at("monkey").filter(({ config }) => config.offset === 0);
    const path = (run: (typeof runs)[number]): string => JSON.stringify(run.metrics);
    const bowls = at("bowl").map(path);
    const rest = ridges.every(
      (run) => run.result.leastCurvature < 0 && run.result.y === 0 && bowls.includes(path(run)),
    );
    // |y| = offset·(1 + rate)^t on the saddle.
    const due = beside.filter(({ config: { offset, rate, steps }, result: { left } }) => {
      const expected = Math.ceil(-log1p(offset - 1) / log1p(rate));
      return expected > steps ? left === Infinity : Math.abs(left - expected) <= 1;
    });
    const holds =
      rest &&
      ridges.length > 0 &&
      monkeys.length > 0 &&
      monkeys.every(({ result }) => result.y === 0);
    return {
      "opt-saddle": {
        verdict: holds && due.length === beside.length ? "reproduced" : "not reproduced",
        threshold:
          "on the ridge SGD's path is that into the bowl bit for bit, and ends where the least curvature is below 0; on the monkey's ridge y stays 0; beside the ridge it leaves at log(1/y)/log(1 + rate) updates, to one",
        reason:
          "Along the ridge both gradients are (x, 0); one update more or less is what rounding may do at |y| = 1",
        measured: `on the ridge: ${ridges.map(({ result }) => `y = ${result.y}, least curvature ${result.leastCurvature}`).join("; ")}; beside it: ${beside.map(({ config, result }) => `${result.left} updates from ${config.offset}`).join(", ")}`,
        paper: "the time to leave grows as the logarithm of the distance from the ridge",
      },
    };
  },
});

export default experiment;
