/**
 * The records of the schedules that stand alone.
 * Rests on schedule-record and the schedules.
 */
import type { Sampler } from "../core/sampling.ts";
import { constant } from "./constant.ts";
import { type CosineOptions, cosine } from "./cosine.ts";
import { cosineRestarts } from "./cosine-restarts.ts";
import { exponential } from "./exponential.ts";
import { inverseSquareRoot } from "./inverse-square-root.ts";
import { oneCycle } from "./one-cycle.ts";
import { linear, polynomial } from "./polynomial.ts";
import { rateSweep } from "./rate-range.ts";
import {
  drawMilestones,
  drawValue,
  type SchedulePromise,
  type ScheduleRecord,
  scheduleRecord,
  wayFrom,
} from "./schedule-record.ts";
import { multiStep, step } from "./step.ts";

const stepsFix = "Give the number of optimiser steps, epochs · batches per epoch.";
const valueFix = "Give the value of the hyper-parameter.";

/** base·factor·factor·… */
const repeated = (base: number, factor: number, count: number): number =>
  Array.from({ length: count }).reduce<number>((value) => value * factor, base);

/** The way from `from` to `to` by a half cosine, as cos² + sin² = 1 has it. */
export function halfWave(from: number, to: number, share: number): number {
  const angle = (Math.PI * Math.min(share, 1)) / 2;
  return from * Math.cos(angle) ** 2 + to * Math.sin(angle) ** 2;
}

const straight = (from: number, to: number, share: number): number =>
  from * (1 - Math.min(share, 1)) + to * Math.min(share, 1);

/** The promise of a value ≥ 0 that falls towards 0 without reaching it. */
function fallsFrom(base: number, slope: number, jumps: SchedulePromise["jumps"]): SchedulePromise {
  return { start: base, settles: null, bounds: [0, base], direction: "falls", jumps, slope };
}

const multiplesOf =
  (every: number): SchedulePromise["jumps"] =>
  (until) =>
    Array.from({ length: Math.floor(until / every) }, (_, i) => (i + 1) * every);

/** Where cycles of length period, period·m, period·m², … begin, the first at 0, until one begins after `until`. */
function cycleStarts(period: number, multiplier: number, until: number): readonly number[] {
  const starts = [0];
  for (let length = period; (starts.at(-1) ?? 0) <= until; length *= multiplier) {
    starts.push((starts.at(-1) ?? 0) + length);
  }
  return starts;
}

/** From any value to any other or 0. */
function drawWay(draw: Sampler): Required<CosineOptions> {
  const [base, end] = [drawValue(draw), draw.pick([0, drawValue(draw)])];
  return { base, end, totalSteps: draw.integer(1, 100) };
}

const constantRecord = scheduleRecord<{ readonly value: number }>({
  name: "constant",
  formula: "value",
  source: "definition",
  sample: (draw) => ({ value: drawValue(draw) }),
  make: ({ value }) => constant(value),
  reference: ({ value }) => value,
  promise: ({ value }) => ({ ...wayFrom(value, value, 1, 0), settles: { at: 0, value } }),
  errors: [[{ value: Number.NaN }, `expected value to be a finite number, got NaN. ${valueFix}`]],
});

const stepRecord = scheduleRecord({
  name: "step",
  formula: "base·factor^⌊t/every⌋",
  source: "He et al. 2016, section 3.4; PyTorch's StepLR",
  sample: (draw) => ({
    base: drawValue(draw),
    every: draw.integer(1, 40),
    factor: draw.pick([0.1, 0.5, 0.97]),
  }),
  make: step,
  reference: ({ base, every, factor }, t) => repeated(base, factor, Math.floor(t / every)),
  promise: ({ base, every }) => fallsFrom(base, 0, multiplesOf(every)),
  errors: [
    [{ base: 1, every: 0, factor: 1 }, `expected every to be an integer ≥ 1, got 0. ${stepsFix}`],
    [
      { base: 1, every: 1, factor: 0 },
      "expected factor to be a finite number > 0, got 0. Give a scale factor such as 1.",
    ],
    [
      { base: Infinity, every: 1, factor: 1 },
      `expected base to be a finite number, got Infinity. ${valueFix}`,
    ],
  ],
});

