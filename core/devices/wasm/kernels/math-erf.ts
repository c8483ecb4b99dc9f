/**
 * erf, erfc, and gelu, which is made of erfc.
 * Rests on math-bits and math-exp. Vectors: erfc(a) = exp(-a²) G(t) / (1 + 2a/√π) with t = (a - 3) / (a + 3), after M. M. Shepherd &
 * J. G. Laframboise 1981, Mathematics of Computation 36, 249-253. They divide by 1 + 2a; with 2a/√π the slope of G at 0 is 0, so that
 * an error of t does no harm there. What is small beside the result, the polynomials but for their first terms, is computed in
 * four float32 lanes, the rest in pairs of float64 lanes. Polynomials by interpolation at Chebyshev nodes in 200-bit arithmetic.
 * Scalars: core/scalar-math/error-function.ts, operation for operation.
 */
import { choose, each32, each64, highPair, joinPairs, lowPair, productError, step32, withSign } from "./math-bits";
import { expTimes } from "./math-exp";

/**
 * Float32: 0 √½, 1 3, 2 … 11 G but for its first term, off by less than 2^-26, 12 … 17 (exp(r) - 1 - r) / r², off by less than
 * 2^-30 of exp(r), 18 … 23 E but for its first term with erf(x) = x E(x²) for |x| ≤ 1, off by less than 2^-27, 24 and 25 the borders
 * beyond which erfc and gelu are 0.
 */
const table32: usize = memory.data<f32>([
  0.7071067811865476, 3.0,
  -0.00013013588613830507, -0.0004318712162785232, 0.0008712490671314299, 0.0017663314938545227,
  -0.011564689688384533, 0.027898624539375305, -0.036059197038412094, 0.007723355665802956, 0.08020252734422684,
  -0.21869201958179474,
  0.00019890980911441147, 0.0013933641603216529, 0.00833331048488617, 0.04166646674275398, 0.1666666716337204, 0.5,
  7.875874871388078e-05, -0.000801686430349946, 0.005189087241888046, -0.02685421146452427, 0.11283594369888306,
  -0.3761262595653534,
  10.6, 15.0,
], 16);

/** Float64: 0 the first term of G, 1 1/ln 2, 2 the rounding shift 3 · 2^51, 3 ln 2, 4 1, 5 2, 6 √(2/π), 7 1/2, 8 the first term of E,
 * 9 2/√π. */
const table64: usize = memory.data<f64>([
  0.7849446607911343, 1.4426950408889634, 6755399441055744.0, 0.6931471805599453, 1.0, 2.0, 0.7978845608028654, 0.5,
  1.1283791658483509, 1.1283791670955126,
], 16);

/** G(t) but for its first term. a ≥ 0. */
// @ts-ignore: decorator
@inline
function restOfG(a: v128): v128 {
  const three = each32(table32, 1);
  const t = f32x4.div(f32x4.sub(a, three), f32x4.add(a, three));
  let g = step32(t, each32(table32, 2), table32, 3);
  g = step32(t, g, table32, 4);
  g = step32(t, g, table32, 5);
  g = step32(t, g, table32, 6);
  g = step32(t, g, table32, 7);
  g = step32(t, g, table32, 8);
  g = step32(t, g, table32, 9);
  g = step32(t, g, table32, 10);
  g = step32(t, g, table32, 11);
  return f32x4.mul(t, g);
}

/** exp(r) - 1 - r for |r| ≤ 0.35. */
// @ts-ignore: decorator
@inline
function restOfExp(r: v128): v128 {
  let q = step32(r, each32(table32, 12), table32, 13);
  q = step32(r, q, table32, 14);
  q = step32(r, q, table32, 15);
  q = step32(r, q, table32, 16);
  q = step32(r, q, table32, 17);
  return f32x4.mul(f32x4.mul(r, r), q);
}

/** k of -square = k ln 2 + r, as k + 3 · 2^51. */
// @ts-ignore: decorator
@inline
function shiftedQuotient(square: v128): v128 {
  return f64x2.sub(each64(table64, 2), f64x2.mul(square, each64(table64, 1)));
}

/** r. */
// @ts-ignore: decorator
@inline
function remainder(square: v128, shifted: v128): v128 {
  const k = f64x2.sub(shifted, each64(table64, 2));
  return f64x2.neg(f64x2.add(square, f64x2.mul(k, each64(table64, 3))));
}

/** 2^k (1 + r + rest of exp) (first term and rest of G) / (1 + slope). */
// @ts-ignore: decorator
@inline
function assembled(shifted: v128, r: v128, ofExp: v128, ofG: v128, slope: v128): v128 {
  const one = each64(table64, 4);
  const scale = i64x2.add(i64x2.shl(shifted, 52), one);
  const exp = f64x2.mul(scale, f64x2.add(one, f64x2.add(r, ofExp)));
  return f64x2.div(f64x2.mul(exp, f64x2.add(each64(table64, 0), ofG)), f64x2.add(one, slope));
}

