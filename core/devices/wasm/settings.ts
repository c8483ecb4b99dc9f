/**
 * Settings of the wasm device: how many threads, how much memory, and what the engine allows.
 * Rests on errors, memory and worker. Refuses what cannot be met where it was asked for by name.
 */
import { DeviceError, ValueError } from "../../errors.ts";
import { initialPages, maximumPages, pageBytes } from "./memory.ts";
import { nodeThreads } from "./worker.ts";

/** A setting and the name of what set it. */
export interface Named {
  readonly name: string;
  readonly value: number;
}

/** Bytes: 4 GiB less one page. */
export const unlimited: number = maximumPages * pageBytes;
const leastLimit = initialPages * pageBytes;

/** Throws ValueError unless `threads` is an integer from 1 to 256. `got` is what was written. */
export function checkThreads(where: string, threads: number, got: string): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= 256) return;
  throw new ValueError({
    where,
    argument: "threads",
    expected: "to be an integer from 1 to 256",
    got,
    fix: "Give the number of cores to use",
  });
}

/** Throws ValueError unless `bytes` is an integer that a memory's size can be limited to. */
export function checkLimit(where: string, bytes: number, got: string): void {
  if (Number.isInteger(bytes) && bytes >= leastLimit && bytes <= unlimited) return;
  throw new ValueError({
    where,
    argument: "the limit",
    expected: `to be an integer from ${leastLimit} (16 MiB) to ${unlimited} (4 GiB less 64 KiB) bytes`,
    got,
    fix: "Give bytes to setMemoryLimit, or a text such as 512MiB to BITGRAD_MEMORY",
  });
}

/** BITGRAD_THREADS; null if it is not set. Throws ValueError if it is no number of threads. */
export function namedThreads(): Named | null {
  const name = "BITGRAD_THREADS";
  const text = variable(name);
  if (text === null) return null;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  checkThreads(name, value, `"${text}"`);
  return { name, value };
}

const units: Readonly<Record<string, number>> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** BITGRAD_MEMORY in bytes; null if it is not set. Throws ValueError if it is no amount of memory. */
export function namedLimit(): number | null {
  const name = "BITGRAD_MEMORY";
  const text = variable(name);
  if (text === null) return null;
  const [, digits, unit = ""] = /^(\d+(?:\.\d+)?) ?([KMG]iB)?$/.exec(text) ?? [];
  const bytes = Math.floor(Number(digits ?? Number.NaN) * (units[unit] ?? 1));
  checkLimit(name, bytes, `"${text}"`);
  return bytes;
}

/** Cores that this process may use. */
export function coreCount(): number {
  const node = typeof process === "object" ? process.getBuiltinModule?.("node:os") : undefined;
  const cores = node === undefined ? navigator.hardwareConcurrency : node.availableParallelism();
  return Math.max(1, Math.min(256, cores));
}

/** Whether memory can be shared between threads, and this one may wait for others: a window may not. */
export function mayShareMemory(): boolean {
  if (typeof SharedArrayBuffer === "undefined") return false;
  if (nodeThreads() !== null) return true;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
  } catch {
    return false;
  }
  return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
}

/** The complaint about `threads` > 1 where memory cannot be shared. */
export function noSharing(where: string, threads: number): DeviceError {
  return new DeviceError({
    where,
    argument: "threads",
    expected: "to be 1 where memory cannot be shared between threads",
    got: String(threads),
    fix: "Ask for 1; or, in a browser, run bitgrad in a Worker of a page served with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp",
  });
}

function variable(name: string): string | null {
  const text = typeof process === "object" ? process.env?.[name] : undefined;
  return text === undefined || text === "" ? null : text;
}
