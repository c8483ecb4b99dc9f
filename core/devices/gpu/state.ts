/**
 * The engine in use: which mode was chosen, what was refused and why, and what has run where.
 * Rests on engines, probe and residency.
 */
import { BitgradError, DeviceError } from "../../errors.ts";
import type { WasmHandle } from "../wasm/memory.ts";
import { DirectEngine } from "./direct-engine.ts";
import type { Engine } from "./engine.ts";
import { type KernelClass, kernelClasses } from "./launches.ts";
import { loadLibrary } from "./library.ts";
import { cutoffOf, type Mode, modes, namedMode } from "./modes.ts";
import { probe } from "./probe.ts";
import { Residency } from "./residency.ts";
import { WorkerEngine } from "./worker-engine.ts";

/** Bytes of tensors that an engine keeps copies of, at most. */
const budget = 2 ** 30;

/** A mode that was not taken. */
export interface RefusedMode {
  readonly mode: Mode;
  readonly reason: string;
}

/** How one class of kernels fares. */
export interface ClassStatus {
  /** Why the wasm device runs it, or null if it passed its probe. */
  readonly refused: string | null;
  /** Launches that ran on the gpu device. */
  readonly ran: number;
  /** Launches that went to the wasm device, by reason. */
  readonly passedOn: Readonly<Record<string, number>>;
}

/** What the gpu device is and what it has done. */
export interface GpuStatus {
  readonly mode: Mode;
  /** What runs the kernels: an adapter's name, or the processor. */
  readonly adapter: string;
  /** Modes that were tried before. */
  readonly refused: readonly RefusedMode[];
  readonly classes: Readonly<Record<KernelClass, ClassStatus>>;
  /** Multiplications below which the wasm device runs a kernel. */
  readonly cutoff: number;
  /** Kernels compiled and kept. */
  readonly kernels: number;
  /** Arrays and bytes that the engine holds, and how often one crossed to it and back. */
  readonly resident: {
    readonly arrays: number;
    readonly bytes: number;
    readonly uploads: number;
    readonly fetches: number;
  };
}

/** A class's admission and counts. */
interface Class {
  refused: string | null;
  /** The same for addresses above 2²⁴; undefined until somebody needs them. */
  refusedWide: string | null | undefined;
  ran: number;
  passedOn: Map<string, number>;
}

/** An engine at work. */
export interface Started {
  readonly engine: Engine;
  readonly residency: Residency;
  widest: 1 | 4;
  readonly cutoff: number;
  readonly refused: readonly RefusedMode[];
  readonly classes: ReadonlyMap<KernelClass, Class>;
  /** Why it cannot go on, once it cannot. */
  lost: string | null;
}

let started: Started | null = null;

/** The mode that was asked for last, for a device that is used again after it was stopped. */
let lastAsked: Mode | null = null;

/** Memory whose contents went with an engine: why, and where it was. */
const gone = new WeakMap<WasmHandle, DeviceError>();

/** The engine at work, or null before the device was asked for. */
export function gpuStarted(): Started | null {
  return started;
}

/**
 * The mode and adapter of the gpu device, what was refused and why, and how many kernels ran where and for what reason;
 * null before the device was asked for.
 *
 * @example
 * setDevice("gpu");
 * console.log(gpuStatus()?.mode, gpuStatus()?.adapter); // webgpu nvidia …
 */
export function gpuStatus(): GpuStatus | null {
  if (started === null) return null;
  const { engine, refused, classes, cutoff, residency } = started;
  const statusOf = (name: KernelClass): ClassStatus => {
    const { refused: reason = null, ran = 0, passedOn = [] } = classes.get(name) ?? {};
    return { refused: reason, ran, passedOn: Object.fromEntries(passedOn) };
  };
  return {
    mode: engine.mode,
    adapter: engine.adapter,
    refused,
    classes: {
      matmul: statusOf("matmul"),
      conv2d: statusOf("conv2d"),
      conv2dInputGradient: statusOf("conv2dInputGradient"),
      conv2dWeightGradient: statusOf("conv2dWeightGradient"),
    },
    cutoff,
    kernels: started.lost === null ? engine.kernels() : 0,
    resident: residency.counts(),
  };
}

/**
 * Starts the mode asked for, or where `asked` is null the one that BITGRAD_GPU_MODE names, or else keeps what runs, or
 * takes the first that answers and passes. Throws DeviceError without gpu.js, or where none does.
 */
export function startGpu(where: string, asked: Mode | null): void {
  lastAsked = asked;
  const wanted = asked ?? namedMode();
  if (started !== null && started.lost === null) {
    if (wanted === null || wanted === started.engine.mode) return;
  }
  stopGpu();
  const refused: RefusedMode[] = [];
  for (const mode of wanted === null ? modes : [wanted]) {
    const outcome = tryMode(mode, wanted === null ? "found" : "named", refused);
    if (typeof outcome !== "string") {
      started = outcome;
      return;
    }
    refused.push({ mode, reason: outcome });
  }
  throw new DeviceError({
    where,
    argument: wanted === null ? "a mode of the device gpu" : `the mode ${wanted} of the device gpu`,
    expected: "to answer and to agree with the device wasm",
    got: refused.map(({ mode, reason }) => `${mode}: ${reason}`).join("; "),
    fix: "Install what it lacks, name another mode with BITGRAD_GPU_MODE, or stay on the device wasm",
  });
}