/** 1 - tail with the sign of x, or near 0 x E(x²). */
// @ts-ignore: decorator
@inline
function erfPair(x: v128, tail: v128, restOfE: v128): v128 {
  const one = each64(table64, 4);
  const near = f64x2.mul(x, f64x2.add(each64(table64, 8), restOfE));
  const far = f64x2.sub(one, tail);
  const signed = v128.or(far, v128.and(x, f64x2.splat(-0.0)));
  return choose(f64x2.lt(f64x2.abs(x), one), near, signed);
}

/** tail, or 2 - tail where x < 0. */
// @ts-ignore: decorator
@inline
function erfcPair(x: v128, tail: v128): v128 {
  return choose(f64x2.lt(x, f64x2.splat(0)), f64x2.sub(each64(table64, 5), tail), tail);
}

/** E(x²) but for its first term. */
// @ts-ignore: decorator
@inline
function restOfE(size: v128): v128 {
  const z = f32x4.mul(size, size);
  let e = step32(z, each32(table32, 18), table32, 19);
  e = step32(z, e, table32, 20);
  e = step32(z, e, table32, 21);
  e = step32(z, e, table32, 22);
  e = step32(z, e, table32, 23);
  return f32x4.mul(z, e);
}

/** erf or erfc. */
// @ts-ignore: decorator
@inline
function errorFunction32(x: v128, complement: bool): v128 {
  const size = f32x4.pmin(f32x4.abs(x), each32(table32, 24));
  const a = lowPair(size), b = highPair(size);
  const squareA = f64x2.mul(a, a), squareB = f64x2.mul(b, b);
  const shiftedA = shiftedQuotient(squareA), shiftedB = shiftedQuotient(squareB);
  const rA = remainder(squareA, shiftedA), rB = remainder(squareB, shiftedB);
  const ofExp = restOfExp(joinPairs(rA, rB));
  const ofG = restOfG(size);
  const slope = each64(table64, 9);
  const tailA = assembled(shiftedA, rA, lowPair(ofExp), lowPair(ofG), f64x2.mul(a, slope));
  const tailB = assembled(shiftedB, rB, highPair(ofExp), highPair(ofG), f64x2.mul(b, slope));
  if (complement) return joinPairs(erfcPair(lowPair(x), tailA), erfcPair(highPair(x), tailB));
  const ofE = restOfE(size);
  return joinPairs(erfPair(lowPair(x), tailA, lowPair(ofE)), erfPair(highPair(x), tailB, highPair(ofE)));
}

/** erf in four float32 lanes. Error < 1.3 ulp. */
// @ts-ignore: decorator
@inline
export function erf32(x: v128): v128 {
  return errorFunction32(x, false);
}

/** erfc in four float32 lanes; 0 from 10.06 on. Error < 1.3 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function erfc32(x: v128): v128 {
  return errorFunction32(x, true);
}

/** x (1 - tail / 2), or x · tail / 2 where x < 0; tail = erfc(|x| / √2). */
// @ts-ignore: decorator
@inline
function geluPair(x: v128, tail: v128): v128 {
  const half = f64x2.mul(each64(table64, 7), tail);
  return f64x2.mul(x, choose(f64x2.lt(x, f64x2.splat(0)), half, f64x2.sub(each64(table64, 4), half)));
}

/** x²/2. */
// @ts-ignore: decorator
@inline
function halfSquare(x: v128): v128 {
  return f64x2.mul(each64(table64, 7), f64x2.mul(x, x));
}

/** gelu in four float32 lanes; gelu(-∞) = -0. Error < 1.2 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function gelu32(x: v128): v128 {
  const border = each32(table32, 25);
  const size = f32x4.pmin(f32x4.abs(x), border);
  const inside = f32x4.pmax(x, f32x4.neg(border));
  const a = lowPair(size), b = highPair(size);
  const squareA = halfSquare(a), squareB = halfSquare(b);
  const shiftedA = shiftedQuotient(squareA), shiftedB = shiftedQuotient(squareB);
  const rA = remainder(squareA, shiftedA), rB = remainder(squareB, shiftedB);
  const ofExp = restOfExp(joinPairs(rA, rB));
  const ofG = restOfG(f32x4.mul(size, each32(table32, 0)));
  const slope = each64(table64, 6);
  const tailA = assembled(shiftedA, rA, lowPair(ofExp), lowPair(ofG), f64x2.mul(a, slope));
  const tailB = assembled(shiftedB, rB, highPair(ofExp), highPair(ofG), f64x2.mul(b, slope));
  return joinPairs(geluPair(lowPair(inside), tailA), geluPair(highPair(inside), tailB));
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
