/** Schedules refuse every option out of its range, and say whose it is and what it is called. */
import { describe, expect, test } from "vitest";
import { ValueError } from "../core/index.ts";
import * as schedules from "../schedules/index.ts";
import { messageOf } from "./plain.ts";

const nan = Number.NaN;

describe("a refusal names the function and the option", () => {
  const cases: readonly (readonly [string, string, () => unknown])[] = [
    ["cosine", "end", () => schedules.cosine({ base: 1, totalSteps: 4, end: nan })],
    ["cosine", "totalSteps", () => schedules.cosine({ base: 1, totalSteps: 0 })],
    ["cosineRestarts", "end", () => schedules.cosineRestarts({ base: 1, period: 4, end: nan })],
    ["cosineRestarts", "period", () => schedules.cosineRestarts({ base: 1, period: 0 })],
    [
      "cosineRestarts",
      "multiplier",
      () => schedules.cosineRestarts({ base: 1, period: 4, multiplier: 0 }),
    ],
    ["linear", "end", () => schedules.linear({ base: 1, totalSteps: 4, end: nan })],
    ["polynomial", "end", () => schedules.polynomial({ base: 1, totalSteps: 4, end: nan })],
    ["polynomial", "totalSteps", () => schedules.polynomial({ base: 1, totalSteps: 0 })],
    ["exponential", "factor", () => schedules.exponential({ base: 1, factor: 0 })],
    [
      "inverseSquareRoot",
      "timescale",
      () => schedules.inverseSquareRoot({ base: 1, timescale: 0 }),
    ],
    ["oneCycle", "peakStep", () => schedules.oneCycle({ peak: 1, totalSteps: 9, peakStep: -1 })],
    ["oneCycle", "peakStep", () => schedules.oneCycle({ peak: 1, totalSteps: 9, peakStep: 2.5 })],
    ["oneCycle", "peakStep", () => schedules.oneCycle({ peak: 1, totalSteps: 9, peakStep: 10 })],
    ["multiStep", "milestones", () => schedules.multiStep({ base: 1, milestones: [2, 1] })],
    ["rateSweep", "high", () => schedules.rateSweep({ high: nan, totalSteps: 4 })],
    ["rateSweep", "high", () => schedules.rateSweep({ low: 2, high: 1, totalSteps: 4 })],
    ["cosine", "base", () => schedules.cosine({ base: nan, totalSteps: 4 })],
    ["cosineRestarts", "base", () => schedules.cosineRestarts({ base: nan, period: 4 })],
    ["linear", "base", () => schedules.linear({ base: nan, totalSteps: 4 })],
    ["polynomial", "base", () => schedules.polynomial({ base: nan, totalSteps: 4 })],
    ["exponential", "base", () => schedules.exponential({ base: nan, factor: 0.5 })],
    ["inverseSquareRoot", "base", () => schedules.inverseSquareRoot({ base: nan, timescale: 4 })],
    ["oneCycle", "totalSteps", () => schedules.oneCycle({ peak: 1, totalSteps: 0 })],
    [
      "oneCycle",
      "shape",
      () => schedules.oneCycle({ peak: 1, totalSteps: 9, ...JSON.parse('{ "shape": "round" }') }),
    ],
    ["multiStep", "base", () => schedules.multiStep({ base: nan, milestones: [1] })],
    ["multiStep", "factor", () => schedules.multiStep({ base: 1, milestones: [1], factor: 0 })],
    ["rateSweep", "low", () => schedules.rateSweep({ low: 0, totalSteps: 4 })],
    ["rateSweep", "totalSteps", () => schedules.rateSweep({ totalSteps: 0 })],
    [
      "iterationsPerEpoch",
      "examples",
      () => schedules.iterationsPerEpoch({ examples: 0, batchSize: 1 }),
    ],
    ["linearScaling", "batch", () => schedules.linearScaling({ base: 1, baseBatch: 1, batch: 0 })],
    [
      "ReduceOnPlateau",
      "better",
      () => new schedules.ReduceOnPlateau({ base: 1, ...JSON.parse('{ "better": "more" }') }),
    ],
    [
      "ReduceOnPlateau",
      "thresholdKind",
      () => new schedules.ReduceOnPlateau({ base: 1, ...JSON.parse('{ "thresholdKind": "x" }') }),
    ],
  ];
  test.each(cases)("%s: %s", (name, option, make) => {
    expect(messageOf(make, ValueError)).toContain(`${name}: expected ${option} `);
  });
});

test("a rate of NaN in a sweep is refused with a rate to give", () => {
  const refusals = { low: "Give a rate such as 1e-8.", high: "Give a rate such as 10." };
  for (const [name, fix] of Object.entries(refusals)) {
    const make = (): unknown => schedules.rateSweep({ totalSteps: 4, [name]: nan });
    expect(messageOf(make, ValueError)).toContain(fix);
  }
});

test("a schedule begins with its base, however far its end is from that", () => {
  expect(schedules.linear({ base: 1e308, end: -1e308, totalSteps: 4 })(0)).toBe(1e308);
});

test("a last, smaller batch counts unless it is dropped", () => {
  expect(schedules.iterationsPerEpoch({ examples: 10, batchSize: 4 })).toBe(3);
  expect(schedules.iterationsPerEpoch({ examples: 10, batchSize: 4, dropLast: true })).toBe(2);
});

test("milestones are copied: what is written into the list later changes no rate", () => {
  const milestones = [2, 4];
  const schedule = schedules.multiStep({ base: 1, milestones });
  milestones[0] = 100;
  expect([0, 2, 4].map((t) => schedule(t))).toEqual(
    [0, 2, 4].map((t) => schedules.multiStep({ base: 1, milestones: [2, 4] })(t)),
  );
});
