/**
 * What this machine can do at most: multiply-adds of the Wasm SIMD instructions, and a copy larger than its caches, on the
 * threads in use. Rests on the wasm device. The best of many short runs: others on the machine can only slow them down.
 */
import type { Operand } from "../../../core/devices/device.ts";
import { wasmDevice } from "../../../core/devices/wasm/index.ts";
import type { WasmHandle } from "../../../core/devices/wasm/memory.ts";
import { current } from "../../../core/devices/wasm/state.ts";
import { bytesPerElement } from "../../../core/dtype.ts";
import { denseLayout } from "../../../core/layout.ts";

/** Limits of a machine. */
export interface Limits {
  /** Floating-point operations a second of sums and products in registers, on all threads. */
  readonly flops: number;
  /** Bytes a second, read and written, of a copy on all threads. */
  readonly bandwidth: number;
}

/** Options of `measureLimits`. */
export interface LimitOptions {
  /** Runs of each, integer ≥ 1; default 25. */
  readonly runs?: number;
  /** Elements of the copy, float32, integer ≥ 1; default 2²⁴, 128 MiB read and written. */
  readonly elements?: number;
  /** Seconds of runs before those that count, ≥ 0; default 0.3: engines compile what runs often once more, beside it. */
  readonly settleSeconds?: number;
}

/** Turns of a piece, in each of which a thread does six sums and six products of four lanes. */
const turns = 1000;
const flopsPerTurn = 2 * 6 * 4;
/** The float32 1, which keeps products as they are. */
const bitsOfOne = 0x3f800000;
/** Some tenths of a millisecond on a thread: far more than it takes to share them. */
const pieces = 512;

/** Measures what the threads in use can do together. Throws DeviceError where there is no memory for the copy. */
export function measureLimits({
  runs = 25,
  elements = 2 ** 24,
  settleSeconds = 0.3,
}: LimitOptions = {}): Limits {
  const operands = [vector(elements), vector(elements), vector(4)] as const;
  const [source, target, { handle: rest }] = operands;
  try {
    awaitThreads();
    const words = [turns, bitsOfOne, (rest as WasmHandle).pointer];
    const computing = best(runs, settleSeconds, () =>
      current().run("peakF32", words, [], pieces, 1),
    );
    const copying = best(runs, settleSeconds, () =>
      wasmDevice.launch("copy", [source], [target], {}),
    );
    return {
      flops: (turns * flopsPerTurn * pieces) / computing,
      bandwidth: (2 * bytesPerElement.float32 * elements) / copying,
    };
  } finally {
    for (const { handle } of operands) wasmDevice.release(handle);
  }
}

function vector(length: number): Operand {
  const handle = wasmDevice.allocate("float32", length);
  return { handle, dtype: "float32", ...denseLayout([length]) };
}

/** Milliseconds after which threads that have done nothing are not waited for: they may have ended. */
const patience = 10_000;

/** Shares tasks until every thread has had a part: threads start while others compute. */
function awaitThreads(): void {
  const { allocator, pool, threads } = current();
  if (pool === null) return;
  const rest = allocator.allocate(16);
  const until = performance.now() + patience;
  while (pool.helpers < threads - 1 && performance.now() < until) {
    current().run("peakF32", [turns, bitsOfOne, rest.pointer], [], pieces, 1);
  }
  allocator.release(rest);
}

/** Seconds of the fastest of `runs` calls, after one at least that does not count: memory is met there. */
function best(runs: number, settleSeconds: number, call: () => void): number {
  const until = performance.now() + 1e3 * settleSeconds;
  do call();
  while (performance.now() < until);
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const began = performance.now();
    call();
    least = Math.min(least, performance.now() - began);
  }
  return least / 1000;
}
