/**
 * What a step is made of, for the model: passes with the times of their tasks, from watched calls.
 * Rests on profile.
 */
import type { Pass } from "../../../core/devices/wasm/task-watch.ts";
import { type Costs, idleSeconds } from "../profile/profile.ts";
import type { Span } from "../profile/watched.ts";
import type { ModelPass, ModelTask, StepModel } from "./model.ts";

/** A step for the model, and its operations by their definition. */
export interface ObservedStep extends StepModel {
  readonly flops: number;
}

/** A pass as it ran in one call. */
interface Seen extends ModelPass {
  readonly tasks: ModelTask[];
  readonly flops: number;
}

/**
 * The step that most of some watched calls did, each task's time the least of them, and what lies between as well: others on the
 * machine only slow them down. Some calls of a compiled step run as written, to see whether it is still the same; those are
 * few, and have other passes. `spans`: of a call each.
 */
export function observedStep(spans: readonly Span[], costs: Costs): ObservedStep {
  const calls = spans.map((span) => passesOf(span, costs));
  const counts = new Map<string, number>();
  for (const key of calls.flatMap((passes) => [...passes.keys()])) {
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const usual = [...counts].filter(([, count]) => 2 * count > spans.length).map(([key]) => key);
  const passes = usual.flatMap((key): Seen[] => {
    const own = calls.flatMap((call) => call.get(key) ?? []);
    const [first] = own;
    if (first === undefined) return [];
    const tasks = first.tasks.map((task, index) => {
      const times = own.flatMap((seen) => seen.tasks[index]?.seconds ?? []);
      return { ...task, seconds: Math.min(...times) };
    });
    return [{ ...first, tasks }];
  });
  return {
    passes,
    between: Math.min(...spans.map(idleSeconds)),
    flops: passes.reduce((sum, { flops }) => sum + flops, 0),
  };
}

/** The passes of a call under names that they have in the other calls too: what they do, and how often that was before. */
function passesOf({ events }: Span, costs: Costs): ReadonlyMap<string, Seen> {
  const passes = new Map<Pass, Seen>();
  const named = new Map<string, Seen>();
  for (const { pass, began, ended, pieces, grain } of events) {
    let seen = passes.get(pass);
    if (seen === undefined) {
      const { kernel, shapes, bytes, flops } = costs.of(pass);
      seen = { bytes, flops, tasks: [] };
      passes.set(pass, seen);
      const name = `${kernel} ${shapes}`;
      let number = 0;
      while (named.has(`${name} ${number}`)) number += 1;
      named.set(`${name} ${number}`, seen);
    }
    seen.tasks.push({ seconds: (ended - began) / 1000, pieces, grain });
  }
  return named;
}
