/**
 * From seconds to what is reported: units, medians, ratios.
 * Rests on workload. Machines are shared: a ratio is taken within each round, where both ran one after the
 * other, and the median of the rounds is reported; it may differ a little from the ratio of the medians.
 */
import { ValueError } from "../../core/index.ts";
import type { Unit } from "./workload.ts";

/** The middle of the sorted values, or the mean of the middle two. Throws ValueError for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low] = sorted.slice(Math.floor((sorted.length - 1) / 2));
  const [high] = sorted.slice(Math.floor(sorted.length / 2));
  if (low === undefined || high === undefined) {
    throw new ValueError({
      where: "median",
      argument: "values",
      expected: "to hold at least one number",
      got: "none",
      fix: "Measure at least once",
    });
  }
  return low + (high - low) / 2;
}

/** `seconds` for `amount` of work, in `unit`; of memory, what was measured is MiB and stays so. */
export function inUnit(unit: Unit, amount: number, seconds: number): number {
  switch (unit) {
    case "GFLOP/s":
    case "GB/s":
      return amount / seconds / 1e9;
    case "ms":
      return (seconds / amount) * 1e3;
    case "µs":
      return (seconds / amount) * 1e6;
    case "MiB":
      return seconds / amount;
  }
}

/** Seconds of each round, for an amount of work a call. */
export interface Timing {
  readonly amount: number;
  readonly seconds: readonly number[];
}

/** How much faster `own` is than `other`: the median over the rounds of what it does in a time, divided. */
export function ratioOf(own: Timing, other: Timing): number {
  const rounds = own.seconds.flatMap((mine, round) => {
    const theirs = other.seconds[round];
    return theirs === undefined ? [] : [(own.amount * theirs) / (other.amount * mine)];
  });
  return median(rounds);
}

/** Rounded to four significant digits: more are noise. */
export function significant(value: number): number {
  return Number(value.toPrecision(4));
}
