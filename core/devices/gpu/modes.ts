/**
 * Modes: the ways in which gpu.js can run a kernel, best first.
 * Rests on errors.
 */
import { ValueError } from "../../errors.ts";

/** Modes in the order in which they are tried where none is asked for. */
export const modes = ["webgpu", "webgl2", "webasm-threads", "webasm"] as const;

/** A way to run kernels. `webasm` and its threads are gpu.js' own WebAssembly, on the processor. */
export type Mode = (typeof modes)[number];

/** The name `device()` gives to the device in a mode, and `setDevice` takes: `gpu:webgpu`. */
export function titleOf(mode: Mode): string {
  return `gpu:${mode}`;
}

/** The mode that a device's name asks for, null for `gpu` alone, undefined where it is no name of this device. */
export function modeInName(name: string): Mode | null | undefined {
  return name === "gpu" ? null : modes.find((mode) => titleOf(mode) === name);
}

function variable(name: string): string | null {
  const text = typeof process === "object" ? process.env?.[name] : undefined;
  return text === undefined || text === "" ? null : text;
}

/** BITGRAD_GPU_MODE; null if it is not set. Throws ValueError for what is no mode. */
export function namedMode(): Mode | null {
  const text = variable("BITGRAD_GPU_MODE");
  if (text === null) return null;
  const found = modes.find((mode) => mode === text);
  if (found !== undefined) return found;
  throw new ValueError({
    where: "BITGRAD_GPU_MODE",
    argument: "the mode",
    expected: `to be one of ${modes.join(", ")}`,
    got: `"${text}"`,
    fix: "Name one of them, or leave it unset: the best that answers is taken then",
  });
}

/**
 * Multiplications below which the wasm device runs a kernel, where nobody says otherwise. What crosses to another
 * thread and to an adapter and back costs about a millisecond, in which the wasm device does some 2²⁴ of them. On the
 * processor gpu.js is slower than the wasm device at every size: those modes run what they are asked for by name.
 */
const cutoffs: Readonly<Record<Mode, { readonly named: number; readonly found: number }>> = {
  webgpu: { named: 2 ** 24, found: 2 ** 24 },
  webgl2: { named: 2 ** 24, found: 2 ** 24 },
  "webasm-threads": { named: 0, found: Number.POSITIVE_INFINITY },
  webasm: { named: 0, found: Number.POSITIVE_INFINITY },
};

/** Whether an adapter is a program on the processor: it is slower than the wasm device as well. */
export function isSoftware(adapter: string): boolean {
  return /swiftshader|llvmpipe|lavapipe|basic render/i.test(adapter);
}

let wantedCutoff: number | null = null;

/**
 * Sets below how many multiplications the wasm device runs a kernel: an integer ≥ 0, 0 for none; null for what the mode
 * has. Counts from the next start of the device on. Throws ValueError for what is no count.
 *
 * @example
 * setGpuCutoff(0); // everything that it can
 * setDevice("gpu");
 */
export function setGpuCutoff(multiplications: number | null): void {
  if (multiplications !== null) checkCutoff("setGpuCutoff", multiplications, `${multiplications}`);
  wantedCutoff = multiplications;
}

function checkCutoff(where: string, value: number, got: string): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new ValueError({
    where,
    argument: "the cut-off",
    expected: "to be a count of multiplications",
    got,
    fix: "Write for example 16777216, or 0 to run everything on the gpu",
  });
}

/** `setGpuCutoff`, else BITGRAD_GPU_CUTOFF, else what the mode has, named or found. Throws as `setGpuCutoff`. */
export function cutoffOf(mode: Mode, how: "named" | "found", adapter: string): number {
  if (wantedCutoff !== null) return wantedCutoff;
  const text = variable("BITGRAD_GPU_CUTOFF");
  if (text === null) return cutoffs[isSoftware(adapter) && how === "found" ? "webasm" : mode][how];
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  checkCutoff("BITGRAD_GPU_CUTOFF", value, `"${text}"`);
  return value;
}
