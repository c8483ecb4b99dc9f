/**
 * Xavier (Glorot) initialization: keeps the variance of a linear layer's signal.
 * Rests on scaled and fans. Glorot & Bengio 2010.
 */

import { requirePositive } from "../core/require-number.ts";
import { requireOneOf } from "../core/require-one-of.ts";
import { fansFor } from "./fans.ts";
import type { Initializer } from "./initializer.ts";
import { normalOf, type StandardDeviation, uniformOf } from "./scaled.ts";

/** Options of the Xavier initializers. */
export interface XavierOptions {
  /**
   * `"in"` (default, the lecture-notes form): variance 1/fanIn, which preserves the forward variance.
   * `"average"` (equation 16 of the paper, PyTorch's form): variance 2/(fanIn + fanOut).
   */
  readonly fan?: "in" | "average";
  /** Factor on the standard deviation, > 0; default 1. */
  readonly gain?: number;
}

/**
 * Normal weights of standard deviation gain/√fanIn, the lecture notes' std² = 1/Din, or with `fan: "average"`
 * gain·√(2/(fanIn + fanOut)), PyTorch's xavier_normal_. Mean 0. Throws ValueError unless gain > 0 and `fan` is one of its words.
 *
 * @example
 * new Linear(784, 100, { init: xavierNormal({ gain: gain("tanh") }) });
 */
export function xavierNormal(options: XavierOptions = {}): Initializer {
  return normalOf(xavierStd("xavierNormal", options));
}

/**
 * Uniform weights in ±√3·std, with the standard deviation of `xavierNormal`. Throws ValueError unless gain > 0 and `fan` is one of its words.
 *
 * @example
 * new Linear(784, 100, { init: xavierUniform({ fan: "average" }) }); // equation 16 of the paper
 */
export function xavierUniform(options: XavierOptions = {}): Initializer {
  return uniformOf(xavierStd("xavierUniform", options));
}

function xavierStd(where: string, { fan = "in", gain = 1 }: XavierOptions): StandardDeviation {
  requirePositive(where, "gain", gain);
  requireOneOf(where, "fan", fan, ["in", "average"]);
  return (shape) => {
    const { fanIn, fanOut } = fansFor(where, shape);
    return gain * Math.sqrt(fan === "in" ? 1 / fanIn : 2 / (fanIn + fanOut));
  };
}
