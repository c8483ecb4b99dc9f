/**
 * The cosine schedule: a smooth way down.
 * Rests on schedule and core's scalar-math. Loshchilov & Hutter 2017, equation 5, one cycle.
 */
import { ValueError } from "../core/index.ts";
import { cos } from "../core/scalar-math/index.ts";
import type { Schedule } from "./schedule.ts";

/** Options of `cosine`. */
export interface CosineOptions {
  /** Value at iteration 0. */
  readonly base: number;
  /** Iterations to reach `end`, integer ≥ 1; constant from then on. */
  readonly totalSteps: number;
  /** Value from iteration `totalSteps` on; default 0. */
  readonly end?: number;
}

/**
 * end + (base - end)·(1 + cos(π·t/T))/2 for t < T, then `end`.
 * Throws ValueError unless totalSteps is an integer ≥ 1.
 *
 * @example
 * cosine({ base: 0.1, totalSteps: 100 })(50); // 0.05
 */
export function cosine({ base, totalSteps, end = 0 }: CosineOptions): Schedule {
  if (!Number.isInteger(totalSteps) || totalSteps < 1) {
    throw new ValueError({
      where: "cosine",
      argument: "totalSteps",
      expected: "to be an integer ≥ 1",
      got: String(totalSteps),
      fix: "Give the number of optimiser steps, epochs · batches per epoch",
    });
  }
  return (t) => {
    if (t <= 0) return base; // end + (base - end) may round to another number
    if (t >= totalSteps) return end;
    return end + ((base - end) * (1 + cos((Math.PI * t) / totalSteps))) / 2;
  };
}
