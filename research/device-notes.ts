/**
 * What a run says of the gpu device: the mode and adapter that run it, what was refused, and where kernels went.
 * Rests on core.
 */

import { type GpuStatus, gpuStatus } from "../core/devices/gpu/index.ts";
import { device, threadCount } from "../core/index.ts";
import type { Scalar } from "./report/record.ts";

/** The status, where new tensors are made on the gpu device. */
function statusHere(): GpuStatus | null {
  return device().startsWith("gpu") ? gpuStatus() : null;
}

/** Lines for the start of a run: none on the devices that promise the same bits. */
export function deviceNotes(): readonly string[] {
  const status = statusHere();
  if (status === null) return [];
  const { mode, adapter, cutoff, refused, classes } = status;
  const share = Number.isFinite(cutoff)
    ? `matmul and convolutions of ${cutoff} multiplications or more, the rest on wasm`
    : "nothing, as it is slower than the device wasm on a processor: name the mode to run it";
  return [
    `device gpu: mode ${mode} on ${adapter}, for ${share}; not bit-reproducible`,
    ...refused.map(({ mode: other, reason }) => `device gpu: mode ${other} refused: ${reason}`),
    ...Object.entries(classes).flatMap(([name, { refused: reason }]) =>
      reason === null ? [] : [`device gpu: ${name} runs on wasm: ${reason}`],
    ),
  ];
}

/** Entries for the record of a run, taken at its end: the adapter, and what ran where. */
export function deviceEntries(): Readonly<Record<string, Scalar>> {
  const status = statusHere();
  if (status === null) return {};
  const counts = Object.entries(status.classes).map(([name, { ran, passedOn }]) => {
    const others = Object.entries(passedOn).map(
      ([reason, count]) => `, ${count} on wasm (${reason})`,
    );
    return `${name} ${ran}${others.join("")}`;
  });
  return { adapter: status.adapter, gpuLaunches: counts.join("; ") };
}

/** Everything about the device that new tensors are made on, as lines. */
export function describeDevice(): readonly string[] {
  const status = statusHere();
  if (status === null) {
    const threads = device() === "reference" ? 1 : threadCount();
    return [`device ${device()}, threads ${threads}, bit-reproducible`];
  }
  const { classes, kernels } = status;
  return [
    ...deviceNotes(),
    ...Object.entries(classes).flatMap(([name, { refused }]) =>
      refused === null ? [`device gpu: ${name} agrees with wasm on its probe`] : [],
    ),
    `device gpu: ${kernels} kernels compiled`,
  ];
}
