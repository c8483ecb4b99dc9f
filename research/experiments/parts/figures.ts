/**
 * What figures of trainings have in common: how seeds are shown, and the axes of losses and errors.
 * Rests on the engine.
 */
import {
  type Axis,
  type BarFigure,
  barFigure,
  type LineFigure,
  type LineSeries,
  lineFigure,
  seedsBar,
} from "../../engine/index.ts";

/** Under lines of `bandOf`. */
export const medianCaption = "Median of the seeds; the bands reach from the lowest to the highest.";

/** Under lines and bars of `estimate`. */
export const meanCaption = "Mean of the seeds, with 95 % t-intervals.";

/** Losses of batches over updates, on a log scale; what leaves `range` is cut off, where one is given. */
export function lossFigure(
  title: string,
  series: readonly LineSeries[],
  { rules = [], range }: Pick<LineFigure, "rules"> & Pick<Axis, "range"> = {},
): LineFigure {
  const y = { label: "cross-entropy", unit: "nats", scale: "log" } as const;
  return lineFigure({
    title,
    caption: medianCaption,
    x: { label: "update" },
    y: range === undefined ? y : { ...y, range },
    series,
    rules,
  });
}

/** Shares of wrong answers over updates, on a log scale. */
export function errorFigure(title: string, series: readonly LineSeries[]): LineFigure {
  return lineFigure({
    title,
    caption: medianCaption,
    x: { label: "update" },
    y: { label: "error", unit: "share", scale: "log" },
    series,
  });
}

/** Test errors at the end, one bar an arm: its name, and one share of wrong answers a seed. `x`: what arms differ in. */
export function errorBars(
  x: string,
  arms: readonly (readonly [name: string, errors: readonly number[]])[],
): BarFigure {
  return barFigure({
    title: "Test error at the end",
    caption: meanCaption,
    x,
    y: { label: "test error", unit: "share" },
    bars: arms.map(([name, errors]) => seedsBar(name, "test error", errors)),
  });
}
