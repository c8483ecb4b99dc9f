/**
 * Continuous draws: uniform, normal and truncated normal. Element i is a function of (key, position, i)
 * alone, so a part that starts at an even element e can be filled by itself: from position + e / 2 on.
 * Rests on block and on scalar-math. float32 draws are the float64 draws, rounded.
 */
import { cos, erfc, log, normalQuantile, sin } from "../scalar-math/index.ts";
import { bits53, blocksForPairs, checkSpan, drawBlock, fractionStep } from "./block.ts";
import { checkFinite, refuse } from "./checks.ts";
import type { StreamKey } from "./stream.ts";

/** Memory for continuous draws. */
export type FloatArray = Float32Array | Float64Array;

/** Blocks that n uniforms take: ⌈n / 2⌉. n: integer in [0, 2^53], else ValueError. */
export function blocksForUniform(n: number): number {
  return blocksForPairs("blocksForUniform", n);
}

/** Blocks that n normals take: ⌈n / 2⌉. n: integer in [0, 2^53], else ValueError. */
export function blocksForNormal(n: number): number {
  return blocksForPairs("blocksForNormal", n);
}

/** Blocks that n truncated normals take: ⌈n / 2⌉. n: integer in [0, 2^53], else ValueError. */
export function blocksForTruncatedNormal(n: number): number {
  return blocksForPairs("blocksForTruncatedNormal", n);
}

/**
 * Fills `out` with uniform numbers: low + (high − low)·k·2^-53, k uniform in [0, 2^53).
 * low < high: finite in the dtype of `out`, and so is high − low. Before rounding every value is in
 * [low, high); rounding to the nearest can give `high` itself: of [0, 1) never in float64 and once in 2^25
 * elements in float32, more often where the interval is few ulp wide. None is outside [low, high] (bounds rounded
 * to the dtype). Throws ValueError for other bounds or where the stream ends.
 *
 * @example fillUniform(out, stream.key, stream.reserve(blocksForUniform(out.length)), -1, 1);
 */
export function fillUniform(
  out: FloatArray,
  key: StreamKey,
  position: number,
  low: number,
  high: number,
): void {
  checkFinite("fillUniform", "low", low, out);
  checkFinite("fillUniform", "high", high, out);
  if (!(low < high)) {
    refuse("fillUniform", "high", `to be greater than low ${low}`, high, "Give low < high");
  }
  const width = high - low;
  if (width === Infinity) {
    const expected = `to be less than 2^1024 above low ${low}`;
    refuse("fillUniform", "high", expected, high, "Narrow the interval");
  }
  checkSpan("fillUniform", out.length, position);
  for (let i = 0; i < out.length; i += 2) {
    drawBlock(key, position + i / 2);
    out[i] = low + width * (bits53(0) * fractionStep);
    if (i + 1 < out.length) out[i + 1] = low + width * (bits53(2) * fractionStep);
  }
}

/** 2π, the turn of Box & Muller's angle. */
const fullTurn = 6.283185307179586;

/**
 * Fills `out` with normal numbers: mean + std·r·cos θ at even and mean + std·r·sin θ at odd elements, with
 * r = √(−2 ln((k + 1)·2^-53)) and θ = 2π·m·2^-53, k and m uniform integers in [0, 2^53).
 * mean: finite. std: finite, ≥ 0 (0 gives the mean throughout). No value is more than 8.58 std from the mean:
 * that is √(2 ln 2^53). Throws ValueError for other parameters or where the stream ends.
 * Box & Muller 1958, "A note on the generation of random normal deviates".
 *
 * @example fillNormal(out, stream.key, stream.reserve(blocksForNormal(out.length)), 0, 0.02);
 */
export function fillNormal(
  out: FloatArray,
  key: StreamKey,
  position: number,
  mean: number,
  std: number,
): void {
  checkFinite("fillNormal", "mean", mean, out);
  checkFinite("fillNormal", "std", std, out);
  if (std < 0) refuse("fillNormal", "std", "to be at least 0", std, "Give the standard deviation");
  checkSpan("fillNormal", out.length, position);
  for (let i = 0; i < out.length; i += 2) {
    drawBlock(key, position + i / 2);
    // k + 1, not k: the logarithm of 0 is no radius.
    const radius = Math.sqrt(-2 * log((bits53(0) + 1) * fractionStep));
    const angle = fullTurn * (bits53(2) * fractionStep);
    out[i] = mean + std * (radius * cos(angle));
    if (i + 1 < out.length) out[i + 1] = mean + std * (radius * sin(angle));
  }
}

