/**
 * A profile for people, as a table, and for machines, as an object.
 * Rests on profile. Four significant digits: more are noise.
 */
import { significant } from "../statistics.ts";
import type { Limits } from "./limits.ts";
import type { KernelRow, Profile } from "./profile.ts";

/** What is known of a workload that was profiled. */
export interface ProfileConditions {
  readonly name: string;
  readonly isCompiled: boolean;
  readonly threads: number;
  readonly node: string;
  readonly device: string;
}

/** A kernel as machines read it. Rates are GFLOP/s and GB/s. */
export interface KernelRecord {
  readonly kernel: string;
  readonly launches: number;
  readonly milliseconds: number;
  readonly share: number;
  /** Null for kernels that are no sums of products. */
  readonly gigaflops: number | null;
  readonly gigabytes: number;
  /** What the machine allows, in GFLOP/s, or GB/s for kernels that are no sums of products. */
  readonly limit: number;
  /** What was reached of that, 1 being all of it. */
  readonly ofLimit: number;
}

/** A profile as machines read it. */
export interface ProfileRecord extends ProfileConditions {
  readonly milliseconds: number;
  /** GFLOP/s and GB/s, on the threads in use. */
  readonly limits: { readonly gigaflops: number; readonly gigabytes: number };
  readonly between: { readonly milliseconds: number; readonly share: number };
  readonly kernels: readonly KernelRecord[];
}

/** The record of a profile. */
export function profileRecord(
  conditions: ProfileConditions,
  profile: Profile,
  { flops, bandwidth }: Limits,
): ProfileRecord {
  const milliseconds = (seconds: number): number => significant(seconds * 1e3);
  const { between } = profile;
  return {
    ...conditions,
    milliseconds: milliseconds(profile.seconds),
    limits: { gigaflops: significant(flops / 1e9), gigabytes: significant(bandwidth / 1e9) },
    between: { milliseconds: milliseconds(between.seconds), share: significant(between.share) },
    kernels: profile.rows.map((row) => ({
      kernel: row.kernel,
      launches: significant(row.launches),
      milliseconds: milliseconds(row.seconds),
      share: significant(row.share),
      gigaflops: row.flops === 0 ? null : rate(row.flops, row.seconds),
      gigabytes: rate(row.bytes, row.seconds),
      limit: rate(amountOf(row), row.least),
      ofLimit: significant(row.seconds === 0 ? 0 : row.least / row.seconds),
    })),
  };
}

/** Operations, or bytes where there are none. */
function amountOf({ flops, bytes }: KernelRow): number {
  return flops === 0 ? bytes : flops;
}

/** In units of 10⁹ a second; 0 of nothing. */
function rate(amount: number, seconds: number): number {
  return amount === 0 || seconds === 0 ? 0 : significant(amount / seconds / 1e9);
}

const heads = ["launches", "ms", "share", "GFLOP/s", "GB/s", "limit", "of limit"];

/** Lines of a table, aligned. */
export function profileTable(record: ProfileRecord): string {
  const { name, isCompiled, threads, milliseconds, limits, between, kernels } = record;
  const rows = kernels.map((row) => [
    row.kernel,
    String(row.launches),
    String(row.milliseconds),
    percent(row.share),
    row.gigaflops === null ? "" : String(row.gigaflops),
    String(row.gigabytes),
    `${row.limit} ${row.gigaflops === null ? "GB/s" : "GFLOP/s"}`,
    percent(row.ofLimit),
  ]);
  const rest = ["between kernels", "", String(between.milliseconds), percent(between.share)];
  return [
    `${name}, ${isCompiled ? "compiled" : "as written"}: ${milliseconds} ms; limits measured beside it on ` +
      `${threads} ${threads === 1 ? "thread" : "threads"}: ${limits.gigaflops} GFLOP/s, ${limits.gigabytes} GB/s`,
    ...aligned([["kernel", ...heads], ...rows, rest]),
  ].join("\n");
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
