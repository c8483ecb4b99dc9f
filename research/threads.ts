/**
 * How many threads a command's kernels run on.
 * Rests on core.
 */
import { setThreads, threadCount, UsageError } from "../core/index.ts";

/**
 * Makes the kernels of `device` use `asked` threads and gives how many they use: where `asked` is undefined,
 * BITGRAD_THREADS or the number of cores decides. The bits do not depend on it.
 * Throws UsageError for more than one on the reference device, and what `setThreads` throws.
 */
export function useThreads(where: string, device: string, asked: number | undefined): number {
  if (device === "reference") {
    if (asked === undefined || asked === 1) return 1;
    throw new UsageError({
      where,
      argument: "--threads",
      expected: "to be 1 on the device reference",
      got: String(asked),
      fix: "Leave it out, or name another device",
    });
  }
  if (asked !== undefined) setThreads(asked);
  return threadCount();
}
