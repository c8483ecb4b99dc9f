/**
 * Peak memory of a task: how far the resident set of a fresh process grows while the task is done a few times.
 * Rests on json-child. Measured from outside the library, so that it is the same figure for all: pages that the
 * process touched, tensors and scratch and garbage alike. What was loaded before the task does not count.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { device, threadCount } from "../../core/index.ts";
import { JsonChild } from "./json-child.ts";
import type { StepTask } from "./task.ts";

/** Times that a task is done: the first may make what the second needs as well. */
export const repetitions = 3;

/** Bitgrad's at `task`, in MiB, on the device and threads in use. Throws DeviceError if the process ends. */
export async function peakMebibytes(task: StepTask): Promise<number> {
  const here = fileURLToPath(import.meta.url);
  const program = fileURLToPath(new URL(`peak-memory-child${extname(here)}`, import.meta.url));
  const loader = extname(here) === ".ts" ? ["--import", "tsx"] : [];
  const child = new JsonChild(process.execPath, [...loader, program]);
  try {
    const threads = device() === "wasm" ? threadCount() : 1;
    const { mebibytes } = await child.ask({ task, threads, device: device() });
    return typeof mebibytes === "number" ? mebibytes : Number.NaN;
  } finally {
    child.close();
  }
}
