/**
 * Profiling a workload: limits of the machine first, then watched calls, in one run.
 * Rests on own, limits, watched and profile.
 */
import { type InterleaveOptions, warmUp } from "../interleave.ts";
import { prepare } from "../own.ts";
import type { TimedTask } from "../task.ts";
import { type LimitOptions, type Limits, measureLimits } from "./limits.ts";
import { Costs, type Profile, profileOf } from "./profile.ts";
import { type Span, watched } from "./watched.ts";

/** Options of `profileTask`. */
export interface ProfileOptions extends InterleaveOptions {
  /** Whether steps and forward passes are repeated from a list of kernels. */
  readonly isCompiled: boolean;
  readonly limits?: LimitOptions;
}

/** A task's profile, and what it rests on. */
export interface Profiled {
  readonly limits: Limits;
  readonly profile: Profile;
  /** One of each turn. */
  readonly spans: readonly Span[];
}

/** Calls of a turn at most: each is kept in full until the turn is over. */
const mostCalls = 200;

/** Profiles a task on the wasm device, with the threads in use. */
export async function profileTask(
  task: TimedTask,
  { runs, turnSeconds, isCompiled, limits: limitOptions }: ProfileOptions,
): Promise<Profiled> {
  const call = prepare(task, { arrives: true, isCompiled });
  const time = (calls: number): number => {
    const { began, ended } = watched(call, calls);
    return (ended - began) / 1000;
  };
  const calls = Math.min(mostCalls, await warmUp({ name: "watched", time }, turnSeconds));
  const limits = measureLimits(limitOptions);
  const spans = Array.from({ length: runs }, () => watched(call, calls));
  return { limits, profile: profileOf(spans, limits, new Costs()), spans };
}
