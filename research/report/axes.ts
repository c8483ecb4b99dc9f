/**
 * Axes of figures: which numbers they span, where they are labelled, which values cannot stand on them.
 * Rests on curves and the figure's data.
 */
import { log } from "../../core/scalar-math/index.ts";
import type { Axis } from "../engine/figure.ts";
import { formatTick, logTicks } from "./curves.ts";

/** An axis laid out. */
export interface Scale {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  /** What is written beside it: the label with its unit. */
  readonly label: string;
  /** Whether `range` of the axis may cut values off. */
  readonly cuts: boolean;
}

/** What an axis must show. */
export interface ScaleOptions {
  /** Labels, about. */
  readonly ticks?: number;
  /** Whether a linear axis must hold 0, as that of bars must. */
  readonly zero?: boolean;
  /** Whether a linear axis ends at labelled values. */
  readonly nice?: boolean;
  /** Whether it counts something, such as layers: then no label stands between two integers. */
  readonly integers?: boolean;
}

/** Whether `value` has a place on a scale of this type. */
export function isPlaceable(type: Scale["type"], value: number): boolean {
  return Number.isFinite(value) && (type === "linear" || value > 0);
}

/** Whether `value` lies inside the frame. */
export function isInside({ domain: [low, high] }: Scale, value: number): boolean {
  return value >= low && value <= high;
}

/** Where `value` stands between the ends of a scale, 0 to 1; NaN where it has no place. */
export function shareOf({ type, domain: [low, high] }: Scale, value: number): number {
  if (!isPlaceable(type, value)) return Number.NaN;
  return type === "log"
    ? (log(value) - log(low)) / (log(high) - log(low))
    : value / (high - low) - low / (high - low);
}

/** The axis over those of `values` that can stand on it; over [0, 1] or [1, 10] where there are none. */
export function scaleOf(
  axis: Axis,
  values: Iterable<number>,
  { ticks: count = 6, zero = false, nice = false, integers = false }: ScaleOptions = {},
): Scale {
  const least = integers ? 1 : 0;
  const type = axis.scale ?? "linear";
  const label = axis.unit === undefined ? axis.label : `${axis.label} (${axis.unit})`;
  const { range } = axis;
  const cuts = range !== undefined;
  let [low, high] = range ?? extentOf(values, type);
  if (type === "log") {
    if (!(low < high)) [low, high] = low > 0 && low < 1e300 ? [low / 2, low * 2] : [1, 10];
    const decades = fewer(logTicks(low, high), count + 2);
    const ticks = decades.length > 2 ? decades : evenTicks(low, high, count, least);
    return { type, domain: [low, high], ticks, label, cuts };
  }
  if (zero) [low, high] = [Math.min(0, low), Math.max(0, high)];
  if (!(low < high)) {
    const pad = Number.isFinite(low) && low !== 0 ? Math.abs(low) / 2 : 0.5;
    [low, high] = Number.isFinite(low) ? [low - pad, low + pad] : [0, 1];
  }
  if (!nice || cuts) {
    return { type, domain: [low, high], ticks: evenTicks(low, high, count, least), label, cuts };
  }
  const step = Math.max(least, stepOf(low, high, count));
  const ticks = multiples(step, Math.floor(low / step), Math.ceil(high / step));
  return { type, domain: [ticks[0] ?? low, ticks.at(-1) ?? high], ticks, label, cuts };
}

/**
 * Round values inside [low, high], `least` apart or more; the hair beyond its ends is for rounding. Of two steps that give
 * about as many, the finer where the coarser leaves one label or none.
 */
function evenTicks(low: number, high: number, count: number, least: number): readonly number[] {
  const within = (step: number): readonly number[] =>
    multiples(step, Math.ceil(low / step - 1e-9), Math.floor(high / step + 1e-9));
  const ticks = within(Math.max(least, stepOf(low, high, count)));
  return ticks.length > 1 ? ticks : within(Math.max(least, stepOf(low, high, 2 * count)));
}

function multiples(step: number, first: number, last: number): readonly number[] {
  const count = Math.max(0, Math.min(last - first + 1, 100));
  return Array.from({ length: count }, (_, i) => tidy((first + i) * step));
}

/** Lowest and highest of the values that can stand on the axis; [∞, -∞] of none. */
function extentOf(values: Iterable<number>, type: Scale["type"]): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!isPlaceable(type, value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** 1, 2 or 5 times a power of ten: the least that labels [low, high] at most about `count` times. */
function stepOf(low: number, high: number, count: number): number {
  const least = high / count - low / count;
  const power = Number(least.toExponential().split("e")[1] ?? 0);
  const steps = [1, 2, 5, 10].map((digit) => Number(`${digit}e${power}`));
  return steps.find((step) => step >= least * (1 - 1e-9)) ?? least;
}

/** Without the rounding of a multiplication: 0.3 for 3 · 0.1. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** Every second, third … label, so that there are at most `most`. */
export function fewer<T>(labels: readonly T[], most: number): readonly T[] {
  const every = Math.ceil(labels.length / Math.max(1, most));
  return labels.filter((_, i) => i % every === 0);
}

/** The room that labels need, in pixels: a letter of 13 px is about 7.5 px wide. */
export function roomFor(labels: readonly string[], least = 36): number {
  const longest = labels.reduce((most, label) => Math.max(most, label.length), 0);
  return Math.max(least, Math.ceil(longest * 7.5) + 14);
}

/** The labels of an axis as they are written. */
export function tickTexts({ ticks }: Scale): readonly string[] {
  return ticks.map(formatTick);
}

/** A value as a figure names it: four digits, `∞` and `NaN` by name, a dash for none. */
export function formatValue(value: number | null): string {
  if (value === null) return "–";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  return formatTick(Number(value.toPrecision(4)));
}
