/**
 * Student's t distribution for whole degrees of freedom, where it has a closed form: made of + - * / Math.sqrt and atan
 * of core's scalar-math, so its bits are the same in every engine.
 * Rests on core's scalar-math. Abramowitz & Stegun 1964, 26.7.3 and 26.7.4.
 */
import { requireInteger, requireWithin } from "../../core/require-number.ts";
import { atan } from "../../core/scalar-math/index.ts";

/**
 * P(|T| ≤ t) for `degrees` of freedom, integer ≥ 1; t ≥ 0, may be infinite. Off by less than 1e-13 up to a thousand
 * degrees. With θ = atan(t/√ν), for an even ν: sin θ·(1 + 1/2·cos²θ + 1·3/(2·4)·cos⁴θ + …), for an odd one
 * 2/π·(θ + sin θ·(cos θ + 2/3·cos³θ + …)), each up to cos^(ν-2) θ. Throws ValueError for others.
 *
 * @example
 * centralShare(2.3646, 7); // 0.95
 */
export function centralShare(t: number, degrees: number): number {
  const where = "centralShare";
  requireWithin(where, "t", t, [0, Infinity], "Give the size of t, without its sign");
  requireInteger(where, "degrees", degrees, 1, "Give the number of seeds less one");
  if (t === Infinity) return 1;
  const ratio = t / Math.sqrt(degrees);
  const hypotenuse = Math.sqrt(1 + ratio * ratio);
  const sine = ratio === Infinity || hypotenuse === Infinity ? 1 : ratio / hypotenuse;
  const cosine = 1 / hypotenuse;
  const isOdd = degrees % 2 === 1;
  let [term, sum] = [isOdd ? cosine : 1, 0];
  // The k-th power of the cosine goes with the factor (k - 1)/k of the one before it.
  for (let k = isOdd ? 1 : 0; k <= degrees - 2; k += 2) {
    sum += term;
    term *= (cosine * cosine * (k + 1)) / (k + 2);
  }
  const share = isOdd ? (2 / Math.PI) * (atan(ratio) + sine * sum) : sine * sum;
  return Math.min(Math.max(share, 0), 1);
}

/**
 * The t that T exceeds in size with probability 1 - `share`; share in (0, 1). Found by halving until two neighbouring
 * numbers are left. Throws ValueError for others.
 *
 * @example
 * centralQuantile(0.95, 7); // 2.3646
 */
export function centralQuantile(share: number, degrees: number): number {
  const open = [Number.MIN_VALUE, 1 - 2 ** -53] as const;
  requireWithin("centralQuantile", "share", share, open, "Give a share such as 0.95");
  let [low, high] = [0, 1];
  while (centralShare(high, degrees) < share) [low, high] = [high, 2 * high];
  for (;;) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    if (centralShare(middle, degrees) < share) low = middle;
    else high = middle;
  }
}
