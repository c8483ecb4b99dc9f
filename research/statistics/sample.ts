/**
 * Samples: one number a seed; what may be in one, its mean and its standard deviation.
 * Rests on core. Sums are exact, so the order of the seeds moves no bit.
 */
import { ExactSum, ValueError } from "../../core/index.ts";

/** Beyond this size sums of a few thousand could leave float64. */
const largest = 1e300;

/** How many numbers, their mean, and their standard deviation with divisor n - 1. */
export interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly std: number;
}

/** Throws ValueError unless there are two or more numbers, none of them NaN. They may be infinite: ordered, as runs that diverged. */
export function requireOrdered(where: string, argument: string, values: readonly number[]): void {
  if (values.length < 2) {
    throw new ValueError({
      where,
      argument,
      expected: "to hold two numbers or more",
      got: String(values.length),
      fix: "Run more seeds: one tells nothing of how far seeds lie apart",
    });
  }
  const bad = values.findIndex((value) => typeof value !== "number" || Number.isNaN(value));
  if (bad < 0) return;
  throw new ValueError({
    where,
    argument: `${argument}[${bad}]`,
    expected: "to be a number",
    got: String(values[bad]),
    fix: "A run that diverged is a result: give it as Infinity where lower is better, else as -Infinity",
  });
}

/** Throws ValueError unless there are two or more numbers, all of them finite and no larger than 1e300. */
export function requireSample(where: string, argument: string, values: readonly number[]): void {
  requireOrdered(where, argument, values);
  const bad = values.findIndex((value) => !(Math.abs(value) <= largest));
  if (bad < 0) return;
  throw new ValueError({
    where,
    argument: `${argument}[${bad}]`,
    expected: "to be finite, and no larger than 1e300",
    got: String(values[bad]),
    fix: "Runs that diverged have no mean: compare them with signFlipTest or comparePaired, which order them",
  });
}

/** The moments of numbers that `requireSample` lets pass. */
export function momentsOf(values: readonly number[]): Moments {
  const n = values.length;
  const mean = exactSum(values) / n;
  const deviations = values.map((value) => value - mean);
  const scale = Math.max(...deviations.map(Math.abs)); // squares of tiny numbers vanish, of large ones overflow
  if (scale === 0) return { n, mean, std: 0 };
  const squares = exactSum(deviations.map((d) => (d / scale) * (d / scale)));
  return { n, mean, std: scale * Math.sqrt(squares / (n - 1)) };
}

/** The sum, rounded once. */
export function exactSum(values: Iterable<number>): number {
  const total = new ExactSum();
  for (const value of values) total.add(value);
  return total.value;
}
