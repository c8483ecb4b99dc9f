/**
 * sin, cos, tan and atan in radians.
 * Rests on argument-reduction and double-double. The polynomials are those of fdlibm (Sun Microsystems 1993: k_sin.c, k_cos.c,
 * s_atan.c), whose errors are below 2^-57.
 */
import { reduceAngle } from "./argument-reduction.ts";
import type { DoubleDouble } from "./double-double.ts";

const reduced: DoubleDouble = { high: 0, low: 0 };

/** sin(x + low) for |x| ≤ π/4: x + S1 x³ + S2 x⁵ + …, and low · cos(x) with cos(x) = 1 - x²/2. */
function sinReduced(x: number, low: number): number {
  const z = x * x;
  const cube = z * x;
  const tail =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x - (z * (0.5 * low - cube * tail) - low + cube * 0.16666666666666632);
}

/** cos(x + low) for |x| ≤ π/4: 1 - x²/2 + C1 x⁴ + …, with the rounding error of 1 - x²/2 put back. */
function cosReduced(x: number, low: number): number {
  const z = x * x;
  const tail =
    z *
    (0.0416666666666666 +
      z *
        (-0.001388888888887411 +
          z *
            (2.480158728947673e-5 +
              z *
                (-2.7557314351390663e-7 +
                  z * (2.087572321298175e-9 + z * -1.1359647557788195e-11)))));
  const half = 0.5 * z;
  const one = 1 - half;
  return one + (1 - one - half + (z * tail - x * low));
}

/**
 * The sine. x: radians, any float64 → [-1, 1]; NaN for ±∞; the sign of zero is kept.
 * Error < 1 ulp for every finite x.
 */
export function sin(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN;
  if (Math.abs(x) < 7.450580596923828e-9) return x;
  const quadrant = reduceAngle(x, reduced);
  const { high: r, low } = reduced;
  const size = (quadrant & 1) === 0 ? sinReduced(r, low) : cosReduced(r, low);
  return quadrant < 2 ? size : -size;
}

/** The cosine. x: radians, any float64 → [-1, 1]; NaN for ±∞. Error < 1 ulp for every finite x. */
export function cos(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN;
  const quadrant = reduceAngle(x, reduced);
  const { high: r, low } = reduced;
  const size = (quadrant & 1) === 0 ? cosReduced(r, low) : sinReduced(r, low);
  return quadrant === 0 || quadrant === 3 ? size : -size;
}

/**
 * The tangent, sin / cos of the reduced angle. x: radians, any float64; NaN for ±∞; the sign of zero is kept. Never
 * infinite: no float64 is a pole. Error < 2 ulp for every finite x.
 */
export function tan(x: number): number {
  if (!(Math.abs(x) < Infinity)) return NaN;
  if (Math.abs(x) < 7.450580596923828e-9) return x;
  const quadrant = reduceAngle(x, reduced);
  const { high: r, low } = reduced;
  const sine = sinReduced(r, low);
  const cosine = cosReduced(r, low);
  return (quadrant & 1) === 0 ? sine / cosine : -cosine / sine;
}

/** z · P(z) with z = x² and atan(x) = x - x · z · P(z) for |x| ≤ 7/16. */
function atanTail(z: number): number {
  const w = z * z;
  const even =
    0.3333333333333293 +
    w *
      (0.14285714272503466 +
        w *
          (0.09090887133436507 +
            w * (0.06661073137387531 + w * (0.049768779946159324 + w * 0.016285820115365782))));
  const odd =
    -0.19999999999876483 +
    w *
      (-0.11111110405462356 +
        w * (-0.0769187620504483 + w * (-0.058335701337905735 + w * -0.036531572744216916)));
  return z * even + w * odd;
}

/**
 * The arc tangent. x: any float64 → [-π/2, π/2] radians; the sign of zero is kept. Error < 1 ulp.
 * Beyond 7/16, atan(x) = atan(c) + atan((x - c) / (1 + c x)) for c = 1/2, 1, 3/2 or ∞.
 */
export function atan(x: number): number {
  const size = Math.abs(x);
  if (size < 0.4375) return size < 7.450580596923828e-9 ? x : x - x * atanTail(x * x);
  if (Number.isNaN(x)) return x;
  let t: number;
  let high: number;
  let low: number;
  if (size < 0.6875) {
    t = (2 * size - 1) / (2 + size);
    high = 0.4636476090008061;
    low = 2.2698777452961687e-17;
  } else if (size < 1.1875) {
    t = (size - 1) / (size + 1);
    high = 0.7853981633974483;
    low = 3.061616997868383e-17;
  } else if (size < 2.4375) {
    t = (size - 1.5) / (1 + 1.5 * size);
    high = 0.982793723247329;
    low = 1.3903311031230998e-17;
  } else {
    t = -1 / size;
    high = 1.5707963267948966;
    low = 6.123233995736766e-17;
  }
  const result = high - (t * atanTail(t * t) - low - t);
  return x < 0 ? -result : result;
}
