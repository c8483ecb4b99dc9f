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
  ];
  test.each(cases)("%s: %s", (name, option, make) => {
    expect(messageOf(make, ValueError)).toContain(`${name}: expected ${option} `);
  });
});

test("milestones are copied: what is written into the list later changes no rate", () => {
  const milestones = [2, 4];
  const schedule = schedules.multiStep({ base: 1, milestones });
  milestones[0] = 100;
  expect([0, 2, 4].map((t) => schedule(t))).toEqual(
    [0, 2, 4].map((t) => schedules.multiStep({ base: 1, milestones: [2, 4] })(t)),
  );
});
