/** checkSchedule checked: right schedules pass, and each promise that is not kept is told with its law and its place. */
import { describe, expect, test } from "vitest";
import { ValueError } from "../core/index.ts";
import type { Schedule } from "../schedules/index.ts";
import { checkSchedule, LawError, type ScheduleCase, type ScheduleOptions } from "./index.ts";
import { messageOf } from "./plain.ts";

/** What a check ends with. */
function breachOf(make: () => ScheduleCase | Schedule, options: ScheduleOptions = {}): LawError {
  try {
    checkSchedule(make, { name: "mine", runs: 4, ...options });
  } catch (error) {
    if (error instanceof LawError) return error;
    throw error;
  }
  throw new Error("no law is broken");
}

/** 1 before iteration 10, ½ from it on. */
const half: Schedule = (t) => (t < 10 ? 1 : 0.5);
/** From 1 to 0 in ten iterations. */
const falling: Schedule = (t) => Math.max(0, 1 - t / 10);
const drop = { jumps: () => [10], slope: 0 };
const constant: Schedule = () => 0.1;

const refusing: Schedule = (t) => {
  if (t >= 0 && t < Number.POSITIVE_INFINITY) return 0.1;
  throw new ValueError({
    where: "mine",
    argument: "t",
    expected: "to be a finite number ≥ 0",
    got: String(t),
    fix: "Count iterations from 0",
  });
};

describe("a schedule that keeps its promises passes:", () => {
  test.each<[string, () => ScheduleCase | Schedule, ScheduleOptions, number]>([
    ["one that promises nothing", () => constant, {}, 7],
    ["one that jumps where it says", () => ({ make: () => half, promise: drop }), {}, 7],
    [
      "one that promises everything",
      () => ({
        make: () => falling,
        reference: (t) => (t > 10 ? 0 : (10 - t) / 10),
        promise: {
          start: 1,
          settles: { at: 10, value: 0 },
          bounds: [0, 1],
          direction: "falls",
          jumps: () => [],
          slope: 0.1,
        },
      }),
      {},
      7,
    ],
    ["one that refuses what is no iteration", () => refusing, { refuses: true }, 8],
  ])("%s", (_, make, options, laws) => {
    const held = checkSchedule(make, { name: "mine", runs: 4, ...options });
    expect(held.length).toBe(laws);
    for (const { law, examples } of held) expect(examples, law).toBeGreaterThan(0);
  });

  test("one that is drawn, its options in its promise", () => {
    const held = checkSchedule((draw) => {
      const value = draw.number({ min: 0.01, max: 1 });
      return { make: () => () => value, options: { value }, promise: { start: value } };
    });
    expect(held.map(({ law }) => law)).toContain("ends");
  });
});

describe("a fault is found:", () => {
  const faults: readonly [string, () => ScheduleCase | Schedule, ScheduleOptions, string][] = [
    [
      "a pole at iteration 7",
      () => (t) => 1 / (t - 7),
      {},
      "finite is broken by mine|expected the value at 7 to be finite|got Infinity",
    ],
    [
      "a start that is not the one promised",
      () => ({ make: () => falling, promise: { start: 0.9 } }),
      {},
      "ends is broken by mine|expected the value at 0 to be 0.9|got 1",
    ],
    [
      "a schedule that goes on where it says that it has settled",
      () => ({ make: () => falling, promise: { settles: { at: 9, value: 0.1 } } }),
      {},
      "ends is broken by mine|expected the value at 9 to be 0.1|got 0.09999999999999998",
    ],
    [
      "another formula between two iterations",
      () => ({ make: () => (t) => Math.floor(t), reference: (t) => t }),
      {},
      "closed form is broken by mine|expected the value at 0.375 to be 0.375 ±|got 0",
    ],
    [
      "a relative error of 2⁻⁴⁴ in the formula",
      () => ({ make: () => () => 0.1 * (1 + 2 ** -44), reference: () => 0.1 }),
      {},
      "closed form is broken by mine|expected the value at 0 to be 0.1 ±|got 0.100000000000005",
    ],
    [
      "a value below the bounds, far out",
      () => ({ make: () => (t) => (t > 1e4 ? -1 : 1), promise: { bounds: [0, 1] } }),
      {},
      "bounds is broken by mine|expected the value at 100000 to be in [0, 1]|got -1",
    ],
    [
      "a value above the bounds",
      () => ({ make: () => (t) => 1 + t, promise: { bounds: [0, 2] } }),
      {},
      "bounds is broken by mine|expected the value at 2 to be in [0, 2]|got 3",
    ],
    [
      "a schedule that falls, and rises once",
      () => ({ make: () => (t) => (t === 20 ? 0.6 : half(t)), promise: { direction: "falls" } }),
      {},
      "direction is broken by mine|expected the value at 19 to be not below that at 20, 0.6|got 0.5",
    ],
    [
      "one that should rise and falls",
      () => ({ make: () => falling, promise: { direction: "rises" } }),
      {},
      "direction is broken by mine|expected the value at 0 to be not above that at 1, 0.9|got 1",
    ],
    [
      "a jump that nobody declared",
      () => ({ make: () => half, promise: { jumps: () => [], slope: 0.01 } }),
      {},
      "continuity is broken by mine|expected the value at 10 to be that just before it|got 0.5",
    ],
    [
      "a jump with its new value one moment late",
      () => ({ make: () => (t) => (t <= 10 ? 1 : 0.5), promise: drop }),
      {},
      "continuity is broken by mine|expected the value at 10 to be that just after it|got 1",
    ],
    [
      "a schedule steeper than it says",
      () => ({ make: () => falling, promise: { jumps: () => [], slope: 0.05 } }),
      {},
      "continuity is broken by mine|expected the value at 0 to be that just after it|got 1",
    ],
    [
      "one that counts its calls",
      () => ({
        make: () => {
          let calls = 0;
          return () => ++calls;
        },
      }),
      { only: "no memory" },
      "no memory is broken by mine|expected the values in reverse to be [151, 150, |got [152, 153, ",
    ],
    [
      "one whose state is shared by all that are made",
      () => {
        let calls = 0;
        return () => ++calls;
      },
      { only: "no memory" },
      "no memory is broken by mine|expected the values from|got",
    ],
    [
      "one that takes negative iterations",
      () => constant,
      { refuses: true },
      "refusal is broken by mine|expected an error at -1|got a value",
    ],
    [
      "one that refuses in other words",
      () => (t) => {
        if (t >= 0 && Number.isFinite(t)) return 0.1;
        throw new RangeError("no");
      },
      { refuses: true },
      "refusal is broken by mine|expected no error|got RangeError: no",
    ],
  ];

  test.each(faults)("%s", (_, make, options, words) => {
    const { message } = breachOf(make, options);
    for (const part of words.split("|")) expect(message).toContain(part);
    const law = words.split(" is broken")[0];
    expect(message).toContain(`checkSchedule(…, { seed: 20260, runs: 4, only: "${law}" })`);
  });
});

test("options out of range are refused, in the name of the check", () => {
  expect(messageOf(() => checkSchedule(() => constant, { runs: 0 }), ValueError)).toMatch(
    /^checkSchedule: expected runs /,
  );
  expect(messageOf(() => checkSchedule(() => constant, { only: "speed" }), ValueError)).toMatch(
    /^checkSchedule: expected only to be one of finite, ends, closed form, bounds, direction, continuity, no memory, got "speed"/,
  );
});
