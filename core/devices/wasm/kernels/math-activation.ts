/**
 * Activations made of one exponential: geluTanh, silu and elu, each rounded to float32 once.
 * Rests on math-bits, math-exp and math-hyperbolic. Scalars: the reference device's formulas.
 */
import { choose, each32, each64, highPair, joinPairs, lowPair, within32 } from "./math-bits";
import { expm164, expm1Pair } from "./math-exp";
import { expOfMinusSizePair, sigmoid64 } from "./math-hyperbolic";

const sqrtTwoOverPi: f64 = 0.7978845608028654;

/** Float64: 0 1, 1 0.044715, 2 2√(2/π). */
const table64: usize = memory.data<f64>([1.0, 0.044715, 2.0 * 0.7978845608028654], 16);
/** Float32: 0 and 1 the borders below which silu and geluTanh are -0, 2 and 3 those of elu's exponential. */
const table32: usize = memory.data<f32>([-120.0, -20.0, -120.0, 0.0], 16);

/** x / (1 + exp(-u)); x and u of one sign. */
// @ts-ignore: decorator
@inline
function gatedPair(x: v128, u: v128): v128 {
  const z = expOfMinusSizePair(u);
  const one = each64(table64, 0);
  const numerator = choose(f64x2.lt(x, f64x2.splat(0)), f64x2.mul(x, z), x);
  return f64x2.div(numerator, f64x2.add(one, z));
}

/** x σ(x) in four float32 lanes; silu(-∞) = -0. Error < 0.51 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function silu32(x: v128): v128 {
  const inside = f32x4.pmax(x, each32(table32, 0));
  const low = lowPair(inside);
  const high = highPair(inside);
  return joinPairs(gatedPair(low, low), gatedPair(high, high));
}

/** 2√(2/π) (x + 0.044715 x³). */
// @ts-ignore: decorator
@inline
function geluTanhGate(x: v128): v128 {
  const cubic = f64x2.mul(f64x2.mul(f64x2.mul(each64(table64, 1), x), x), x);
  return f64x2.mul(each64(table64, 2), f64x2.add(x, cubic));
}

/** geluTanh in four float32 lanes; geluTanh(-∞) = -0. Error < 0.51 ulp, subnormal results included. */
// @ts-ignore: decorator
@inline
export function geluTanh32(x: v128): v128 {
  const inside = f32x4.pmax(x, each32(table32, 1));
  const low = lowPair(inside);
  const high = highPair(inside);
  return joinPairs(gatedPair(low, geluTanhGate(low)), gatedPair(high, geluTanhGate(high)));
}

// @ts-ignore: decorator
@inline
function eluPair(x: v128, inside: v128, alpha: f64, scale: f64): v128 {
  // -0 · α, where expm1Pair would give 0.
  const t = expm1Pair(inside);
  const negative = f64x2.mul(f64x2.splat(alpha), choose(f64x2.eq(x, f64x2.splat(0)), x, t));
  return f64x2.mul(f64x2.splat(scale), choose(f64x2.gt(x, f64x2.splat(0)), x, negative));
}

/** scale · (x for x > 0, else alpha (exp(x) - 1)) in four float32 lanes, in float64 and rounded once. Error < 0.51 ulp. */
// @ts-ignore: decorator
@inline
export function elu32(x: v128, alpha: f64, scale: f64): v128 {
  const inside = within32(x, each32(table32, 2), each32(table32, 3));
  return joinPairs(
    eluPair(lowPair(x), lowPair(inside), alpha, scale),
    eluPair(highPair(x), highPair(inside), alpha, scale),
  );
}

/** x σ(u), with the limit at -∞. */
// @ts-ignore: decorator
@inline
function gated64(x: f64, u: f64): f64 {
  return x == -Infinity ? -0.0 : x * sigmoid64(u);
}

/** silu in float64. */
export function silu64(x: f64): f64 {
  return gated64(x, x);
}

/** geluTanh in float64. */
export function geluTanh64(x: f64): f64 {
  return gated64(x, 2.0 * sqrtTwoOverPi * (x + 0.044715 * x * x * x));
}

/** elu in float64. */
export function elu64(x: f64, alpha: f64): f64 {
  return x > 0.0 ? x : alpha * expm164(x);
}
