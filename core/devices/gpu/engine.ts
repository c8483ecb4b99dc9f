/**
 * Engines: what runs programs. One in this thread, one behind a worker; both keep arrays under numbers of ours.
 * Rests on modes and program.
 */
import type { Mode } from "./modes.ts";
import type { Program } from "./program.ts";

/** A program with the lengths of the two arrays that it reads: what a kernel of gpu.js is made for. */
export interface KernelPlan {
  /** Equal for equal kernels. */
  readonly key: string;
  readonly program: Program;
}

/** A kernel's arguments: numbers of arrays, and the elements at which to begin. */
export interface LaunchArguments {
  readonly a: number;
  readonly b: number;
  readonly fromA: number;
  readonly fromB: number;
}

/** Runs programs. Any call may throw Loss, and from then on all do. */
export interface Engine {
  readonly mode: Mode;
  /** What runs the kernels, in its own words: an adapter's name. */
  readonly adapter: string;
  /** The longest array that fits, in bytes. */
  readonly mostBytes: number;
  /** Copies elements in as array `id`. They may change as soon as this returns. */
  upload(id: number, elements: Float32Array): void;
  /** Runs a program; its results become array `id`. It may still run when this returns. */
  launch(plan: KernelPlan, inputs: LaunchArguments, id: number): void;
  /** Copies array `id` out, once what makes it is done. */
  fetch(id: number, target: Float32Array): void;
  /** Returns once all that was launched is done. */
  finish(): void;
  /** Forgets array `id`. */
  free(id: number): void;
  /** Kernels compiled and kept. */
  kernels(): number;
  /** Lets go of everything. */
  close(): void;
}

/** Why an engine cannot go on, as the rest of "got …". */
export class Loss extends Error {
  override readonly name = "Loss";
}

/** The kernel of `program` for arrays of these lengths. */
export function kernelPlan(program: Program, lengths: readonly [number, number]): KernelPlan {
  const { source, output } = program;
  return { key: `${lengths.join(",")} ${output.join(",")} ${source}`, program };
}
