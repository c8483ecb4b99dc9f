/**
 * Kaiming (He) initialization: keeps the variance through layers of ReLUs, which halve it.
 * Rests on scaled and fans. He et al. 2015, section 2.2.
 */

import { requirePositive } from "../core/require-number.ts";
import { fans } from "./fans.ts";
import type { Initializer } from "./initializer.ts";
import { normalOf, type StandardDeviation, uniformOf } from "./scaled.ts";

/** Options of the Kaiming initializers. */
export interface KaimingOptions {
  /** Which variance is kept: `"in"` (default) the forward signal's, `"out"` the gradient's. */
  readonly fan?: "in" | "out";
  /** √(variance lost per layer), > 0; default √2, for ReLU. */
  readonly gain?: number;
}

/** Normal weights of standard deviation gain/√fan: √(2/fanIn) by default. Mean 0. */
export function kaimingNormal(options: KaimingOptions = {}): Initializer {
  return normalOf(kaimingStd("kaimingNormal", options));
}

/** Uniform weights in ±√3·std, with the standard deviation of `kaimingNormal`. */
export function kaimingUniform(options: KaimingOptions = {}): Initializer {
  return uniformOf(kaimingStd("kaimingUniform", options));
}

function kaimingStd(
  where: string,
  { fan = "in", gain = Math.SQRT2 }: KaimingOptions,
): StandardDeviation {
  requirePositive(where, "gain", gain);
  return (shape) => {
    const { fanIn, fanOut } = fans(shape);
    return gain / Math.sqrt(fan === "in" ? fanIn : fanOut);
  };
}
