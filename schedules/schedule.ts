/**
 * Schedules: a hyper-parameter as a pure function of the iteration.
 * Rests on core's errors. Nothing is remembered between two calls: to resume at iteration t is to ask for t.
 */
import { ValueError } from "../core/index.ts";
import { requireFinite, requireInteger } from "../core/require-number.ts";

/**
 * The value at iteration `t`, counted from 0: of a learning rate, a momentum, a weight decay, anything.
 * Those of this folder take fractions as well, so that `t` may count epochs.
 */
export type Schedule = (t: number) => number;

/** `value` as a schedule whose `t` is checked. Throws ValueError unless t is a finite number ≥ 0. */
export function scheduleOf(where: string, value: Schedule): Schedule {
  return (t) => {
    if (t >= 0 && t < Number.POSITIVE_INFINITY) return value(t);
    throw new ValueError({
      where,
      argument: "t",
      expected: "to be a finite number ≥ 0",
      got: String(t),
      fix: "Count iterations from 0",
    });
  };
}

/**
 * from + (to - from)·share. share: in [0, 1]; 0 gives `from` and 1 gives `to` exactly, and rounding leads to neither side
 * of the two, nor back as the share grows.
 */
export function interpolate(from: number, to: number, share: number): number {
  if (share <= 0) return from;
  if (share >= 1) return to;
  const between = from + (to - from) * share;
  return from < to ? Math.min(to, Math.max(from, between)) : Math.max(to, Math.min(from, between));
}

/** Throws ValueError unless `value`, which a schedule gives at some iteration, is finite. */
export function requireValue(where: string, argument: string, value: number): number {
  return requireFinite(where, argument, value, "Give the value of the hyper-parameter");
}

/** Throws ValueError unless `steps` is an integer ≥ `least` (1). */
export function requireSteps(where: string, argument: string, steps: number, least = 1): number {
  return requireInteger(
    where,
    argument,
    steps,
    least,
    "Give the number of optimiser steps, epochs · batches per epoch",
  );
}
