/**
 * sin, cos, tan and atan in radians.
 * Rests on math-bits and math-angle. Vectors: pairs of float64 lanes with polynomials by the Remez exchange in 200-bit
 * arithmetic; below 2^20 an angle is reduced by subtracting multiples of π/2 in two parts (Cody & Waite 1980), and lanes
 * beyond go through the scalar functions. Scalars: core/scalar-math/trigonometric.ts, operation for operation.
 */
import { angleHigh, angleLow, reduceAngle } from "./math-angle";
import { choose, each32, each64, highPair, joinPairs, lowPair, step64, withSign } from "./math-bits";

/**
 * Float64: 0 2/π, 1 the rounding shift 3 · 2^51, 2 and 3 π/2 in two parts (the first has 33 bits), 4 … 7 sin(r) = r + r³ S(r²),
 * off by less than 2^-37, 8 … 10 cos(r) = 1 - r²/2 + r⁴ C(r²), off by less than 2^-32, 11 1/2, 12 1.
 */
const angles: usize = memory.data<f64>([
  0.6366197723675814, 6755399441055744.0, 1.5707963267341256, 6.077100506506192e-11,
  2.7183042323483897e-06, -0.00019839334083344992, 0.008333329383583018, -0.16666666641606995,
  2.4433082757110932e-05, -0.0013887315617062358, 0.04166664567016589, 0.5, 1.0,
], 16);
/** The border of the reduction in vectors. */
const far: usize = memory.data<f32>([1048576.0], 16);
const wholes: usize = memory.data<u64>([1, 2], 16);

/** The quadrant as an integer in the lowest bits. */
// @ts-ignore: decorator
@inline
function shiftedQuadrant(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, each64(angles, 0)), each64(angles, 1));
}

// @ts-ignore: decorator
@inline
function reduced(x: v128, shifted: v128): v128 {
  const n = f64x2.sub(shifted, each64(angles, 1));
  return f64x2.sub(f64x2.sub(x, f64x2.mul(n, each64(angles, 2))), f64x2.mul(n, each64(angles, 3)));
}

// @ts-ignore: decorator
@inline
function sinReducedPair(r: v128, z: v128): v128 {
  let s = step64(z, each64(angles, 4), angles, 5);
  s = step64(z, s, angles, 6);
  s = step64(z, s, angles, 7);
  // As a product, which keeps the sign of zero.
  return f64x2.mul(r, f64x2.add(each64(angles, 12), f64x2.mul(z, s)));
}

// @ts-ignore: decorator
@inline
function cosReducedPair(z: v128): v128 {
  let c = step64(z, each64(angles, 8), angles, 9);
  c = step64(z, c, angles, 10);
  const half = f64x2.mul(z, each64(angles, 11));
  return f64x2.add(f64x2.sub(each64(angles, 12), half), f64x2.mul(f64x2.mul(z, z), c));
}

/** All bits set where the quadrant is odd. */
// @ts-ignore: decorator
@inline
function oddMask(quadrant: v128): v128 {
  const one = each64(wholes, 0);
  return i64x2.eq(v128.and(quadrant, one), one);
}

/** The sign bit from bit 1 of the quadrant. */
// @ts-ignore: decorator
@inline
function signOfQuadrant(quadrant: v128): v128 {
  return i64x2.shl(v128.and(quadrant, each64(wholes, 1)), 62);
}

/** sin(x + turn · π/2). */
// @ts-ignore: decorator
@inline
function sinTurnedPair(x: v128, turn: bool): v128 {
  const shifted = shiftedQuadrant(x);
  const r = reduced(x, shifted);
  const z = f64x2.mul(r, r);
  const quadrant = turn ? i64x2.add(shifted, each64(wholes, 0)) : shifted;
  const size = choose(oddMask(quadrant), cosReducedPair(z), sinReducedPair(r, z));
  return v128.xor(size, signOfQuadrant(quadrant));
}

// @ts-ignore: decorator
@inline
function tanPair(x: v128): v128 {
  const shifted = shiftedQuadrant(x);
  const r = reduced(x, shifted);
  const z = f64x2.mul(r, r);
  const sine = sinReducedPair(r, z);
  const cosine = cosReducedPair(z);
  const odd = oddMask(shifted);
  return f64x2.div(choose(odd, f64x2.neg(cosine), sine), choose(odd, sine, cosine));
}

/** Lanes of |x| ≥ 2^20, ±∞ included. */
// @ts-ignore: decorator
@inline
function farLanes(x: v128): v128 {
  return f32x4.ge(f32x4.abs(x), each32(far, 0));
}

/** 0 sin, 1 cos, 2 tan of one far lane. */
function farAngle(x: f32, fn: i32): f32 {
  const y = <f64>x;
  return <f32>(fn == 0 ? sin64(y) : fn == 1 ? cos64(y) : tan64(y));
}

/** `near` with the far lanes put right. */
function withFarLanes(x: v128, lanes: v128, near: v128, fn: i32): v128 {
  const all = f32x4(
    farAngle(f32x4.extract_lane(x, 0), fn), farAngle(f32x4.extract_lane(x, 1), fn),
    farAngle(f32x4.extract_lane(x, 2), fn), farAngle(f32x4.extract_lane(x, 3), fn),
  );
  return choose(lanes, all, near);
}

/** sin in four float32 lanes; NaN for ±∞. Error < 0.51 ulp for every x. */
// @ts-ignore: decorator
@inline
export function sin32(x: v128): v128 {
  const near = joinPairs(sinTurnedPair(lowPair(x), false), sinTurnedPair(highPair(x), false));
  const lanes = farLanes(x);
  return v128.any_true(lanes) ? withFarLanes(x, lanes, near, 0) : near;
}

