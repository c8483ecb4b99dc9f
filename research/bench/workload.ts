/**
 * Workloads: named tasks, and the unit that their speed is told in.
 * Rests on task.
 */
import type { Pass, StepTask, Task } from "./task.ts";

/** GFLOP/s and GB/s are rates, more is better; µs, ms and MiB are costs, less is better. */
export type Unit = "GFLOP/s" | "GB/s" | "µs" | "ms" | "MiB";

/** A task under a name. */
export interface Workload {
  /** Parts from general to special, joined by "/": a prefix names a family. */
  readonly name: string;
  readonly unit: Unit;
  /** What one call does: floating-point operations, bytes read and written, or ops that the time is divided by. */
  readonly amount: number;
  readonly task: Task;
}

const resnetStep: StepTask = {
  kind: "step",
  net: { kind: "resnet", depth: 20 },
  batch: 128,
  optimizer: "sgd",
};

/** 16 MiB of float32: no cache of a core holds two of them. */
const long = 2 ** 22;
const bytes = 4;

/** Every workload, from small to large within a family. */
export const workloads: readonly Workload[] = [
  ...[64, 128, 256, 512, 1024, 2048].map(matmul),
  ...convolutions(16, 32),
  ...convolutions(32, 16),
  ...convolutions(64, 8),
  {
    name: "elementwise/add",
    unit: "GB/s",
    amount: 3 * bytes * long,
    task: { kind: "add", length: long },
  },
  { name: "reduce/sum", unit: "GB/s", amount: bytes * long, task: { kind: "sum", length: long } },
  {
    name: "overhead/op",
    unit: "µs",
    amount: 100,
    task: { kind: "overhead", length: 4, ops: 100 },
  },
  whole("step/mlp-b64", {
    kind: "step",
    net: { kind: "mlp", widths: [784, 256, 10], batchNorm: false },
    batch: 64,
    optimizer: "adam",
  }),
  whole("step/lenet-b64", { kind: "step", net: { kind: "lenet" }, batch: 64, optimizer: "adam" }),
  whole("step/mlp6x1024-b128", {
    kind: "step",
    net: { kind: "mlp", widths: [784, 1024, 1024, 1024, 1024, 1024, 1024, 10], batchNorm: true },
    batch: 128,
    optimizer: "sgd",
  }),
  whole("step/resnet20-b32", { ...resnetStep, batch: 32 }),
  whole("step/resnet20-b128", resnetStep),
  whole("forward/tanh6x4096-b16", {
    kind: "forward",
    net: { kind: "tanh", width: 4096, layers: 6 },
    batch: 16,
  }),
  {
    name: "memory/resnet20-b128",
    unit: "MiB",
    amount: 1,
    task: { kind: "memory", step: resnetStep },
  },
];

/** What the gpu device is measured at besides. */
export const largeWorkloads: readonly Workload[] = [matmul(4096)];

/** 2·n³ operations. */
function matmul(size: number): Workload {
  const amount = 2 * size * size * size;
  return { name: `matmul/${size}`, unit: "GFLOP/s", amount, task: { kind: "matmul", size } };
}

/** The three passes, of 2·9·N·C²·S² operations each, those on the padding counted; and one after the other. */
function convolutions(channels: number, size: number): readonly Workload[] {
  const batch = 32;
  const passes: readonly Pass[] = ["forward", "input-grad", "weight-grad", "training"];
  const flops = 2 * 9 * batch * channels * channels * size * size;
  return passes.map((pass) => ({
    name: `conv3x3/c${channels}/${pass}`,
    unit: "GFLOP/s",
    amount: pass === "training" ? 3 * flops : flops,
    task: { kind: "conv3x3", pass, batch, channels, size },
  }));
}

/** One step or pass, in milliseconds. */
function whole(name: string, task: Task): Workload {
  return { name, unit: "ms", amount: 1, task };
}
