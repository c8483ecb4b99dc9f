/**
 * Lines over x, with the bands of their seeds, rules, and contours beneath.
 * Rests on axes, series, contours and drawing. What cannot be drawn leaves a gap and is counted below.
 */
import * as Plot from "@observablehq/plot";
import { countOf } from "../../core/data/extent.ts";
import type { LineFigure, LinePoint, LineSeries } from "../engine/figure.ts";
import {
  formatValue,
  isInside,
  isPlaceable,
  roomFor,
  type Scale,
  scaleOf,
  tickTexts,
} from "./axes.ts";
import { contourMarks } from "./contours.ts";
import { envelope, formatTick, smooth, smoothingWindow } from "./curves.ts";
import { type DrawingSize, type DrawnFigure, drawBoth, nothing, wideSize } from "./drawing.ts";
import { html, type Markup } from "./html.ts";
import { ruleMarks } from "./rule-marks.ts";
import { type LegendEntry, type Looks, legend, looksOf, type SeriesLook } from "./series.ts";

/** Pixels of a stretch of which a line shows lowest and highest, and symbols on it at most. */
const stretchPixels = 4;
const mostSymbols = 9;
/** Points of a path, which is not thinned stretch by stretch. */
const mostOnPath = 1500;

/** A point with the stretch between two gaps that it belongs to. */
type Placed = LinePoint & { readonly stretch: number };

/** A figure of lines as a drawing, its legend above, and what must be said of it below. */
export function drawLines(figure: LineFigure, id: string): DrawnFigure {
  const { series, rules = [], contours } = figure;
  const points = series.flatMap((one) => one.points);
  if (points.length === 0 && contours === undefined) return nothing;
  const xs = contours === undefined ? points.map(({ x }) => x) : contours.xs;
  const ys =
    contours === undefined
      ? [
          ...points.flatMap(({ y, low = y, high = y }) => [y, low, high]),
          ...rules.map(({ y }) => y),
        ]
      : contours.ys;
  const scales = (size: DrawingSize): { readonly x: Scale; readonly y: Scale } => ({
    x: scaleOf(figure.x, xs, { ticks: size.ticks, integers: xs.every(Number.isInteger) }),
    y: scaleOf(figure.y, ys, {
      ticks: 6,
      nice: contours === undefined,
      integers: ys.every(Number.isInteger),
    }),
  });
  const looks = looksOf(series);
  // Bands of many lines lie over each other.
  const opacity = series.length > 3 ? 0.1 : 0.18;
  const drawing = drawBoth(
    (size) => {
      const { x, y } = scales(size);
      const framed = contours !== undefined || x.cuts || y.cuts;
      return {
        width: size.width,
        height: contours === undefined ? size.height : Math.min(size.width, 420),
        marginLeft: roomFor(tickTexts(y)),
        marginRight: 16,
        marginBottom: 42,
        marginTop: 30,
        x: { type: x.type, domain: [...x.domain] },
        y: { type: y.type, domain: [...y.domain] },
        marks: [
          ...(contours === undefined ? [Plot.gridY([...y.ticks])] : []),
          ...contourMarks(figure, x, y),
          Plot.axisX([...x.ticks], {
            text: formatTick,
            label: x.label,
            labelAnchor: "center",
            labelArrow: "none",
          }),
          Plot.axisY([...y.ticks], { text: formatTick, label: y.label, labelArrow: "none" }),
          framed
            ? Plot.frame({ stroke: "var(--axis)" })
            : Plot.ruleY([y.domain[0]], { stroke: "var(--axis)" }),
          ...series.flatMap((one, at) =>
            seriesMarks(one, looks(at), { x, y, framed, size, opacity }),
          ),
          ...ruleMarks(rules, points, x, y),
        ],
      };
    },
    { id, title: figure.title, description: descriptionOf(figure) },
  );
  return {
    drawing: html`${legendOf(series, looks)}${drawing}`,
    notes: notesOf(figure, scales(wideSize)),
  };
}

