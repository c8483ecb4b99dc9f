/**
 * Random tensors: uniform, normal, truncated normal, integers, coin flips, drawn from a stream.
 * Rests on random-record and core's random. Element i depends on the stream's seed, name and position, and
 * on i: never on the device, nor on the shape around it. All are made on the current device.
 */
import type { DType } from "../dtype.ts";
import { type ErrorBound, exact } from "../error-bound.ts";
import { mapElements } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import {
  type FloatArray,
  fillBernoulli,
  fillIntegers,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
  type Stream,
} from "../random/index.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { fractionOf, integerOf, normalOf, truncatedOf } from "./random-definitions.ts";
import { drawFrom, type RandomRecord, randomRecord } from "./random-record.ts";

/** Where numbers are drawn from. */
export interface RandomOptions {
  /** It moves on by one block for two elements. */
  readonly stream: Stream;
}

/** Options of draws that are floats. */
export interface RandomFloatOptions extends RandomOptions {
  /** float32 (default) or float64; float32 draws are the float64 draws, rounded. */
  readonly dtype?: DType;
}

/** Options of `randomUniform`. */
export interface UniformOptions extends RandomFloatOptions {
  /** Default 0. */
  readonly low?: number;
  /** Default 1; greater than low. */
  readonly high?: number;
}

/** Options of `randomNormal`. */
export interface NormalOptions extends RandomFloatOptions {
  /** Default 0. */
  readonly mean?: number;
  /** Standard deviation ≥ 0; default 1. */
  readonly std?: number;
}

/** Options of `randomTruncatedNormal`; std is > 0, and that of the whole normal. */
export interface TruncatedNormalOptions extends NormalOptions {
  /** Lower bound of the values themselves, not a multiple of std; default −2. */
  readonly low?: number;
  /** Upper bound of the values themselves, not a multiple of std; default 2. */
  readonly high?: number;
}

/** Options of `randomIntegers`. */
export interface IntegersOptions extends RandomOptions {
  /** The least integer that may come, ≥ −2³¹. */
  readonly low: number;
  /** The least integer beyond, ≤ 2³¹. */
  readonly high: number;
}

/** Options of `randomBernoulli`. */
export interface BernoulliOptions extends RandomOptions {
  /** Probability of true, in [0, 1]. */
  readonly probability: number;
}

const start = [0, 0] as const;

const none = (dtype: DType): FloatArray =>
  dtype === "float64" ? new Float64Array(0) : new Float32Array(0);

/** `count` roundings of a number as large as `size`. */
function near(size: number, count: number, reason: string): ErrorBound {
  return {
    reason,
    of: ({ output, unit }) => mapElements(output, (y) => unit * (Math.abs(y) + count * size)),
  };
}

/** The record of `randomUniform`. */
export const randomUniformOp: RandomRecord<"uniform"> = randomRecord<"uniform">({
  name: "randomUniform",
  formula: "y_i = low + (high − low)·k_i·2⁻⁵³, k_i uniform in [0, 2⁵³)",
  source: "Salmon et al. 2011 for the bits",
  dtypes: ["float32", "float64"],
  check: ({ low, high }, dtype) => fillUniform(none(dtype), start, 0, low, high),
  sample: (draw) => {
    const low = draw.number({ min: -3, max: 3 });
    return { kind: "uniform", low, high: low + draw.integer(1, 4) };
  },
  standard: { kind: "uniform", low: 0, high: 1 },
  reference: (draw, i, { low, high }) => low + (high - low) * fractionOf(draw, i),
  errors: [
    [
      { kind: "uniform", low: 1, high: 1 },
      "expected high to be greater than low 1, got 1. Give low < high.",
    ],
    [
      { kind: "uniform", low: Number.NaN, high: 1 },
      "expected low to be a finite float32, got NaN. Give a number that float32 can hold.",
    ],
  ],
  bound: near(7, 2, "two roundings of numbers up to 7, the largest bound sampled"),
});

