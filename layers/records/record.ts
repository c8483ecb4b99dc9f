/**
 * What a record of a layer holds, and shapes that records draw.
 * Rests on layer, and on core's sampling contract.
 */
import type { Shape } from "../../core/index.ts";
import type { Sampler } from "../../core/sampling.ts";
import type { Layer } from "../layer.ts";

/** One layer with options drawn at random, not assembled, and what it must do. */
export interface LayerSample {
  readonly layer: Layer;
  /** Of an input that it takes, a batch of two or more. */
  readonly input: Shape;
  /** Of what it gives for that. */
  readonly output: Shape;
  /** Numbers in its parameters, by the formula. */
  readonly parameters: number;
}

/** An exported layer, or a function that makes a net. */
export interface LayerRecord {
  /** As it is exported. */
  readonly name: string;
  /** What it computes. */
  readonly what: string;
  /** Where it comes from. */
  readonly source: string;
  /**
   * What training mode does: `"same"` as evaluation, bit for bit; `"batch"`: an example's output depends on its batch,
   * and averages move; `"random"`: numbers are drawn.
   */
  readonly training: "same" | "batch" | "random";
  readonly sample: (draw: Sampler) => LayerSample;
}

/** N, of two to four. */
export function batch(draw: Sampler): number {
  return draw.integer(2, 4);
}

/** [N, C, H, W], small. */
export function images(draw: Sampler, channels: number): Shape {
  return [batch(draw), channels, draw.integer(2, 5), draw.integer(2, 5)];
}

/** A sample that keeps the shape of what it is given. */
export function keeping(layer: Layer, input: Shape, parameters = 0): LayerSample {
  return { layer, input, output: input, parameters };
}

/** Pixels of a window that slides over `length` of them. */
export function slid(length: number, window: number, stride: number, padding: number): number {
  return Math.floor((length + 2 * padding - window) / stride) + 1;
}
