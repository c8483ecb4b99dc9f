/**
 * Definitions in 64 decimal digits: reductions, softmax and its kin, and the schedules, as their formulas say.
 * Rests on mathjs' big numbers.
 */
import type { BigNumber } from "mathjs";
import { fibre, indicesOf, type NdArray } from "../../core/nd-array.ts";
import { normalizeAxes, reducedShape } from "../../core/shape.ts";
import { one, toBig, two } from "../scalar-math-samples.ts";

/** Numbers to 64 digits, in row-major order. */
export type Exact = readonly BigNumber[];

/** Options of an op or a schedule, whatever they are. */
export type Options = Readonly<Record<string, unknown>>;

const zero = one.minus(one);
const pi: BigNumber = one.atan().times(4);

const total = (terms: Exact): BigNumber => terms.reduce((a, b) => a.plus(b), zero);
const mean = (terms: Exact): BigNumber => total(terms).div(terms.length);

/** Σ(x − mean)²/(n − correction). */
function variance(terms: Exact, { correction }: Options): BigNumber {
  const centre = mean(terms);
  const squares = terms.map((x) => x.minus(centre).times(x.minus(centre)));
  return total(squares).div(terms.length - (typeof correction === "number" ? correction : 0));
}

/** `f` of each fibre along the reduced axes. */
function reduced(x: NdArray, { axis }: Options, f: (terms: Exact) => BigNumber): Exact {
  const named =
    typeof axis === "number" ? axis : Array.isArray(axis) ? axis.map(Number) : undefined;
  const axes = normalizeAxes("sum", named, x.shape.length);
  return indicesOf(reducedShape(x.shape, axes, true)).map((index) =>
    f(fibre(x, index, axes).map(toBig)),
  );
}

/** `f` of each element and the fibre along the axis that it stands in. */
function along(x: NdArray, { axis }: Options, f: (x: BigNumber, all: Exact) => BigNumber): Exact {
  const axes = normalizeAxes("softmax", typeof axis === "number" ? axis : -1, x.shape.length);
  return indicesOf(x.shape).map((index, i) =>
    f(toBig(x.data[i] ?? 0), fibre(x, index, axes).map(toBig)),
  );
}

const powers = (terms: Exact): BigNumber => total(terms.map((x) => x.exp()));

/** The outputs of an op, by its name. */
export const exactOps: Readonly<
  Record<string, (inputs: readonly NdArray[], options: Options) => readonly Exact[]>
> = {
  sum: ([x], options) => (x ? [reduced(x, options, total)] : []),
  mean: ([x], options) => (x ? [reduced(x, options, mean)] : []),
  prod: ([x], options) =>
    x ? [reduced(x, options, (terms) => terms.reduce((a, b) => a.times(b), one))] : [],
  norm: ([x], options) =>
    x ? [reduced(x, options, (terms) => total(terms.map((v) => v.times(v))).sqrt())] : [],
  logSumExp: ([x], options) => (x ? [reduced(x, options, (terms) => powers(terms).ln())] : []),
  variance: ([x], options) => (x ? [reduced(x, options, (terms) => variance(terms, options))] : []),
  std: ([x], options) =>
    x ? [reduced(x, options, (terms) => variance(terms, options).sqrt())] : [],
  moments: ([x], options) =>
    x ? [reduced(x, options, mean), reduced(x, options, (terms) => variance(terms, options))] : [],
  softmax: ([x], options) => (x ? [along(x, options, (v, all) => v.exp().div(powers(all)))] : []),
  logSoftmax: ([x], options) =>
    x ? [along(x, options, (v, all) => v.minus(powers(all).ln()))] : [],
  softmaxCrossEntropy: ([x, target]) => {
    if (x === undefined || target === undefined) return [];
    const logs = along(x, { axis: 1 }, (v, all) => v.minus(powers(all).ln()));
    const products = logs.map((log, i) => log.times(toBig(target.data[i] ?? 0)));
    const [examples = 0, classes = 0] = x.shape;
    const rows = Array.from({ length: examples }, (_, n) =>
      total(products.slice(n * classes, (n + 1) * classes)).neg(),
    );
    return [rows];
  },
};

/** (1 + cos(π·t/length))/2. */
const halfCosine = (t: number, length: number): BigNumber =>
  one.plus(pi.times(t).div(length).cos()).div(two);

/** from + (to − from)·share. */
const between = (from: BigNumber, to: BigNumber, share: BigNumber): BigNumber =>
  from.plus(to.minus(from).times(share));

/** A schedule's value at t. */
type ExactSchedule = (at: (name: string) => BigNumber, t: number, options: Options) => BigNumber;

/** base·factor^count. */
const repeated = (at: (name: string) => BigNumber, count: number): BigNumber =>
  at("base").times(at("factor").pow(count));

/** Schedules that stand alone, by their names; `at` reads an option. */
export const exactSchedules: Readonly<Record<string, ExactSchedule>> = {
  constant: (at) => at("value"),
  step: (at, t) => repeated(at, Math.floor(t / at("every").toNumber())),
  multiStep: (at, t, { milestones }) =>
    repeated(at, Array.isArray(milestones) ? milestones.filter((m) => m <= t).length : 0),
  exponential: (at, t) => repeated(at, t),
  linear: (at, t) => between(at("base"), at("end"), shareOf(at, t)),
  polynomial: (at, t) => between(at("end"), at("base"), one.minus(shareOf(at, t)).pow(at("power"))),
  cosine: (at, t) => {
    const steps = at("totalSteps").toNumber();
    return between(at("end"), at("base"), halfCosine(Math.min(t, steps), steps));
  },
  inverseSquareRoot: (at, t) => at("base").div(one.plus(toBig(t).div(at("timescale"))).sqrt()),
  oneCycle: (at, t, { shape }) => {
    const [peakStep, end] = [at("peakStep").toNumber(), at("totalSteps").toNumber()];
    if (t >= end) return at("end");
    const [from, to] = t < peakStep ? ([0, peakStep] as const) : ([peakStep, end] as const);
    const share =
      shape === "cosine"
        ? one.minus(halfCosine(t - from, to - from))
        : toBig(t - from).div(to - from);
    return t < peakStep
      ? between(at("start"), at("peak"), share)
      : between(at("peak"), at("end"), share);
  },
  cosineRestarts: (at, t) => {
    let [into, length] = [t, at("period").toNumber()];
    for (; into >= length; length *= at("multiplier").toNumber()) into -= length;
    return between(at("end"), at("base"), halfCosine(into, length));
  },
  rateSweep: (at, t) => at("low").times(at("high").div(at("low")).pow(shareOf(at, t))),
};

/** min(t, T)/T. */
function shareOf(at: (name: string) => BigNumber, t: number): BigNumber {
  const steps = at("totalSteps").toNumber();
  return toBig(Math.min(t, steps)).div(steps);
}
