/**
 * The quantile of the standard normal distribution: which z has probability p below it.
 * Rests on log.
 */
import { log } from "./log.ts";

/**
 * z with Φ(z) = p, the inverse of the standard normal distribution function. p: [0, 1] → [-∞, ∞]; NaN outside;
 * normalQuantile(0.5) = 0, antisymmetric about it as far as 1 - p is exact.
 * Error < 8 ulp of z, down to subnormal p.
 * Wichura 1988, "Algorithm AS 241", Applied Statistics 37, 477-484, PPND16: his coefficients and borders, the tail r = √(-log p).
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * central(0.180625 - q * q);
  const tail = q < 0 ? p : 1 - p;
  if (tail === 0) return q < 0 ? -Infinity : Infinity;
  const r = Math.sqrt(-log(tail));
  const z = r <= 5 ? middle(r - 1.6) : far(r - 5);
  return q < 0 ? -z : z;
}

/** z / q as a function of 0.425² - q². */
function central(r: number): number {
  const numerator =
    3.3871328727963665 +
    r *
      (133.14166789178438 +
        r *
          (1971.5909503065513 +
            r *
              (13731.693765509461 +
                r *
                  (45921.95393154987 +
                    r * (67265.7709270087 + r * (33430.57558358813 + r * 2509.0809287301227))))));
  const denominator =
    1 +
    r *
      (42.31333070160091 +
        r *
          (687.1870074920579 +
            r *
              (5394.196021424751 +
                r *
                  (21213.794301586597 +
                    r * (39307.89580009271 + r * (28729.085735721943 + r * 5226.495278852855))))));
  return numerator / denominator;
}

/** z as a function of r - 1.6 for r = √(-log p) ≤ 5. */
function middle(r: number): number {
  const numerator =
    1.4234371107496835 +
    r *
      (4.630337846156546 +
        r *
          (5.769497221460691 +
            r *
              (3.6478483247632045 +
                r *
                  (1.2704582524523684 +
                    r *
                      (0.2417807251774506 +
                        r * (0.022723844989269184 + r * 0.0007745450142783414))))));
  const denominator =
    1 +
    r *
      (2.053191626637759 +
        r *
          (1.6763848301838038 +
            r *
              (0.6897673349851 +
                r *
                  (0.14810397642748008 +
                    r *
                      (0.015198666563616457 +
                        r * (0.0005475938084995345 + r * 1.0507500716444169e-9))))));
  return numerator / denominator;
}

/** z as a function of r - 5, for the far tail: r < 27.3 for the smallest float64. */
function far(r: number): number {
  const numerator =
    6.657904643501103 +
    r *
      (5.463784911164114 +
        r *
          (1.7848265399172913 +
            r *
              (0.29656057182850487 +
                r *
                  (0.026532189526576124 +
                    r *
                      (0.0012426609473880784 +
                        r * (2.7115555687434876e-5 + r * 2.0103343992922881e-7))))));
  const denominator =
    1 +
    r *
      (0.5998322065558879 +
        r *
          (0.1369298809227358 +
            r *
              (0.014875361290850615 +
                r *
                  (0.0007868691311456133 +
                    r *
                      (1.8463183175100548e-5 +
                        r * (1.421511758316446e-7 + r * 2.0442631033899397e-15))))));
  return numerator / denominator;
}