function legendOf(series: readonly LineSeries[], looks: Looks): Markup {
  return legend(
    series.map(({ name, mark, dashed = false }, at): LegendEntry => {
      const line = dashed ? "dashed" : "line";
      return { name, look: looks(at), mark: mark === "dots" ? "dots" : line };
    }),
  );
}

/** The marks of one series: band, line, symbols. */
function seriesMarks(
  { name, points, mark = "line", dashed = false }: LineSeries,
  { colour, symbol }: SeriesLook,
  {
    x,
    y,
    framed,
    size,
    opacity,
  }: {
    readonly x: Scale;
    readonly y: Scale;
    readonly framed: boolean;
    readonly size: DrawingSize;
    /** Of a band. */
    readonly opacity: number;
  },
): readonly Plot.Markish[] {
  const stretches = stretchesOf(points, x, y).map((stretch) =>
    mark === "line" ? thinned(steadied(stretch), bucketsOf(size)) : every(stretch, mostOnPath),
  );
  const placed = stretches.flatMap((own, stretch): Placed[] =>
    own.map((point) => ({ ...point, stretch })),
  );
  const clip = framed ? "frame" : null;
  const floor = y.type === "log" ? y.domain[0] : Number.NEGATIVE_INFINITY;
  const band = placed.flatMap(({ low, high, ...point }) =>
    low === undefined || high === undefined || !(low < high) || !Number.isFinite(high - low)
      ? []
      : [{ ...point, low: Math.max(low, floor), high }],
  );
  const marked =
    mark === "dots"
      ? placed
      : [...stretches.filter((own) => own.length === 1).flat(), ...every(placed, mostSymbols)];
  const dots = marked.filter((point) => isInside(x, point.x) && isInside(y, point.y));
  return [
    Plot.areaY(band, {
      x: "x",
      y1: "low",
      y2: "high",
      z: "stretch",
      fill: colour,
      fillOpacity: opacity,
      clip,
    }),
    ...(mark === "dots"
      ? []
      : [
          Plot.line(placed, {
            x: "x",
            y: "y",
            z: "stretch",
            stroke: colour,
            strokeWidth: 2,
            strokeLinejoin: "round",
            ...(dashed ? { strokeDasharray: "6 4" } : {}),
            clip,
          }),
        ]),
    Plot.dot(dots, {
      x: "x",
      y: "y",
      symbol,
      r: 3.5,
      fill: colour,
      title: (point: LinePoint) => `${name}: ${formatValue(point.y)} at ${formatValue(point.x)}`,
    }),
  ];
}

/** The points between two that have no place. */
function stretchesOf(
  points: readonly LinePoint[],
  x: Scale,
  y: Scale,
): readonly (readonly LinePoint[])[] {
  const stretches: LinePoint[][] = [[]];
  for (const point of points) {
    if (isPlaceable(x.type, point.x) && isPlaceable(y.type, point.y)) stretches.at(-1)?.push(point);
    else stretches.push([]);
  }
  return stretches.filter((stretch) => stretch.length > 0);
}

/**
 * Whether a line goes up and down so often that nothing else would be seen of it: 100 points or more, two in five of which
 * are turns. Of independent numbers two in three are; a schedule has a handful.
 */
function isNoisy(points: readonly LinePoint[]): boolean {
  const turns = points.filter(({ y }, at) => {
    const [before, after] = [points[at - 1]?.y ?? y, points[at + 1]?.y ?? y];
    return (y - before) * (after - y) < 0;
  });
  return points.length >= 100 && turns.length > 0.4 * points.length;
}

/** A noisy line as its running mean, with the band as it was measured; another one as it is. */
function steadied(points: readonly LinePoint[]): readonly LinePoint[] {
  if (!isNoisy(points)) return points;
  const means = smooth(points, smoothingWindow(points.length), points.length);
  return points.map((point, at) => ({ ...point, y: means[at]?.y ?? point.y }));
}