/** √½: Φ(x) = ½ erfc(−x·√½). */
const sqrtHalf = Math.SQRT1_2;

/** The standard normal distribution function Φ, with full relative accuracy in the lower tail. */
function normalBelow(x: number): number {
  return x === -Infinity ? 0 : x === Infinity ? 1 : 0.5 * erfc(-x * sqrtHalf);
}

/** Φ(b) − Φ(a), from whichever tails keep its leading digits. */
function normalBetween(a: number, b: number): number {
  if (a > 0) return normalBelow(-a) - normalBelow(-b);
  if (b < 0) return normalBelow(b) - normalBelow(a);
  return 1 - normalBelow(a) - normalBelow(-b);
}

/** Below this mass the quantiles leave the range where float64 keeps all its digits. */
const leastMass = 1e-300;

/**
 * Fills `out` with normal numbers conditioned on [low, high]: mean + std·Φ⁻¹(Φ(α) + u·(Φ(β) − Φ(α))) with
 * α = (low − mean)/std, β = (high − mean)/std and one u = (k + ½)·2^-52 per element, k uniform in [0, 2^52).
 * low < high: absolute bounds, not multiples of std; −Infinity and Infinity leave a side open.
 * mean: finite. std: finite, > 0. Upper halves are taken from the upper tail, so that both tails are equally
 * fine; values are resolved to about 1e-16 std. In float32 a value may be the bound rounded to float32.
 * mean and std are those of the whole normal; what is left after truncation has a smaller std.
 * Throws ValueError for other parameters, where [low, high] has a probability below 1e-300, or where the stream
 * ends. The bounds are those of PyTorch's trunc_normal_.
 *
 * @example fillTruncatedNormal(out, stream.key, first, 0, 0.02, -0.04, 0.04);
 */
export function fillTruncatedNormal(
  out: FloatArray,
  key: StreamKey,
  position: number,
  mean: number,
  std: number,
  low: number,
  high: number,
): void {
  const where = "fillTruncatedNormal";
  checkFinite(where, "mean", mean, out);
  checkFinite(where, "std", std, out);
  if (!(std > 0)) refuse(where, "std", "to be greater than 0", std, "Give the standard deviation");
  if (Number.isNaN(low)) refuse(where, "low", "to be a number", low, "Give the lower bound");
  if (!(low < high)) {
    refuse(where, "high", `to be greater than low ${low}`, high, "Give low < high");
  }
  const lower = (low - mean) / std;
  const upper = (high - mean) / std;
  const mass = normalBetween(lower, upper);
  if (!(mass >= leastMass)) {
    const expected = `to leave [${low}, ${high}] a probability of at least 1e-300 with std ${std}`;
    refuse(where, "mean", expected, mean, "Move the bounds towards the mean");
  }
  checkSpan(where, out.length, position);
  const below = normalBelow(lower);
  const above = normalBelow(-upper);
  for (let i = 0; i < out.length; i += 2) {
    drawBlock(key, position + i / 2);
    out[i] = clamp(mean + std * quantileBetween(bits53(0), below, above, mass), low, high);
    if (i + 1 < out.length) {
      out[i + 1] = clamp(mean + std * quantileBetween(bits53(2), below, above, mass), low, high);
    }
  }
}

/** The quantile of the normal between two tails at u = (⌊k / 2⌋ + ½)·2^-52, which is never 0 or 1. */
function quantileBetween(k: number, below: number, above: number, mass: number): number {
  const u = (Math.floor(k / 2) + 0.5) * (2 * fractionStep);
  const fromBelow = below + u * mass;
  if (fromBelow <= 0.5) return normalQuantile(fromBelow);
  // 1 − u is exact: it is another point of the same grid.
  return -normalQuantile(above + (1 - u) * mass);
}

/** Rounding alone takes a value past a bound, by an ulp or so. */
function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
