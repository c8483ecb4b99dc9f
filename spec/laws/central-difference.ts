/**
 * Central differences, extrapolated: the derivative of a function of one number, with how far to trust it.
 * Rests on nothing. Richardson 1911; Ridders 1982 for taking the last correction as the error.
 */

/** The derivative at 0, element by element, and the allowed error of each element. */
interface Slope {
  readonly value: readonly number[];
  readonly tolerance: readonly number[];
}

/**
 * The largest step: small against the 0.05 that samples keep from kinks, and a power of 2, so that the
 * division by it is exact.
 */
const step: number = 2 ** -9;

/** A last correction above this share of the magnitude means that no derivative was approached. */
const settled = 1e-4;

/**
 * d/dh f(h) at h = 0 from f(±step), f(±step/2), f(±step/4); f returns the elements of its result.
 *
 * D(h) = (f(h) − f(−h))/2h has error a·h² + b·h⁴ + …; two extrapolations leave O(h⁶). The tolerance is ten times
 * the last correction, which is the error of the value before it, plus 8·noise/step: an error `noise` in f becomes
 * at most (64·4 + 20·2 + 1)/45 · noise/step = 6.6·noise/step in the result. Returns null where the last
 * correction is no small one: f has no derivative there.
 */
export function centralDifference(
  f: (h: number) => readonly number[],
  noise: (element: number) => number,
): Slope | null {
  const coarse = difference(f, step);
  const middle = difference(f, step / 2);
  const fine = difference(f, step / 4);
  const value: number[] = [];
  const tolerance: number[] = [];
  for (let i = 0; i < coarse.length; i++) {
    const [d1, d2, d4] = [coarse[i] ?? 0, middle[i] ?? 0, fine[i] ?? 0];
    const first = (4 * d2 - d1) / 3;
    const second = (4 * d4 - d2) / 3;
    const slope = (16 * second - first) / 15;
    const correction = Math.abs(slope - second);
    const rounding = (8 * noise(i)) / step;
    if (!(correction <= settled * (1 + Math.abs(slope)) + rounding)) return null;
    value.push(slope);
    tolerance.push(10 * correction + rounding);
  }
  return { value, tolerance };
}

function difference(f: (h: number) => readonly number[], h: number): readonly number[] {
  const behind = f(-h);
  return f(h).map((ahead, i) => (ahead - (behind[i] ?? 0)) / (2 * h));
}
