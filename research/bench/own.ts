/**
 * bitgrad's side of a task, on the device that new tensors are made on, and the memcpy that bandwidths are held against.
 * Rests on core, layers and optim.
 */
import { currentDevice } from "../../core/devices/current.ts";
import {
  add,
  compile,
  conv2d,
  crossEntropy,
  eye,
  matmul,
  noGrad,
  RandomSource,
  randomIntegers,
  randomNormal,
  reshape,
  type Shape,
  scope,
  sum,
  type Tensor,
} from "../../core/index.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "../../core/ops/convolution.ts";
import {
  assemble,
  cifarResNet,
  type Layer,
  Linear,
  lenet,
  mlp,
  Sequential,
  Tanh,
} from "../../layers/index.ts";
import { adam, type Optimizer, sgd } from "../../optim/index.ts";
import type { Contestant } from "./interleave.ts";
import { peakMebibytes } from "./peak-memory.ts";
import {
  learningRate,
  type NetTask,
  type Pass,
  type StepTask,
  type Task,
  type TimedTask,
} from "./task.ts";

/** bitgrad at `task`. */
export function ownContestant(task: Task): Contestant {
  if (task.kind === "memory") return { name: "bitgrad", time: () => peakMebibytes(task.step) };
  const call = prepare(task, { arrives: true });
  return { name: "bitgrad", time: (calls) => timeCalls(call, calls) };
}

/** bitgrad without `compile`, where a task is one that can be compiled and the device repeats launches; else none. */
export function writtenContestants(task: Task): readonly Contestant[] {
  const isCompiled = task.kind === "step" || task.kind === "forward";
  if (!isCompiled || currentDevice().recorder === undefined) return [];
  const call = prepare(task, { arrives: true, isCompiled: false });
  return [{ name: "as written", time: (calls) => timeCalls(call, calls) }];
}

/** Copies of as many numbers as the task reads, where it is one that bandwidth bounds; else none. One thread. */
export function memcpyContestants(task: Task): readonly Contestant[] {
  if (task.kind !== "add" && task.kind !== "sum") return [];
  const source = new Float32Array(task.length).fill(1);
  const target = new Float32Array(task.length);
  return [
    {
      name: "memcpy",
      amount: 2 * source.byteLength,
      time: (calls) => timeCalls(() => target.set(source), calls),
    },
  ];
}

function timeCalls(call: () => void, calls: number): number {
  const started = performance.now();
  for (let i = 0; i < calls; i++) call();
  return (performance.now() - started) / 1000;
}

/** Options of `prepare`. */
export interface PrepareOptions {
  /** Whether a product or convolution counts as done when its result can be read only, wherever it was computed. */
  readonly arrives?: boolean;
  /** Whether steps and forward passes are repeated from a list of kernels; default true. */
  readonly isCompiled?: boolean;
}

/** Makes what the task needs, and gives the function that does it once and leaves nothing behind. */
export function prepare(
  task: TimedTask,
  { arrives = false, isCompiled = true }: PrepareOptions = {},
): () => void {
  const done = (y: Tensor): void => {
    if (!arrives) return;
    const { device, handle, dtype, length } = y.storage;
    device.look({ handle, dtype, shape: [length], strides: [1], offset: 0 }, () => {});
  };
  switch (task.kind) {
    case "matmul": {
      const [a, b] = [normal("a", [task.size, task.size]), normal("b", [task.size, task.size])];
      return discarding(() => done(matmul(a, b)));
    }
    case "conv3x3":
      return convolution(task, done);
    case "add": {
      const [a, b] = [normal("a", [task.length]), normal("b", [task.length])];
      return discarding(() => add(a, b));
    }
    case "sum": {
      const a = normal("a", [task.length]);
      return discarding(() => sum(a));
    }
    case "overhead": {
      const [a, b] = [normal("a", [task.length]), normal("b", [task.length])];
      return discarding(() => {
        let total = a;
        for (let i = 0; i < task.ops; i++) total = add(total, b);
      });
    }
    case "step":
      return trainingStep(task, isCompiled);
    case "forward": {
      const { net, x } = netAndInput(task.net, task.batch);
      const written = (input: Tensor): Tensor => net.forward(input);
      const forward = isCompiled ? compile(written) : written;
      return discarding(() => noGrad(() => forward(x)));
    }
  }
}

function discarding(body: () => unknown): () => void {
  return () =>
    scope(() => {
      body();
    });
}

function normal(name: string, shape: Shape): Tensor {
  return randomNormal(shape, { stream: new RandomSource(0).stream(`bench/${name}`) });
}

/** Random images as they lie when a convolution has made them: inside a net they come from one. */
function activation(name: string, shape: Shape): Tensor {
  const [, channels = 1] = shape;
  return scope(() =>
    conv2d(normal(name, shape), reshape(eye(channels), [channels, channels, 1, 1])),
  );
}

function convolution(
  task: Extract<Task, { readonly kind: "conv3x3" }>,
  done: (y: Tensor) => void,
): () => void {
  const { pass, batch, channels, size } = task;
  const shape = [batch, channels, size, size];
  const kernelShape = [channels, channels, 3, 3];
  const [x, dy, weight] = [
    activation("x", shape),
    activation("dy", shape),
    normal("w", kernelShape),
  ];
  const passes: Readonly<Record<Exclude<Pass, "training">, () => Tensor>> = {
    forward: () => conv2d(x, weight, { padding: 1 }),
    "input-grad": () => conv2dInputGradient(dy, weight, { inputShape: shape, padding: 1 }),
    "weight-grad": () => conv2dWeightGradient(x, dy, { kernelShape, padding: 1 }),
  };
  const chosen = pass === "training" ? Object.values(passes) : [passes[pass]];
  return discarding(() => {
    for (const compute of chosen) done(compute());
  });
}

/** A step of random data and labels; reading the loss waits for a device that runs on its own. */
function trainingStep(task: StepTask, isCompiled: boolean): () => void {
  const { net, x } = netAndInput(task.net, task.batch);
  const stream = new RandomSource(0).stream("bench/labels");
  const labels = randomIntegers([task.batch], { stream, low: 0, high: 10 });
  const parameters = net.parameters();
  const optimizer: Optimizer =
    task.optimizer === "adam"
      ? adam(parameters, { learningRate })
      : sgd(parameters, { learningRate, momentum: 0.9 });
  const written = (input: Tensor, y: Tensor): Tensor =>
    optimizer.step(() => crossEntropy(net.forward(input), y));
  const step = isCompiled ? compile(written) : written;
  return discarding(() => step(x, labels).item());
}

function netAndInput(task: NetTask, batch: number): { net: Layer; x: Tensor } {
  const { net, example } = netOf(task);
  return { net: assemble(net, { seed: 0 }), x: normal("x", [batch, ...example]) };
}

/** The net, and the shape of one example. */
function netOf(task: NetTask): { net: Layer; example: Shape } {
  switch (task.kind) {
    case "mlp":
      return {
        net: mlp(task.widths, { batchNorm: task.batchNorm }),
        example: task.widths.slice(0, 1),
      };
    case "lenet":
      return { net: lenet(), example: [1, 28, 28] };
    case "resnet":
      return {
        net: cifarResNet({ depth: task.depth, width: task.width ?? 16 }),
        example: [3, 32, 32],
      };
    case "tanh": {
      const { width, layers } = task;
      const repeated = Array.from({ length: layers }, () => [new Linear(width, width), new Tanh()]);
      return { net: new Sequential(repeated.flat()), example: [width] };
    }
  }
}
