/**
 * checkSchedule: every law of schedules, on one kind of schedule.
 * Rests on the laws of schedules.
 */
import type { Sampler } from "../../core/sampling.ts";
import type { Schedule } from "../../schedules/index.ts";
import type { ScheduleRecord } from "../../schedules/schedule-record.ts";
import { type ScheduleCase, type ScheduleSubject, scheduleLaws } from "../laws/schedules.ts";
import { type CheckOptions, type Held, holdTrials, settle } from "./options.ts";

/** Options of `checkSchedule`. */
export interface ScheduleOptions extends Omit<CheckOptions, "order" | "dtype" | "device"> {
  /** What it is called in messages; default the function's name. */
  readonly name?: string;
  /** Whether it throws ValueError for an iteration that is negative or not finite; default false. */
  readonly refuses?: boolean;
}

/**
 * Holds every law of schedules against those that `make` draws: finite everywhere, nothing remembered, and as far as it
 * promises them its start and end, closed form, bounds, direction and jumps. `make` may give the schedule alone.
 *
 * Throws LawError for the first law that is broken, with the shrunk options; ValueError for options out of range.
 *
 * @example
 * checkSchedule(() => (t) => 0.1 / (1 + t));
 */
export function checkSchedule(
  make: (draw: Sampler) => ScheduleCase | Schedule,
  options: ScheduleOptions = {},
): readonly Held[] {
  const settings = settle("checkSchedule", options);
  const { refuses = false, name = make.name === "" ? "the schedule" : make.name } = options;
  const sample = (draw: Sampler): ScheduleCase => {
    const made = make(draw);
    return typeof made === "function" ? { make: () => made } : made;
  };
  const subject: ScheduleSubject = { name, refuses, sample };
  return holdTrials("checkSchedule", scheduleLaws, subject, name, settings);
}

/** A record of the registry as the laws take it. */
export function scheduleSubject(record: ScheduleRecord): ScheduleSubject {
  return { name: record.name, refuses: true, sample: (draw) => record.sample(draw) };
}
