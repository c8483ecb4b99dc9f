/**
 * Curves: what is drawn of a long series, and how it is smoothed and scaled.
 * Rests on nothing.
 */

/** A point of a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * The envelope of a series: at most `buckets` stretches of equal length, of each its lowest and its
 * highest point in their order. Unchanged where there are at most two points per bucket. With bands, `lowest` and
 * `highest` read their edges.
 */
export function envelope<P extends Point>(
  points: readonly P[],
  buckets: number,
  lowest: (point: P) => number = ({ y }) => y,
  highest: (point: P) => number = ({ y }) => y,
): readonly P[] {
  if (points.length <= 2 * buckets) return points;
  const kept: P[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * points.length) / buckets);
    const end = Math.floor(((bucket + 1) * points.length) / buckets);
    let low = start;
    let high = start;
    for (let i = start; i < end; i++) {
      const [point, lowPoint, highPoint] = [points[i], points[low], points[high]];
      if (point === undefined || lowPoint === undefined || highPoint === undefined) continue;
      if (lowest(point) < lowest(lowPoint)) low = i;
      if (highest(point) > highest(highPoint)) high = i;
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      const point = points[i];
      if (point !== undefined) kept.push(point);
    }
  }
  return kept;
}

/** The window of `smooth` for a series of `length`: odd, about a fiftieth of it; 1 below 8 points. */
export function smoothingWindow(length: number): number {
  return length < 8 ? 1 : 2 * Math.ceil(length / 100) + 1;
}

/**
 * The running mean: y_i = mean of the `window` values centred at i, of as many of them as there are
 * near the two ends. Centred, so that the curve does not lag behind the series.
 * At most `count` points, evenly spread, ends included.
 */
export function smooth(points: readonly Point[], window: number, count: number): readonly Point[] {
  const last = points.length - 1;
  const kept = Math.min(points.length, count);
  return Array.from({ length: kept }, (_, k) => {
    const i = kept === 1 ? last : Math.round((k * last) / (kept - 1));
    const start = Math.max(0, i - (window - 1) / 2);
    const end = Math.min(last, i + (window - 1) / 2);
    let sum = 0;
    for (let j = start; j <= end; j++) sum += points[j]?.y ?? 0;
    return { x: points[i]?.x ?? 0, y: sum / (end - start + 1) };
  });
}

/** How the values of an axis are laid out. */
export interface Axis {
  readonly type: "linear" | "log";
  readonly domain: readonly [number, number];
  /** Where the log axis is labelled; a linear axis chooses for itself. */
  readonly ticks?: readonly number[];
}

/** 10^1.5. */
const decadeAndAHalf = 31.622776601683793;

/** The 1, 2 and 5 of every decade in [low, high], or only the 1 where that gives more than eight. */
export function logTicks(low: number, high: number): readonly number[] {
  const all: number[] = [];
  for (let power = -323; power <= 308; power++) {
    for (const digit of [1, 2, 5]) {
      const tick = Number(`${digit}e${power}`);
      if (tick >= low && tick <= high) all.push(tick);
    }
  }
  const decades = all.filter((tick) => tick.toExponential().startsWith("1e"));
  return all.length > 8 && decades.length >= 2 ? decades : all;
}

/**
 * The axis for positive and other losses: logarithmic where all values are positive and span more
 * than 1.5 decades, else linear and from 0 (or from the lowest value, if it is negative).
 */
export function lossAxis(values: readonly number[]): Axis {
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (values.length === 0) return { type: "linear", domain: [0, 1] };
  if (low > 0 && high / low > decadeAndAHalf) {
    return { type: "log", domain: [low, high], ticks: logTicks(low, high) };
  }
  const bottom = Math.min(0, low);
  return { type: "linear", domain: [bottom, high > bottom ? high : bottom + 1] };
}

/** The axis of accuracies in per cent: up to 100, from the highest round value below all of them. */
export function accuracyAxis(percents: readonly number[]): Axis {
  const low = percents.reduce((a, b) => Math.min(a, b), 100);
  const bottom = [99, 98, 95, 90, 80, 50].find((round) => round < low) ?? 0;
  return { type: "linear", domain: [bottom, 100] };
}

/** A number as an axis shows it: `0.002`, `1e-9`, `1e6`. */
export function formatTick(value: number): string {
  const short = Number(value.toPrecision(6));
  const isFar = (Math.abs(short) < 1e-4 && short !== 0) || Math.abs(short) >= 1e6;
  return isFar ? short.toExponential().replace("e+", "e") : String(short);
}
