/**
 * What a benchmark reports of one workload, as an object for machines and as a line for people.
 * Rests on statistics and workload.
 */
import type { Contestant } from "./interleave.ts";
import { inUnit, median, ratioOf, significant, type Timing } from "./statistics.ts";
import type { Workload } from "./workload.ts";

/** How another did, and how many times as fast bitgrad is: above 1, bitgrad is faster. */
export interface Comparison {
  readonly value: number;
  readonly ratio: number;
}

/** One workload's result. All numbers have four significant digits. */
export interface BenchRecord {
  readonly name: string;
  readonly unit: string;
  /** The median of the rounds. */
  readonly value: number;
  readonly threads: number;
  readonly node: string;
  readonly device: string;
  readonly against: Readonly<Record<string, Comparison>>;
}

/** Where it ran. */
export type Conditions = Pick<BenchRecord, "threads" | "node" | "device">;

/** The record of a workload from the contestants' seconds a call, bitgrad the first of them. */
export function recordOf(
  workload: Workload,
  contestants: readonly Contestant[],
  seconds: readonly (readonly number[])[],
  { threads, node, device }: Conditions,
): BenchRecord {
  const { name, unit } = workload;
  const timings = contestants.map((contestant, index): Timing & { readonly name: string } => ({
    name: contestant.name,
    amount: contestant.amount ?? workload.amount,
    seconds: seconds[index] ?? [],
  }));
  const reported = (timing: Timing): number =>
    significant(median(timing.seconds.map((one) => inUnit(unit, timing.amount, one))));
  const [own = { name, amount: 0, seconds: [] }, ...others] = timings;
  const against = Object.fromEntries(
    others.map((other) => [
      other.name,
      { value: reported(other), ratio: significant(ratioOf(own, other)) },
    ]),
  );
  return { name, unit, value: reported(own), threads, node, device, against };
}

const nameWidth = 26;
const cellWidth = 18;

/** The line above the table. */
export function tableHead(): string {
  return `${"workload".padEnd(nameWidth)}${"bitgrad".padEnd(cellWidth)}beside it, and how many times as fast or as frugal bitgrad is`;
}

/** One line of the table. */
export function tableRow({ name, unit, value, against }: BenchRecord): string {
  const cells = [
    name.padEnd(nameWidth),
    `${value} ${unit}`.padEnd(cellWidth),
    ...Object.entries(against).map(([other, comparison]) =>
      `${other} ${comparison.value} (${comparison.ratio}×)`.padEnd(cellWidth + 8),
    ),
  ];
  return cells.join("").trimEnd();
}