const multiStepRecord = scheduleRecord({
  name: "multiStep",
  formula: "base·factor^(number of milestones ≤ t)",
  source: "the lecture notes' ×0.1 at 30, 60 and 90 epochs; PyTorch's MultiStepLR",
  sample: (draw) => ({
    base: drawValue(draw),
    milestones: drawMilestones(draw),
    factor: draw.pick([0.1, 0.5, 0.97]),
  }),
  make: multiStep,
  reference: ({ base, milestones, factor }, t) =>
    repeated(base, factor, milestones.filter((milestone) => milestone <= t).length),
  promise: ({ base, milestones, factor }) => ({
    ...fallsFrom(base, 0, () => milestones),
    bounds: [repeated(base, factor, milestones.length) * (1 - 1e-15), base],
  }),
  errors: [
    ...[
      { milestones: [30, 30], got: "[30, 30]" },
      { milestones: [0, 30], got: "[0, 30]" },
      { milestones: [30, Number.NaN], got: "[30, NaN]" },
    ].map(
      ({ milestones, got }) =>
        [
          { base: 1, milestones, factor: 0.1 },
          `expected milestones to be finite, > 0 and ascending, got ${got}. Give each iteration once, in order, such as [30, 60, 90].`,
        ] as const,
    ),
  ],
});

const exponentialRecord = scheduleRecord({
  name: "exponential",
  formula: "base·factor^t",
  source: "definition; PyTorch's ExponentialLR",
  sample: (draw) => ({ base: drawValue(draw), factor: draw.number({ min: 0.5, max: 0.999 }) }),
  make: exponential,
  reference: ({ base, factor }, t) => base * Math.exp(t * Math.log(factor)),
  promise: ({ base, factor }) => fallsFrom(base, -base * Math.log(factor), () => []),
  errors: [
    [
      { base: 1, factor: -1 },
      "expected factor to be a finite number > 0, got -1. Give a scale factor such as 1.",
    ],
  ],
});

const linearRecord = scheduleRecord<Required<CosineOptions>>({
  name: "linear",
  formula: "base + (end - base)·t/T for t < T, then end",
  source: "definition; PyTorch's LinearLR",
  sample: drawWay,
  make: linear,
  reference: ({ base, end, totalSteps }, t) => straight(base, end, t / totalSteps),
  promise: ({ base, end, totalSteps }) => wayFrom(base, end, totalSteps, 1),
  errors: [
    [
      { base: 1, end: 0, totalSteps: 0 },
      `expected totalSteps to be an integer ≥ 1, got 0. ${stepsFix}`,
    ],
    [
      { base: 1, end: Number.NaN, totalSteps: 1 },
      `expected end to be a finite number, got NaN. ${valueFix}`,
    ],
  ],
});

const polynomialRecord = scheduleRecord({
  name: "polynomial",
  formula: "end + (base - end)·(1 - t/T)^power for t < T, then end",
  source: "Chen et al. 2017, section 4.1.1; PyTorch's PolynomialLR",
  sample: (draw) => ({ ...drawWay(draw), power: draw.pick([0.5, 0.9, 1, 2, 3]) }),
  make: polynomial,
  reference: ({ base, end, totalSteps, power }, t) =>
    t >= totalSteps ? end : straight(end, base, (1 - t / totalSteps) ** power),
  promise: ({ base, end, totalSteps, power }) =>
    wayFrom(base, end, totalSteps, power < 1 ? Infinity : power),
  errors: [
    [
      { base: 1, end: 0, totalSteps: 1.5, power: 1 },
      `expected totalSteps to be an integer ≥ 1, got 1.5. ${stepsFix}`,
    ],
    [
      { base: 1, end: 0, totalSteps: 1, power: 0 },
      "expected power to be a finite number > 0, got 0. Give 1 for the straight line, 0.9 for DeepLab's.",
    ],
  ],
});

const cosineRecord = scheduleRecord<Required<CosineOptions>>({
  name: "cosine",
  formula: "end + (base - end)·(1 + cos(π·t/T))/2 for t < T, then end",
  source: "Loshchilov & Hutter 2017, equation 5; PyTorch's CosineAnnealingLR",
  sample: drawWay,
  make: cosine,
  reference: ({ base, end, totalSteps }, t) => halfWave(base, end, t / totalSteps),
  promise: ({ base, end, totalSteps }) => wayFrom(base, end, totalSteps, Math.PI / 2),
  errors: [
    [
      { base: 1, end: 0, totalSteps: 0 },
      `expected totalSteps to be an integer ≥ 1, got 0. ${stepsFix}`,
    ],
  ],
});

const inverseSquareRootRecord = scheduleRecord({
  name: "inverseSquareRoot",
  formula: "base/√(1 + t/timescale)",
  source: "Robbins & Monro 1951; Vaswani et al. 2017, section 5.3",
  sample: (draw) => ({ base: drawValue(draw), timescale: draw.pick([1, draw.integer(1, 100)]) }),
  make: inverseSquareRoot,
  reference: ({ base, timescale }, t) => base * Math.exp(-Math.log1p(t / timescale) / 2),
  promise: ({ base, timescale }) => fallsFrom(base, base / (2 * timescale), () => []),
  errors: [
    [
      { base: 1, timescale: 0 },
      "expected timescale to be a finite number > 0, got 0. Give a number of iterations.",
    ],
  ],
});

