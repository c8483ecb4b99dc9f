/**
 * Heat maps: a number over two knobs, as colour and, where there is room, in digits.
 * Rests on axes and drawing. Colours run between two variables of the style sheet.
 */
import * as Plot from "@observablehq/plot";
import { countOf } from "../../core/data/extent.ts";
import type { HeatFigure } from "../engine/figure.ts";
import { fewer, formatValue, isPlaceable, roomFor, type Scale, scaleOf, shareOf } from "./axes.ts";
import { formatTick } from "./curves.ts";
import { type DrawingSize, type DrawnFigure, drawBoth, nothing } from "./drawing.ts";
import { html, type Markup } from "./html.ts";

type Cell = HeatFigure["cells"][number];

/** A heat map, its scale of colours above, and what must be said of it below. */
export function drawHeat(figure: HeatFigure, id: string): DrawnFigure {
  if (figure.cells.length === 0) return nothing;
  // The last of several for one place is drawn, and they are counted.
  const cells = [...new Map(figure.cells.map((cell) => [`${cell.x} ${cell.y}`, cell])).values()];
  const scale = scaleOf(
    figure.value,
    cells.map(({ value }) => value),
    { ticks: 5 },
  );
  const drawing = drawBoth((size) => plotOf(figure, cells, scale, size), {
    id,
    title: figure.title,
    description: descriptionOf(figure, cells),
  });
  const missing = cells.filter(({ value }) => !isPlaceable(scale.type, value)).length;
  const twice = figure.cells.length - cells.length;
  return {
    drawing: html`${cells.length > missing ? colourScale(scale) : ""}${drawing}`,
    notes: [
      ...(scale.type === "log" ? ["Logarithmic colours."] : []),
      ...(missing === 0
        ? []
        : [
            `${countOf(missing, "cell")} grey: no finite ${scale.type === "log" ? "positive " : ""}value.`,
          ]),
      ...(twice === 0
        ? []
        : [`${countOf(twice, "value")} hidden by a later one of the same cell.`]),
    ],
  };
}

/** From this share on, digits need the ink of strong colours: there black and white stand out equally in both themes. */
export const strongShare = 0.6;

function plotOf(
  figure: HeatFigure,
  cells: readonly Cell[],
  scale: Scale,
  size: DrawingSize,
): Plot.PlotOptions {
  const xs = ascending(cells.map(({ x }) => x));
  const ys = ascending(cells.map(({ y }) => y));
  const marginLeft = roomFor(ys.map(formatValue)) + 18;
  const cellWidth = (size.width - marginLeft - 16) / Math.max(1, xs.length);
  const cellHeight = Math.min(44, Math.max(18, Math.min(420 / Math.max(1, ys.length), cellWidth)));
  const longest = Math.max(...cells.map(({ value }) => digitsOf(value).length), 1);
  const fontSize = size.name === "wide" ? 12 : 10;
  const hasRoom = cellWidth >= longest * 0.62 * fontSize + 4;
  const named = (axis: HeatFigure["x"]): string =>
    axis.unit === undefined ? axis.label : `${axis.label} (${axis.unit})`;
  const labels = Math.floor((size.width - marginLeft) / roomFor(xs.map(formatValue), 30));
  return {
    width: size.width,
    height: 74 + cellHeight * Math.max(1, ys.length),
    marginLeft,
    marginRight: 16,
    marginTop: 30,
    marginBottom: 42,
    padding: 0,
    x: { type: "band", domain: xs },
    y: { type: "band", domain: [...ys].reverse() },
    marks: [
      Plot.cell(cells, {
        x: "x",
        y: "y",
        inset: 0.75,
        fill: ({ value }: Cell) => colourOf(scale, value),
        title: ({ x, y, value }: Cell) =>
          `${figure.x.label} ${formatValue(x)}, ${figure.y.label} ${formatValue(y)}: ${formatValue(value)}`,
      }),
      ...(hasRoom
        ? [
            Plot.text(cells, {
              x: "x",
              y: "y",
              text: ({ value }: Cell) => digitsOf(value),
              fontSize,
              fill: ({ value }: Cell) =>
                !isPlaceable(scale.type, value)
                  ? "var(--ink)"
                  : shareOf(scale, value) > strongShare
                    ? "var(--heat-strong)"
                    : "var(--heat-weak)",
            }),
          ]
        : []),
      Plot.axisX(fewer(xs, labels), {
        text: formatValue,
        label: named(figure.x),
        labelAnchor: "center",
        labelArrow: "none",
        tickSize: 0,
      }),
      Plot.axisY(ys, {
        text: formatValue,
        label: named(figure.y),
        labelAnchor: "top",
        labelArrow: "none",
        tickSize: 0,
      }),
    ],
  };
}

function colourOf(scale: Scale, value: number): string {
  if (!isPlaceable(scale.type, value)) return "var(--line)";
  const percent = Math.round(100 * Math.min(1, Math.max(0, shareOf(scale, value))));
  return `color-mix(in oklab, var(--heat-high) ${percent}%, var(--heat-low))`;
}

function digitsOf(value: number): string {
  return Number.isFinite(value) ? formatTick(Number(value.toPrecision(3))) : formatValue(value);
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

/** What the colours mean. */
function colourScale({ label, type, domain: [low, high] }: Scale): Markup {
  return html`<p class="heat-scale"><span>${label}${type === "log" ? ", logarithmic" : ""}</span><span>${formatValue(low)}</span><span class="heat-bar" aria-hidden="true"></span><span>${formatValue(high)}</span></p>`;
}

function descriptionOf({ x, y, value }: HeatFigure, cells: readonly Cell[]): string {
  const finite = cells.filter((cell) => Number.isFinite(cell.value));
  const sorted = [...finite].sort((a, b) => a.value - b.value);
  const spoken = (cell: Cell | undefined): string =>
    cell === undefined
      ? "none"
      : `${formatValue(cell.value)} at ${x.label} ${formatValue(cell.x)} and ${y.label} ${formatValue(cell.y)}`;
  return `${value.label} over ${x.label} and ${y.label}. Lowest ${spoken(sorted[0])}; highest ${spoken(sorted.at(-1))}; ${cells.length - finite.length} of ${cells.length} not finite`;
}
