/**
 * Tasks: what is measured, as plain data, so that bitgrad and every peer can be given the same.
 * Rests on nothing. All numbers are float32.
 */

/** A net by its shape. */
export type NetTask =
  /** Linear layers from width to width, ReLU between them, normalization before each ReLU where `batchNorm`. */
  | { readonly kind: "mlp"; readonly widths: readonly number[]; readonly batchNorm: boolean }
  /** LeNet of 28×28 images with one channel and 10 classes. */
  | { readonly kind: "lenet" }
  /** The CIFAR ResNet of 32×32 images with 3 channels and 10 classes; `width`: channels of its first stage, default 16. */
  | { readonly kind: "resnet"; readonly depth: number; readonly width?: number }
  /** `layers` times a square linear layer and tanh. */
  | { readonly kind: "tanh"; readonly width: number; readonly layers: number };

/** Which of the three convolutions of a training step, or all of them. */
export type Pass = "forward" | "input-grad" | "weight-grad" | "training";

/** A training step: forward, backward, update. SGD has momentum 0.9. */
export interface StepTask {
  readonly kind: "step";
  readonly net: NetTask;
  readonly batch: number;
  readonly optimizer: "adam" | "sgd";
}

/** What is measured: how long one call takes, or how much memory. */
export type Task =
  | TimedTask
  /** The most memory that a step takes. */
  | { readonly kind: "memory"; readonly step: StepTask };

/** What one call does. */
export type TimedTask =
  /** [size, size] times [size, size]. */
  | { readonly kind: "matmul"; readonly size: number }
  /** A 3×3 convolution of [batch, channels, size, size] to the same shape: stride 1, padding 1. */
  | {
      readonly kind: "conv3x3";
      readonly pass: Pass;
      readonly batch: number;
      readonly channels: number;
      readonly size: number;
    }
  /** The sum of two vectors. */
  | { readonly kind: "add"; readonly length: number }
  /** The sum of a vector's elements. */
  | { readonly kind: "sum"; readonly length: number }
  /** `ops` additions of vectors so short that they cost nothing themselves. */
  | { readonly kind: "overhead"; readonly length: number; readonly ops: number }
  | StepTask
  /** A forward pass that no derivative will be taken of. */
  | { readonly kind: "forward"; readonly net: NetTask; readonly batch: number };

/**
 * Of every optimiser: so small that a net stays where it starts however often it is trained on one batch, far from
 * overflow and from subnormal numbers, which some processors are slow at.
 */
export const learningRate = 1e-6;