const oneCycleRecord = scheduleRecord({
  name: "oneCycle",
  formula: "start → peak in peakStep iterations, peak → end up to T, by half cosines or lines",
  source: "Smith & Topin 2019; PyTorch's OneCycleLR",
  sample: (draw) => {
    const totalSteps = draw.integer(1, 100);
    const [a, b] = [drawValue(draw), drawValue(draw)];
    return {
      totalSteps,
      peakStep: draw.integer(0, totalSteps - 1),
      start: Math.min(a, b),
      peak: Math.max(a, b),
      end: Math.min(a, b) / draw.pick([1, 100]),
      shape: draw.pick(["cosine", "linear"] as const),
    };
  },
  make: oneCycle,
  reference: ({ totalSteps, peakStep, start, peak, end, shape }, t) => {
    const way = shape === "cosine" ? halfWave : straight;
    return t < peakStep
      ? way(start, peak, t / peakStep)
      : way(peak, end, (t - peakStep) / (totalSteps - peakStep));
  },
  promise: ({ totalSteps, peakStep, start, peak, end, shape }) => {
    const steepness = shape === "cosine" ? Math.PI / 2 : 1;
    const up = peakStep > 0 ? (peak - start) / peakStep : 0;
    return {
      start: peakStep > 0 ? start : peak,
      settles: { at: totalSteps, value: end },
      bounds: [Math.min(start, end), peak],
      direction: "both",
      jumps: () => [],
      slope: steepness * Math.max(up, (peak - end) / (totalSteps - peakStep)),
    };
  },
  errors: [
    [
      { totalSteps: 10, peakStep: 10, start: 0, peak: 1, end: 0, shape: "linear" },
      "expected peakStep to be an integer in [0, totalSteps), [0, 10), got 10. Give the iteration of the peak, such as 0.3·totalSteps.",
    ],
    [
      { totalSteps: 10, peakStep: 3, start: 0, peak: Infinity, end: 0, shape: "linear" },
      `expected peak to be a finite number, got Infinity. ${valueFix}`,
    ],
  ],
});

const cosineRestartsRecord = scheduleRecord({
  name: "cosineRestarts",
  formula:
    "end + (base - end)·(1 + cos(π·u/U))/2, u iterations into a cycle of U = period·multiplier^n",
  source: "Loshchilov & Hutter 2017, section 3; PyTorch's CosineAnnealingWarmRestarts",
  sample: (draw) => ({
    base: drawValue(draw),
    end: draw.pick([0, 0.005]),
    period: draw.integer(1, 30),
    multiplier: draw.integer(1, 3),
  }),
  make: cosineRestarts,
  reference: ({ base, end, period, multiplier }, t) => {
    const starts = cycleStarts(period, multiplier, t);
    const [from = 0, to = 0] = starts.slice(-2);
    return halfWave(base, end, (t - from) / (to - from));
  },
  promise: ({ base, end, period, multiplier }) => ({
    start: base,
    settles: null,
    bounds: [end, base],
    direction: "both",
    jumps: (until) => cycleStarts(period, multiplier, until).slice(1),
    slope: ((Math.PI / 2) * (base - end)) / period,
  }),
  errors: [
    [
      { base: 1, end: 0, period: 10, multiplier: 1.5 },
      `expected multiplier to be an integer ≥ 1, got 1.5. ${stepsFix}`,
    ],
  ],
});

const rateSweepRecord = scheduleRecord({
  name: "rateSweep",
  formula: "low·(high/low)^(t/T) for t < T, then high",
  source: "Smith 2017, section 3.3, on a logarithmic scale",
  sample: (draw) => ({
    low: draw.pick([1e-8, 1e-3]),
    high: draw.pick([2e-3, 10]),
    totalSteps: draw.integer(1, 100),
  }),
  make: rateSweep,
  reference: ({ low, high, totalSteps }, t) =>
    Math.exp(straight(Math.log(low), Math.log(high), t / totalSteps)),
  promise: ({ low, high, totalSteps }) => ({
    ...wayFrom(low, high, totalSteps, 1),
    slope: (high * Math.log(high / low)) / totalSteps,
  }),
  errors: [
    [
      { low: 1, high: 1, totalSteps: 1 },
      "expected high to be greater than low, 1, got 1. Give low < high.",
    ],
  ],
});

/** Schedules that stand alone. */
export const simpleRecords: readonly ScheduleRecord[] = [
  constantRecord,
  stepRecord,
  multiStepRecord,
  exponentialRecord,
  linearRecord,
  polynomialRecord,
  cosineRecord,
  inverseSquareRootRecord,
  oneCycleRecord,
  cosineRestartsRecord,
  rateSweepRecord,
];
