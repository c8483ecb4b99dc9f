/**
 * The record of a kind of schedule: what it is, how to draw one, and what it promises. The laws run over these.
 * Rests on schedule and core's sampling contract.
 */
import type { Sampler } from "../core/sampling.ts";
import type { Schedule } from "./schedule.ts";

/** What one schedule promises, for all t ≥ 0. */
export interface SchedulePromise {
  /** Its value at iteration 0, exactly. */
  readonly start: number;
  /** The iteration from which it is `value`, exactly; null where it never settles. */
  readonly settles: { readonly at: number; readonly value: number } | null;
  /** No value is below the first or above the second. */
  readonly bounds: readonly [number, number];
  /** Whether it never rises, never falls, or does both. */
  readonly direction: "falls" | "rises" | "both";
  /** Where it may jump, up to some iteration: it has its new value there, but not before. Continuous elsewhere. */
  jumps(until: number): readonly number[];
  /** The most that it changes in one iteration between jumps; Infinity where it has a vertical tangent. */
  readonly slope: number;
}

/** One schedule, drawn. */
export interface ScheduleSample {
  /** Its options, for messages. */
  readonly options: object;
  /** A fresh one: two of them have nothing in common. */
  make(): Schedule;
  /** The closed form once more, with the engine's mathematics and sharing nothing with the schedule. */
  readonly reference: Schedule;
  readonly promise: SchedulePromise;
}

/** A kind of schedule, its options known to itself alone. */
export interface ScheduleRecord {
  /** The function that is exported. */
  readonly name: string;
  /** The value at t. */
  readonly formula: string;
  readonly source: string;
  sample(draw: Sampler): ScheduleSample;
  /** Options that are refused, with the message word by word. */
  readonly errors: readonly { make(): Schedule; readonly message: string }[];
}

/** What a record is written as. */
interface ScheduleSpec<O extends object> {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  sample(draw: Sampler): O;
  make(options: NoInfer<O>): Schedule;
  reference(options: NoInfer<O>, t: number): number;
  promise(options: NoInfer<O>): SchedulePromise;
  /** The message after the name. */
  readonly errors: readonly (readonly [options: NoInfer<O>, message: string])[];
}

/** A record of what `spec` says. */
export function scheduleRecord<O extends object>(spec: ScheduleSpec<O>): ScheduleRecord {
  const { name, formula, source } = spec;
  return {
    name,
    formula,
    source,
    sample: (draw) => {
      const options = spec.sample(draw);
      return {
        options,
        make: () => spec.make(options),
        reference: (t) => spec.reference(options, t),
        promise: spec.promise(options),
      };
    },
    errors: spec.errors.map(([options, message]) => ({
      make: () => spec.make(options),
      message: `${name}: ${message}`,
    })),
  };
}

/** The promise of a schedule that goes smoothly from one value to another. */
export function wayFrom(
  start: number,
  end: number,
  at: number,
  steepness: number,
): SchedulePromise {
  return {
    start,
    settles: { at, value: end },
    bounds: [Math.min(start, end), Math.max(start, end)],
    direction: end <= start ? "falls" : "rises",
    jumps: () => [],
    slope: (steepness * Math.abs(end - start)) / at,
  };
}

/** A value of a hyper-parameter, in [0.01, 2]. */
export function drawValue(draw: Sampler): number {
  return draw.number({ min: 0.01, max: 2 });
}

/** Ascending whole milestones, one to three. */
export function drawMilestones(draw: Sampler): readonly number[] {
  const milestones = [draw.integer(1, 30)];
  for (let more = draw.integer(0, 2); more > 0; more--) {
    milestones.push((milestones.at(-1) ?? 0) + draw.integer(1, 30));
  }
  return milestones;
}
