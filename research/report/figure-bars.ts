/**
 * Bars in groups, lying, from zero; points where the axis is logarithmic, since a bar would have no beginning there.
 * Rests on axes, series and drawing.
 */
import * as Plot from "@observablehq/plot";
import { countOf } from "../../core/data/extent.ts";
import type { BarFigure } from "../engine/figure.ts";
import { formatValue, isInside, isPlaceable, roomFor, type Scale, scaleOf } from "./axes.ts";
import { formatTick } from "./curves.ts";
import { type DrawingSize, type DrawnFigure, drawBoth, nothing } from "./drawing.ts";
import { html } from "./html.ts";
import { legend, lookOf } from "./series.ts";

type Bar = BarFigure["bars"][number];

/** A bar with the colour of its series and how far its interval reaches. */
interface Drawn {
  readonly group: string;
  readonly series: string;
  readonly y: number;
  readonly low: number;
  readonly high: number;
  readonly colour: string;
}

/** The height of a bar with the space around it, and of the space between groups, pixels. */
const thickness = 20;
const between = 14;

/** A figure of bars as a drawing, its legend above, and what must be said of it below. */
export function drawBars(figure: BarFigure, id: string): DrawnFigure {
  const { bars } = figure;
  if (bars.length === 0) return nothing;
  const groups = distinct(bars.map(({ group }) => group));
  const names = distinct(bars.map(({ series }) => series));
  const colourOf = (name: string): string => lookOf(names.indexOf(name)).colour;
  const values = bars.flatMap(({ y, low = y, high = y }) => [y, low, high]);
  const type = figure.y.scale ?? "linear";
  const placed = bars.filter(({ y }) => isPlaceable(type, y));
  const drawing = drawBoth(
    (size) => {
      const y = scaleOf(figure.y, values, { ticks: size.ticks - 2, zero: true, nice: true });
      const room = Math.min(roomFor(groups) + 18, Math.floor(0.38 * size.width));
      return {
        width: size.width,
        height: 60 + Math.max(1, groups.length) * (names.length * thickness + between),
        marginLeft: room,
        marginRight: 64,
        marginTop: 12,
        marginBottom: 42,
        x: { type: y.type, domain: [...y.domain] },
        y: { domain: names, axis: null, padding: 0.2 },
        fy: { domain: groups, padding: between / (names.length * thickness + between), axis: null },
        marks: [...marksOf(bars, { y, colourOf, room, size, groups: figure.x })],
      };
    },
    { id, title: figure.title, description: descriptionOf(figure) },
  );
  const entries = names.map((name) => ({
    name,
    look: lookOf(names.indexOf(name)),
    mark: type === "log" ? ("dots" as const) : ("bar" as const),
  }));
  const intervals = bars.some(({ low, high }) => low !== undefined && high !== undefined);
  const gaps = bars.length - placed.length;
  const cut = figure.y.range === undefined ? 0 : cutBy(figure, placed);
  return {
    drawing: html`${names.length > 1 ? legend(entries) : ""}${drawing}`,
    notes: [
      ...(intervals && !/\binterval\b/.test(figure.caption ?? "") ? ["Thin line: interval."] : []),
      ...(type === "log" ? ["Logarithmic axis."] : []),
      ...(gaps === 0 ? [] : [`${countOf(gaps, "value")} written in place of a bar.`]),
      ...(cut === 0 ? [] : [`${countOf(cut, "bar")} cut off by the frame.`]),
    ],
  };
}

function cutBy({ y: axis }: BarFigure, bars: readonly Bar[]): number {
  const scale = scaleOf(axis, []);
  return bars.filter(({ y }) => !isInside(scale, y)).length;
}

function marksOf(
  bars: readonly Bar[],
  {
    y,
    colourOf,
    room,
    size,
    groups,
  }: {
    readonly y: Scale;
    readonly colourOf: (name: string) => string;
    readonly room: number;
    readonly size: DrawingSize;
    readonly groups: string;
  },
): readonly Plot.Markish[] {
  const [start, end] = y.domain;
  const inside = (value: number): number => Math.min(end, Math.max(start, value));
  const drawn = bars
    .filter((bar) => isPlaceable(y.type, bar.y))
    .map(({ low, high, ...bar }): Drawn => {
      const reach = (edge: number | undefined): number =>
        edge === undefined || Number.isNaN(edge) ? bar.y : edge;
      return { ...bar, low: reach(low), high: reach(high), colour: colourOf(bar.series) };
    });
  const at = { fy: "group", y: "series" } as const;
  const base = inside(0);
  return [
    Plot.gridX([...y.ticks]),
    Plot.axisX([...y.ticks], {
      anchor: "bottom",
      text: formatTick,
      label: y.label,
      labelAnchor: "center",
      labelArrow: "none",
    }),
    Plot.axisFy({
      anchor: "left",
      label: groups,
      tickSize: 0,
      lineWidth: (room - 30) / 13,
      fill: "var(--ink)",
    }),
    y.type === "log"
      ? Plot.dot(drawn, { ...at, x: ({ y: value }: Drawn) => inside(value), r: 5, fill: "colour" })
      : Plot.barX(drawn, {
          ...at,
          x1: () => base,
          x2: ({ y: value }: Drawn) => inside(value),
          fill: "colour",
        }),
    // The interval, with a lighter edge that tells it from the bar beneath.
    ...[
      { stroke: "var(--card)", strokeWidth: 4, strokeOpacity: 0.75 },
      { stroke: "var(--ink)", strokeWidth: 1.5 },
    ].map((line) =>
      Plot.ruleY(
        drawn.filter(({ low, high }) => low < high),
        {
          ...at,
          x1: ({ low }: Drawn) => inside(low),
          x2: ({ high }: Drawn) => inside(high),
          ...line,
        },
      ),
    ),
    Plot.text(drawn, {
      ...at,
      x: ({ y: value, high }: Drawn) => inside(Math.max(base, value, high)),
      text: ({ y: value }: Drawn) => formatValue(value),
      textAnchor: "start",
      dx: 6,
      fill: "var(--ink)",
      fontSize: size.name === "wide" ? 12 : 11,
    }),
    Plot.text(
      bars.filter((bar) => !isPlaceable(y.type, bar.y)),
      {
        ...at,
        x: () => (y.type === "log" ? start : base),
        text: ({ y: value }: Bar) => formatValue(value),
        textAnchor: "start",
        dx: 6,
        fill: "var(--ink)",
      },
    ),
    Plot.ruleX([y.type === "log" ? start : base], { stroke: "var(--axis)" }),
  ];
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function descriptionOf({ bars, x, y }: BarFigure): string {
  const spoken = bars.map(
    ({ group, series, y: value }) => `${group}, ${series}: ${formatValue(value)}`,
  );
  return `${y.label} by ${x}. ${spoken.join("; ")}`;
}
