/**
 * Watching the wasm device: which tasks ran while a body ran, and of which passes. Rests on task-watch and the runtime.
 */
import { current } from "../../../core/devices/wasm/state.ts";
import type { Pass, RanTask } from "../../../core/devices/wasm/task-watch.ts";
import { DeviceError } from "../../../core/index.ts";

/** A task with the pass that it belongs to, and in which call it ran, from 0. */
export interface Event extends RanTask {
  readonly pass: Pass;
  readonly call: number;
}

/** What ran in some calls, in order. Times are milliseconds of `performance.now()`. */
export interface Span {
  readonly calls: number;
  readonly began: number;
  readonly ended: number;
  readonly events: readonly Event[];
}

/** Calls `body` so many times, integer ≥ 1, and gives what ran meanwhile. Throws DeviceError where somebody watches already. */
export function watched(body: () => void, calls: number): Span {
  const runtime = current();
  if (runtime.watch !== null) {
    throw new DeviceError({
      where: "watched",
      argument: "the device",
      expected: "to be watched by nobody",
      got: "one that is",
      fix: "End that first",
    });
  }
  const events: Event[] = [];
  let call = 0;
  let pass: Pass = { launches: [], inner: new Set() };
  runtime.watch = {
    begins: (next) => {
      pass = next;
    },
    // Nothing is worked out here: what it took would count as JavaScript's of the step.
    ran: ({ name, began, ended, pieces, grain }) => {
      events.push({ name, began, ended, pieces, grain, pass, call });
    },
  };
  const began = performance.now();
  try {
    for (; call < calls; call++) body();
    return { calls, began, ended: performance.now(), events };
  } finally {
    runtime.watch = null;
  }
}
