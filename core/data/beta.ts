/**
 * The beta distribution, drawn from a stream.
 * Rests on random and scalar-math.
 */
import { normals, type Stream, uniforms } from "../random/index.ts";
import { exp, log } from "../scalar-math/index.ts";

/**
 * The logarithm of a draw from Gamma(shape, 1). shape > 0.
 * Marsaglia & Tsang 2000, "A simple method for generating gamma variables", section 2; below 1 their section 6: the draw
 * for shape + 1 times u^(1/shape). Logarithms, since the draw itself underflows for a small shape.
 */
function logGamma(stream: Stream, shape: number): number {
  if (shape < 1) {
    // 1 − u is in (0, 1]: the logarithm of 0 is no number.
    const boost = log(1 - (uniforms(stream, 1)[0] ?? 0)) / shape;
    return logGamma(stream, shape + 1) + boost;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normals(stream, 1)[0] ?? 0;
    const u = 1 - (uniforms(stream, 1)[0] ?? 0);
    const root = 1 + c * x;
    if (root <= 0) continue;
    const logV = 3 * log(root);
    const v = root * root * root;
    if (log(u) < 0.5 * x * x + d - d * v + d * logV) return log(d) + logV;
  }
}

/** The least parameter of `beta`: far below it logarithms over the parameter overflow, and ∞ − ∞ is no number. */
export const leastBeta = 1e-300;

/**
 * A draw from Beta(a, b), in [0, 1]: g/(g + h) for g ~ Gamma(a), h ~ Gamma(b). a, b: at least `leastBeta` and finite.
 * Mean a/(a + b), variance ab/((a + b)²(a + b + 1)). How many blocks it takes is random, a handful.
 */
export function beta(stream: Stream, a: number, b: number): number {
  const logG = logGamma(stream, a);
  const logH = logGamma(stream, b);
  return 1 / (1 + exp(logH - logG));
}
