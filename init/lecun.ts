/**
 * LeCun's initialization: variance 1/fanIn, so that a linear layer keeps the variance of its input.
 * Rests on scaled and fans. LeCun, Bottou, Orr & Müller 1998, "Efficient BackProp", section 4.6.
 */
import { fans } from "./fans.ts";
import type { Initializer } from "./initializer.ts";
import { normalOf, type StandardDeviation, uniformOf } from "./scaled.ts";

const lecunStd: StandardDeviation = (shape) => Math.sqrt(1 / fans(shape).fanIn);

/**
 * Normal weights of standard deviation 1/√fanIn: bit for bit `xavierNormal()` in the lecture notes' form, which is the
 * default here. What SELU asks for (Klambauer et al. 2017, section "Initialization"). Keras truncates this normal.
 *
 * @example
 * new Linear(784, 100, { init: lecunNormal() });
 */
export function lecunNormal(): Initializer {
  return normalOf(lecunStd);
}

/**
 * Uniform weights in ±√(3/fanIn), with the standard deviation of `lecunNormal`.
 *
 * @example
 * new Linear(784, 100, { init: lecunUniform() });
 */
export function lecunUniform(): Initializer {
  return uniformOf(lecunStd);
}
