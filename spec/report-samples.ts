/** Figures of every kind for the tests of the report: ordinary ones, and ones with values that have no place. */
import {
  barFigure,
  type Figure,
  heatFigure,
  histogramFigure,
  lineFigure,
  tableFigure,
} from "../research/engine/index.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i);

/** An ordinary figure of each kind, contours with trajectories among them. */
export const ordinaryFigures: readonly Figure[] = [
  lineFigure({
    title: "Training loss",
    caption: "The lower the better.",
    x: { label: "update" },
    y: { label: "cross-entropy", unit: "nats", scale: "log" },
    rules: [{ y: Math.LN10, label: "chance, log 10" }],
    series: ["plain", "residual", "oracle"].map((name, at) => ({
      name,
      dashed: name === "oracle",
      points: upTo(80).map((i) => {
        const y = (2.4 / (1 + 0.06 * (at + 1) * i)) * (1 + 0.05 * ((i * 7) % 5));
        return { x: 10 * i, y, low: 0.8 * y, high: 1.2 * y };
      }),
    })),
  }),
  lineFigure({
    title: "Ways down the valley",
    x: { label: "x, curvature 1" },
    y: { label: "y, the steep direction" },
    contours: {
      xs: upTo(45).map((i) => i / 2 - 11),
      ys: upTo(31).map((i) => i / 10 - 1.5),
      z: upTo(31).map((row) => {
        const y = row / 10 - 1.5;
        return upTo(45).map((column) => (column / 2 - 11) * (column / 2 - 11) + 100 * y * y);
      }),
    },
    series: ["sgd", "momentum"].map((name, at) => ({
      name,
      mark: "path" as const,
      points: upTo(40).map((i) => {
        const x = 10 / (1 + (0.05 + 0.2 * at) * i);
        return { x, y: ((i % 2 === 0 ? 1 : -1) * x) / (10 + 10 * at) };
      }),
    })),
  }),
  barFigure({
    title: "Error by batch size",
    x: "batch size",
    y: { label: "test error", unit: "%" },
    bars: ["2", "8", "32"].flatMap((group, at) =>
      ["BatchNorm", "GroupNorm"].map((series, other) => {
        const y = 24 + (other === 0 ? 10 / (1 + 3 * at) : 0.2 * at);
        return { group, series, y, low: y - 1.5, high: y + 1.5 };
      }),
    ),
  }),
  barFigure({
    title: "Steps to the target, by a long name of an arm",
    x: "arm",
    y: { label: "updates", scale: "log" },
    bars: ["Linear, BatchNorm, ReLU", "Linear, ReLU, BatchNorm", "no normalization"].map(
      (group, at) => ({ group, series: "", y: 30 * (at + 1) * (at + 1), low: 20, high: 400 }),
    ),
  }),
  histogramFigure({
    title: "Activations of six layers",
    x: { label: "activation" },
    rows: ["std 0.01", "std 0.05", "Xavier", "Xavier, ReLU", "Kaiming, ReLU"].map((name, row) => ({
      name,
      panels: upTo(6).map((layer) => ({
        title: `layer ${layer + 1}`,
        edges: upTo(41).map((i) => i / 20 - 1),
        counts: upTo(40).map((i) => {
          const x = (i + 0.5) / 20 - 1;
          const width = [0.5 / (layer + 1), 2, 0.6, 0.4 / (layer + 1), 0.8][row] ?? 1;
          const saturated = row === 1 && Math.abs(x) > 0.9 ? 300 : 0;
          return Math.round(saturated + 1000 / (1 + (x * x) / (width * width)));
        }),
      })),
    })),
  }),
  heatFigure({
    title: "Accuracy by rate and initial scale",
    x: { label: "learning rate" },
    y: { label: "initial scale" },
    value: { label: "test accuracy", unit: "%" },
    cells: upTo(8).flatMap((column) =>
      upTo(5).map((row) => ({
        x: Number(`1e${column - 6}`),
        y: [0.25, 0.5, 1, 2, 4][row] ?? 1,
        value: column > 5 && row > 2 ? nan : 98 - 3 * (column - 4) * (column - 4) - row * row,
      })),
    ),
  }),
  tableFigure({
    title: "Standard deviations against the oracle",
    columns: ["layer", "measured", "oracle", "z"],
    rows: upTo(6).map((layer) => [
      `layer ${layer + 1}`,
      0.6281234 / (layer + 1),
      0.628 / (layer + 1),
      layer === 5 ? null : 0.4321 * (layer - 2),
    ]),
  }),
];

/** Of each kind: nothing at all, one point, NaN, infinities, zeros on logarithmic axes, contradictions. */
export const strangeFigures: readonly Figure[] = [
  ...[[], [{ x: 3, y: 2 }], [{ x: nan, y: nan }]].map((points, at) =>
    lineFigure({
      title: `strange lines ${at}`,
      x: { label: "x" },
      y: { label: "y" },
      series: [{ name: "a", points }],
    }),
  ),
  lineFigure({
    title: "gaps",
    x: { label: "x" },
    y: { label: "y", scale: "log" },
    series: [
      {
        name: "a",
        points: [1, 2, nan, 3, infinity, 0, -4, 5].map((y, x) => ({ x, y, low: 0, high: y })),
      },
    ],
  }),
  lineFigure({ title: "no lines", x: { label: "x" }, y: { label: "y" }, series: [] }),
  barFigure({ title: "no bars", x: "group", y: { label: "y" }, bars: [] }),
  barFigure({
    title: "strange bars",
    x: "group",
    y: { label: "y" },
    bars: [3, -2, nan, infinity, 0].map((y, at) => ({
      group: `${at}`,
      series: "s",
      y,
      low: y - 1,
      high: infinity,
    })),
  }),
  histogramFigure({
    title: "strange histograms",
    x: { label: "x" },
    rows: [
      { name: "empty", panels: [{ title: "a", edges: [], counts: [] }] },
      { name: "zero", panels: [{ title: "a", edges: [0, 1], counts: [0] }] },
      { name: "nan", panels: [{ title: "a", edges: [0, nan, 1], counts: [1, 2] }] },
      { name: "one", panels: [{ title: "a", edges: [0, 1], counts: [7] }] },
      { name: "none", panels: [] },
    ],
  }),
  heatFigure({
    title: "no cells",
    x: { label: "x" },
    y: { label: "y" },
    value: { label: "v" },
    cells: [],
  }),
  heatFigure({
    title: "strange cells",
    x: { label: "x" },
    y: { label: "y" },
    value: { label: "v", scale: "log" },
    cells: [1, 10, 0, nan, infinity].map((value, at) => ({ x: at % 3, y: 1, value })),
  }),
  tableFigure({ title: "no rows", columns: ["a"], rows: [] }),
  tableFigure({ title: "strange rows", columns: ["a"], rows: [[], [nan, infinity, null]] }),
];
