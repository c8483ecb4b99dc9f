/**
 * The error function on plain numbers: a series and a continued fraction.
 * Rests on nothing, and on no kernel.
 */

/** 2/√π, the slope of erf at 0. */
export const twoOverSqrtPi = 1.1283791670955126;

/** e^(−x²) with x² in two parts, the first of them exact: a rounded square would cost x² ulp. */
function gaussian(x: number): number {
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}

/** erf x = 2/√π e^(−x²) Σ 2ⁿ x^(2n+1)/(1·3·…·(2n+1)), DLMF 7.6.2: all terms have one sign. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return twoOverSqrtPi * gaussian(x) * sum;
}

/**
 * erfc x = e^(−x²)/√π · 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + …)))) for x ≥ 0.5, DLMF 7.9.1. The fraction converges
 * most slowly at 0.5, where a thousand terms leave less than a rounding.
 */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = 1000; n >= 1; n--) tail = x + n / 2 / tail;
  return (twoOverSqrtPi / 2) * (gaussian(x) / tail);
}

/** erf on plain numbers by its definition. */
export function erfReference(x: number): number {
  if (Math.abs(x) <= 2) return erfSeries(x);
  return x > 0 ? 1 - erfcFraction(x) : erfcFraction(-x) - 1;
}

/** erfc on plain numbers by its definition. */
export function erfcReference(x: number): number {
  if (x < -2) return 2 - erfcFraction(-x);
  return x < 0.5 ? 1 - erfSeries(x) : erfcFraction(x);
}
