/**
 * The runtime in use: made at the first tensor, with as many threads and as much memory as asked for.
 * Rests on runtime and settings.
 */
import { DeviceError, ValueError } from "../../errors.ts";
import type { MemoryStatistics } from "./memory.ts";
import { Runtime } from "./runtime.ts";
import {
  checkLimit,
  checkThreads,
  coreCount,
  mayShareMemory,
  type Named,
  namedLimit,
  namedThreads,
  noSharing,
  unlimited,
} from "./settings.ts";

let runtime: Runtime | null = null;
let wantedThreads: Named | null = null;
let wantedLimit: number | null = null;

/** The runtime. Throws DeviceError if it cannot start, or cannot go on. */
export function current(): Runtime {
  runtime ??= start();
  runtime.requireWhole();
  return runtime;
}

/** The runtime, if there is one, in whatever state. */
export function started(): Runtime | null {
  return runtime;
}

/**
 * Sets how many threads kernels use, the caller included: an integer from 1 to 256. No bit depends on it. Throws
 * ValueError for another number, or once tensors exist on the wasm device; DeviceError for more than one where
 * memory cannot be shared between threads.
 *
 * @example
 * setThreads(1);
 */
export function setThreads(threads: number): void {
  checkThreads("setThreads", threads, String(threads));
  if (threads > 1 && !mayShareMemory()) throw noSharing("setThreads", threads);
  if (runtime !== null && runtime.threads !== threads) {
    throw tooLate("setThreads", `${runtime.threads} threads already at work`, "BITGRAD_THREADS");
  }
  wantedThreads = { name: "setThreads", value: threads };
}

/**
 * Sets how many bytes the memory of the wasm device may grow to: an integer from 16 MiB to 4 GiB less 64 KiB, the
 * default. Throws ValueError for another number, or once tensors exist on the wasm device.
 *
 * @example
 * setMemoryLimit(512 * 2 ** 20);
 */
export function setMemoryLimit(bytes: number): void {
  checkLimit("setMemoryLimit", bytes, String(bytes));
  if (runtime !== null && memoryLimit() !== bytes) {
    throw tooLate("setMemoryLimit", `${memoryLimit()} bytes already at work`, "BITGRAD_MEMORY");
  }
  wantedLimit = bytes;
}

/**
 * Threads that kernels use: `setThreads`, else BITGRAD_THREADS, else the number of cores, or 1 where memory cannot be
 * shared (a browser shares it in a Worker of a page that is cross-origin isolated). Throws as `setThreads`.
 */
export function threadCount(): number {
  if (runtime !== null) return runtime.threads;
  const asked = wantedThreads ?? namedThreads();
  if (asked === null) return mayShareMemory() ? coreCount() : 1;
  if (asked.value > 1 && !mayShareMemory()) throw noSharing(asked.name, asked.value);
  return asked.value;
}

/** Bytes that the wasm device may take: `setMemoryLimit`, else BITGRAD_MEMORY (`512MiB`, `2GiB`), else 4 GiB less 64 KiB. */
export function memoryLimit(): number {
  return wantedLimit ?? namedLimit() ?? unlimited;
}

/**
 * Where the memory of the wasm device stands; all 0 before its first tensor. Tensors of the reference device, and
 * results that have left every scope, lie in JavaScript's own memory and are not counted.
 *
 * @example
 * console.log(memory().peak / 2 ** 20, "MiB");
 */
export function memory(): MemoryStatistics {
  return runtime?.allocator.statistics() ?? { live: 0, pooled: 0, peak: 0, reserved: 0 };
}

/** With the threads asked for; where nobody asked, one thread must do if more are refused. */
function start(): Runtime {
  const limit = memoryLimit();
  const threads = threadCount();
  try {
    return new Runtime({ threads, limit });
  } catch (cause) {
    if (threads === 1) throw cause;
    const asked = wantedThreads ?? namedThreads();
    if (asked === null) return new Runtime({ threads: 1, limit });
    if (cause instanceof DeviceError) throw cause;
    throw new DeviceError(
      {
        where: asked.name,
        argument: "threads",
        expected: "to be 1 where the engine refuses threads",
        got: `${threads}, and ${String(cause)}`,
        fix: "Allow worker threads (in Node: --allow-worker beside --permission), or ask for 1",
      },
      { cause },
    );
  }
}

function tooLate(where: string, got: string, variable: string): ValueError {
  return new ValueError({
    where,
    argument: "the call",
    expected: "to come before the first tensor",
    got,
    fix: `Call it at the start of the program, or set ${variable}`,
  });
}
