/**
 * What the scalar-math tests share: 64-digit arithmetic, seeded points, and the table of functions with their
 * stated errors. Rests on core/scalar-math and mathjs.
 */
import { all, type BigNumber, create } from "mathjs";
import * as scalar from "../core/scalar-math/index.ts";

const math = create(all ?? {}, { number: "BigNumber", precision: 64 });
const big = (text: string): BigNumber => math.bignumber(text);
export const one: BigNumber = big("1");
export const two: BigNumber = big("2");
export const rootPi: BigNumber = big(
  "3.14159265358979323846264338327950288419716939937510582097494459230781640628",
).sqrt();

/** `x` in decimal: all digits of an integer, else 64 digits of mantissa · 2^exponent. */
export function toBig(x: number): BigNumber {
  if (Number.isInteger(x)) return big(BigInt(x).toString());
  const unit = scalar.ulp(x);
  const exponent = Math.max((scalar.highWord(x) >>> 20) & 0x7ff, 1) - 1075;
  return big(String(x / unit)).times(two.pow(exponent));
}

/** mulberry32: a uniform number in [0, 1) from a seed. */
export function uniformFrom(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
  return () => (next() * 2097152 + (next() >>> 11)) / 9007199254740992;
}

type Sampler = (uniform: () => number) => number;
export const between: (low: number, high: number) => Sampler = (low, high) => (uniform) =>
  low + (high - low) * uniform();
/** ± a number whose exponent is uniform in [low, high]. */
export const anySize: (low: number, high: number) => Sampler = (low, high) => (uniform) => {
  const size = scalar.scaleByPowerOfTwo(1 + uniform(), Math.floor(low + (high - low) * uniform()));
  return uniform() < 0.5 ? -size : size;
};
export const positive: (sampler: Sampler) => Sampler = (sampler) => (uniform) =>
  Math.abs(sampler(uniform));
const nearQuarterTurns: Sampler = (uniform) => (Math.floor(uniform() * 1e6) * Math.PI) / 2;

/** `count` points, the same number from each sampler. */
export function draw(seed: number, count: number, samplers: readonly Sampler[]): number[] {
  const uniform = uniformFrom(seed);
  return samplers.flatMap((sampler) =>
    Array.from({ length: Math.ceil(count / samplers.length) }, () => sampler(uniform)),
  );
}

/** |result - exact| in ulps of the exact value; infinite where the result is not a number of the right kind. */
export function errorInUlps(result: number, exact: BigNumber): number {
  const nearest = exact.toNumber();
  if (!Number.isFinite(nearest)) return result === nearest ? 0 : Infinity;
  if (!Number.isFinite(result)) return Infinity;
  const exponent = Math.max((scalar.highWord(nearest) >>> 20) & 0x7ff, 1) - 1075;
  return toBig(result).minus(exact).abs().div(two.pow(exponent)).toNumber();
}

const sigmoidExact = (x: BigNumber): BigNumber => one.div(one.plus(x.neg().exp()));
const softplusExact = (x: BigNumber): BigNumber =>
  x.gt(0) ? x.plus(one.plus(x.neg().exp()).ln()) : one.plus(x.exp()).ln();

/** erf by 2/√π exp(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, all terms of one sign. */
function erfExact(x: BigNumber): BigNumber {
  const square = x.times(x);
  let term = x;
  let sum = x;
  for (let n = 1; term.abs().gt(sum.abs().times("1e-64")); n++) {
    term = term
      .times(square)
      .times(2)
      .div(2 * n + 1);
    sum = sum.plus(term);
  }
  return sum.times(2).div(rootPi).times(square.neg().exp());
}

/** erfc as 1 - erf up to 6 (16 of 64 digits cancel), beyond by its continued fraction, 80 levels deep. */
export function erfcExact(x: BigNumber): BigNumber {
  if (x.lt(6)) return one.minus(erfExact(x));
  let fraction = x;
  for (let n = 80; n >= 1; n--) fraction = x.plus(big(String(n)).div(2).div(fraction));
  return x.times(x).neg().exp().div(rootPi).div(fraction);
}

