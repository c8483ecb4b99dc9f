/**
 * The laws of schedules, on any schedule with options drawn at random.
 * Rests on trial and schedules' contract.
 */
import { ValueError } from "../../core/index.ts";
import type { Sampler } from "../../core/sampling.ts";
import type { Schedule } from "../../schedules/index.ts";
import type { SchedulePromise } from "../../schedules/schedule-record.ts";
import { isNear } from "./observed.ts";
import { type Trial, type TrialLaw, written } from "./trial.ts";

/** One schedule, drawn, and what it promises. */
export interface ScheduleCase {
  /** A fresh one: two of them have nothing in common. */
  make(): Schedule;
  /** Its options, for messages. */
  readonly options?: object;
  /** The closed form once more, sharing nothing with the schedule; absent: not compared. */
  readonly reference?: Schedule;
  /** Parts that are absent are not checked. */
  readonly promise?: Partial<SchedulePromise>;
}

/** A kind of schedule. */
export interface ScheduleSubject {
  readonly name: string;
  /** Whether an iteration that is negative or not finite is refused with a ValueError. */
  readonly refuses: boolean;
  /** The parts that every one drawn promises, or `"reference"`. */
  sample(draw: Sampler): ScheduleCase;
}

/** As far as schedules are looked at: beyond the end of nearly all that are drawn. */
const horizon = 150;
/** Sixteen ulp of the largest value: a handful of roundings, and functions of the engine that are off by one ulp or two. */
const rounding = 16 * Number.EPSILON;
const iterations: readonly number[] = Array.from({ length: horizon + 1 }, (_, t) => t);

/** Draws a schedule, and says its options. */
function sampleOf(subject: ScheduleSubject, trial: Trial): ScheduleCase {
  const sample = subject.sample(trial.draw);
  trial.at(sample.options === undefined ? "" : `${subject.name}(${written(sample.options)})`);
  return sample;
}

/** The largest value that a sample promises or takes. */
function sizeOf({ promise }: ScheduleCase, value: Schedule): number {
  const seen = promise?.bounds ?? iterations.map(value);
  return Math.max(...seen.map(Math.abs));
}

function refuteAt(
  trial: Trial,
  times: readonly number[],
  value: Schedule,
  isRight: (t: number) => boolean,
  expected: (t: number) => string,
): void {
  const wrong = times.find((t) => !isRight(t));
  if (wrong !== undefined)
    trial.fail(`the value at ${wrong} ${expected(wrong)}`, `${value(wrong)}`);
}

/** All of them. */
export const scheduleLaws: readonly TrialLaw<ScheduleSubject>[] = [
  {
    name: "finite",
    claim: "gives a finite number at every iteration",
    check: (subject, trial) => {
      const value = sampleOf(subject, trial).make();
      const isRight = (t: number): boolean => Number.isFinite(value(t));
      refuteAt(trial, [...iterations, 1e5, 1e9], value, isRight, () => "to be finite");
    },
  },
  {
    name: "ends",
    claim: "begins at its start, and settles where and as it says, exactly",
    check: (subject, trial) => {
      const { make, promise = {} } = sampleOf(subject, trial);
      const value = make();
      if (promise.start !== undefined) trial.same("the value at 0", value(0), promise.start);
      const { settles = null } = promise;
      if (settles === null) return;
      for (const later of [0, 0.5, 1, 17, 1e6]) {
        trial.same(`the value at ${settles.at + later}`, value(settles.at + later), settles.value);
      }
    },
  },
  {
    name: "closed form",
    claim: "equals its closed form at every iteration, and between two",
    check: (subject, trial) => {
      const sample = sampleOf(subject, trial);
      const { reference } = sample;
      if (reference === undefined) return;
      const value = sample.make();
      const slack = rounding * sizeOf(sample, value);
      const isRight = (t: number): boolean => isNear(value(t) - reference(t), slack);
      const times = iterations.flatMap((i) => [i, i + 0.375]);
      refuteAt(trial, times, value, isRight, (t) => `to be ${reference(t)} ± ${slack}`);
    },
  },
  {
    name: "bounds",
    claim: "stays within its bounds",
    check: (subject, trial) => {
      const { make, promise = {} } = sampleOf(subject, trial);
      if (promise.bounds === undefined) return;
      const [low, high] = promise.bounds;
      const value = make();
      const isRight = (t: number): boolean => value(t) >= low && value(t) <= high;
      const times = [...iterations, 0.5, 33.3, 1e5, 1e9];
      refuteAt(trial, times, value, isRight, () => `to be in [${low}, ${high}]`);
    },
  },
  {
    name: "direction",
    claim: "never turns back where it claims a direction",
    check: (subject, trial) => {
      const { make, promise = {} } = sampleOf(subject, trial);
      const { direction = "both" } = promise;
      if (direction === "both") return;
      const value = make();
      const isRight = (t: number): boolean =>
        direction === "falls" ? value(t + 1) <= value(t) : value(t + 1) >= value(t);
      const than = direction === "falls" ? "not below" : "not above";
      refuteAt(
        trial,
        iterations,
        value,
        isRight,
        (t) => `to be ${than} that at ${t + 1}, ${value(t + 1)}`,
      );
    },
  },
  {
    name: "continuity",
    claim: "is continuous but for its jumps, and has its new value at them",
    check: (subject, trial) => {
      const sample = sampleOf(subject, trial);
      const { jumps, slope } = sample.promise ?? {};
      if (jumps === undefined || slope === undefined) return;
      const value = sample.make();
      const step = 2 ** -20;
      const most = step * Math.min(slope, 1e300);
      const slack = rounding * sizeOf(sample, value);
      const places = jumps(horizon);
      const near = (t: number, other: number): boolean =>
        slope === Number.POSITIVE_INFINITY ||
        isNear(Math.max(0, Math.abs(value(other) - value(t)) - most), slack);
      refuteAt(
        trial,
        iterations,
        value,
        (t) => near(t, t + step),
        () => "to be that just after it",
      );
      const joined = iterations.filter((t) => t > 0 && !places.includes(t));
      refuteAt(
        trial,
        joined,
        value,
        (t) => near(t, t - step),
        () => "to be that just before it",
      );
    },
  },
  {
    name: "no memory",
    claim: "made again it resumes at any iteration, bit for bit: nothing is remembered",
    check: (subject, trial) => {
      const { make } = sampleOf(subject, trial);
      const resumed = trial.draw.integer(0, horizon);
      const first = make();
      const path = iterations.map(first);
      const second = make();
      trial.same(
        `the values from ${resumed} on`,
        iterations.slice(resumed).map(second),
        path.slice(resumed),
      );
      trial.same(
        "the values in reverse",
        [...iterations].reverse().map(first),
        [...path].reverse(),
      );
    },
  },
  {
    name: "refusal",
    claim: "refuses an iteration that is negative or not finite",
    share: 0.1,
    applies: ({ refuses }) => refuses,
    check: (subject, trial) => {
      const { make } = sampleOf(subject, trial);
      for (const t of [-1, -1e-9, Number.NaN, Number.POSITIVE_INFINITY]) {
        const end = `: expected t to be a finite number ≥ 0, got ${t}. Count iterations from 0.`;
        try {
          make()(t);
        } catch (error) {
          if (!(error instanceof ValueError && error.message.endsWith(end))) throw error;
          continue;
        }
        trial.fail(`an error at ${t}`, "a value");
      }
    },
  },
];
