import { multiply, parameter, randomNormal, square, sum, tensor } from "bitgrad";
import { sgd } from "bitgrad/optim";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  judgePaired,
  lineFigure,
  runsWhere,
  scoresOf,
  valuesOf,
} from "bitgrad/research";
import { z } from "zod";

const experiment: Experiment = defineExperiment({
  id: "own-experiment",
  title: "Momentum in a narrow valley",
  question: "Does momentum come closer to the minimum in as many updates?",
  claims: ["momentum-in-valleys"],
  source: "Polyak 1964, section 2",
  config: z.strictObject({
    momentum: z.number().min(0).lt(1).default(0.9).describe("kept share of the velocity"),
    rate: z.number().positive().default(0.002).describe("learning rate"),
  }),
  arms: { momentum: [0, 0.9] },
  profiles: { quick: { seeds: 8 }, full: { seeds: 12 } },
  run({ config: { momentum, rate }, streams, metrics, diverged }) {
    const curvature = tensor([1, 3, 10, 30, 100]);
    const x = parameter(randomNormal([5], { stream: streams.stream("start") }), { name: "x" });
    const optimizer = sgd([x], { learningRate: rate, momentum });
    let loss = 0;
    for (let step = 1; step <= 100 && Number.isFinite(loss); step++) {
      loss = optimizer.step(() => sum(multiply(curvature, square(x)))).item();
      metrics.write(step, { loss });
      if (!Number.isFinite(loss)) diverged(step);
    }
    return { loss };
  },
  figures: (runs) => [
    lineFigure({
      title: "Height above the minimum",
      x: { label: "update" },
      y: { label: "height", scale: "log" },
      series: valuesOf(runs, "momentum").map((momentum) => ({
        name: `momentum ${momentum}`,
        points: bandOf(runsWhere(runs, { momentum }), "loss"),
      })),
    }),
  ],
  verdict(runs, context) {
    const heights = (momentum: number) => scoresOf(runs, { momentum }, ({ result }) => result.loss);
    const reason = "A thousandth of the height at the start, 144 in the mean, would matter";
    const claim = { name: "height", better: "lower", margin: 0.144, reason } as const;
    return { "momentum-in-valleys": judgePaired(heights(0.9), heights(0), claim, context) };
  },
});

export default experiment;
