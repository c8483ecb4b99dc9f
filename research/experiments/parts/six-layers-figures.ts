/**
 * The figures of the six layers: histograms by layer, stds and gradients beside the oracle, and a table of z-scores.
 * Rests on the engine, the oracle and statistics.
 */
import {
  type Figure,
  type HistogramFigure,
  histogramFigure,
  type LinePoint,
  lineFigure,
  type Run,
  tableFigure,
  valuesOf,
} from "../../engine/index.ts";
import type { Histogram } from "../../probes/index.ts";
import { oracleScore } from "../../statistics/index.ts";
import { oraclesOf, type SixLayersConfig, type SixLayersResult } from "./six-layers-judge.ts";

type Panel = HistogramFigure["rows"][number]["panels"][number];

const labels = {
  small: "0.01, tanh",
  large: "0.05, tanh",
  xavier: "Xavier, tanh",
  "xavier-relu": "Xavier, ReLU",
  kaiming: "Kaiming, ReLU",
};

/** What the figures need besides: a histogram for each layer. */
export interface SixLayers extends SixLayersResult {
  readonly activationHistograms: readonly Histogram[];
  readonly gradientHistograms: readonly Histogram[];
}

/** All of them. Throws ValueError where an arm has fewer than two seeds. */
export function sixLayersFigures(
  runs: readonly Run<SixLayersConfig, SixLayers>[],
): readonly Figure[] {
  const arms = valuesOf(runs, "init").map((init) => {
    const own = runs.filter(({ config }) => config.init === init);
    const [first] = own;
    return {
      name: labels[init],
      own,
      first,
      oracles: first ? oraclesOf(first.config, own.length) : [],
    };
  });
  const rows = (pick: (result: SixLayers) => readonly Histogram[]): HistogramFigure["rows"] =>
    arms.map(({ name, first }) => ({
      name,
      panels: first === undefined ? [] : pick(first.result).map(panelOf),
    }));
  return [
    histogramFigure({
      title: "Activations, layer by layer",
      caption: `Seed ${arms[0]?.first?.seed ?? 0}. Healthy activations look alike in all layers; a spike at 0 is a dead signal, walls at ±1 are saturated units.`,
      x: { label: "activation" },
      rows: rows((result) => result.activationHistograms),
    }),
    histogramFigure({
      title: "Gradients of the weights, layer by layer",
      caption:
        "The same seed. Each row has its own scale, three times its largest root mean square.",
      x: { label: "∂L/∂W" },
      rows: rows((result) => result.gradientHistograms),
    }),
    lineFigure({
      title: "Standard deviation of the activations",
      caption: "Bands: least to greatest of the seeds. Broken: a net of infinite width.",
      x: { label: "layer" },
      y: { label: "std", scale: "log" },
      series: arms.flatMap(({ name, own, oracles }) => [
        { name, points: spread(own.map(({ result }) => result.stds)) },
        {
          name: `${name}, oracle`,
          dashed: true,
          points: oracles.map(({ std: y }, at) => ({ x: at + 1, y })),
        },
      ]),
    }),
    lineFigure({
      title: "Size of the weights' gradients",
      caption:
        "For a derivative of N(0, 1) at the last activations. Bands and broken lines as before.",
      x: { label: "layer" },
      y: { label: "root mean square of ∂L/∂W", scale: "log" },
      series: arms.flatMap(({ name, own, oracles }) => [
        { name, points: spread(own.map(({ result }) => result.gradients)) },
        {
          name: `${name}, oracle`,
          dashed: true,
          points: oracles.map(({ gradient: y }, at) => ({ x: at + 1, y })),
        },
      ]),
    }),
    tableFigure({
      title: "Beside the oracle",
      caption:
        "z: in standard errors across seeds; p: of Student's t. The tolerance is what decides.",
      columns: [
        "init",
        "layer",
        "std",
        "oracle",
        "z",
        "p",
        "tolerance (%)",
        "gradient",
        "oracle of it",
        "z of it",
      ],
      rows: arms.flatMap(({ name, own, oracles }) =>
        oracles.map(({ std, gradient, tolerance }, at) => {
          const score = oracleScore(
            own.map(({ result }) => result.stds[at] ?? 0),
            std,
          );
          const back = oracleScore(
            own.map(({ result }) => result.gradients[at] ?? 0),
            gradient,
          );
          return [
            name,
            at + 1,
            score.mean,
            std,
            score.z,
            score.p,
            100 * tolerance,
            back.mean,
            gradient,
            back.z,
          ];
        }),
      ),
    }),
  ];
}

function panelOf({ low, high, counts }: Histogram, at: number): Panel {
  const edges = Array.from(
    { length: counts.length + 1 },
    (_, i) => low + ((high - low) * i) / counts.length,
  );
  return { title: `layer ${at + 1}`, edges, counts };
}

/** Mean, least and greatest of each layer. */
function spread(seeds: readonly (readonly number[])[]): readonly LinePoint[] {
  return (seeds[0] ?? []).map((_, at) => {
    const values = seeds.map((layers) => layers[at] ?? Number.NaN);
    const y = values.reduce((total, value) => total + value, 0) / values.length;
    return { x: at + 1, y, low: Math.min(...values), high: Math.max(...values) };
  });
}
