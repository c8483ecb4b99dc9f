/**
 * Figures as plain data: what an experiment wants shown, rendered elsewhere.
 * Rests on nothing. NaN and infinities are allowed: a renderer leaves gaps.
 */

/** An axis of numbers. */
export interface Axis {
  /** What it measures: `"training loss"`. */
  readonly label: string;
  /** In which unit: `"nats"`; absent for counts and ratios. */
  readonly unit?: string;
  /** Default `"linear"`. */
  readonly scale?: "linear" | "log";
  /** From where to where it reaches, low < high; what lies outside is cut off and counted. Default: all values. */
  readonly range?: readonly [number, number];
}

/** What every figure has. */
interface FigureText {
  readonly title: string;
  /** What to look at, a sentence or two. */
  readonly caption?: string;
}

/** A point of a line, with the band that the seeds span there. */
export interface LinePoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

/** One line. */
export interface LineSeries {
  readonly name: string;
  readonly points: readonly LinePoint[];
  /** `"path"` joins the points in the order given, as a trajectory does; `"dots"` joins none; default `"line"`. */
  readonly mark?: "line" | "path" | "dots";
  /** Drawn broken: an oracle, a paper's values. */
  readonly dashed?: boolean;
}

/** Lines over x, with bands for seeds. */
export interface LineFigure extends FigureText {
  readonly kind: "lines";
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly LineSeries[];
  /** Values of y worth a thin rule across: a target, chance level. */
  readonly rules?: readonly { readonly y: number; readonly label: string }[];
  /** Contour lines beneath: heights z[row][column] at ys[row], xs[column]. */
  readonly contours?: {
    readonly xs: readonly number[];
    readonly ys: readonly number[];
    readonly z: readonly (readonly number[])[];
  };
}

/** Bars in groups, with intervals. */
export interface BarFigure extends FigureText {
  readonly kind: "bars";
  /** What the groups are. */
  readonly x: string;
  readonly y: Axis;
  readonly bars: readonly {
    readonly group: string;
    readonly series: string;
    readonly y: number;
    readonly low?: number;
    readonly high?: number;
  }[];
}

/** Small histograms side by side, one row for each arm. */
export interface HistogramFigure extends FigureText {
  readonly kind: "histograms";
  readonly x: Axis;
  readonly rows: readonly {
    readonly name: string;
    readonly panels: readonly {
      readonly title: string;
      /** Ascending, one more than counts. */
      readonly edges: readonly number[];
      readonly counts: readonly number[];
    }[];
  }[];
}

/** Numbers over two knobs, as colours. */
export interface HeatFigure extends FigureText {
  readonly kind: "heat";
  readonly x: Axis;
  readonly y: Axis;
  readonly value: Axis;
  readonly cells: readonly { readonly x: number; readonly y: number; readonly value: number }[];
}

/** A table. */
export interface TableFigure extends FigureText {
  readonly kind: "table";
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

/** Any of them. */
export type Figure = LineFigure | BarFigure | HistogramFigure | HeatFigure | TableFigure;

/** Lines. */
export function lineFigure(figure: Omit<LineFigure, "kind">): LineFigure {
  return { kind: "lines", ...figure };
}

/** Bars. */
export function barFigure(figure: Omit<BarFigure, "kind">): BarFigure {
  return { kind: "bars", ...figure };
}

/** Histograms. */
export function histogramFigure(figure: Omit<HistogramFigure, "kind">): HistogramFigure {
  return { kind: "histograms", ...figure };
}

/** A heat map. */
export function heatFigure(figure: Omit<HeatFigure, "kind">): HeatFigure {
  return { kind: "heat", ...figure };
}

/** A table. */
export function tableFigure(figure: Omit<TableFigure, "kind">): TableFigure {
  return { kind: "table", ...figure };
}