interface Claim {
  readonly name: string;
  readonly f: (x: number) => number;
  readonly exact: (x: BigNumber) => BigNumber;
  /** The error stated in the docstring. */
  readonly ulps: number;
  readonly points: number;
  readonly samplers: readonly Sampler[];
}

const angles = [between(-20, 20), between(-2e6, 2e6), anySize(-40, 80), nearQuarterTurns];
export const anyPositive: Sampler = positive(anySize(-1074, 1023));
export const claims: readonly Claim[] = [
  {
    name: "exp",
    f: scalar.exp,
    exact: (x) => x.exp(),
    ulps: 0.8,
    points: 2000,
    samplers: [between(-1, 1), between(-745.2, 709.8), between(-745.2, -708), anySize(-60, 9)],
  },
  {
    name: "expm1",
    f: scalar.expm1,
    exact: (x) => x.exp().minus(1),
    ulps: 1,
    points: 1000,
    samplers: [between(-1.1, 1.1), between(-40, 709), between(0.3, 0.5), anySize(-60, 4)],
  },
  {
    name: "log",
    f: scalar.log,
    exact: (x) => x.ln(),
    ulps: 0.8,
    points: 1000,
    samplers: [between(0.5, 2), between(0.99, 1.01), anyPositive, positive(anySize(-1074, -1022))],
  },
  {
    name: "log1p",
    f: scalar.log1p,
    exact: (x) => one.plus(x).ln(),
    ulps: 1,
    points: 1000,
    samplers: [between(-1, 2), between(-0.5, 0.6), anySize(-70, -1), positive(anySize(0, 1023))],
  },
  {
    name: "log2",
    f: scalar.log2,
    exact: (x) => x.ln().div(two.ln()),
    ulps: 0.6,
    points: 500,
    samplers: [between(0.5, 2), between(0.99, 1.01), anyPositive, positive(anySize(-1074, -1022))],
  },
  { name: "sin", f: scalar.sin, exact: (x) => x.sin(), ulps: 1, points: 800, samplers: angles },
  { name: "cos", f: scalar.cos, exact: (x) => x.cos(), ulps: 1, points: 800, samplers: angles },
  { name: "tan", f: scalar.tan, exact: (x) => x.tan(), ulps: 2, points: 600, samplers: angles },
  {
    name: "atan",
    f: scalar.atan,
    exact: (x) => x.atan(),
    ulps: 1,
    points: 500,
    samplers: [between(-1, 1), between(-4, 4), anySize(-40, 60)],
  },
  {
    name: "tanh",
    f: scalar.tanh,
    exact: (x) => x.tanh(),
    ulps: 2,
    points: 800,
    samplers: [between(-1.5, 1.5), between(-23, 23), anySize(-40, 4)],
  },
  {
    name: "sinh",
    f: scalar.sinh,
    exact: (x) => x.sinh(),
    ulps: 2,
    points: 600,
    samplers: [between(-2, 2), between(-23, 23), anySize(-40, 4)],
  },
  {
    name: "cosh",
    f: scalar.cosh,
    exact: (x) => x.exp().plus(x.neg().exp()).div(2),
    ulps: 1.5,
    points: 800,
    samplers: [between(-2, 2), between(-23, 23), between(-711, 711)],
  },
  {
    name: "sigmoid",
    f: scalar.sigmoid,
    exact: sigmoidExact,
    ulps: 2,
    points: 800,
    samplers: [between(-4, 4), between(-40, 40), between(-745.2, 0)],
  },
  {
    name: "softplus",
    f: scalar.softplus,
    exact: softplusExact,
    ulps: 2,
    points: 800,
    samplers: [between(-4, 4), between(-40, 40), anySize(-40, 5)],
  },
  {
    name: "erf",
    f: scalar.erf,
    exact: erfExact,
    ulps: 2,
    points: 600,
    samplers: [between(-1, 1), between(0.7, 1.3), between(-6, 6), anySize(-60, 0)],
  },
  {
    name: "erfc",
    f: scalar.erfc,
    exact: erfcExact,
    ulps: 7,
    points: 800,
    samplers: [between(-1, 1), between(0.8, 4.2), between(-6, 27.3), between(26.3, 27.3)],
  },
];
