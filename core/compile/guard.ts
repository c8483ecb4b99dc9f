/**
 * Guards: what must be as it was for a captured step to do the same again.
 * Rests on capture and tensor.
 */
import { structureCount } from "../capture.ts";
import type { Tensor } from "../tensor.ts";

/** A tensor that the step read and did not make. */
export interface Outside {
  readonly tensor: Tensor;
  readonly requiresGrad: boolean;
  /** Whether the step made this handle itself: then it stands for the memory alone. */
  readonly isOwn: boolean;
  /** Where it lay. */
  readonly handle: unknown;
}

/** A value that library code decided by. */
export interface Condition {
  readonly what: string;
  readonly read: () => unknown;
  readonly value: unknown;
}

/** All that a captured step rests on. */
export class Guard {
  readonly outside: readonly Outside[];
  readonly #conditions: readonly Condition[];
  readonly #structure: number;

  constructor(outside: readonly Outside[], conditions: readonly Condition[], structure: number) {
    this.outside = outside;
    this.#conditions = conditions;
    this.#structure = structure;
  }

  /** What is not as it was, for people; null where all is. Runs before each repetition: plain loops only. */
  broken(): string | null {
    if (structureCount() !== this.#structure) return "somebody began or ended observing layers";
    for (const { tensor, requiresGrad, isOwn, handle } of this.outside) {
      const { storage } = tensor;
      if (storage.released !== null) return `${tensor.describe()} has ended`;
      if (storage.present !== handle) return `${tensor.describe()} lies elsewhere`;
      if (isOwn) continue;
      if (tensor.version !== storage.version) return `${tensor.describe()} was overwritten`;
      if (tensor.requiresGrad !== requiresGrad)
        return `${tensor.describe()} was frozen or unfrozen`;
    }
    for (const { what, read, value } of this.#conditions) {
      try {
        if (!Object.is(read(), value)) return `the ${what} changed`;
      } catch {
        return `the ${what} cannot be had`; // The step as written says why.
      }
    }
    return null;
  }
}
