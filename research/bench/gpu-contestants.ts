/**
 * Who is measured beside bitgrad where the gpu device is: its own kernels without the way back, gpu.js' plain form of
 * the same kernel, and the wasm device. Rests on own and on the device's programs.
 */
import { finishGpu, gpuLanes } from "../../core/devices/gpu/index.ts";
import { device, withDevice } from "../../core/index.ts";
import type { Contestant } from "./interleave.ts";
import { prepare } from "./own.ts";
import type { Task } from "./task.ts";

/** Kinds of tasks that come to products and convolutions. */
const multiplying: readonly Task["kind"][] = ["matmul", "conv3x3", "step", "forward"];

/**
 * Contestants for `task` on the gpu device, none elsewhere. `naive`: one result a thread. Of a product or convolution,
 * `resident`: inputs and results stay with the adapter, so what it has over bitgrad's own figure is the time of the
 * transfer; and so they do for `naive` then.
 */
export function gpuContestants(task: Task): readonly Contestant[] {
  if (!device().startsWith("gpu") || task.kind === "memory") return [];
  const wasm = withDevice("wasm", () => prepare(task));
  const beside: Contestant = { name: "wasm", time: (calls) => secondsOf(wasm, calls) };
  if (!multiplying.includes(task.kind)) return [beside];
  const resident = prepare(task);
  const naive: Contestant = {
    name: "naive",
    time: (calls) => gpuLanes(1, () => secondsOf(resident, calls)),
  };
  if (task.kind === "step" || task.kind === "forward") return [naive, beside];
  return [{ name: "resident", time: (calls) => secondsOf(resident, calls) }, naive, beside];
}

function secondsOf(call: () => void, calls: number): number {
  finishGpu();
  const started = performance.now();
  for (let i = 0; i < calls; i++) call();
  finishGpu();
  return (performance.now() - started) / 1000;
}
