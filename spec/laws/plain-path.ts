/**
 * A run of an optimiser on plain numbers, one coordinate at a time, by a step that shares nothing with it.
 * Rests on nothing.
 */

/** What a step of one coordinate reads. */
export interface PlainPoint {
  readonly x: number;
  readonly g: number;
  /** Number of this step, from 1. */
  readonly t: number;
  readonly rate: number;
}

/** One coordinate's step; the closure remembers. Gives how far x goes down. */
export type PlainStep = (point: PlainPoint) => number;

/** What a run on plain numbers needs. */
interface PlainRun {
  readonly start: readonly number[];
  readonly gradient: (x: readonly number[], step: number) => readonly number[];
  readonly steps: number;
  readonly rate: (t: number) => number;
  readonly decay: number;
  readonly isDecoupled: boolean;
}

/** x after each step, every coordinate by a step function of its own. */
export function plainPath(make: () => PlainStep, run: PlainRun): readonly (readonly number[])[] {
  const { start, gradient, steps, decay } = run;
  const each = start.map(make);
  let x = start;
  return Array.from({ length: steps }, (_, i) => {
    const [rate, slope] = [run.rate(i), gradient(x, i)];
    x = x.map((xi, k) => {
      const g = (slope[k] ?? 0) + (run.isDecoupled ? 0 : decay * xi);
      const down = each[k]?.({ x: xi, g, t: i + 1, rate }) ?? 0;
      return xi - down - (run.isDecoupled ? rate * decay * xi : 0);
    });
    return x;
  });
}
