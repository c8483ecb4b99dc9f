/**
 * Charts: line plots with a legend, over epochs.
 * Rests on curves, drawing and html; colours are CSS variables, so that one drawing serves light and dark.
 */
import * as Plot from "@observablehq/plot";
import { type Axis, formatTick, type Point } from "./curves.ts";
import { type DrawingSize, drawBoth } from "./drawing.ts";
import { html, type Markup } from "./html.ts";

/** One curve of a chart. */
export interface Series {
  readonly name: string;
  /** A CSS colour. */
  readonly colour: string;
  readonly points: readonly Point[];
  /** Line width in pixels. */
  readonly width?: number;
  /** Opacity of the line, in (0, 1]. */
  readonly opacity?: number;
  /** A mark at each point; a line alone where absent. */
  readonly symbol?: "circle" | "square";
  /** What a pointer over a mark reads, one text for each point. */
  readonly tips?: readonly string[];
}

/** A chart of curves over epochs. */
export interface Chart {
  /** Unique in the page, letters only. */
  readonly id: string;
  readonly title: string;
  /** In words what the chart shows, for those who cannot see it. */
  readonly description: string;
  readonly yLabel: string;
  readonly y: Axis;
  /** The last epoch on the x axis. */
  readonly xEnd: number;
  readonly series: readonly Series[];
}

/** Marks that a curve bears at most. */
const mostSymbols = 30;

/** Whole epochs to label, at most about `count`. */
function epochTicks(end: number, count: number): readonly number[] {
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500].find((size) => end / size <= count) ?? 1000;
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step);
  return ticks.length > 1 ? ticks : [0, end / 2, end];
}

/** The marks of one series. */
function marksOf(series: Series): readonly Plot.Markish[] {
  const { points, colour, symbol, tips } = series;
  const line = Plot.line(points, {
    x: "x",
    y: "y",
    stroke: colour,
    strokeWidth: series.width ?? 2,
    strokeOpacity: series.opacity ?? 1,
    strokeLinejoin: "round",
  });
  if (symbol === undefined) return [line];
  // Every few points where they would run into each other, counted from the last.
  const every = Math.ceil(points.length / mostSymbols);
  const marked = points
    .map((point, i) => ({ ...point, tip: tips?.[i] ?? "" }))
    .filter((_, i) => (points.length - 1 - i) % every === 0);
  const dots = Plot.dot(marked, {
    x: "x",
    y: "y",
    symbol,
    r: 4,
    fill: symbol === "circle" ? "var(--card)" : colour,
    stroke: colour,
    strokeWidth: 2,
    ...(tips === undefined ? {} : { title: "tip" }),
  });
  return [line, dots];
}

/** What one drawing of `chart` holds. */
function plotOf({ y, yLabel, xEnd, series }: Chart, size: DrawingSize): Plot.PlotOptions {
  const ticks = y.ticks ?? 6;
  return {
    width: size.width,
    height: size.height,
    marginLeft: 48,
    marginBottom: 42,
    marginTop: 30,
    marginRight: 12,
    x: {
      domain: [0, xEnd],
      ticks: epochTicks(xEnd, size.ticks),
      tickFormat: formatTick,
      label: "epoch",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: {
      type: y.type,
      domain: y.domain,
      nice: y.type === "linear",
    },
    marks: [
      Plot.gridY({ ticks }),
      // As text: a tickFormat would leave ticks of a logarithmic axis without their number.
      Plot.axisY({ ticks, text: formatTick, label: yLabel, labelArrow: "none" }),
      Plot.ruleY([y.domain[0]], { stroke: "var(--axis)" }),
      ...series.flatMap(marksOf),
    ],
  };
}

/** The legend's picture of a series. */
function swatch({ colour, opacity = 1, width = 2, symbol }: Series): Markup {
  const mark =
    symbol === "circle"
      ? html`<circle cx="14" cy="7" r="4" fill="var(--card)" stroke="${colour}" stroke-width="2"/>`
      : html`<rect x="10" y="3" width="8" height="8" fill="${colour}"/>`;
  return html`<svg width="28" height="14" aria-hidden="true"><line x1="0" y1="7" x2="28" y2="7" stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}"/>${symbol === undefined ? "" : mark}</svg>`;
}

/**
 * A figure: legend, the drawing for wide and for narrow screens, caption.
 * Each drawing has a title and a description for screen readers.
 */
export function renderChart(chart: Chart, caption: string): Markup {
  const entries = chart.series.map((series) => html`<li>${swatch(series)}${series.name}</li>`);
  return html`<figure class="chart">
<ul class="legend">${entries}</ul>
${drawBoth((size) => plotOf(chart, size), chart)}
<figcaption>${caption}</figcaption>
</figure>`;
}
