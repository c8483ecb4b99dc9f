/**
 * Which device new tensors live on. Ops run where their inputs are.
 * Rests on the devices themselves: an explicit list, no registration by side effect.
 */
import { DeviceError } from "../errors.ts";
import type { Device } from "./device.ts";
import { gpuDevice, startGpu } from "./gpu/index.ts";
import { modeInName } from "./gpu/modes.ts";
import { referenceDevice } from "./reference/index.ts";
import { wasmDevice } from "./wasm/index.ts";

/** Every device but the gpu's, which goes by its mode too. */
const devices: readonly Device[] = [wasmDevice, referenceDevice];

let current: Device = wasmDevice;

/** The device that new tensors are made on. */
export function currentDevice(): Device {
  return current;
}

/** The name of the device that new tensors are made on, with its mode: `"wasm"` until `setDevice`, `"gpu:webgpu"`. */
export function device(): string {
  return current.name;
}

/** Names that `setDevice` accepts; besides, `gpu:webgpu` and so on ask for a mode of the device gpu. */
export function deviceNames(): readonly string[] {
  return [...devices.map(({ name }) => name), "gpu"];
}

/**
 * Makes new tensors on the device `name` from now on. Throws DeviceError for a name not in `deviceNames()`, and for
 * `gpu` without gpu.js, or where no mode of it answers and agrees with the device wasm.
 */
export function setDevice(name: string): void {
  current = find("setDevice", name);
}

/** Runs `body` with new tensors made on the device `name`. Throws DeviceError for an unknown name. */
export function withDevice<T>(name: string, body: () => T): T {
  const before = current;
  current = find("withDevice", name);
  try {
    return body();
  } finally {
    current = before;
  }
}

function find(where: string, name: string): Device {
  const mode = modeInName(name);
  if (mode !== undefined) {
    startGpu(where, mode);
    return gpuDevice;
  }
  const found = devices.find((candidate) => candidate.name === name);
  if (found === undefined) {
    throw new DeviceError({
      where,
      argument: "name",
      expected: `to be one of ${deviceNames().join(", ")}`,
      got: `"${name}"`,
      fix: "Name a device that this build has",
    });
  }
  return found;
}
