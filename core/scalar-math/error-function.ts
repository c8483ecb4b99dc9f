/**
 * The error function and its complement: erf(x) = 2/√π ∫₀ˣ exp(-t²) dt, erfc = 1 - erf.
 * Rests on exp and double-double. Below 0.84375 a polynomial of our own (Chebyshev nodes, 300-bit arithmetic), above
 * it the rational approximations of exp(x²) erfc(x) in W. J. Cody 1969, "Rational Chebyshev approximations for the
 * error function", Mathematics of Computation 23, 631-637.
 */
import { productError } from "./double-double.ts";
import { expTimes } from "./exp.ts";

/** Below this, erf is a polynomial and erfc = 1 - erf loses nothing; above it, erf = 1 - erfc. */
const border = 0.84375;

/** erf(x) / x - 1 as a polynomial in z = x², for z ≤ 0.7119140625. */
function erfTail(z: number): number {
  const w = z * z;
  const even =
    0.1283791670955126 +
    w *
      (0.11283791670954745 +
        w *
          (0.005223977624080742 +
            w *
              (0.00012055327421282683 + w * (1.6457914349746103e-6 + w * 1.4205594850504056e-8))));
  const odd =
    -0.3761263890318375 +
    w *
      (-0.026866170645031 +
        w *
          (-0.000854832691425112 +
            w *
              (-1.4925463570287675e-5 + w * (-1.630309508468887e-7 + w * -8.879702704985848e-10))));
  return even + z * odd;
}

/** exp(x²) erfc(x) for 0.46875 ≤ x ≤ 4 (Cody 1969). */
function scaledMiddle(x: number): number {
  const p =
    1230.3393547979972 +
    x *
      (2051.0783778260716 +
        x *
          (1712.0476126340707 +
            x *
              (881.952221241769 +
                x *
                  (298.6351381974001 +
                    x *
                      (66.11919063714163 +
                        x *
                          (8.883149794388377 +
                            x * (0.5641884969886701 + x * 2.1531153547440383e-8)))))));
  const q =
    1230.3393548037495 +
    x *
      (3439.3676741437216 +
        x *
          (4362.619090143247 +
            x *
              (3290.7992357334597 +
                x *
                  (1621.3895745666903 +
                    x *
                      (537.1811018620099 +
                        x * (117.6939508913125 + x * (15.744926110709835 + x)))))));
  return p / q;
}

/** exp(x²) erfc(x) for x ≥ 4: (1/√π - z P(z)/Q(z)) / x with z = 1/x² (Cody 1969). */
function scaledFar(x: number): number {
  const z = 1 / (x * x);
  const p =
    0.0006587491615298378 +
    z *
      (0.016083785148742275 +
        z *
          (0.12578172611122926 +
            z * (0.36034489994980445 + z * (0.30532663496123236 + z * 0.016315387137302097))));
  const q =
    0.0023352049762686918 +
    z *
      (0.06051834131244132 +
        z * (0.5279051029514285 + z * (1.8729528499234604 + z * (2.568520192289822 + z))));
  return (0.5641895835477563 - (z * p) / q) / x;
}

/** erfc(x) for x ≥ 0.84375: exp(-x²) with x² in double-double, since its error is magnified by x². */
function erfcTail(x: number): number {
  if (x > 28) return 0;
  const square = x * x;
  const squareLow = productError(x, x, square);
  return expTimes(-square, -squareLow, x <= 4 ? scaledMiddle(x) : scaledFar(x));
}

/** The error function. x: any float64 → [-1, 1]; the sign of zero is kept. Error < 2 ulp. */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (size < border) return x + x * erfTail(x * x);
  if (Number.isNaN(x)) return x;
  const result = size < 6 ? 1 - erfcTail(size) : 1;
  return x < 0 ? -result : result;
}

/**
 * The complementary error function 1 - erf(x). x: any float64 → [0, 2]; subnormal from 26.54, 0 from 27.23 on.
 * Error < 7 ulp, subnormal results included; the largest lie between 2 and 4, in Cody's rational function.
 */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size < border) {
    const tail = x * erfTail(x * x);
    return x < 0.25 ? 1 - (x + tail) : 0.5 - (x - 0.5 + tail);
  }
  if (Number.isNaN(x)) return x;
  return x < 0 ? 2 - erfcTail(size) : erfcTail(size);
}
