/**
 * Holm's correction: many tests in one report, and still one chance of any false alarm.
 * Rests on core's errors. Holm 1979, "A simple sequentially rejective multiple test procedure".
 */
import { requireWithin } from "../../core/require-number.ts";

/**
 * The p of each test, adjusted: the i-th smallest of m (from 0) is multiplied by m - i, is no less than the one before
 * it, and at most 1. Calling significant what is ≤ level then gives a false alarm anywhere with probability ≤ level,
 * however the tests hang together. In the order given; an empty family stays empty. Throws ValueError for a p outside [0, 1].
 *
 * @example
 * holm([0.01, 0.04, 0.03]); // 0.03, 0.06, 0.06
 */
export function holm(pValues: readonly number[]): readonly number[] {
  pValues.forEach((p, i) => {
    const fix = "Give the p of a test; a test that was not made is no part of the family";
    requireWithin("holm", `pValues[${i}]`, p, [0, 1], fix);
  });
  const order = [...pValues.keys()].sort((i, j) => (pValues[i] ?? 0) - (pValues[j] ?? 0) || i - j);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let before = 0;
  order.forEach((index, rank) => {
    before = Math.min(1, Math.max(before, (pValues.length - rank) * (pValues[index] ?? 1)));
    adjusted[index] = before;
  });
  return adjusted;
}
