/**
 * Modes of the gpu device that are tested: always `webasm`; with BITGRAD_GPU=1, since threads and a software adapter take
 * minutes, all that this machine can run. Rests on core. `webgpu` needs an adapter; where nobody names a driver, SwiftShader
 * as Chromium brings it along is looked for.
 */
import { existsSync } from "node:fs";
import { gpuStatus } from "../../core/devices/gpu/index.ts";
import { type Mode, titleOf } from "../../core/devices/gpu/modes.ts";
import { WorkerEngine } from "../../core/devices/gpu/worker-engine.ts";
import { setDevice } from "../../core/index.ts";

const swiftShader = "/usr/lib/chromium/vk_swiftshader_icd.json";

/** Points Vulkan's loader to SwiftShader where nobody pointed it elsewhere. Before the first adapter is asked for. */
function offerSoftwareAdapter(): void {
  const { env } = process;
  if (env["VK_ICD_FILENAMES"] === undefined && existsSync(swiftShader)) {
    env["VK_ICD_FILENAMES"] = swiftShader;
  }
  env["XDG_RUNTIME_DIR"] ??= "/tmp";
}

/** Why there is no `webgpu` here, or null. */
function adapterRefusal(): string | null {
  offerSoftwareAdapter();
  try {
    new WorkerEngine({ mode: "webgpu" }).close();
    return null;
  } catch (error) {
    return String(error);
  }
}

/** Whether all modes that run here are tested. */
export const isWhole: boolean = process.env["BITGRAD_GPU"] === "1";

/** Why tests of `webgpu` are skipped, or null. */
export const refusal: string | null = isWhole ? adapterRefusal() : "set BITGRAD_GPU=1";

/** What to put into the title of a test that needs an adapter. */
export const unlessAdapter: string =
  refusal === null ? "on an adapter" : `on an adapter (skipped: ${refusal})`;

/** Modes of Node that are tested here. */
export const modesHere: readonly Mode[] = [
  ...(refusal === null ? (["webgpu"] as const) : []),
  ...(isWhole ? (["webasm-threads"] as const) : []),
  "webasm",
];

/** Milliseconds in which a mode surely has started: its probe compiles some thirty kernels. */
export const startTime = 60_000;

/** Makes new tensors on the gpu device in this mode, for kernels of any size. Throws where another mode ran. */
export function useMode(mode: Mode): void {
  process.env["BITGRAD_GPU_CUTOFF"] = "0";
  setDevice(titleOf(mode));
  const status = gpuStatus();
  if (status?.mode !== mode) throw new Error(`${status?.mode} ran instead of ${mode}`);
}
