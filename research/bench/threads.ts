/**
 * How many threads a benchmark runs on.
 * Rests on core's errors and Node. The device reads BITGRAD_THREADS when its first tensor is made.
 */
import { availableParallelism } from "node:os";
import { UsageError } from "../../core/index.ts";

/**
 * Makes `device` use `asked` threads, or as many as BITGRAD_THREADS says, or one a core, and gives their number.
 * The reference device has one thread: throws UsageError for more.
 */
export function useThreads(device: string, asked: number | undefined): number {
  if (device === "reference") {
    if (asked === undefined || asked === 1) return 1;
    throw new UsageError({
      where: "bitgrad bench",
      argument: "--threads",
      expected: "to be 1 on the device reference",
      got: String(asked),
      fix: "Leave it out, or name another device",
    });
  }
  const threads = asked ?? namedThreads() ?? availableParallelism();
  process.env["BITGRAD_THREADS"] = String(threads);
  return threads;
}

function namedThreads(): number | null {
  const named = process.env["BITGRAD_THREADS"];
  if (named === undefined || named === "") return null;
  if (/^[1-9]\d*$/.test(named)) return Number(named);
  throw new UsageError({
    where: "bitgrad bench",
    argument: "BITGRAD_THREADS",
    expected: "to be an integer ≥ 1",
    got: `"${named}"`,
    fix: "Unset it, or write for example BITGRAD_THREADS=2",
  });
}
