/** Schedules: the laws that every one of the registry keeps, and what each says when it is refused. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ValueError } from "../core/index.ts";
import * as schedules from "../schedules/index.ts";
import { besidesSchedules, scheduleRegistry } from "../schedules/registry.ts";
import type { ScheduleSample } from "../schedules/schedule-record.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { messageOf } from "./plain.ts";

const many = { seed: 1, numRuns: 50 };
/** As far as schedules are looked at: beyond the end of nearly all that are drawn. */
const horizon = 150;
/** Sixteen ulp of the largest value: a handful of roundings, and functions of the engine that are off by one ulp or two. */
const rounding = 16 * Number.EPSILON;

const iterations: readonly number[] = Array.from({ length: horizon + 1 }, (_, t) => t);

/** The largest value that a sample promises. */
const size = ({ promise }: ScheduleSample): number => Math.max(...promise.bounds.map(Math.abs));

describe("the registry of schedules", () => {
  test("holds every function that is exported, or says why not", () => {
    const names = [...scheduleRegistry.map(({ name }) => name), ...Object.keys(besidesSchedules)];
    expect(names.sort()).toEqual(Object.keys(schedules).sort());
  });
});

describe.each(scheduleRegistry)("$name", (record) => {
  const samples = fc.gen().map((draw) => record.sample(samplerFrom(draw)));

  test.prop([samples], many)(
    "lr-schedules: begins at its start, and settles where and as it says, exactly",
    (sample) => {
      const { start, settles } = sample.promise;
      const value = sample.make();
      expect(value(0)).toBe(start);
      if (settles === null) return;
      for (const later of [0, 0.5, 1, 17, 1e6]) {
        expect(value(settles.at + later)).toBe(settles.value);
      }
    },
  );

  test.prop([samples], many)(
    "lr-schedules: equals its closed form at every iteration, and between two",
    (sample) => {
      const value = sample.make();
      const wrong = iterations
        .flatMap((i) => [i, i + 0.375])
        .filter((t) => !(Math.abs(value(t) - sample.reference(t)) <= rounding * size(sample)));
      expect(wrong).toEqual([]);
    },
  );

  test.prop([samples], many)("lr-schedules: stays within its bounds", (sample) => {
    const value = sample.make();
    const [low, high] = sample.promise.bounds;
    const outside = [...iterations, 0.5, 33.3, 1e5, 1e9].filter(
      (t) => !(value(t) >= low && value(t) <= high),
    );
    expect(outside).toEqual([]);
  });

  test.prop([samples], many)(
    "lr-schedules: never turns back where it claims a direction",
    (sample) => {
      const { direction } = sample.promise;
      const value = sample.make();
      if (direction === "both") return;
      const back = iterations.filter((t) =>
        direction === "falls" ? !(value(t + 1) <= value(t)) : !(value(t + 1) >= value(t)),
      );
      expect(back).toEqual([]);
    },
  );

  test.prop([samples], many)(
    "lr-schedules: is continuous but for its jumps, and has its new value at them",
    (sample) => {
      const value = sample.make();
      const { jumps, slope } = sample.promise;
      const step = 2 ** -20;
      const slack = step * Math.min(slope, 1e300) + rounding * size(sample);
      const places = jumps(horizon);
      const near = (t: number, other: number): boolean =>
        slope === Infinity || Math.abs(value(other) - value(t)) <= slack;
      expect(iterations.filter((t) => !near(t, t + step))).toEqual([]);
      const torn = iterations.filter((t) => t > 0 && !near(t, t - step));
      expect(torn.filter((t) => !places.includes(t))).toEqual([]);
    },
  );

  test.prop([samples, fc.nat(horizon)], many)(
    "lr-schedules: made again it resumes at any iteration, bit for bit: nothing is remembered",
    (sample, resumed) => {
      const first = sample.make();
      const path = iterations.map(first);
      const second = sample.make();
      expect(iterations.slice(resumed).map(second)).toEqual(path.slice(resumed));
      expect([...iterations].reverse().map(first)).toEqual([...path].reverse());
    },
  );

  test("refuses an iteration that is negative or not finite", () => {
    fc.assert(
      fc.property(samples, (sample) => {
        for (const t of [-1, -1e-9, Number.NaN, Infinity]) {
          expect(messageOf(() => sample.make()(t), ValueError)).toMatch(
            new RegExp(
              `^\\w+: expected t to be a finite number ≥ 0, got ${t}. Count iterations from 0.$`,
            ),
          );
        }
      }),
      { seed: 1, numRuns: 5 },
    );
  });

  test("refuses options out of range, word by word", () => {
    for (const { make, message } of record.errors) {
      expect(messageOf(make, ValueError)).toBe(message);
    }
  });

  test("has a formula and a source", () => {
    for (const text of [record.formula, record.source]) expect(text.trim()).not.toBe("");
  });
});
