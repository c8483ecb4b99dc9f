/**
 * The runtime in use: made at the first tensor, with as many threads as asked for.
 * Rests on runtime.
 */
import { ValueError } from "../../errors.ts";
import type { MemoryStatistics } from "./memory.ts";
import { maximumPages } from "./memory.ts";
import { Runtime } from "./runtime.ts";
import { nodeThreads } from "./worker.ts";

let runtime: Runtime | null = null;
let wanted: number | null = null;

/** The runtime. */
export function current(): Runtime {
  runtime ??= new Runtime({ threads: threadCount(), limit: maximumPages * 65536 });
  return runtime;
}

/**
 * Sets how many threads kernels use, the caller included: an integer from 1 to 256. Throws ValueError for
 * another number, or once tensors exist on the wasm device.
 */
export function setThreads(threads: number): void {
  checkThreads("setThreads", threads);
  if (runtime !== null && runtime.threads !== threads) {
    throw new ValueError({
      where: "setThreads",
      argument: "the call",
      expected: "to come before the first tensor",
      got: `${runtime.threads} threads already at work`,
      fix: "Call it at the start of the program, or set BITGRAD_THREADS",
    });
  }
  wanted = threads;
}

function checkThreads(where: string, threads: number): number {
  if (!Number.isInteger(threads) || threads < 1 || threads > 256) {
    throw new ValueError({
      where,
      argument: "threads",
      expected: "to be an integer from 1 to 256",
      got: String(threads),
      fix: "Give the number of cores to use",
    });
  }
  return threads;
}

/** Threads that kernels use: `setThreads`, BITGRAD_THREADS, or the number of cores; 1 without shared memory. */
export function threadCount(): number {
  if (!canShare()) return 1;
  if (wanted !== null) return wanted;
  const asked = typeof process === "object" ? process.env["BITGRAD_THREADS"] : undefined;
  if (asked !== undefined && asked !== "") return checkThreads("BITGRAD_THREADS", Number(asked));
  return typeof navigator === "object" && navigator.hardwareConcurrency > 0
    ? navigator.hardwareConcurrency
    : (nodeThreads() && cores()) || 1;
}

function cores(): number {
  return process.getBuiltinModule?.("node:os").availableParallelism() ?? 1;
}

/** Whether memory can be shared between threads: a browser needs cross-origin isolation. */
function canShare(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  return (
    nodeThreads() !== null ||
    (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true
  );
}

/** Bytes held, pooled and reserved by the wasm device. */
export function memory(): MemoryStatistics {
  return current().allocator.statistics();
}