/** The record of `randomNormal`. */
export const randomNormalOp: RandomRecord<"normal"> = randomRecord<"normal">({
  name: "randomNormal",
  formula: "y_i = mean + std·√(−2 ln u)·cos 2πv, or sin at odd i",
  source: "Box & Muller 1958",
  dtypes: ["float32", "float64"],
  check: ({ mean, std }, dtype) => fillNormal(none(dtype), start, 0, mean, std),
  sample: (draw) => ({
    kind: "normal",
    mean: draw.number({ min: -3, max: 3 }),
    std: draw.number({ min: 0, max: 2 }),
  }),
  standard: { kind: "normal", mean: 0, std: 1 },
  reference: (draw, i, { mean, std }) => mean + std * normalOf(draw, i),
  errors: [
    [
      { kind: "normal", mean: 0, std: -1 },
      "expected std to be at least 0, got -1. Give the standard deviation.",
    ],
    [
      { kind: "normal", mean: Number.POSITIVE_INFINITY, std: 1 },
      "expected mean to be a finite float32, got Infinity. Give a number that float32 can hold.",
    ],
  ],
  bound: near(
    20,
    8,
    "eight roundings of numbers up to 3 + 2·8.58, the largest normal that is drawn",
  ),
});

/** The record of `randomTruncatedNormal`. */
export const randomTruncatedNormalOp: RandomRecord<"truncatedNormal"> =
  randomRecord<"truncatedNormal">({
    name: "randomTruncatedNormal",
    formula:
      "y_i = mean + std·Φ⁻¹(Φ(α) + u_i·(Φ(β) − Φ(α))), α = (low − mean)/std, β = (high − mean)/std",
    source: "inversion; bounds as in PyTorch's trunc_normal_",
    dtypes: ["float32", "float64"],
    check: ({ mean, std, low, high }, dtype) =>
      fillTruncatedNormal(none(dtype), start, 0, mean, std, low, high),
    sample: (draw) => {
      const mean = draw.number({ min: -3, max: 3 });
      const std = draw.number({ min: 0.5, max: 2 });
      const [low, high] = [mean - std * draw.integer(1, 2), mean + std * draw.integer(0, 2)];
      return { kind: "truncatedNormal", mean, std, low, high };
    },
    standard: { kind: "truncatedNormal", mean: 0, std: 1, low: -2, high: 2 },
    reference: (draw, i, { mean, std, low, high }) =>
      mean + std * truncatedOf(draw, i, (low - mean) / std, (high - mean) / std),
    errors: [
      [
        { kind: "truncatedNormal", mean: 0, std: 0, low: -2, high: 2 },
        "expected std to be greater than 0, got 0. Give the standard deviation.",
      ],
      [
        { kind: "truncatedNormal", mean: 0, std: 1, low: 2, high: -2 },
        "expected high to be greater than low 2, got -2. Give low < high.",
      ],
      [
        { kind: "truncatedNormal", mean: 0, std: 1, low: 50, high: 60 },
        "expected mean to leave [50, 60] a probability of at least 1e-300 with std 1, got 0. Move the bounds towards the mean.",
      ],
    ],
    bound: near(7, 64, "Φ⁻¹ within 2 std has a slope below 19, and Φ is known to three roundings"),
  });

/** The record of `randomIntegers`. */
export const randomIntegersOp: RandomRecord<"integers"> = randomRecord<"integers">({
  name: "randomIntegers",
  formula: "y_i = low + ⌊(high − low)·K_i·2⁻⁶⁴⌋, K_i uniform in [0, 2⁶⁴)",
  source: "Salmon et al. 2011 for the bits",
  dtypes: ["int32"],
  check: ({ low, high }) => fillIntegers(new Int32Array(0), start, 0, low, high),
  sample: (draw) => {
    const low = draw.pick([-2147483648, -3, 0]);
    return { kind: "integers", low, high: draw.pick([low + 1, low + 10, 2147483648]) };
  },
  standard: { kind: "integers", low: 0, high: 10 },
  reference: (draw, i, { low, high }) => integerOf(draw, i, low, high),
  errors: [
    [
      { kind: "integers", low: 3, high: 3 },
      "expected high to be greater than low 3, got 3. Give low < high.",
    ],
    [
      { kind: "integers", low: 0.5, high: 3 },
      "expected low to be an int32, got 0.5. Give an integer in [-2^31, 2^31 - 1].",
    ],
  ],
  bound: exact("integer arithmetic"),
});

