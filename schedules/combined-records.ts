/**
 * The records of the schedules that are made of others.
 * Rests on schedule-record and the schedules.
 */
import { product, sequence } from "./combine.ts";
import { cosine } from "./cosine.ts";
import { inIterations } from "./epochs.ts";
import { linear } from "./polynomial.ts";
import {
  drawMilestones,
  drawValue,
  type ScheduleRecord,
  scheduleRecord,
} from "./schedule-record.ts";
import { halfWave } from "./simple-records.ts";
import { multiStep } from "./step.ts";
import { warmup } from "./warmup.ts";

const stepsFix = "Give the number of optimiser steps, epochs · batches per epoch.";

const warmupRecord = scheduleRecord({
  name: "warmup",
  formula: "start + (schedule(0) - start)·t/W for t < W, then schedule(t - W)",
  source: "Goyal et al. 2017, section 2.2",
  sample: (draw) => ({
    base: drawValue(draw),
    totalSteps: draw.integer(1, 100),
    steps: draw.integer(0, 30),
    start: draw.pick([0, 0.01, 3]),
  }),
  make: ({ base, totalSteps, steps, start }) =>
    warmup(cosine({ base, totalSteps }), { steps, start }),
  reference: ({ base, totalSteps, steps, start }, t) =>
    t < steps
      ? (start * (steps - t) + base * t) / steps
      : halfWave(base, 0, (t - steps) / totalSteps),
  promise: ({ base, totalSteps, steps, start }) => ({
    start: steps > 0 ? start : base,
    settles: { at: steps + totalSteps, value: 0 },
    bounds: [0, steps > 0 ? Math.max(base, start) : base],
    direction: start < base && steps > 0 ? "both" : "falls",
    jumps: () => [],
    slope: Math.max(
      steps > 0 ? Math.abs(base - start) / steps : 0,
      ((Math.PI / 2) * base) / totalSteps,
    ),
  }),
  errors: [
    [
      { base: 1, totalSteps: 1, steps: -1, start: 0 },
      `expected steps to be an integer ≥ 0, got -1. ${stepsFix}`,
    ],
    [
      { base: 1, totalSteps: 1, steps: 1, start: Number.NaN },
      "expected start to be a finite number, got NaN. Give the value of the hyper-parameter.",
    ],
  ],
});

const sequenceRecord = scheduleRecord({
  name: "sequence",
  formula: "schedules[i](t - milestones[i - 1]) for milestones[i - 1] ≤ t < milestones[i]",
  source: "PyTorch's SequentialLR",
  sample: (draw) => {
    const milestones = drawMilestones(draw);
    const bases = [drawValue(draw), ...milestones.map(() => drawValue(draw))];
    return { milestones, bases, totalSteps: draw.integer(1, 40) };
  },
  make: ({ milestones, bases, totalSteps }) =>
    sequence(
      bases.map((base) => linear({ base, totalSteps })),
      milestones,
    ),
  reference: ({ milestones, bases, totalSteps }, t) => {
    const begun = [0, ...milestones].filter((milestone) => milestone <= t);
    const left = Math.max(0, 1 - (t - (begun.at(-1) ?? 0)) / totalSteps);
    return (bases[begun.length - 1] ?? Number.NaN) * left;
  },
  promise: ({ milestones, bases, totalSteps }) => ({
    start: bases[0] ?? Number.NaN,
    settles: { at: (milestones.at(-1) ?? 0) + totalSteps, value: 0 },
    bounds: [0, Math.max(...bases)],
    direction: "both",
    jumps: () => milestones,
    slope: Math.max(...bases) / totalSteps,
  }),
  errors: [
    [
      { milestones: [10, 20], bases: [1, 2], totalSteps: 1 },
      "expected schedules to be one more than the 2 milestones, got 2. Give the iteration at which each schedule but the first begins.",
    ],
    [
      { milestones: [20, 10], bases: [1, 2, 3], totalSteps: 1 },
      "expected milestones to be finite, > 0 and ascending, got [20, 10]. Give each iteration once, in order, such as [30, 60, 90].",
    ],
  ],
});

const productRecord = scheduleRecord({
  name: "product",
  formula: "Π schedules[i](t)",
  source: "PyTorch's ChainedScheduler and LambdaLR",
  sample: (draw) => ({
    base: drawValue(draw),
    totalSteps: draw.integer(1, 100),
    milestones: drawMilestones(draw),
  }),
  make: ({ base, totalSteps, milestones }) =>
    product(cosine({ base, totalSteps }), multiStep({ base: 1, milestones, factor: 0.5 })),
  reference: ({ base, totalSteps, milestones }, t) =>
    halfWave(base, 0, t / totalSteps) /
    2 ** milestones.filter((milestone) => milestone <= t).length,
  promise: ({ base, totalSteps, milestones }) => ({
    start: base,
    settles: { at: totalSteps, value: 0 },
    bounds: [0, base],
    direction: "falls",
    jumps: () => milestones,
    slope: ((Math.PI / 2) * base) / totalSteps,
  }),
  errors: [],
});

const inIterationsRecord = scheduleRecord({
  name: "inIterations",
  formula: "schedule(t/K), or schedule(⌊t/K⌋) by epoch",
  source: "the lecture notes: a schedule is a function of the iteration",
  sample: (draw) => ({
    base: drawValue(draw),
    epochs: draw.integer(1, 20),
    length: draw.integer(1, 7),
    byEpoch: draw.boolean(),
  }),
  make: ({ base, epochs, length, byEpoch }) =>
    inIterations(linear({ base, totalSteps: epochs }), length, { byEpoch }),
  reference: ({ base, epochs, length, byEpoch }, t) => {
    const done = byEpoch ? (t - (t % length)) / length : t / length;
    return base * Math.max(0, 1 - done / epochs);
  },
  promise: ({ base, epochs, length, byEpoch }) => ({
    start: base,
    settles: { at: epochs * length, value: 0 },
    bounds: [0, base],
    direction: "falls",
    jumps: () => (byEpoch ? Array.from({ length: epochs }, (_, i) => (i + 1) * length) : []),
    slope: byEpoch ? 0 : base / (epochs * length),
  }),
  errors: [
    [
      { base: 1, epochs: 1, length: 0, byEpoch: false },
      `expected iterationsInEpoch to be an integer ≥ 1, got 0. ${stepsFix}`,
    ],
  ],
});

/** Schedules made of schedules. */
export const combinedRecords: readonly ScheduleRecord[] = [
  warmupRecord,
  sequenceRecord,
  productRecord,
  inIterationsRecord,
];