/** cos in four float32 lanes; NaN for ±∞. Error < 0.51 ulp for every x. */
// @ts-ignore: decorator
@inline
export function cos32(x: v128): v128 {
  const near = joinPairs(sinTurnedPair(lowPair(x), true), sinTurnedPair(highPair(x), true));
  const lanes = farLanes(x);
  return v128.any_true(lanes) ? withFarLanes(x, lanes, near, 1) : near;
}

/** tan in four float32 lanes; NaN for ±∞. Error < 0.51 ulp for every x. */
// @ts-ignore: decorator
@inline
export function tan32(x: v128): v128 {
  const near = joinPairs(tanPair(lowPair(x)), tanPair(highPair(x)));
  const lanes = farLanes(x);
  return v128.any_true(lanes) ? withFarLanes(x, lanes, near, 2) : near;
}

/**
 * Float64: 0 … 5 atan(t) = t + t³ A(t²) for |t| ≤ √2 - 1, off by less than 2^-35, 6 √2 - 1, 7 √2 + 1, 8 1, 9 π/4, 10 π/2, 11 -1.
 */
const arcs: usize = memory.data<f64>([
  0.047480603122478045, -0.08478306855179982, 0.11045076613408501, -0.14282040779399716, 0.19999905144189084,
  -0.33333332514160385, 0.41421356237309503, 2.414213562373095, 1.0, 0.7853981633974483, 1.5707963267948966, -1.0,
], 16);

/** atan(x) = atan(t), π/4 + atan(t) or π/2 + atan(t) with t = x, (x - 1) / (x + 1) or -1 / x. x ≥ 0. */
// @ts-ignore: decorator
@inline
function atanPair(x: v128): v128 {
  const one = each64(arcs, 8);
  const middle = f64x2.gt(x, each64(arcs, 6));
  const large = f64x2.gt(x, each64(arcs, 7));
  const numerator = choose(large, each64(arcs, 11), choose(middle, f64x2.sub(x, one), x));
  const denominator = choose(large, x, choose(middle, f64x2.add(x, one), one));
  const offset = choose(large, each64(arcs, 10), v128.and(middle, each64(arcs, 9)));
  const t = f64x2.div(numerator, denominator);
  const z = f64x2.mul(t, t);
  let a = step64(z, each64(arcs, 0), arcs, 1);
  a = step64(z, a, arcs, 2);
  a = step64(z, a, arcs, 3);
  a = step64(z, a, arcs, 4);
  a = step64(z, a, arcs, 5);
  return f64x2.add(offset, f64x2.add(t, f64x2.mul(t, f64x2.mul(z, a))));
}

/** atan in four float32 lanes. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function atan32(x: v128): v128 {
  const size = f32x4.abs(x);
  return withSign(joinPairs(atanPair(lowPair(size)), atanPair(highPair(size))), x);
}

/** sin(x + low) for |x| ≤ π/4. */
function sinReduced(x: f64, low: f64): f64 {
  const z = x * x;
  const cube = z * x;
  const tail =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x - (z * (0.5 * low - cube * tail) - low + cube * 0.16666666666666632);
}

/** cos(x + low) for |x| ≤ π/4. */
function cosReduced(x: f64, low: f64): f64 {
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
  const one = 1.0 - half;
  return one + (1.0 - one - half + (z * tail - x * low));
}

const tiny: f64 = 7.450580596923828e-9;

/** sin in float64. */
export function sin64(x: f64): f64 {
  if (!(abs<f64>(x) < Infinity)) return NaN;
  if (abs<f64>(x) < tiny) return x;
  const quadrant = reduceAngle(x);
  const size = (quadrant & 1) == 0 ? sinReduced(angleHigh, angleLow) : cosReduced(angleHigh, angleLow);
  return quadrant < 2 ? size : -size;
}

/** cos in float64. */
export function cos64(x: f64): f64 {
  if (!(abs<f64>(x) < Infinity)) return NaN;
  const quadrant = reduceAngle(x);
  const size = (quadrant & 1) == 0 ? cosReduced(angleHigh, angleLow) : sinReduced(angleHigh, angleLow);
  return quadrant == 0 || quadrant == 3 ? size : -size;
}

/** tan in float64. */
export function tan64(x: f64): f64 {
  if (!(abs<f64>(x) < Infinity)) return NaN;
  if (abs<f64>(x) < tiny) return x;
  const quadrant = reduceAngle(x);
  const sine = sinReduced(angleHigh, angleLow);
  const cosine = cosReduced(angleHigh, angleLow);
  return (quadrant & 1) == 0 ? sine / cosine : -cosine / sine;
}

/** z · P(z) with z = x² and atan(x) = x - x · z · P(z) for |x| ≤ 7/16. */
function atanTail(z: f64): f64 {
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

/** atan in float64. */
export function atan64(x: f64): f64 {
  const size = abs<f64>(x);
  if (size < 0.4375) return size < tiny ? x : x - x * atanTail(x * x);
  if (x != x) return x;
  let t: f64;
  let high: f64;
  let low: f64;
  if (size < 0.6875) {
    t = (2.0 * size - 1.0) / (2.0 + size);
    high = 0.4636476090008061;
    low = 2.2698777452961687e-17;
  } else if (size < 1.1875) {
    t = (size - 1.0) / (size + 1.0);
    high = 0.7853981633974483;
    low = 3.061616997868383e-17;
  } else if (size < 2.4375) {
    t = (size - 1.5) / (1.0 + 1.5 * size);
    high = 0.982793723247329;
    low = 1.3903311031230998e-17;
  } else {
    t = -1.0 / size;
    high = 1.5707963267948966;
    low = 6.123233995736766e-17;
  }
  const result = high - (t * atanTail(t * t) - low - t);
  return x < 0.0 ? -result : result;
}
