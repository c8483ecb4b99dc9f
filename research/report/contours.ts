/**
 * Contour lines of a surface given on a grid.
 * Rests on Plot, axes and scalar-math.
 */
import * as Plot from "@observablehq/plot";
import { exp, log as logOf } from "../../core/scalar-math/index.ts";
import type { LineFigure } from "../engine/figure.ts";
import { isPlaceable, type Scale } from "./axes.ts";

/** Contour lines drawn, and how fine a grid that is not even is made even. */
const levels = 12;
const fineness = 64;

type Grid = NonNullable<LineFigure["contours"]>;

/** The contours of a figure, beneath its lines; none where it has none, or no two rows and columns of finite heights. */
export function contourMarks(
  { contours }: LineFigure,
  x: Scale,
  y: Scale,
): readonly Plot.Markish[] {
  if (contours === undefined) return [];
  const columns = evenly(contours.xs, x);
  const rows = evenly(contours.ys, y);
  if (columns.length < 2 || rows.length < 2) return [];
  const heights = rows.flatMap((row) => columns.map((column) => heightAt(contours, row, column)));
  const thresholds = quantiles(heights.filter(Number.isFinite), levels);
  if (thresholds.length === 0) return [];
  const [x1, x2] = outline(contours.xs, x, columns.length);
  const [y1, y2] = outline(contours.ys, y, rows.length);
  return [
    Plot.contour(heights, {
      width: columns.length,
      height: rows.length,
      x1,
      x2,
      y1,
      y2,
      clip: "frame",
      value: (height: number) => height,
      thresholds: [...thresholds],
      fill: "none",
      stroke: "var(--axis)",
      strokeOpacity: 0.8,
      strokeWidth: 1,
    }),
  ];
}

/** From where to where a grid reaches whose heights stand in the middle of `count` cells: half a cell beyond both ends. */
function outline(at: readonly number[], scale: Scale, count: number): readonly [number, number] {
  const [first = 0, last = 1] = [at[0], at.at(-1)];
  if (scale.type === "log") {
    const ratio = exp((logOf(last) - logOf(first)) / (2 * (count - 1)));
    return [first / ratio, last * ratio];
  }
  const half = (last - first) / (2 * (count - 1));
  return [first - half, last + half];
}

/** Places on an ascending list of coordinates that are evenly spaced on the page: 2.5 is halfway between the third and fourth. */
function evenly(at: readonly number[], scale: Scale): readonly number[] {
  const on = at.map((value) => (scale.type === "log" ? logOf(value) : value));
  const [first = 0, last = 0] = [on[0], on.at(-1)];
  if (!(first < last) || !at.every((value) => isPlaceable(scale.type, value))) return [];
  const gap = (last - first) / (on.length - 1);
  const even = on.every((value, i) => Math.abs(value - first - i * gap) < 1e-6 * gap);
  if (even) return at.map((_, i) => i);
  return Array.from({ length: fineness }, (_, k) => {
    const wanted = first + ((last - first) * k) / (fineness - 1);
    const above = on.findIndex((value) => value >= wanted);
    if (above <= 0) return above < 0 ? on.length - 1 : 0;
    const [low = 0, high = 1] = [on[above - 1], on[above]];
    return above - 1 + (wanted - low) / (high - low);
  });
}

/** Between the four heights around a place, bilinearly; NaN where one of them is not finite. */
function heightAt({ z }: Grid, row: number, column: number): number {
  const [top, left] = [Math.floor(row), Math.floor(column)];
  const [down, right] = [row - top, column - left];
  const corner = (i: number, j: number, share: number): number =>
    share === 0 ? 0 : share * (z[top + i]?.[left + j] ?? Number.NaN);
  return (
    corner(0, 0, (1 - down) * (1 - right)) +
    corner(0, 1, (1 - down) * right) +
    corner(1, 0, down * (1 - right)) +
    corner(1, 1, down * right)
  );
}

/** Heights with an equal share of the values between any two. */
function quantiles(values: readonly number[], count: number): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const picked = Array.from(
    { length: count },
    (_, k) => sorted[Math.floor(((k + 1) * sorted.length) / (count + 1))],
  );
  const inner = picked.filter((value) => value !== undefined && value > (sorted[0] ?? 0));
  return [...new Set(inner)].filter((value) => value !== undefined);
}
