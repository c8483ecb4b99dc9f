/**
 * Capture: who follows a step while `compile` writes down what it does. Library code whose work is more than launches
 * of kernels tells here what it does besides. Rests on nothing: everything below may call it.
 */
import type { Operand } from "./devices/device.ts";
import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** Hears what a captured step does besides launching kernels. */
export interface CaptureListener {
  /** Memory was made. */
  made(storage: Storage): void;
  /** Memory is to outlive the step. */
  keeps(storage: Storage): void;
  /** A handle on memory was made: a view, say. */
  madeHandle(tensor: Tensor): void;
  /** A tensor is read by a kernel. */
  reads(tensor: Tensor): void;
  /** A cell was written: its version went up. */
  writes(cell: Tensor): void;
  /** The gradient of a tensor was set, or cleared. */
  setsGradient(tensor: Tensor): void;
  /** The step cannot be repeated; the reason completes "because …". */
  refuse(reason: string): void;
  /** The step is repeated only while `read` gives what it gives now. `owner` and `what` name it. */
  dependsOn(owner: object, what: string, read: () => unknown): void;
  /** These attributes of a launch are others at each repetition: those of `next`, called when one begins. */
  varies(attributes: object, next: () => object): void;
  /** Done when a repetition begins, before anything else; where it throws, the step runs as written. */
  prepare(work: () => void): void;
  /** Done at this place in each repetition. */
  effect(work: () => void): void;
  /** Runs `work` now and at this place in each repetition, as ordinary code; `tensors` are handed to it. */
  aside(tensors: readonly Tensor[], work: (...tensors: readonly Tensor[]) => void): void;
  /** Looks at elements now and at this place in each repetition. */
  inspects(operand: Operand, look: () => void): void;
  /** Whether this is the first claim of `owner` in this step. */
  claims(owner: object): boolean;
  /** Runs `work` unheard: what it does is not part of the step. */
  unheard<T>(work: () => T): T;
}

let current: CaptureListener | null = null;

/** Who follows the step that runs now, or null. */
export function capturing(): CaptureListener | null {
  return current;
}

let structure = 0;

/** Counts changes to who listens to layers: a captured step says nothing to those who came later. */
export function structureCount(): number {
  return structure;
}

/** Somebody begins or ends listening: captured steps are captured anew. */
export function structureChanged(): void {
  structure += 1;
}

/** Makes `next` hear, or nobody, and gives who heard before. */
export function exchangeCapture(next: CaptureListener | null): CaptureListener | null {
  const before = current;
  current = next;
  return before;
}
