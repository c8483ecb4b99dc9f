/**
 * Profiles: where the time of a step goes, kernel by kernel, and what the machine allows.
 * Rests on watched, cost and limits.
 *
 * A kernel's limit is the roofline of Williams, Waterman and Patterson 2009: it takes at least the time that its operations
 * take in registers, or that the bytes which it must touch take to be copied, whichever is longer.
 */
import type { Pass } from "../../../core/devices/wasm/task-watch.ts";
import { median } from "../statistics.ts";
import { type Cost, costOf } from "./cost.ts";
import type { Limits } from "./limits.ts";
import type { Span } from "./watched.ts";

/** What a kernel did in a step, all its launches together. */
export interface KernelRow {
  readonly kernel: string;
  /** Launches a step; those that one pass does together are one. */
  readonly launches: number;
  /** Seconds a step: the median of the rounds. */
  readonly seconds: number;
  /** Of the time of all rows and of what lies between, in [0, 1]. */
  readonly share: number;
  /** Operations a step of sums of products by their definition, and bytes that must be touched. */
  readonly flops: number;
  readonly bytes: number;
  /** Seconds a step that the machine's limits allow. */
  readonly least: number;
}

/** Where the time of a step went. */
export interface Profile {
  /** Seconds a step: the sum of all rows and of what lies between. */
  readonly seconds: number;
  /** The slowest first. */
  readonly rows: readonly KernelRow[];
  /** What lies between kernels: JavaScript. */
  readonly between: { readonly seconds: number; readonly share: number };
}

/** Seconds that a pass takes at least. */
export function leastSeconds({ work, bytes }: Cost, { flops, bandwidth }: Limits): number {
  return Math.max(work / flops, bytes / bandwidth);
}

/** Costs of passes, each worked out once. */
export class Costs {
  readonly #known = new WeakMap<Pass, Cost>();

  of(pass: Pass): Cost {
    const known = this.#known.get(pass);
    if (known !== undefined) return known;
    const cost = costOf(pass);
    this.#known.set(pass, cost);
    return cost;
  }
}

/** What a kernel did in a round, a step. */
interface Sum {
  launches: number;
  seconds: number;
  flops: number;
  bytes: number;
  least: number;
}

/**
 * The profile of steps that all do the same. Times are medians over the rounds, each kernel's by itself, so that a busy moment
 * spoils no more than what ran in it. Throws ValueError for no round.
 */
export function profileOf(rounds: readonly Span[], limits: Limits, costs: Costs): Profile {
  const sums = rounds.map((round) => sumsOf(round, limits, costs));
  const between = median(rounds.map((span) => idleSeconds(span) / span.calls));
  const kernels = new Set(sums.flatMap((own) => [...own.keys()]));
  const rows = [...kernels].map((kernel) => {
    const own = sums.map((round) => round.get(kernel) ?? nothing);
    const middle = (key: keyof Sum): number => median(own.map((sum) => sum[key]));
    return {
      kernel,
      launches: middle("launches"),
      seconds: middle("seconds"),
      flops: middle("flops"),
      bytes: middle("bytes"),
      least: middle("least"),
    };
  });
  const seconds = rows.reduce((sum, row) => sum + row.seconds, between);
  const shareOf = (part: number): number => (seconds === 0 ? 0 : part / seconds);
  return {
    seconds,
    rows: rows
      .map((row) => ({ ...row, share: shareOf(row.seconds) }))
      .sort((a, b) => b.seconds - a.seconds),
    between: { seconds: between, share: shareOf(between) },
  };
}

const nothing: Sum = { launches: 0, seconds: 0, flops: 0, bytes: 0, least: 0 };

function sumsOf({ calls, events }: Span, limits: Limits, costs: Costs): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  /** Passes of the call at hand: a repeated step begins the same ones in each. */
  let met = new Set<Pass>();
  let at = 0;
  const part = 1 / calls;
  for (const { pass, began, ended, call } of events) {
    if (call !== at) [met, at] = [new Set(), call];
    const cost = costs.of(pass);
    const sum = sums.get(cost.kernel) ?? { ...nothing };
    sums.set(cost.kernel, sum);
    sum.seconds += (part * (ended - began)) / 1000;
    if (met.has(pass)) continue;
    met.add(pass);
    sum.launches += part;
    sum.flops += part * cost.flops;
    sum.bytes += part * cost.bytes;
    sum.least += part * leastSeconds(cost, limits);
  }
  return sums;
}

/** Seconds of a span in which no task ran. */
export function idleSeconds({ began, ended, events }: Span): number {
  const busy = events.reduce((sum, event) => sum + (event.ended - event.began), 0);
  return Math.max(0, ended - began - busy) / 1000;
}
