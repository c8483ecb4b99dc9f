/** Schedules: end points exactly, never upwards, and the closed form in between. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { constant, cosine } from "../schedules/index.ts";

const rates = fc.integer({ min: 0, max: 1000 }).map((n) => n / 997);
const steps = fc.integer({ min: 1, max: 500 });
const many = { seed: 1, numRuns: 200 };

describe("cosine", () => {
  test.prop([rates, rates, steps], many)(
    "starts exactly at base and is exactly end from totalSteps on",
    (base, end, totalSteps) => {
      const rate = cosine({ base, end, totalSteps });
      expect(rate(0)).toBe(base);
      for (const t of [totalSteps, totalSteps + 1, 10 * totalSteps]) expect(rate(t)).toBe(end);
    },
  );

  test.prop([rates, rates, steps], many)(
    "never goes up on its way down, nor down on its way up",
    (a, b, totalSteps) => {
      const [base, end] = [Math.max(a, b), Math.min(a, b)];
      const [down, up] = [
        cosine({ base, end, totalSteps }),
        cosine({ base: end, end: base, totalSteps }),
      ];
      for (let t = 0; t < totalSteps; t++) {
        expect(down(t + 1)).toBeLessThanOrEqual(down(t));
        expect(up(t + 1)).toBeGreaterThanOrEqual(up(t));
      }
    },
  );

  test.prop([rates, steps, fc.nat(500)], many)(
    "equals base·cos²(π·t/2T) in between",
    (base, totalSteps, t) => {
      const closed = t >= totalSteps ? 0 : base * Math.cos((Math.PI * t) / (2 * totalSteps)) ** 2;
      // Both round a number in [0, 1] a few times.
      expect(Math.abs(cosine({ base, totalSteps })(t) - closed)).toBeLessThanOrEqual(
        4 * Number.EPSILON * base,
      );
    },
  );

  test("is half way at half time, and symmetric about it", () => {
    const rate = cosine({ base: 0.1, totalSteps: 100 });
    expect(rate(50)).toBeCloseTo(0.05, 15);
    for (let t = 0; t <= 100; t++) expect(rate(t) + rate(100 - t)).toBeCloseTo(0.1, 15);
  });
});

describe("constant", () => {
  test("is the same at every iteration", () => {
    expect([0, 1, 1e6].map(constant(0.3))).toEqual([0.3, 0.3, 0.3]);
  });
});