/** The record of `randomBernoulli`. */
export const randomBernoulliOp: RandomRecord<"bernoulli"> = randomRecord<"bernoulli">({
  name: "randomBernoulli",
  formula: "y_i = (u_i < probability), u_i uniform in [0, 1)",
  source: "definition",
  dtypes: ["bool"],
  check: ({ probability }) => fillBernoulli(new Uint8Array(0), start, 0, probability),
  sample: (draw) => ({ kind: "bernoulli", probability: draw.pick([0, 0.25, 0.5, 1]) }),
  standard: { kind: "bernoulli", probability: 0.5 },
  reference: (draw, i, { probability }) => (fractionOf(draw, i) < probability ? 1 : 0),
  errors: [
    [
      { kind: "bernoulli", probability: 1.5 },
      "expected probability to be in [0, 1], got 1.5. Give the share of ones.",
    ],
  ],
  bound: exact("a comparison"),
});

/**
 * Uniform numbers in [low, high). → shape. `low` (0) < `high` (1), finite; float32 may round up to `high`.
 * Throws ValueError for other bounds, DTypeError unless `dtype` (float32) is a float.
 *
 * @example
 * randomUniform([3, 4], { stream: source.stream("init"), low: -1, high: 1 });
 */
export function randomUniform(
  shape: Shape,
  { stream, low = 0, high = 1, dtype = "float32" }: UniformOptions,
): Tensor {
  return drawFrom(randomUniformOp, stream, {
    shape,
    dtype,
    distribution: { kind: "uniform", low, high },
  });
}

/**
 * Normal numbers. → shape. `mean` (0): finite; `std` (1): finite, ≥ 0.
 * Throws ValueError for others, DTypeError unless `dtype` (float32) is a float. Box & Muller 1958.
 */
export function randomNormal(
  shape: Shape,
  { stream, mean = 0, std = 1, dtype = "float32" }: NormalOptions,
): Tensor {
  return drawFrom(randomNormalOp, stream, {
    shape,
    dtype,
    distribution: { kind: "normal", mean, std },
  });
}

/**
 * Normal numbers on condition that they lie in [low, high]. → shape. `mean` (0) and `std` (1) are those of
 * the whole normal, `low` (−2) and `high` (2) bounds of the values themselves, as in PyTorch's trunc_normal_;
 * ±Infinity leaves a side open. Throws ValueError where no normal is left between the bounds or std is not
 * > 0, DTypeError unless `dtype` (float32) is a float.
 */
export function randomTruncatedNormal(
  shape: Shape,
  { stream, mean = 0, std = 1, low = -2, high = 2, dtype = "float32" }: TruncatedNormalOptions,
): Tensor {
  return drawFrom(randomTruncatedNormalOp, stream, {
    shape,
    dtype,
    distribution: { kind: "truncatedNormal", mean, std, low, high },
  });
}

/** Integers of [low, high), int32. → shape. Throws ValueError unless −2³¹ ≤ low < high ≤ 2³¹ are integers. */
export function randomIntegers(shape: Shape, { stream, low, high }: IntegersOptions): Tensor {
  return drawFrom(randomIntegersOp, stream, {
    shape,
    dtype: "int32",
    distribution: { kind: "integers", low, high },
  });
}

/** Coin flips, bool: true with `probability`. → shape. Throws ValueError unless it is in [0, 1]. */
export function randomBernoulli(shape: Shape, { stream, probability }: BernoulliOptions): Tensor {
  return drawFrom(randomBernoulliOp, stream, {
    shape,
    dtype: "bool",
    distribution: { kind: "bernoulli", probability },
  });
}

/** The records of this file. */
export const randomOps: readonly OpRecord[] = [
  randomUniformOp,
  randomNormalOp,
  randomTruncatedNormalOp,
  randomIntegersOp,
  randomBernoulliOp,
];
