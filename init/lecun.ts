/**
 * LeCun's initialization: variance 1/fanIn, so that a linear layer keeps the variance of its input.
 * Rests on scaled and fans. LeCun, Bottou, Orr & Müller 1998, "Efficient BackProp", section 4.6.
 */
import { fansFor } from "./fans.ts";
import type { Initializer } from "./initializer.ts";
import { normalOf, type StandardDeviation, uniformOf } from "./scaled.ts";

const lecunStd =
  (where: string): StandardDeviation =>
  (shape) =>
    Math.sqrt(1 / fansFor(where, shape).fanIn);

/**
 * Normal weights of standard deviation 1/√fanIn: bit for bit `xavierNormal()` in the lecture notes' form, which is the
 * default here. What SELU asks for (Klambauer et al. 2017, section "Initialization"). Keras truncates this normal.
 *
 * @example
 * new Linear(784, 100, { init: lecunNormal() });
 */
export function lecunNormal(): Initializer {
  return normalOf(lecunStd("lecunNormal"));
}

/**
 * Uniform weights in ±√(3/fanIn), with the standard deviation of `lecunNormal`.
 *
 * @example
 * new Linear(784, 100, { init: lecunUniform() });
 */
export function lecunUniform(): Initializer {
  return uniformOf(lecunStd("lecunUniform"));
}
