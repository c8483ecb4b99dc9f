/**
 * erf, erfc, and gelu, which is made of erfc.
 * Rests on math-bits and math-exp. Vectors: pairs of float64 lanes with erfc(a) = exp(-a²) G(t) / (1 + 2a) and
 * t = (a - 3) / (a + 3), the form of M. M. Shepherd & J. G. Laframboise 1981, Mathematics of Computation 36, 249-253; G by the
 * Remez exchange in 200-bit arithmetic. Scalars: core/scalar-math/error-function.ts, operation for operation.
 */
import { choose, each32, each64, highPair, joinPairs, lowPair, productError, step64, withSign } from "./math-bits";
import { expPair, expTimes } from "./math-exp";

/**
 * Float64: 0 the border beyond which float32 erfc is 0, 1 1, 2 2, 3 3, 4 … 16 G, off by less than 2^-34, 17 … 21 erf(x) = x E(x²)
 * for |x| ≤ 1/4, off by less than 2^-39, 22 1/4, 23 √½, 24 1/2.
 */
const table64: usize = memory.data<f64>([
  10.6, 1.0, 2.0, 3.0,
  3.2541972589793606e-05, 0.00012502504740891958, -0.00012807542976997764, -0.0007894869919796907,
  0.0018953348471939294, 0.002533688487114873, -0.023771307857839034, 0.06830730113380695, -0.11927362877195814,
  0.12964520770861243, -0.04756229474209304, -0.1356211070537771, 1.2530080582714975,
  0.005092226869869201, -0.026858992979364216, 0.1128377566610243, -0.3761263877808515, 1.1283791670939458,
  0.25, 0.7071067811865476, 0.5,
], 16);

/** erfc(size) in two float64 lanes, good to 2^-33 of itself up to 10.6 and constant beyond. size ≥ 0. */
// @ts-ignore: decorator
@inline
function erfcTailPair(size: v128): v128 {
  const a = f64x2.pmin(size, each64(table64, 0));
  const three = each64(table64, 3);
  const above = f64x2.add(a, three);
  const linear = f64x2.add(each64(table64, 1), f64x2.add(a, a));
  const inverse = f64x2.div(each64(table64, 1), f64x2.mul(above, linear));
  const t = f64x2.mul(f64x2.mul(f64x2.sub(a, three), linear), inverse);
  let g = step64(t, each64(table64, 4), table64, 5);
  g = step64(t, g, table64, 6);
  g = step64(t, g, table64, 7);
  g = step64(t, g, table64, 8);
  g = step64(t, g, table64, 9);
  g = step64(t, g, table64, 10);
  g = step64(t, g, table64, 11);
  g = step64(t, g, table64, 12);
  g = step64(t, g, table64, 13);
  g = step64(t, g, table64, 14);
  g = step64(t, g, table64, 15);
  g = step64(t, g, table64, 16);
  return f64x2.mul(expPair(f64x2.neg(f64x2.mul(a, a))), f64x2.mul(g, f64x2.mul(above, inverse)));
}

/** |erf| of both lanes. */
// @ts-ignore: decorator
@inline
function erfPair(size: v128): v128 {
  const z = f64x2.mul(size, size);
  let e = step64(z, each64(table64, 17), table64, 18);
  e = step64(z, e, table64, 19);
  e = step64(z, e, table64, 20);
  e = step64(z, e, table64, 21);
  const near = f64x2.lt(size, each64(table64, 22));
  return choose(near, f64x2.mul(size, e), f64x2.sub(each64(table64, 1), erfcTailPair(size)));
}

/** erf in four float32 lanes. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function erf32(x: v128): v128 {
  const size = f32x4.abs(x);
  return withSign(joinPairs(erfPair(lowPair(size)), erfPair(highPair(size))), x);
}

// @ts-ignore: decorator
@inline
function erfcPair(x: v128): v128 {
  const tail = erfcTailPair(f64x2.abs(x));
  return choose(f64x2.lt(x, f64x2.splat(0)), f64x2.sub(each64(table64, 2), tail), tail);
}

/** erfc in four float32 lanes; 0 from 10.06 on. Error < 0.51 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function erfc32(x: v128): v128 {
  return joinPairs(erfcPair(lowPair(x)), erfcPair(highPair(x)));
}

/** x erfc(-x / √2) / 2. */
// @ts-ignore: decorator
@inline
function geluPair(x: v128): v128 {
  const tail = erfcTailPair(f64x2.mul(f64x2.abs(x), each64(table64, 23)));
  const half = f64x2.mul(each64(table64, 24), tail);
  return f64x2.mul(x, choose(f64x2.lt(x, f64x2.splat(0)), half, f64x2.sub(each64(table64, 1), half)));
}

/** Float32: 0 the border below which gelu is -0. */
const table32: usize = memory.data<f32>([-15.0], 16);

/** gelu in four float32 lanes; gelu(-∞) = -0. Error < 0.51 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function gelu32(x: v128): v128 {
  const inside = f32x4.pmax(x, each32(table32, 0));
  return joinPairs(geluPair(lowPair(inside)), geluPair(highPair(inside)));
}

/** erf(x) / x - 1 as a polynomial in z = x², for z ≤ 0.7119140625. */
function erfTail(z: f64): f64 {
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
function scaledMiddle(x: f64): f64 {
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

/** exp(x²) erfc(x) for x ≥ 4 (Cody 1969). */
function scaledFar(x: f64): f64 {
  const z = 1.0 / (x * x);
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

/** erfc(x) for x ≥ 0.84375. */
function erfcTail(x: f64): f64 {
  if (x > 28.0) return 0.0;
  const square = x * x;
  const squareLow = productError(x, x, square);
  return expTimes(-square, -squareLow, x <= 4.0 ? scaledMiddle(x) : scaledFar(x));
}

const border: f64 = 0.84375;

/** erf in float64. */
export function erf64(x: f64): f64 {
  const size = abs<f64>(x);
  if (size < border) return x + x * erfTail(x * x);
  if (x != x) return x;
  const result = size < 6.0 ? 1.0 - erfcTail(size) : 1.0;
  return x < 0.0 ? -result : result;
}

/** erfc in float64. */
export function erfc64(x: f64): f64 {
  const size = abs<f64>(x);
  if (size < border) {
    const tail = x * erfTail(x * x);
    return x < 0.25 ? 1.0 - (x + tail) : 0.5 - (x - 0.5 + tail);
  }
  if (x != x) return x;
  return x < 0.0 ? 2.0 - erfcTail(size) : erfcTail(size);
}

/** gelu in float64, the reference device's formula. */
export function gelu64(x: f64): f64 {
  return x == -Infinity ? -0.0 : 0.5 * x * erfc64(-x * 0.7071067811865476);
}
