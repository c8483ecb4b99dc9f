/**
 * Which steps are measured to see how they grow: one thing at a time changes from a step in the middle.
 * Rests on task.
 */
import type { StepTask } from "../task.ts";

/** A step, and what is changed in it. */
export interface ScaledStep {
  /** `"batch"`, `"channels"` or `"depth"`. */
  readonly axis: string;
  /** `"128"`, `"×2"`, `"ResNet-32"`. */
  readonly value: string;
  readonly task: StepTask;
}

const middle = { depth: 20, width: 16, batch: 32 };

function stepOf(axis: string, value: string, change: Partial<typeof middle>): ScaledStep {
  const { depth, width, batch } = { ...middle, ...change };
  const net = { kind: "resnet", depth, width } as const;
  return { axis, value, task: { kind: "step", net, batch, optimizer: "sgd" } };
}

/** Steps of CIFAR ResNets. The one in the middle, ResNet-20 with a batch of 32, stands at each axis. */
export const scaledSteps: readonly ScaledStep[] = [
  ...[16, 32, 64, 128, 256].map((batch) => stepOf("batch", String(batch), { batch })),
  ...[1, 2, 4].map((times) => stepOf("channels", `×${times}`, { width: times * middle.width })),
  ...[8, 20, 32].map((depth) => stepOf("depth", `ResNet-${depth}`, { depth })),
];
