/**
 * Kaiming (He) initialization: keeps the variance through layers of ReLUs, which halve it.
 * Rests on scaled and fans. He et al. 2015, section 2.2.
 */

import { requirePositive } from "../core/require-number.ts";
import { requireOneOf } from "../core/require-one-of.ts";
import { fansFor } from "./fans.ts";
import type { Initializer } from "./initializer.ts";
import { normalOf, type StandardDeviation, uniformOf } from "./scaled.ts";

/** Options of the Kaiming initializers. */
export interface KaimingOptions {
  /** Which variance is kept: `"in"` (default) the forward signal's, `"out"` the gradient's. */
  readonly fan?: "in" | "out";
  /** √(variance lost per layer), > 0; default √2, for ReLU. */
  readonly gain?: number;
}

/**
 * Normal weights of standard deviation gain/√fan: √(2/fanIn) by default, the lecture notes' std² = 2/Din. Mean 0.
 * PyTorch's kaiming_normal_ takes the slope of a leaky ReLU in place of the gain, 0 by default.
 * Throws ValueError unless gain > 0 and `fan` is one of its words.
 *
 * @example
 * new Linear(784, 100, { init: kaimingNormal({ gain: gain("leakyRelu", { slope: 0.2 }) }) });
 */
export function kaimingNormal(options: KaimingOptions = {}): Initializer {
  return normalOf(kaimingStd("kaimingNormal", options));
}

/**
 * Uniform weights in ±√3·std, with the standard deviation of `kaimingNormal`. Throws ValueError unless gain > 0 and `fan` is one of its words.
 *
 * @example
 * new Linear(784, 100, { init: kaimingUniform({ gain: Math.sqrt(1 / 3) }) }); // PyTorch's default
 */
export function kaimingUniform(options: KaimingOptions = {}): Initializer {
  return uniformOf(kaimingStd("kaimingUniform", options));
}

function kaimingStd(
  where: string,
  { fan = "in", gain = Math.SQRT2 }: KaimingOptions,
): StandardDeviation {
  requirePositive(where, "gain", gain);
  requireOneOf(where, "fan", fan, ["in", "out"]);
  return (shape) => {
    const { fanIn, fanOut } = fansFor(where, shape);
    return gain / Math.sqrt(fan === "in" ? fanIn : fanOut);
  };
}
