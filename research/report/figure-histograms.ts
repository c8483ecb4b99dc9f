/**
 * Histograms side by side, one row for each arm.
 * Rests on axes and drawing. Heights are densities, so that bins of different widths can be compared.
 */
import * as Plot from "@observablehq/plot";
import type { HistogramFigure } from "../engine/figure.ts";
import { isPlaceable, scaleOf } from "./axes.ts";
import { formatTick } from "./curves.ts";
import { type DrawnFigure, drawPlot, nothing } from "./drawing.ts";
import { formatCount, html, type Markup } from "./html.ts";
import { lookOf } from "./series.ts";

type Panel = HistogramFigure["rows"][number]["panels"][number];

/** The size of one histogram; the page scales it. */
const size = { width: 180, height: 112 };

/** Rows of histograms, and what must be said of them below. */
export function drawHistograms(figure: HistogramFigure, id: string): DrawnFigure {
  if (figure.rows.length === 0) return nothing;
  const columns = figure.rows.reduce((most, { panels }) => Math.max(most, panels.length), 4);
  const rows = figure.rows.map(({ name, panels }, row) => {
    const drawn = panels.map(
      (panel, column) =>
        html`<div>${drawPanel(figure, `${name}, ${panel.title}`, panel, `${id}-${row}-${column}`, lookOf(row).colour)}</div>`,
    );
    return html`<div class="histograms"><h5>${name}</h5><div class="panels" style="--columns: ${columns}">${drawn}</div></div>`;
  });
  const label =
    figure.x.unit === undefined ? figure.x.label : `${figure.x.label} (${figure.x.unit})`;
  return {
    drawing: html`${rows}`,
    notes: [
      `Across: ${label}${figure.x.scale === "log" ? ", logarithmic" : ""}. Up: density, each histogram to its own highest bin.`,
    ],
  };
}

/** The bins of a panel that are some: edges ascend, a count is none below 0. */
function binsOf({ edges, counts }: Panel, type: "linear" | "log"): readonly Bin[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.flatMap((count, at) => {
    const [low = Number.NaN, high = Number.NaN] = [edges[at], edges[at + 1]];
    const isBin = isPlaceable(type, low) && isPlaceable(type, high) && low < high;
    return isBin && count >= 0 && total > 0 && Number.isFinite(total)
      ? [{ low, high, density: count / total / (high - low) }]
      : [];
  });
}

interface Bin {
  readonly low: number;
  readonly high: number;
  readonly density: number;
}

function drawPanel(
  { x: axis, title: figureTitle }: HistogramFigure,
  name: string,
  panel: Panel,
  id: string,
  colour: string,
): Markup {
  const type = axis.scale ?? "linear";
  const all = binsOf(panel, type);
  const x = scaleOf(axis, panel.edges, { ticks: 3 });
  const [start, end] = x.domain;
  const bins = all.flatMap(({ low, high, density }) =>
    high > start && low < end
      ? [{ low: Math.max(low, start), high: Math.min(high, end), density }]
      : [],
  );
  const highest = bins.reduce((most, { density }) => Math.max(most, density), 0);
  const total = panel.counts.reduce((sum, count) => sum + count, 0);
  const empty = highest === 0;
  const drawing = drawPlot(
    {
      ...size,
      marginLeft: 14,
      marginRight: 14,
      marginTop: 22,
      marginBottom: 22,
      x: { type, domain: [...x.domain] },
      y: { domain: [0, empty ? 1 : highest], axis: null },
      marks: [
        Plot.rect(bins, {
          x1: "low",
          x2: "high",
          y1: () => 0,
          y2: "density",
          fill: colour,
          inset: 0,
        }),
        Plot.axisX([...x.ticks], { text: formatTick, label: null, fontSize: 12, tickSize: 3 }),
        Plot.ruleY([0], { stroke: "var(--axis)" }),
        Plot.text([panel.title], {
          frameAnchor: "top",
          dy: -16,
          text: String,
          fill: "var(--ink)",
          fontSize: 13,
        }),
        ...(empty ? [Plot.text(["no counts"], { frameAnchor: "middle", text: String })] : []),
      ],
    },
    {
      id,
      title: `${figureTitle}: ${name}`,
      description: empty
        ? "No counts"
        : `${Number.isSafeInteger(total) ? formatCount(total) : "Some"} values from ${formatTick(start)} to ${formatTick(end)}, most around ${formatTick(modeOf(bins))}`,
    },
  );
  return drawing;
}

/** The middle of the densest bin. */
function modeOf(bins: readonly Bin[]): number {
  const [first] = bins;
  if (first === undefined) return Number.NaN;
  const { low, high } = bins.reduce(
    (best, bin) => (bin.density > best.density ? bin : best),
    first,
  );
  return Number(((low + high) / 2).toPrecision(3));
}