/** Starts what was asked for last. Throws as `startGpu`. */
export function restartGpu(): void {
  startGpu("gpu", lastAsked);
}

/**
 * Lets go of the adapter, its memory and its threads; values that are still there are fetched before. A tensor of the
 * device that is used later starts it again, in the mode that was asked for last. A value that is lost by then is an
 * error to who needs it.
 *
 * @example
 * setDevice("wasm");
 * stopGpu();
 */
export function stopGpu(): void {
  if (started === null) return;
  const at = started;
  try {
    if (at.lost === null) guarded(at, () => at.residency.settleAll());
  } catch (error) {
    if (at.lost === null) throw error; // a lost value is an error to who needs it
  } finally {
    if (at.lost !== null) {
      for (const handle of at.residency.ahead()) gone.set(handle, lossOf(at, at.lost));
    }
    started = null;
    at.engine.close();
  }
}

function engineFor(mode: Mode): Engine {
  switch (mode) {
    case "webgpu":
    case "webasm-threads":
      return new WorkerEngine({ mode });
    case "webgl2":
    case "webasm":
      return new DirectEngine({ library: loadLibrary(), mode });
  }
}

/** The engine, or why it is refused. */
function tryMode(
  mode: Mode,
  how: "named" | "found",
  refused: readonly RefusedMode[],
): Started | string {
  if (mode === "webgl2" && typeof OffscreenCanvas === "undefined") return "only a browser has it";
  const widest = mode === "webgl2" ? 1 : 4;
  let engine: Engine | null = null;
  try {
    engine = engineFor(mode);
    const classes = new Map<KernelClass, Class>();
    for (const name of kernelClasses) {
      const outcome = probe(engine, name, { widest, wide: false });
      classes.set(name, {
        refused: outcome,
        refusedWide: undefined,
        ran: 0,
        passedOn: new Map(),
      });
    }
    const reasons = [...classes].map(([name, { refused: why }]) =>
      why === null ? null : `${name} ${why}`,
    );
    if (reasons.every((reason) => reason !== null)) {
      engine.close();
      return reasons.join("; ");
    }
    const residency = new Residency(engine, budget);
    return {
      engine,
      residency,
      widest,
      cutoff: cutoffOf(mode, how, engine.adapter),
      refused,
      classes,
      lost: null,
    };
  } catch (error) {
    engine?.close();
    // What the library or the adapter says is the reason; a package that is not there is nobody's mode.
    if (error instanceof DeviceError) throw error;
    if (error instanceof Error) return error.message.split("\n", 1)[0] ?? error.name;
    throw error;
  }
}

/** Returns once all that was launched is done: for measuring. Nothing waits for it otherwise but who reads a value. */
export function finishGpu(): void {
  const at = started;
  if (at !== null) guarded(at, () => at.engine.finish());
}

/** Runs `body` with at most so many results a thread: for measuring what they bring. */
export function gpuLanes<T>(lanes: 1 | 4, body: () => T): T {
  const at = started;
  if (at === null) return body();
  const before = at.widest;
  at.widest = lanes;
  try {
    return body();
  } finally {
    at.widest = before;
  }
}

/**
 * Runs `body`, in which the engine may be lost: that is an error now and for every later use. So is whatever else
 * gpu.js throws, such as a RangeError for memory that is not to be had: nobody knows what it has left undone.
 */
export function guarded<T>(at: Started, body: () => T): T {
  if (at.lost !== null) throw lossOf(at, at.lost);
  try {
    return body();
  } catch (error) {
    if (error instanceof BitgradError || !(error instanceof Error)) throw error;
    at.lost = error.message.split("\n", 1)[0] || error.name;
    throw lossOf(at, at.lost, error);
  }
}

/** Throws DeviceError where what memory should hold went with an engine. */
export function requirePresent(handle: WasmHandle): void {
  const loss = gone.get(handle);
  if (loss !== undefined) throw loss;
}

/** Sees to it that memory holds what counts. Throws DeviceError where that is lost. */
export function settle(handle: WasmHandle): void {
  requirePresent(handle);
  const at = started;
  if (at?.residency.isAhead(handle)) guarded(at, () => at.residency.settle(handle));
}

/** Forgets the engine's copy, and that it is gone; also after a loss, when there is nobody to tell. */
export function drop(handle: WasmHandle): void {
  gone.delete(handle);
  started?.residency.drop(handle);
}

function lossOf({ engine }: Started, got: string, cause?: unknown): DeviceError {
  return new DeviceError(
    {
      where: "gpu",
      argument: `the device, in mode ${engine.mode} on ${engine.adapter},`,
      expected: "to go on",
      got,
      fix: "Start again from the last checkpoint, on the device wasm if this comes again",
    },
    cause === undefined ? {} : { cause },
  );
}