/** How many stretches of a line are told apart in a drawing. */
function bucketsOf({ width }: Pick<DrawingSize, "width">): number {
  return Math.floor(width / stretchPixels);
}

/** At most so many stretches of equal length, of each the point whose band or value reaches lowest and highest. */
function thinned(points: readonly LinePoint[], buckets: number): readonly LinePoint[] {
  const low = (point: LinePoint): number => point.low ?? point.y;
  const high = (point: LinePoint): number => point.high ?? point.y;
  const inner = envelope(points, buckets, low, high);
  const [first, last] = [points[0], points.at(-1)];
  return [
    ...(first === undefined || first === inner[0] ? [] : [first]),
    ...inner,
    ...(last === undefined || last === inner.at(-1) ? [] : [last]),
  ];
}

/** At most `most` of the points, evenly, with both ends. */
function every<P>(points: readonly P[], most: number): readonly P[] {
  if (points.length <= most) return points;
  const step = (points.length - 1) / (most - 1);
  return Array.from({ length: most }, (_, k) => Math.round(k * step)).flatMap((at) => {
    const point = points[at];
    return point === undefined ? [] : [point];
  });
}

function notesOf(
  { series, x: xAxis, y: yAxis, contours, caption = "" }: LineFigure,
  scales: { readonly x: Scale; readonly y: Scale },
): readonly string[] {
  const { x, y } = scales;
  const points = series.flatMap((one) => one.points);
  const placed = points.filter((p) => isPlaceable(x.type, p.x) && isPlaceable(y.type, p.y));
  const gaps = points.length - placed.length;
  const outside = placed.filter((p) => !isInside(x, p.x) || !isInside(y, p.y)).length;
  const logs = [xAxis.scale === "log" ? "horizontal" : "", yAxis.scale === "log" ? "vertical" : ""];
  const named = logs.filter((name) => name !== "").join(" and ");
  const banded = points.some(({ low = 0, high = 0 }) => low < high);
  const noisy = series.flatMap(({ points: own, mark = "line" }) =>
    (mark === "line" ? stretchesOf(own, x, y) : [])
      .filter(isNoisy)
      .map(({ length }) => smoothingWindow(length)),
  );
  const thin = series.some(({ points: own, mark }) =>
    mark === "path" || mark === "dots"
      ? own.length > mostOnPath
      : own.length > 2 * bucketsOf(wideSize),
  );
  return [
    ...(banded && !/\b(?:band|interval)s?\b/i.test(caption) ? ["Band: what the seeds span."] : []),
    ...(named === "" ? [] : [`Logarithmic: ${named}.`]),
    ...(noisy.length === 0
      ? []
      : [`Noisy lines: running mean of ${Math.max(...noisy)} points; bands as measured.`]),
    ...(thin ? ["Long lines are thinned to the extremes of equal stretches."] : []),
    ...(contours === undefined
      ? []
      : ["Contour lines: between two neighbours lie equal shares of the grid."]),
    ...(gaps === 0
      ? []
      : [
          `${countOf(gaps, "point")} not drawn: not finite${y.type === "log" || x.type === "log" ? ", or not above 0 on a logarithmic axis" : ""}.`,
        ]),
    ...(outside === 0 ? [] : [`${countOf(outside, "point")} outside the frame.`]),
  ];
}

/** Where each line begins and ends, for those who cannot see it. */
function descriptionOf({ series, x, y }: LineFigure): string {
  const lines = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return `${name}: no points`;
    const spoken = ({ x: at, y: value }: LinePoint): string =>
      `${formatValue(value)} at ${formatValue(at)}`;
    return `${name}: ${points.length === 1 ? spoken(first) : `from ${spoken(first)} to ${spoken(last)}`}`;
  });
  return `${y.label} over ${x.label}. ${lines.join("; ")}`;
}
